"""Small implementations of the ports that work, for tests without files or time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
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
    Output,
    Progress,
    Role,
    Size,
    Take,
    TicketLost,
)
from filmgate.domain.caller import Caller
from filmgate.domain.job import AttemptState, Job
from filmgate.domain.request import GenerationRequest
from filmgate.gateway.jobs import Gateway
from filmgate.gateway.outputs import Outputs
from filmgate.gateway.routing import Routes
from filmgate.gateway.worker import Worker
from filmgate.ports import Film, Image, Stored
from filmgate.storage.database.callers import AccountRows, CallerRows
from filmgate.storage.database.jobs import JobRows
from filmgate.storage.database.ownership import OwnershipRows
from filmgate.storage.database.prepare import prepare
from filmgate.storage.database.sqlite import SQLite

HD = Size(1280, 720)
KITE = Model(
    name="kite-1",
    media=Media.VIDEO,
    sizes=(HD, Size(720, 1280)),
    seconds=(4.0, 8.0),
    default_size=HD,
    default_seconds=4.0,
    roles=frozenset({Role.FIRST_FRAME}),
    exact_references=True,
)
A_KITE = GenerationRequest(model=KITE.name, media=Media.VIDEO, prompt="a kite")
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

    async def put(self, key: str, source: Path | BinaryIO) -> Stored:
        content = str(source).encode() if isinstance(source, Path) else source.read()
        self.blobs[key] = content
        return Stored(size=len(content), sha256="0" * 64)

    async def save(self, chunks: AsyncIterator[bytes], path: Path) -> None:
        self.blobs[str(path)] = b"".join([chunk async for chunk in chunks])

    async def read(self, key: str) -> bytes:
        return self.blobs[key]

    async def delete(self, keys: Sequence[str]) -> None:
        for key in keys:
            self.blobs.pop(key, None)

    def local_path(self, key: str) -> Path | None:
        del key
        return None


class Eye:
    """Believes every film, and reads an image's size from its text, `1280x720`."""

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

    async def image(self, file: BinaryIO, *, param: str) -> Image:
        size = Size.read(file.read().decode())
        if size is None:
            raise InvalidRequest(f"{param} is no image.", param=param)
        return Image(media_type="image/png", size=size)


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

    def models(self) -> Iterable[Model]:
        return (KITE,)

    async def submit(
        self, take: Take, account: Account, *, attempt_id: str, inputs: Inputs
    ) -> Progress:
        del account
        self.submissions.append(attempt_id)
        self.inputs += [await inputs.read(r) for r in take.request.references]
        return await self._next()

    async def poll(self, ticket: str, account: Account) -> Progress:
        del ticket, account
        return await self._next()

    async def fetch(self, output: Output, account: Account) -> AsyncIterator[bytes]:
        del output, account
        yield b"fetched "
        yield b"film"

    async def cancel(self, ticket: str, account: Account) -> None:
        del account
        if self.refusals:
            raise self.refusals.pop()
        self.cancelled.append(ticket)

    async def _next(self) -> Progress:
        if not self.steps:
            await asyncio.Event().wait()  # it goes on for ever
        step = self.steps.pop(0)
        if isinstance(step, Exception):
            raise step
        return step


def done(ticket: str = "t1", outputs: tuple[Output, ...] = DONE) -> Progress:
    return Progress(ticket=ticket, percent=100, outputs=outputs)


def busy(percent: int = 10, ticket: str = "t1") -> Progress:
    return Progress(ticket=ticket, percent=percent)


def lost() -> TicketLost:
    return TicketLost("forgotten")


@dataclass
class House:
    """A gateway and workers on real rows, with everything else faked."""

    database: SQLite
    engine: Scripted
    seats: int = 1
    clock: MovedClock = field(default_factory=MovedClock)
    pokes: Pokes = field(default_factory=Pokes)
    shelf: Shelf = field(default_factory=Shelf)
    new_id: Callable[[str], str] = field(default_factory=ids)
    draining: asyncio.Task[None] | None = None

    async def open(self) -> None:
        account = Account(id="account_1", engine="scripted", label="x", seats=self.seats)
        await AccountRows(self.database).ensure(account, at=self.clock.now())
        self.routes = Routes([self.engine], [account], [])
        self.jobs = JobRows(self.database)
        self.rows = OwnershipRows(self.database)
        self.gateway = Gateway(
            jobs=self.jobs,
            blobs=self.shelf,
            inspector=Eye(),
            routes=self.routes,
            dispatcher=self.pokes,
            clock=self.clock,
            new_id=self.new_id,
        )
        self.caller = await self.new_caller("alice")
        self.worker = self.new_worker("w1")

    async def new_caller(self, name: str) -> Caller:
        made = await CallerRows(self.database).add_key(
            self.new_id("key_"),
            name,
            key_hash=name,
            hint="",
            admin=False,
            at=self.clock.now(),
        )
        assert made is not None
        return made.caller

    def new_worker(self, name: str) -> Worker:
        return Worker(
            name=name,
            jobs=self.rows,
            blobs=self.shelf,
            outputs=Outputs(
                blobs=self.shelf,
                inspector=Eye(),
                folder=Path("work"),
                new_id=self.new_id,
            ),
            routes=self.routes,
            dispatcher=self.pokes,
            clock=self.clock,
            new_id=self.new_id,
            keep_films=timedelta(days=30),
        )

    async def submitted(self) -> Job:
        return await self.gateway.submit(A_KITE, self.caller)

    async def now(self, job: Job) -> Job:
        """The job as its row is."""
        found = await self.rows.peek(job.id)
        assert found is not None
        return found

    async def states(self, job: Job) -> list[AttemptState]:
        return [attempt.state for attempt in await self.jobs.attempts(job.id)]

    async def started(self) -> None:
        """Let the worker begin, as far as the engine's script goes."""
        await self.pokes.deliver(self.worker.look)
        for _ in range(100):
            await asyncio.sleep(0.001)
            if self.engine.submissions and not self.engine.steps:
                await asyncio.sleep(0.005)
                return

    async def work(self, worker: Worker | None = None) -> None:
        """Deliver pokes until nothing happens any more."""
        for _ in range(200):
            await self.pokes.deliver((worker or self.worker).look)
            await asyncio.sleep(0.001)
            if not self.pokes.kept and not (worker or self.worker)._tasks:
                return


async def open_house(folder: Path, engine: Scripted, *, seats: int = 1) -> House:
    prepare(folder / "test.db")
    house = House(SQLite(folder / "test.db"), engine, seats=seats)
    await house.open()
    return house
