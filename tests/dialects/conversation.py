"""Conversations over a gateway on real rows, with an engine that does as it is told."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

from dialects.in_process import OpenDoor, Place, opened
from fakes import KITE, KITE_STILL, Scripted, Step, done, still_done
from filmgate import Media, Model, Role, SecondsRange, SizeRange
from filmgate.dialects.chat.completions import Chat
from filmgate.domain.job import Job
from filmgate.gateway.enhancing import Enhancing
from filmgate.gateway.routing import aliases_of
from filmgate.storage.database.prepare import prepare
from filmgate.storage.database.sqlite import SQLite
from house import House

CHAT = "/v1/chat/completions"
FILM = replace(
    KITE,
    sizes=SizeRange(least=64, most=2000),
    seconds=SecondsRange(least=1, most=60),
    storyboards=True,
    exact_references=False,
    roles={Role.FIRST_FRAME: 1, Role.SOURCE: 1, Role.CHARACTER: 2, Role.SUBJECT: 3},
)
STILL = replace(
    KITE_STILL,
    sizes=SizeRange(least=64, most=2000),
    roles={Role.SOURCE: 1, Role.SUBJECT: 3},
)
#: What the inspector of the house takes for an image, and for a film.
IMAGE = "data:image/png;base64," + base64.b64encode(b"640x360").decode()
CLIP = "data:video/mp4;base64," + base64.b64encode(b"a clip").decode()


class Studio(Scripted):
    """Makes what is asked for under names of its own; `short-1` has no storyboards."""

    def models(self) -> Iterable[Model]:
        short = replace(FILM, name="short-1", storyboards=False, roles={})
        return (FILM, STILL, short)


def long_ids() -> Callable[[str], str]:
    """As long as real ones, and the same every time."""
    numbers = count(1)
    return lambda prefix: f"{prefix}{next(numbers):032x}"


@asynccontextmanager
async def talking(folder: Path, *, patience: float = 5.0) -> AsyncIterator[Place]:
    prepare(folder / "test.db")
    work = folder / "work"
    work.mkdir()
    house = House(SQLite(folder / "test.db"), Studio(), work, new_id=long_ids())
    await house.open()
    house.routes.point(
        [
            *aliases_of("sora-2", "scripted", FILM),
            *aliases_of("sora-2-pro", "scripted", FILM),
            *aliases_of("gpt-image-2", "scripted", STILL),
        ],
        {},
    )
    chat = Chat(
        house.gateway,
        house.casting,
        Enhancing([], accounts=house.accounts, clock=house.clock),
        OpenDoor(house.caller),
        clock=house.clock,
        new_id=house.new_id,
        patience=patience,
    )
    async with opened(house, chat.routes()) as place:
        yield place


def said(content: object, model: str = "sora2-landscape-10s", **more: Any) -> dict[str, Any]:
    """A body with one message of the user."""
    return {"model": model, "messages": [{"role": "user", "content": content}], **more}


def parts(*given: str) -> list[dict[str, Any]]:
    """Content of several parts: a film, an image, or text."""
    return [_part(one) for one in given]


def _part(given: str) -> dict[str, Any]:
    if given == CLIP or given.endswith(".mp4"):
        return {"type": "video_url", "video_url": {"url": given}}
    if given.startswith(("data:", "http")):
        return {"type": "image_url", "image_url": {"url": given, "detail": "auto"}}
    return {"type": "text", "text": given}


async def told(place: Place, body: dict[str, Any], *steps: Step, **headers: str) -> str:
    """The text of the stream that answers."""
    place.house.engine.steps = [*(steps or made(body))]
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = await place.client.post(CHAT, json=body | {"stream": True}, headers=sent)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/event-stream")
    return answer.text


async def answered(place: Place, body: dict[str, Any], *steps: Step, **headers: str) -> Any:
    """The whole answer."""
    place.house.engine.steps = [*(steps or made(body))]
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = await place.client.post(CHAT, json=body, headers=sent)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def refused(place: Place, body: dict[str, Any]) -> tuple[int, Any]:
    answer = await place.client.post(CHAT, json=body)
    return answer.status_code, answer.json()["error"]


def made(body: dict[str, Any]) -> list[Step]:
    """The engine is done at once."""
    still = "image" in str(body["model"])
    return [still_done() if still else done()]


def pieces(stream: str) -> list[Any]:
    """What is in the events of a stream; `[DONE]` as it stands."""
    events = [piece for piece in stream.split("\n\n") if piece]
    assert all(event.startswith(("data: ", ": ")) for event in events)
    texts = [event.removeprefix("data: ") for event in events if event.startswith("data: ")]
    return [text if text == "[DONE]" else json.loads(text) for text in texts]


def content(stream: str) -> str:
    return "".join(
        choice["delta"].get("content", "")
        for piece in pieces(stream)[:-1]
        for choice in piece.get("choices", ())
    )


async def jobs(place: Place, media: Media = Media.VIDEO) -> list[Job]:
    """All of them, oldest first."""
    found, _ = await place.house.gateway.list(
        place.house.caller, media=media, metadata={}, after=None, limit=99, newest_first=False
    )
    return [*found]


async def a_film(place: Place, prompt: str = "a kite", **more: Any) -> Job:
    """A finished one."""
    await answered(place, said(prompt, **more))
    return (await jobs(place))[-1]


async def soon(until: Callable[[], bool]) -> None:
    for _ in range(2000):
        if until():
            return
        await asyncio.sleep(0.001)
    message = "it took too long"
    raise AssertionError(message)
