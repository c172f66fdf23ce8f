"""A gateway and workers on real rows, with everything else faked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from fakes import A_KITE, Eye, MovedClock, Nowhere, Pokes, Scripted, Shelf, done, ids
from filmgate import Account
from filmgate.domain.caller import Caller
from filmgate.domain.claim import Claim
from filmgate.domain.deadlines import Deadlines
from filmgate.domain.job import AttemptState, Job
from filmgate.domain.request import GenerationRequest
from filmgate.gateway.accounts import Accounts
from filmgate.gateway.characters import Casting
from filmgate.gateway.choosing import Chooser
from filmgate.gateway.driving import Driver
from filmgate.gateway.enhancing import Enhancing
from filmgate.gateway.failover import Failover
from filmgate.gateway.files import Files
from filmgate.gateway.first_tries import FirstTries
from filmgate.gateway.jobs import Gateway
from filmgate.gateway.links import Links
from filmgate.gateway.outputs import Outputs
from filmgate.gateway.references import References
from filmgate.gateway.room import Room
from filmgate.gateway.routing import Routes
from filmgate.gateway.submission import Submission
from filmgate.gateway.submitting import Submitting
from filmgate.gateway.sweeping import Sweeper
from filmgate.gateway.watching import Watchers
from filmgate.gateway.worker import Worker
from filmgate.storage.database.accounts import AccountRows
from filmgate.storage.database.callers import CallerRows
from filmgate.storage.database.characters import CharacterRows
from filmgate.storage.database.claims import ClaimRows
from filmgate.storage.database.connection import Database
from filmgate.storage.database.files import FileRows
from filmgate.storage.database.jobs import JobRows
from filmgate.storage.database.ownership import OwnershipRows
from filmgate.storage.database.prepare import prepare
from filmgate.storage.database.sqlite import SQLite
from filmgate.storage.database.unattended import UnattendedRows
from filmgate.storage.sealing import FernetCipher

PATIENT = Deadlines(
    waiting=timedelta(days=3), stalled=timedelta(days=2), total=timedelta(days=4)
)


@dataclass
class House:
    """A gateway and workers on real rows, with everything else faked."""

    database: Database
    engine: Scripted
    folder: Path
    seats: int = 1
    deadlines: dict[str, Deadlines] = field(default_factory=lambda: {"*": PATIENT})
    left: int | None = None  #: bytes of the disk
    alive: bool = True  #: as the node's lease says
    clock: MovedClock = field(default_factory=MovedClock)
    pokes: Pokes = field(default_factory=Pokes)
    watchers: Watchers = field(default_factory=Watchers)
    shelf: Shelf = field(default_factory=Shelf)
    eye: Eye = field(default_factory=Eye)
    new_id: Callable[[str], str] = field(default_factory=ids)
    draining: asyncio.Task[None] | None = None

    async def open(self) -> None:
        self.account = Account(id="account_1", engine="scripted", label="x", seats=self.seats)
        rows = AccountRows(self.database)
        await rows.ensure(self.account, at=self.clock.now())
        self.accounts = Accounts(
            rows,
            engines=["scripted"],
            embedded=[],
            cipher=FernetCipher("a secret"),
            recall=str,
            clock=self.clock,
            new_id=self.new_id,
        )
        self.routes = Routes([self.engine], [], self.deadlines)
        self.jobs = JobRows(self.database)
        self.rows = OwnershipRows(self.database)
        self.unattended = UnattendedRows(self.database)
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
            inspector=self.eye,
            fetcher=Nowhere(),
            folder=self.folder,
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
        self.chooser = Chooser(routes=self.routes, accounts=self.accounts, jobs=self.jobs)
        self.enhancing = Enhancing([], accounts=self.accounts, clock=self.clock)
        self.submitting = Submitting(
            jobs=self.jobs,
            references=references,
            routes=self.routes,
            chooser=self.chooser,
            enhancing=self.enhancing,
            room=Room(lambda: self.left, least=1000),
            dispatcher=self.pokes,
            cipher=FernetCipher("a secret"),
            clock=self.clock,
            new_id=self.new_id,
        )
        self.gateway = Gateway(
            jobs=self.jobs,
            first_tries=FirstTries(jobs=self.jobs, claims=claims, clock=self.clock),
            submitting=self.submitting,
            routes=self.routes,
            chooser=self.chooser,
            dispatcher=self.pokes,
            watchers=self.watchers,
            links=self.links,
            clock=self.clock,
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
        outputs = Outputs(
            blobs=self.shelf, inspector=self.eye, folder=self.folder, new_id=self.new_id
        )
        driver = Driver(
            jobs=self.rows,
            blobs=self.shelf,
            outputs=outputs,
            accounts=self.accounts,
            engines=self.routes.engines,
            watchers=self.watchers,
            clock=self.clock,
            holds=lambda: self.alive,
            jitter=lambda: 0.5,
        )
        return Worker(
            name=name,
            jobs=self.rows,
            unattended=self.unattended,
            driver=driver,
            outputs=outputs,
            routes=self.routes,
            routing=Failover(
                jobs=self.rows,
                routes=self.routes,
                accounts=self.accounts,
            ),
            accounts=self.accounts,
            dispatcher=self.pokes,
            watchers=self.watchers,
            clock=self.clock,
            new_id=self.new_id,
            keep_films=timedelta(days=30),
            seats=lambda _: self.seats,
            tidy=self.sweeper(name).tidy,
        )

    def sweeper(self, node: str = "w1") -> Sweeper:
        return Sweeper(
            node=node,
            unattended=self.unattended,
            blobs=self.shelf,
            routes=self.routes,
            accounts=self.accounts,
            dispatcher=self.pokes,
            watchers=self.watchers,
            clock=self.clock,
        )

    async def sweep(self, node: str = "w1") -> None:
        """What the node of that name would find."""
        await self.sweeper(node).sweep()

    def wish(self, model: str) -> GenerationRequest:
        """A film of a kite by *model*."""
        return replace(A_KITE, model=model)

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
        for _ in range(5000):
            await asyncio.sleep(0.001)
            through = self.engine.submissions and not self.engine.steps
            if through and (self.engine.waiting or not self.worker._tasks):
                return

    async def work(self, worker: Worker | None = None) -> None:
        """Deliver pokes until nothing happens any more, or all that does waits for us."""
        working = worker or self.worker
        others = 0 if working is self.worker else len(self.worker._tasks)
        for _ in range(5000):
            await self.pokes.deliver(working.look)
            await asyncio.sleep(0.001)
            stuck = self.engine.waiting >= len(working._tasks) + others
            if not self.pokes.kept and (not working._tasks or stuck):
                return


async def open_house(
    folder: Path, engine: Scripted, *, seats: int = 1, database: Database | None = None
) -> House:
    """On *database*, or in a new file."""
    if database is None:
        prepare(folder / "test.db")
        database = SQLite(folder / "test.db")
    work = folder / "work"
    work.mkdir()
    house = House(database, engine, work, seats=seats)
    await house.open()
    return house
