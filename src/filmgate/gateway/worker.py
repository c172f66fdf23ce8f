"""Own a job, drive it to its end, give it up, drain on shutdown."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from filmgate.domain.errors import EngineMisbehaved, FilmgateError, OwnershipLost
from filmgate.domain.job import Failure, Owned, Status
from filmgate.domain.progress import Progress
from filmgate.gateway.outputs import Inputs, Outputs
from filmgate.gateway.policy import Fail, Phase, Retry, RunAgain, decide
from filmgate.gateway.routing import Routes
from filmgate.gateway.runner import run
from filmgate.gateway.watching import Watchers
from filmgate.ports import (
    AfterLoss,
    Blobs,
    Clock,
    Dispatcher,
    Engine,
    Ownership,
    Refusal,
)

log = logging.getLogger(__name__)

#: Jobs that one sweep looks at, of each kind.
SWEEP = 100
#: Between two percents that are written down.
OFTEN = timedelta(seconds=1)
PAUSE = 0.02  #: seconds between two checks whether a drain is done


@dataclass
class Drive:
    """A job that this process drives, and the wish to stop it."""

    owned: Owned
    phase: Phase
    ticket: str | None
    told: tuple[int, datetime] | None = None  #: the last percent written, and when
    previews: int = 0  #: stored so far
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    finishing: bool = False  #: the film is being booked: too late to stop


class Worker:
    """
    Looks at a job when told to, and does what its row says is next.

    A look is cheap and harmless at any time: the row decides. So a dispatcher
    may lose, delay or double it.
    """

    def __init__(  # noqa: PLR0913 (wired in one place)
        self,
        *,
        name: str,
        jobs: Ownership,
        blobs: Blobs,
        outputs: Outputs,
        routes: Routes,
        dispatcher: Dispatcher,
        watchers: Watchers,
        clock: Clock,
        new_id: Callable[[str], str],
        keep_films: timedelta,
        ended: Callable[[], None] = lambda: None,
    ) -> None:
        self._name = name
        self._jobs = jobs
        self._blobs = blobs
        self._outputs = outputs
        self._routes = routes
        self._dispatcher = dispatcher
        self._watchers = watchers
        self._clock = clock
        self._new_id = new_id
        self._keep_films = keep_films
        self._ended = ended  #: somebody may have to be told
        self._drives: dict[str, Drive] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        # Engines without a free seat when last asked: saves a transaction a poke
        # while thousands of jobs wait. A sweep asks anyway.
        self._full: set[str] = set()
        self._draining = False
        self._looks = 0  # under way

    async def look(self, job_id: str) -> None:
        """Take the job on if it can be taken on; stop it if that was asked for."""
        if self._draining:
            return
        self._looks += 1
        try:
            await self._look(job_id)
        finally:
            self._looks -= 1

    async def _look(self, job_id: str) -> None:
        job = await self._jobs.peek(job_id)
        if job is None:
            return
        if job.status.ended:
            await self._tidy()
            return
        if drive := self._drives.get(job_id):
            if job.cancel_requested_at:
                drive.stop.set()
            return
        engine = job.plan.takes[0].engine
        if engine not in self._routes.engines:
            log.error("job.stuck job=%s engine=%s is not installed", job_id, engine)
        elif engine not in self._full or job.status is not Status.QUEUED:
            await self._take_on(job_id, engine)

    async def sweep(self) -> None:
        """Poke what a lost poke or a dead process left lying; tidy up deletions."""
        if self._draining:
            return
        self._full.clear()
        for job_id in await self._jobs.orphans(self._name, limit=SWEEP):
            self._dispatcher.poke(job_id)
        for engine in self._routes.engines:
            await self._poke_waiting(engine, limit=self._routes.account(engine).seats)
        await self._tidy()

    async def drain(self, grace: float) -> None:
        """Start nothing, hand every job back, and wait *grace* seconds for that."""
        self._draining = True
        deadline = self._clock.now() + timedelta(seconds=grace)
        # Again and again, because a look that was under way may still bring a job in.
        while (self._looks or self._tasks) and self._clock.now() < deadline:
            for drive in self._drives.values():
                drive.stop.set()
            await self._clock.sleep(PAUSE)

    async def _take_on(self, job_id: str, engine: str) -> None:
        owned = await self._jobs.own(
            job_id,
            worker=self._name,
            account=self._routes.account(engine),
            attempt_id=self._new_id("attempt_"),
            at=self._clock.now(),
        )
        if owned is Refusal.NO_SEAT:
            self._full.add(engine)
        if not isinstance(owned, Owned):
            return
        drive = self._start(owned)
        # A deletion may have come in before the job was on our list.
        job = await self._jobs.peek(job_id)
        if job is not None and job.cancel_requested_at:
            drive.stop.set()

    def _start(self, owned: Owned) -> Drive:
        drive = Drive(owned, _phase_of(owned), owned.attempt.ticket)
        self._drives[owned.job.id] = drive
        self._watchers.tell(owned.job.id)
        task = asyncio.create_task(self._drive(drive), name=f"drive {owned.job.id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return drive

    async def _drive(self, drive: Drive) -> None:
        owned = drive.owned
        log.info(
            "attempt.started job=%s attempt=%s number=%d resumed=%s",
            owned.job.id, owned.attempt.id, owned.attempt.number, owned.resumed,
        )  # fmt: skip
        try:
            await self._until_stopped(drive)
        except OwnershipLost:
            log.warning("job.lost job=%s another worker has it", owned.job.id)
        except FilmgateError as error:
            await self._settle(drive, error)
        except Exception:
            # One of the three places that may: a bug must end its job, not the worker.
            log.exception("job.broken job=%s", owned.job.id)
            await self._settle(drive, FilmgateError("The gateway made a mistake."))
        finally:
            del self._drives[owned.job.id]
            self._watchers.tell(owned.job.id)
            self._ended()
            await self._seat_is_free(owned)

    async def _until_stopped(self, drive: Drive) -> None:
        work = asyncio.create_task(self._work(drive))
        stop = asyncio.create_task(drive.stop.wait())
        try:
            await asyncio.wait({work, stop}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stop.cancel()
        if not (work.done() or drive.finishing):
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)
            await self._stopped(drive)
            return
        await work
        if drive.stop.is_set():
            await self._tidy()

    async def _work(self, drive: Drive) -> None:
        owned = drive.owned
        engine = self._engine(owned)
        if drive.phase is Phase.UNKNOWN:
            message = "A process died while it handed this job to the engine."
            raise EngineMisbehaved(message)

        async def save(progress: Progress) -> None:
            if drive.phase is not Phase.TICKETED:
                drive.phase, drive.ticket = Phase.TICKETED, progress.ticket
                await self._jobs.keep_ticket(owned.attempt.id, progress.ticket)
            await self._tell(drive, progress)

        progress = await run(
            engine,
            owned.account,
            owned.job.plan.takes[0],
            attempt_id=owned.attempt.id,
            ticket=owned.attempt.ticket,
            inputs=Inputs(owned.job.id, self._blobs),
            save=save,
            sleep=self._clock.sleep,
        )
        assets = await self._outputs.keep(owned, engine, progress.outputs)
        drive.finishing = True
        now = self._clock.now()
        if await self._jobs.complete(owned, assets, at=now, expires=now + self._keep_films):
            log.info("job.completed job=%s engine=%s", owned.job.id, engine.name)
        else:
            await self._outputs.drop(owned)

    async def _tell(self, drive: Drive, progress: Progress) -> None:
        """Write down how far it is, if that is news and the last was a while ago."""
        owned, now, percent = drive.owned, self._clock.now(), min(99, progress.percent)
        shown = progress.previews
        new = await self._outputs.keep_previews(owned, shown, kept=drive.previews)
        if new:
            drive.previews += len(new)
            await self._jobs.keep_previews(new)
        elif drive.told and (drive.told[0] == percent or now - drive.told[1] < OFTEN):
            return
        drive.told = (percent, now)
        await self._jobs.keep_percent(owned, percent, at=now)
        self._watchers.tell(owned.job.id)

    async def _stopped(self, drive: Drive) -> None:
        owned = drive.owned
        engine = self._engine(owned)
        dies_with_us = engine.after_loss is AfterLoss.RERUN
        if not self._draining or dies_with_us:
            try:
                await engine.cancel(drive.ticket or owned.attempt.id, owned.account)
            except FilmgateError as error:
                # Left as it is: a sweep finds the mark on the row and tries again.
                log.warning("cancel.failed job=%s code=%s", owned.job.id, error.code)
                await self._jobs.release(owned)
                return
        now = self._clock.now()
        if not self._draining:
            await self._jobs.cancelled(owned, at=now)
            log.info("job.cancelled job=%s", owned.job.id)
            await self._outputs.drop(owned)
            await self._tidy()
        elif dies_with_us:
            await self._jobs.interrupt(owned, at=now, counts=False)
            await self._outputs.drop(owned)
        else:
            await self._jobs.release(owned)

    async def _settle(self, drive: Drive, error: FilmgateError) -> None:
        owned, now = drive.owned, self._clock.now()
        decision = decide(
            error,
            phase=drive.phase,
            after_loss=self._engine(owned).after_loss,
            failures=owned.failures,
            interruptions=owned.interruptions,
        )
        log.info(
            "attempt.ended job=%s attempt=%s code=%s next=%s",
            owned.job.id, owned.attempt.id, error.code, type(decision).__name__,
        )  # fmt: skip
        match decision:
            case Fail(because):
                failure = Failure(code=because.code, message=because.message)
                await self._jobs.fail(owned, failure, at=now)
            case Retry(after):
                failure = Failure(code=error.code, message=error.message)
                await self._jobs.retry(owned, failure, at=now, due=now + after)
                self._dispatcher.poke(owned.job.id, at=now + after)
            case RunAgain():  # pragma: no branch
                await self._jobs.interrupt(owned, at=now, counts=True)
                self._dispatcher.poke(owned.job.id)
        # After the row: whoever is not the owner any more must not touch the files.
        await self._outputs.drop(owned)

    async def _seat_is_free(self, owned: Owned) -> None:
        engine = owned.account.engine
        self._full.discard(engine)
        if not self._draining:
            await self._poke_waiting(engine, limit=1)

    async def _poke_waiting(self, engine: str, *, limit: int) -> None:
        now = self._clock.now()
        for job_id in await self._jobs.waiting(engine, at=now, limit=limit):
            self._dispatcher.poke(job_id)

    async def _tidy(self) -> None:
        """Forget deleted jobs that have ended: first their bytes, then their rows."""
        for job_id, keys in await self._jobs.leftovers(limit=SWEEP):
            await self._blobs.delete(keys)
            await self._jobs.forget(job_id)

    def _engine(self, owned: Owned) -> Engine:
        return self._routes.engines[owned.account.engine]


def _phase_of(owned: Owned) -> Phase:
    """How far an attempt had got when its earlier owner last wrote something down."""
    if not owned.resumed:
        return Phase.UNSENT
    return Phase.TICKETED if owned.attempt.ticket else Phase.UNKNOWN
