"""A gateway and workers on real rows, with everything else faked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from fakes import A_KITE, Eye, MovedClock, Nowhere, Pokes, Scripted, Shelf, done, ids
from filmgate import Account
from filmgate.domain.caller import Caller
from filmgate.domain.claim import Claim
from filmgate.domain.job import AttemptState, Job
from filmgate.domain.request import GenerationRequest
from filmgate.gateway.characters import Casting
from filmgate.gateway.files import Files
from filmgate.gateway.first_tries import FirstTries
from filmgate.gateway.jobs import Gateway
from filmgate.gateway.links import Links
from filmgate.gateway.outputs import Outputs
from filmgate.gateway.references import References
from filmgate.gateway.routing import Routes
from filmgate.gateway.submission import Submission
from filmgate.gateway.watching import Watchers
from filmgate.gateway.worker import Worker
from filmgate.storage.database.callers import AccountRows, CallerRows
from filmgate.storage.database.characters import CharacterRows
from filmgate.storage.database.claims import ClaimRows
from filmgate.storage.database.files import FileRows
from filmgate.storage.database.jobs import JobRows
from filmgate.storage.database.ownership import OwnershipRows
from filmgate.storage.database.prepare import prepare
from filmgate.storage.database.sqlite import SQLite
from filmgate.storage.sealing import FernetCipher


@dataclass
class House:
    """A gateway and workers on real rows, with everything else faked."""

    database: SQLite
    engine: Scripted
    seats: int = 1
    clock: MovedClock = field(default_factory=MovedClock)
    pokes: Pokes = field(default_factory=Pokes)
    watchers: Watchers = field(default_factory=Watchers)
    shelf: Shelf = field(default_factory=Shelf)
    new_id: Callable[[str], str] = field(default_factory=ids)
    draining: asyncio.Task[None] | None = None

    async def open(self) -> None:
        account = Account(id="account_1", engine="scripted", label="x", seats=self.seats)
        await AccountRows(self.database).ensure(account, at=self.clock.now())
        self.routes = Routes([self.engine], [account], [])
        self.jobs = JobRows(self.database)
        self.rows = OwnershipRows(self.database)
        claims = ClaimRows(self.database)
        self.files = Files(
            FileRows(self.database),
            claims=claims,
            blobs=self.shelf,
            clock=self.clock,
            new_id=self.new_id,
        )
        references = References(
            jobs=self.jobs,
            files=self.files,
            characters=CharacterRows(self.database),
            blobs=self.shelf,
            inspector=Eye(),
            fetcher=Nowhere(),
            folder=Path("work"),
            new_id=self.new_id,
        )
        self.casting = Casting(
            CharacterRows(self.database),
            claims=claims,
            references=references,
            blobs=self.shelf,
            clock=self.clock,
            new_id=self.new_id,
        )
        self.links = Links("a secret", lifetime=timedelta(hours=24), clock=self.clock)
        self.links.base = "https://films.example"
        self.gateway = Gateway(
            jobs=self.jobs,
            first_tries=FirstTries(jobs=self.jobs, claims=claims, clock=self.clock),
            references=references,
            routes=self.routes,
            dispatcher=self.pokes,
            watchers=self.watchers,
            links=self.links,
            cipher=FernetCipher("a secret"),
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
            watchers=self.watchers,
            clock=self.clock,
            new_id=self.new_id,
            keep_films=timedelta(days=30),
        )

    async def submitted(self, request: GenerationRequest = A_KITE, **more: Any) -> Job:
        submission = Submission(request=request, **more)
        return await self.gateway.submit(submission, self.caller)

    async def page(
        self,
        *,
        after: str | None = None,
        limit: int = 3,
        newest_first: bool = True,
        metadata: Mapping[str, str] | None = None,
    ) -> tuple[Sequence[Job], bool]:
        return await self.gateway.list(
            self.caller,
            metadata=metadata or {},
            after=after,
            limit=limit,
            newest_first=newest_first,
        )

    def claim(self, key: str = "k", fingerprint: str = "f1") -> Claim:
        return Claim(
            caller_id=self.caller.id, path="/v1/videos", key=key, fingerprint=fingerprint
        )

    async def finished(self, request: GenerationRequest = A_KITE, **more: Any) -> Job:
        self.engine.steps = [done()]
        job = await self.submitted(request, **more)
        await self.work()
        found = await self.jobs.get(job.id, caller_id=self.caller.id)
        assert found is not None
        return found

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
