"""Small implementations of the ports that work, for tests without files or time."""

from __future__ import annotations

import asyncio
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Awaitable,
    Callable,
    Iterable,
    Sequence,
)
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import BinaryIO

from filmgate import (
    Account,
    AfterLoss,
    EngineMisbehaved,
    Inputs,
    InvalidRequest,
    Media,
    Model,
    Operation,
    Output,
    Progress,
    Role,
    Sending,
    Size,
    Take,
    TicketLost,
)
from filmgate.domain.request import Fit, GenerationRequest
from filmgate.ports import Cut, Film, Image, Stored

HD = Size(1280, 720)
KITE = Model(
    name="kite-1",
    media=Media.VIDEO,
    sizes=(HD, Size(720, 1280)),
    seconds=(4.0, 8.0),
    default_size=HD,
    default_seconds=4.0,
    roles={Role.FIRST_FRAME: 1, Role.SOURCE: 1, Role.CHARACTER: 2},
    operations=frozenset(Operation),
    exact_references=True,
    seeds=True,
    default_seed=0,
    price=100_000,
)
KITE_STILL = Model(
    name="kite-still",
    media=Media.IMAGE,
    sizes=(HD, Size(720, 1280)),
    default_size=HD,
    operations=frozenset({Operation.CREATE, Operation.EDIT}),
    roles={Role.SOURCE: 1},
    formats=("png",),
)
A_KITE = GenerationRequest(model=KITE.name, media=Media.VIDEO, prompt="a kite")
A_STILL = GenerationRequest(model=KITE_STILL.name, media=Media.IMAGE, prompt="a kite")
DONE = (Output("video/mp4", path=Path("film.mp4")),)


class MovedClock:
    """Stands still until somebody sleeps; a sleep takes no time."""

    def __init__(self) -> None:
        self._now = datetime(2026, 11, 21, tzinfo=UTC)

    def now(self) -> datetime:
        return self._now

    async def sleep(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)
        await asyncio.sleep(0)

    def move(self, by: timedelta) -> None:
        self._now += by


def ids() -> Callable[[str], str]:
    numbers = count(1)
    return lambda prefix: f"{prefix}{next(numbers):06d}"


@dataclass
class Pokes:
    """Keeps pokes until somebody delivers them."""

    kept: list[tuple[str, datetime | None]] = field(default_factory=list)

    def poke(self, job_id: str, *, at: datetime | None = None) -> None:
        self.kept.append((job_id, at))

    async def deliver(self, look: Callable[[str], Awaitable[None]]) -> None:
        while self.kept:
            await look(self.kept.pop(0)[0])


@dataclass
class Shelf:
    """Blobs in a dict."""

    blobs: dict[str, bytes] = field(default_factory=dict)

    async def put(
        self, key: str, source: Path | BinaryIO, *, media_type: str | None = None
    ) -> Stored:
        del media_type
        if isinstance(source, Path):
            made = str(source).encode() if not source.exists() else source.read_bytes()
            content = self.blobs.pop(str(source), made)
            source.unlink(missing_ok=True)
        else:
            content = source.read()
        self.blobs[key] = content
        return Stored(size=len(content), sha256="0" * 64)

    async def save(self, chunks: AsyncIterator[bytes], path: Path) -> None:
        self.blobs[str(path)] = b"".join([chunk async for chunk in chunks])

    async def read(self, key: str) -> bytes:
        return self.blobs[key]

    async def get(self, key: str, path: Path) -> None:
        self.blobs[str(path)] = self.blobs[key]

    async def copy(self, key: str, to: str) -> Stored:
        self.blobs[to] = self.blobs[key]
        return Stored(size=len(self.blobs[to]), sha256="0" * 64)

    async def delete(self, keys: Sequence[str]) -> None:
        for key in keys:
            self.blobs.pop(key, None)

    async def size(self, key: str) -> int:
        return len(self.blobs[key])

    async def stream(
        self, key: str, start: int = 0, stop: int | None = None
    ) -> AsyncGenerator[bytes]:
        yield self.blobs[key][start:stop]

    def local_path(self, key: str) -> Path | None:
        del key
        return None

    async def link(self, key: str, lasts: timedelta) -> str | None:
        del key, lasts
        return None

    def room(self) -> int | None:
        return None


class Eye:
    """Believes every film, and reads an image's size from its text, `1280x720`."""

    def __init__(self) -> None:
        self.marked: list[Path] = []

    async def film(self, path: Path, folder: Path) -> Film:
        if path.stem == "broken":
            raise EngineMisbehaved("What the engine made is broken.")
        return Film(
            size=HD,
            seconds=4.0,
            fps=24,
            codecs=("h264", "aac"),
            thumbnail=folder / "thumbnail.webp",
            spritesheet=folder / "sheet.jpg",
        )

    async def clip(self, path: Path, folder: Path, *, param: str) -> Film:
        del param
        return await self.film(path, folder)

    async def cut(
        self, path: Path, folder: Path, start: float, end: float, *, param: str
    ) -> Cut:
        film = await self.clip(path, folder, param=param)
        if end > film.seconds:
            raise InvalidRequest(f"The film has {film.seconds:g} s.", param=param)
        return Cut(path=path, still=film.thumbnail, size=film.size, seconds=end - start)

    async def mark(self, path: Path, to: Path) -> None:
        if path.stem == "broken":
            raise EngineMisbehaved("What the engine made is broken.")
        self.marked.append(path)
        to.write_bytes(b"marked " + (path.read_bytes() if path.exists() else b""))

    async def mark_still(self, path: Path, to: Path) -> None:
        await self.mark(path, to)

    async def fit(
        self, file: BinaryIO | Path, to: Path, size: Size, how: Fit, *, param: str
    ) -> Image | None:
        if not isinstance(file, Path) and (await self.image(file, param=param)).size == size:
            return None
        to.write_text(f"{size} {how}")
        return Image(media_type="image/png", size=size)

    async def image(self, file: BinaryIO | Path, *, param: str) -> Image:
        if isinstance(file, Path):
            text = file.stem
        else:
            file.seek(0)
            text = file.read().decode()
        size = Size.read(text)
        if size is None:
            raise InvalidRequest(f"{param} is no image.", param=param)
        return Image(media_type="image/png", size=size)


class Nowhere:
    """No link leads anywhere."""

    async def fetch(self, url: str, path: Path, *, most: int, param: str) -> None:
        del path, most
        raise InvalidRequest(f"{url} cannot be reached.", param=param, code="unreachable_url")


Step = Progress | Exception


@dataclass
class Scripted:
    """An engine that answers by a list: first `submit`, then each `poll`."""

    steps: list[Step] = field(default_factory=list)
    name: str = "scripted"
    after_loss: AfterLoss = AfterLoss.RERUN
    submissions: list[str] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    inputs: list[bytes] = field(default_factory=list)
    refusals: list[Exception] = field(default_factory=list)  #: of `cancel`
    breaks: list[Exception] = field(default_factory=list)  #: of `fetch`
    fetches: int = 0  #: that were whole
    waiting: int = 0  #: questions that wait for the test to say how it goes on
    _released: asyncio.Queue[Step] = field(default_factory=asyncio.Queue)

    def models(self) -> Iterable[Model]:
        return (KITE, KITE_STILL)

    async def discover(self, account: Account) -> Sequence[Model]:
        del account
        return list(self.models())

    async def submit(
        self,
        take: Take,
        account: Account,
        *,
        attempt_id: str,
        inputs: Inputs,
        sending: Sending,
    ) -> Progress:
        del account
        self.inputs += [await inputs.read(r) for r in take.request.references]
        if self.after_loss is not AfterLoss.RERUN:
            await sending()
        self.submissions.append(attempt_id)
        return await self._next()

    async def poll(self, ticket: str, account: Account) -> Progress:
        del ticket, account
        return await self._next()

    async def fetch(self, output: Output, account: Account, path: Path) -> None:
        del output, account
        if self.breaks:
            raise self.breaks.pop(0)
        self.fetches += 1
        path.write_bytes(b"fetched film")

    async def cancel(self, ticket: str, account: Account) -> None:
        del account
        if self.refusals:
            raise self.refusals.pop()
        self.cancelled.append(ticket)

    def release(self, step: Step) -> None:
        """Answer whoever waits for it."""
        self._released.put_nowait(step)

    async def _next(self) -> Progress:
        # Without a next step it goes on for ever, or until the test says how.
        step = self.steps.pop(0) if self.steps else await self._told()
        if isinstance(step, Exception):
            raise step
        return step

    async def _told(self) -> Step:
        self.waiting += 1
        try:
            return await self._released.get()
        finally:
            self.waiting -= 1


def done(ticket: str = "t1", outputs: tuple[Output, ...] = DONE) -> Progress:
    return Progress(ticket=ticket, percent=100, outputs=outputs)


def still_done(previews: int = 0) -> Progress:
    steps = tuple(Output("image/png", path=Path(f"step{n}.png")) for n in range(previews))
    output = Output("image/png", path=Path("still.png"))
    return Progress(ticket="t1", percent=100, outputs=(output,), previews=steps)


def busy(percent: int = 10, ticket: str = "t1") -> Progress:
    return Progress(ticket=ticket, percent=percent)


def lost() -> TicketLost:
    return TicketLost("forgotten")
