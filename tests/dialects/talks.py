"""Messages and contents over a gateway on real rows, and what was written down of them."""

from __future__ import annotations

import asyncio
import json
import os
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
from starlette.routing import Route

from dialects.in_process import FILM, STILL, OpenDoor, Place, opened, picture
from fakes import Scripted, Shelf, Step, done
from filmgate import Media, Model, Operation, Role
from filmgate.dialects.anthropic import envelope as anthropic
from filmgate.dialects.anthropic.messages import Messages
from filmgate.dialects.gemini import envelope as gemini
from filmgate.dialects.gemini.content import ContentEndpoints
from filmgate.dialects.gemini.models import ModelEndpoints
from filmgate.dialects.gemini.operations import Operations
from filmgate.domain.job import Job
from filmgate.domain.model import SizeRange
from filmgate.domain.request import Size
from house import open_house

MESSAGES = "/v1/messages"
MODELS = "/v1beta/models"
TRANSCRIPTS = Path(__file__).with_name("transcripts")

_LINKS = re.compile(r"expires=\d+&signature=\w+")
_REQUESTS = re.compile(r"req_[0-9a-f]{32}")
#: How far it is depends on how fast everybody is.
_PROGRESS = re.compile(
    r"^(event: content_block_delta\n|,\r?\n|)data: [^\n]*\d+ %[^\n]*\n\r?\n", re.MULTILINE
)


class Studio(Scripted):
    """Makes stills and films under names that clients know; `veo` is choosy."""

    def models(self) -> Iterable[Model]:
        film = replace(
            FILM,
            operations=frozenset({Operation.CREATE, Operation.EXTEND}),
            roles={Role.FIRST_FRAME: 1, Role.LAST_FRAME: 1, Role.SUBJECT: 3, Role.SOURCE: 1},
            negative_prompts=True,
            seeds=True,
            audio=frozenset({True, False}),
            exact_references=False,
        )
        veo = replace(
            FILM,
            name="veo/3",
            sizes=(Size(1280, 720), Size(720, 1280), Size(1792, 1024), Size(1920, 1080)),
            default_size=Size(1280, 720),
        )
        free = replace(veo, name="free", sizes=SizeRange(least=64, most=4000))
        return (STILL, film, veo, free)


@dataclass
class OnDisk(Shelf):
    """The same blobs, as files."""

    folder: Path = Path()

    def local_path(self, key: str) -> Path | None:
        path = self.folder / "blob"
        path.write_bytes(self.blobs[key])
        return path


@asynccontextmanager
async def messages(folder: Path, *, patience: float = 10) -> AsyncIterator[Place]:
    """A place where Anthropic's words are understood."""
    house = await open_house(folder, Studio())
    routes = Messages(house.gateway, OpenDoor(house.caller), patience=patience).routes()
    async with opened(house, routes, words=anthropic) as place:
        yield place


@asynccontextmanager
async def gemini_place(folder: Path, *, patience: float = 10) -> AsyncIterator[Place]:
    """A place where Google's words are understood."""
    house = await open_house(folder, Studio())
    blobs, door = OnDisk(blobs=house.shelf.blobs, folder=folder), OpenDoor(house.caller)
    routes: Sequence[Route] = [
        *ContentEndpoints(house.gateway, door, blobs, patience=patience).routes(),
        *Operations(house.gateway, door, blobs).routes(),
        *ModelEndpoints(house.gateway, door).routes(),
    ]
    async with opened(house, routes, words=gemini) as place:
        yield place


async def post(
    place: Place, path: str, body: Any, *steps: Step, **headers: str
) -> httpx.Response:
    """The answer, once the engine has taken these steps."""
    place.house.engine.steps = [*steps]
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return await place.client.post(path, json=body, headers=sent)


async def made(place: Place, path: str, body: Any, *steps: Step) -> Any:
    answer = await post(place, path, body, *steps)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def job(place: Place, media: Media = Media.VIDEO) -> Job:
    """The newest."""
    jobs, _ = await place.house.gateway.list(
        place.house.caller, media=media, metadata={}, after=None, limit=1, newest_first=True
    )
    return jobs[0]


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    for _ in range(2000):
        if await holds():
            return
        await asyncio.sleep(0.002)
    raise AssertionError("it took too long")


def film_of(*before: Step) -> tuple[Step, ...]:
    return (*before, done())


def still_of() -> tuple[Step, ...]:
    return (picture(),)


def check_transcript(name: str, path: str, body: object, answer: httpx.Response) -> None:
    """What was said is what is written down; `UPDATE_SNAPSHOTS=1` writes it down anew."""
    asked = json.dumps(body, ensure_ascii=False, indent=1)
    kind = answer.headers["content-type"]
    said = answer.text
    if kind == "application/json" and not path.endswith(":streamGenerateContent"):
        said = json.dumps(answer.json(), ensure_ascii=False, indent=1)
    said = _PROGRESS.sub("", said).replace("\r\n", "\n")
    said = _REQUESTS.sub("req_…", _LINKS.sub("expires=…&signature=…", said))
    head = f"GET {path}" if body is None else f"POST {path}\n\n{asked}"
    text = f"{head}\n\n{answer.status_code} {kind}\n\n{said.rstrip()}\n"
    file = TRANSCRIPTS / f"{name}.txt"
    if os.environ.get("UPDATE_SNAPSHOTS"):  # noqa: TID251
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")
