"""Dialects over a gateway on real rows, without a server: an engine that does as it is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route

from fakes import KITE, Scripted
from filmgate import Media, Model, Operation, Output, Progress, Role, Size
from filmgate.dialects.openai import envelope
from filmgate.domain.caller import Caller
from filmgate.domain.model import Option, SizeRange
from filmgate.web.auth import Door
from filmgate.web.edge import Edge
from filmgate.web.envelopes import Envelope, Envelopes
from house import House, open_house

STILL = Model(
    name="gpt-image-2",
    media=Media.IMAGE,
    sizes=SizeRange(least=64, most=1024),
    default_size=Size(512, 512),
    operations=frozenset({Operation.CREATE, Operation.EDIT}),
    roles={Role.SOURCE: 1, Role.MASK: 1, Role.SUBJECT: 16, Role.CHARACTER: 2},
    negative_prompts=True,
    seeds=True,
    default_seed=0,
    formats=("png", "jpeg", "webp"),
    options={"captions": Option(kind=bool, about="a caption")},
)
FILM = replace(
    KITE,
    name="sora",
    seconds=(4.0, 4.5, 8.0),
    roles={Role.FIRST_FRAME: 1, Role.LAST_FRAME: 1},
)


class Studio(Scripted):
    """Makes stills and films under names that clients know."""

    def models(self) -> Iterable[Model]:
        return (STILL, replace(STILL, name="dall-e-2"), FILM)


class OpenDoor(Door):
    """Everybody is the same caller."""

    def __init__(self, caller: Caller) -> None:
        self._only = caller

    async def caller(
        self, request: Request, *, header: str = "", query: str | None = None
    ) -> Caller:
        del request, header, query
        return self._only


@dataclass
class Place:
    """A house, and clients at its door."""

    house: House
    client: httpx.AsyncClient


def picture(name: str = "a", kind: str = "png") -> Progress:
    """A still is done; its bytes are its path."""
    output = Output(f"image/{kind}", path=Path(f"{name}.{kind}"))
    return Progress(ticket="t1", percent=100, outputs=(output,))


def looks(*names: str, percent: int = 10) -> Progress:
    """What a still looks like so far."""
    previews = tuple(Output("image/png", path=Path(f"{name}.png")) for name in names)
    return Progress(ticket="t1", percent=percent, previews=previews)


async def new_house(folder: Path) -> House:
    return await open_house(folder, Studio())


@asynccontextmanager
async def opened(
    house: House, routes: Sequence[Route], *, words: Envelope = envelope
) -> AsyncIterator[Place]:
    """*house* with its worker at work, until the block ends; *words* tell its errors."""
    envelopes = Envelopes(words, {})
    handlers = envelopes.handlers()
    del handlers[Exception]  # a bug is to be seen
    app = Edge(
        Starlette(routes=routes, exception_handlers=handlers),
        largest_body=64 << 20,
        render=envelopes.render,
    )
    working = asyncio.create_task(_work(house))
    transport = httpx.ASGITransport(app)
    try:
        async with httpx.AsyncClient(transport=transport, base_url="http://filmgate") as client:
            yield Place(house, client)
    finally:
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
        await house.worker.drain(0)
        await house.database.close()


async def _work(house: House) -> None:
    while True:
        await house.pokes.deliver(house.worker.look)
        await asyncio.sleep(0.001)
