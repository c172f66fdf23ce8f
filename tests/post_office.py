"""Webhooks on real rows, with everything around them faked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from fakes import A_KITE, HD, MovedClock, Pokes, ids
from filmgate.domain.caller import Caller
from filmgate.domain.errors import CannotStart
from filmgate.domain.job import Job, Plan, Status, Take
from filmgate.domain.request import GenerationRequest
from filmgate.domain.webhook import Delivery, Endpoint
from filmgate.gateway.deliveries import Deliveries
from filmgate.gateway.endpoints import Endpoints
from filmgate.gateway.letters import Letters
from filmgate.ports import Letter, Receipt
from filmgate.storage.database.callers import CallerRows
from filmgate.storage.database.connection import Database
from filmgate.storage.database.deliveries import DeliveryRows, announce
from filmgate.storage.database.prepare import prepare
from filmgate.storage.database.sqlite import SQLite
from filmgate.storage.database.webhooks import EndpointRows

HOOK = "https://example.com/hook"
OK = Receipt(status=200)
DOWN = Receipt(status=None, error="example.com refused the connection.")


@dataclass
class Backwards:
    """A cipher: it writes from right to left. *key* must be the same for reading."""

    key: str = "k"

    def seal(self, text: str) -> str:
        return f"{self.key}:{text[::-1]}"

    def unseal(self, sealed: str) -> str:
        key, _, text = sealed.partition(":")
        if key != self.key:
            message = "another key"
            raise CannotStart(message)
        return text[::-1]

    def sealed_at(self, sealed: str) -> datetime:
        self.unseal(sealed)
        return datetime(2026, 11, 21, tzinfo=UTC)


@dataclass
class Postman:
    """A sender that answers by a list, then always 200, and keeps what it was given."""

    answers: list[Receipt] = field(default_factory=list)
    posted: list[tuple[Letter, datetime]] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    under_way: int = 0
    most: int = 0  #: under way together

    def __post_init__(self) -> None:
        self.gate.set()

    async def send(self, letter: Letter, *, at: datetime) -> Receipt:
        self.posted.append((letter, at))
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        try:
            await asyncio.sleep(0)
            await self.gate.wait()
        finally:
            self.under_way -= 1
        return self.answers.pop(0) if self.answers else OK

    @property
    def letters(self) -> list[Letter]:
        return [letter for letter, _ in self.posted]


@dataclass
class Office:
    """A caller's endpoints, and what is sent to them."""

    database: Database
    caller: Caller
    clock: MovedClock = field(default_factory=MovedClock)
    pokes: Pokes = field(default_factory=Pokes)
    postman: Postman = field(default_factory=Postman)
    cipher: Backwards = field(default_factory=Backwards)
    jobs: dict[str, Job] = field(default_factory=dict)
    new_id: Callable[[str], str] = field(default_factory=ids)

    def __post_init__(self) -> None:
        self.rows = DeliveryRows(self.database)
        self.endpoint_rows = EndpointRows(self.database)
        self.letters = Letters(peek=self.peek, link=link, cipher=self.cipher)
        self.deliveries = self.new_deliveries()
        self.endpoints = Endpoints(
            rows=self.endpoint_rows,
            log=self.rows,
            deliveries=self.deliveries,
            cipher=self.cipher,
            clock=self.clock,
            new_id=self.new_id,
            random=lambda size: self.new_id("").encode().ljust(size),
        )

    def new_deliveries(self) -> Deliveries:
        """As another process would have them, on the same rows."""
        return Deliveries(
            rows=self.rows,
            letters=self.letters,
            sender=self.postman,
            dispatcher=self.pokes,
            clock=self.clock,
            jitter=lambda: 0.0,
        )

    async def peek(self, job_id: str) -> Job | None:
        return self.jobs.get(job_id)

    async def endpoint(self, *event_types: str, url: str = HOOK) -> Endpoint:
        return await self.endpoints.create(
            self.caller,
            name="hook",
            url=url,
            event_types=event_types or ["video.completed"],
            claim=None,
        )

    async def announce(
        self, subject_id: str, event_type: str = "video.completed", target: str | None = None
    ) -> None:
        await self.database.write(
            lambda connection: announce(
                connection,
                event_type=event_type,
                subject_id=subject_id,
                caller_id=self.caller.id,
                target=target,
                at=self.clock.now(),
            )
        )

    async def work(self) -> None:
        """Sweep, and do what was poked for now; what is poked for later waits."""
        await self.deliveries.sweep()
        while now := [poked for poked, at in self.pokes.kept if at is None]:
            self.pokes.kept = [poke for poke in self.pokes.kept if poke[1] is not None]
            await asyncio.gather(*(self.deliveries.look(poked) for poked in now))

    async def until_sent(self, tries: int) -> None:
        """Let time pass until there were so many posts."""
        while len(self.postman.posted) < tries:
            await self.work()
            self.clock.move(timedelta(seconds=1))

    async def log(self, endpoint: Endpoint) -> list[Delivery]:
        page, _ = await self.rows.list(endpoint.id, after=None, limit=100)
        return list(page)

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Nothing is answered inside the block."""
        self.postman.gate.clear()
        yield
        self.postman.gate.set()


async def open_office(folder: Path, database: Database | None = None) -> Office:
    """On *database*, or in a new file."""
    if database is None:
        prepare(folder / "test.db")
        database = SQLite(folder / "test.db")
    clock = MovedClock()
    caller = await CallerRows(database).ensure("caller_1", "alice", at=clock.now())
    return Office(database, caller, clock=clock)


def link(job: Job) -> str | None:
    return f"https://films.example/{job.id}.mp4" if job.status is Status.COMPLETED else None


def a_job(clock: MovedClock, **fields: object) -> Job:
    """A completed one, unless *fields* say otherwise."""
    request = GenerationRequest(
        model="kite-1", media=A_KITE.media, prompt="a kite", size=HD, seconds=4.0
    )
    plan = Plan(takes=(Take(engine="scripted", model="kite-1", request=request),))
    values: dict[str, object] = {
        "id": "video_1",
        "caller_id": "caller_1",
        "status": Status.COMPLETED,
        "request": A_KITE,
        "plan": plan,
        "percent": 100,
        "created_at": clock.now(),
        "expires_at": clock.now() + timedelta(days=30),
    }
    return Job(**(values | fields))  # type: ignore[arg-type]


async def settled(condition: Callable[[], bool]) -> None:
    """Let others run until *condition* holds."""
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.001)
