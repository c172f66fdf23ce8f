"""Own a job, have it driven to its end, give it up, drain on shutdown."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from datetime import datetime, timedelta

from filmgate.domain.account import WhenDown
from filmgate.domain.errors import (
    FilmgateError,
    OwnershipLost,
    StorageUnavailable,
    TimedOut,
)
from filmgate.domain.job import Failure, Job, Owned, Status
from filmgate.gateway.accounts import Accounts
from filmgate.gateway.driving import Drive, Driver, Stopped, Wanted
from filmgate.gateway.failover import Failover
from filmgate.gateway.full import Full
from filmgate.gateway.outputs import Outputs
from filmgate.gateway.patience import surely
from filmgate.gateway.policy import Fail, Phase, Retry, RunAgain, decide
from filmgate.gateway.routing import Routes
from filmgate.gateway.watching import Watchers
from filmgate.ports import (
    AfterLoss,
    Clock,
    Dispatcher,
    Engine,
    Ownership,
    Refusal,
    Unattended,
    is_free,
)

log = logging.getLogger(__name__)

PAUSE = 0.02  #: seconds between two checks whether a drain is done
CUT_OFF = 2.0  #: seconds to write down what a drain did not wait for
LOOKED_AT = 20  #: jobs that wait, when a seat gets free: the first may need another one


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
        unattended: Unattended,
        driver: Driver,
        outputs: Outputs,
        routes: Routes,
        routing: Failover,
        accounts: Accounts,
        dispatcher: Dispatcher,
        watchers: Watchers,
        clock: Clock,
        new_id: Callable[[str], str],
        keep_films: timedelta,
        seats: Callable[[Engine], int],
        tidy: Callable[[], Awaitable[None]],
        ended: Callable[[], None] = lambda: None,
    ) -> None:
        self._name = name
        self._jobs = jobs
        self._unattended = unattended
        self._driver = driver
        self._outputs = outputs
        self._routes = routes
        self._routing = routing
        self._accounts = accounts
        self._dispatcher = dispatcher
        self._watchers = watchers
        self._clock = clock
        self._new_id = new_id
        self._keep_films = keep_films
        self._seats = seats  #: of this node, at an engine that runs inside it
        self._tidy = tidy  #: something may have been deleted
        self._ended = ended  #: somebody may have to be told
        self._drives: dict[str, Drive] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._taking: set[str] = set()
        self._looks: set[asyncio.Future[None]] = set()
        self._full = Full(clock)
        self._draining = False

    async def look(self, job_id: str) -> None:
        """Take the job on if it can be taken on; stop it if that was asked for."""
        if self._draining or job_id in self._taking:
            return
        self._taking.add(job_id)
        try:
            await self._look(job_id)
        finally:
            self._taking.discard(job_id)

    def heard(self, job_ids: Iterable[str]) -> None:
        """Another node says that these have changed: look at those that are ours."""
        for job_id in job_ids:
            if job_id in self._drives:
                self._looks.add(look := asyncio.ensure_future(self._guarded_look(job_id)))
                look.add_done_callback(self._looks.discard)

    def missed(self) -> None:
        """Something may have changed that nobody told of: look at all that is ours."""
        self.heard(list(self._drives))

    async def _guarded_look(self, job_id: str) -> None:
        with suppress(StorageUnavailable):  # a sweep finds what was asked for
            await self.look(job_id)

    async def _look(self, job_id: str) -> None:
        job = await self._jobs.peek(job_id)
        if job is None:
            return
        if job.status.ended:
            await self._tidy()
            return
        if job_id in self._drives:
            if job.cancel_requested_at:
                self._want(job_id, Wanted.CANCEL)
            return
        if job.status is Status.QUEUED:
            job = await self._routing.healthy(job)
        engine = job.take.engine
        if engine not in self._routes.engines:
            log.error("job.stuck job=%s engine=%s is not installed", job_id, engine)
        elif job.status is not Status.QUEUED or not self._full.of(job):
            await self._take_on(job)

    async def drain(self, grace: float, *, submissions: float = 0) -> None:
        """
        Start nothing, hand every job back, and wait *grace* seconds for that.

        A submission under way is waited for longer, as many seconds: its answer may be
        the only proof of what was paid for.
        """
        self._draining = True
        began = self._clock.now()
        deadline = began + timedelta(seconds=grace)
        last = max(deadline, began + timedelta(seconds=submissions))
        # Again and again, because a look that was under way may still bring a job in.
        while self._taking or self._tasks:
            now = self._clock.now()
            sending = any(drive.protected for drive in self._drives.values())
            if now >= (last if sending else deadline):
                await self._cut_off()
                return
            for job_id in list(self._drives):
                self._want(job_id, Wanted.HAND_BACK)
            await self._clock.sleep(PAUSE)

    async def _cut_off(self) -> None:
        """End what did not end in time, while that can still be written down."""
        for task in self._tasks:
            task.cancel()
        with suppress(TimeoutError):
            async with asyncio.timeout(CUT_OFF):
                await asyncio.gather(*self._tasks, return_exceptions=True)

    def _want(self, job_id: str, what: Wanted) -> None:
        """Have a drive end, at once unless what it is doing must not be cut off."""
        drive = self._drives[job_id]
        if drive.wanted is not Wanted.HAND_BACK:
            drive.wanted = what
        # Whether the engine has it is being asked: only then can it be stopped there.
        asking = drive.phase is Phase.UNKNOWN and what is Wanted.CANCEL
        if drive.task is not None and not (drive.protected or asking):
            drive.task.cancel()

    async def _take_on(self, job: Job) -> None:
        attempt_id, job_id = self._new_id("attempt_"), job.id
        engine = job.take.engine
        pool = await self._accounts.pool(engine)
        here = self._seats(self._routes.engines[engine])
        accounts = pool.usable(job.take, self._clock.now(), here=here)

        async def own() -> Owned | Refusal:
            return await self._jobs.own(
                job_id,
                worker=self._name,
                accounts=accounts,
                attempt_id=attempt_id,
                at=self._clock.now(),
                least_busy=self._routing.least_busy,
            )

        owned = await surely(own, self._clock)
        if owned is Refusal.NO_SEAT:
            self._full.note(job)
        if not isinstance(owned, Owned):
            return
        engine = owned.job.take.engine
        now = self._clock.now()
        self._drives[job_id] = drive = Drive(
            owned=owned,
            engine=self._routes.engines[engine],
            phase=_phase_of(owned, self._routes.engines[engine].after_loss),
            ticket=owned.attempt.ticket,
            begun_at=owned.attempt.started_at,
            progressed_at=max(owned.job.progressed_at or now, owned.attempt.started_at),
            percent=owned.job.percent,
        )
        self._watchers.tell(job_id)
        task = asyncio.create_task(self._drive(drive), name=f"drive {job_id}")
        drive.task = task
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        # A cancellation may have come in before the job was on our list.
        now_is = await surely(lambda: self._jobs.peek(job_id), self._clock)
        if now_is is not None and now_is.cancel_requested_at and job_id in self._drives:
            self._want(job_id, Wanted.CANCEL)

    async def _drive(self, drive: Drive) -> None:
        owned = drive.owned
        log.info(
            "attempt.started job=%s attempt=%s number=%d resumed=%s",
            owned.job.id, owned.attempt.id, owned.attempt.number, owned.resumed,
        )  # fmt: skip
        try:
            await self._to_its_end(drive)
        except OwnershipLost:
            log.warning("job.lost job=%s another worker has it", owned.job.id)
            await self._lost(drive)
        finally:
            del self._drives[owned.job.id]
            self._watchers.tell(owned.job.id)
            self._ended()
        await self._seat_is_free(owned)
        if drive.moved:  # until now we drove it, and looked away
            self._dispatcher.poke(owned.job.id)
        if drive.wanted is Wanted.CANCEL:
            await self._tidy()

    async def _to_its_end(self, drive: Drive) -> None:
        owned = drive.owned
        try:
            assets = await self._driver.make(drive)
            drive.protected = True
        except (Stopped, asyncio.CancelledError):
            if drive.wanted is None:  # it is this process that ends, not the drive
                raise
            drive.protected = True
            await self._stopped(drive)
            return
        except OwnershipLost:
            raise
        except FilmgateError as error:
            drive.protected = True
            await self._settle(drive, error)
            return
        except Exception:
            # One of the three places that may: a bug must end its job, not the worker.
            drive.protected = True
            log.exception("job.broken job=%s", owned.job.id)
            await self._settle(drive, FilmgateError("The gateway made a mistake."))
            return

        async def complete() -> bool:
            now = self._clock.now()
            expires = now + self._keep_films
            return await self._jobs.complete(
                owned, assets, becomes=drive.becomes, at=now, expires=expires
            )

        if await surely(complete, self._clock):
            log.info("job.completed job=%s engine=%s", owned.job.id, drive.engine.name)
            await self._driver.praise(drive)
        else:
            await self._driver.drop(owned)

    async def _stopped(self, drive: Drive) -> None:
        """End what was asked to end: the engine's task, our attempt, and the job."""
        owned = drive.owned
        dies_with_us = drive.engine.after_loss is AfterLoss.RERUN
        handing_back = drive.wanted is Wanted.HAND_BACK
        if dies_with_us or (not handing_back and drive.ticket is not None):
            stopped = await self._cancel_at_engine(drive)
            if not stopped and self._clock.now() < drive.deadline:
                # Left as it is: a sweep finds the mark on the row and tries again.
                await surely(lambda: self._jobs.release(owned), self._clock)
                return
        now = self._clock.now()
        if not handing_back:
            await surely(lambda: self._jobs.cancelled(owned, at=now), self._clock)
            log.info("job.cancelled job=%s", owned.job.id)
            await self._driver.drop(owned)
        elif dies_with_us or drive.phase is Phase.UNSENT:
            await surely(lambda: self._jobs.interrupt(owned, at=now, counts=False), self._clock)
            await self._driver.drop(owned)
        else:
            await surely(lambda: self._jobs.release(owned), self._clock)
            await self._outputs.abandon(owned)

    async def _lost(self, drive: Drive) -> None:
        """Another has the job: end what only we know of, and touch nothing else."""
        owned = drive.owned
        await self._outputs.abandon(owned)
        if drive.engine.after_loss is AfterLoss.RERUN:
            await self._cancel_at_engine(drive)
        elif drive.fresh:
            # Its ticket came too late for whoever has decided about the job.
            job = await surely(lambda: self._jobs.peek(owned.job.id), self._clock)
            if job is None or job.shown is Status.CANCELLED:
                await self._cancel_at_engine(drive)

    async def _cancel_at_engine(self, drive: Drive) -> bool:
        """Whether the engine has stopped."""
        ticket = drive.ticket or drive.owned.attempt.id
        try:
            await drive.engine.cancel(ticket, await self._driver.account(drive))
        except FilmgateError as error:
            log.warning("cancel.failed job=%s code=%s", drive.owned.job.id, error.code)
            return False
        return True

    async def _settle(self, drive: Drive, error: FilmgateError) -> None:
        owned, now = drive.owned, self._clock.now()
        other = None
        if drive.phase is Phase.UNSENT and drive.account is not None:
            other = await self._routing.elsewhere(owned.job, drive.account, error)
        decision = decide(
            error,
            phase=drive.phase,
            after_loss=drive.engine.after_loss,
            free=is_free(drive.engine),
            when_down=drive.account.when_down if drive.account else WhenDown.FAIL,
            elsewhere=other is not None,
            failures=owned.failures,
            interruptions=owned.interruptions,
        )
        log.info(
            "attempt.ended job=%s attempt=%s code=%s next=%s",
            owned.job.id, owned.attempt.id, error.code, type(decision).__name__,
        )  # fmt: skip
        if isinstance(error, TimedOut) and drive.ticket is not None:
            await self._cancel_at_engine(drive)
        await self._driver.blame(drive, decision.error if isinstance(decision, Fail) else error)
        await surely(lambda: self._write_down(owned, error, decision, now, other), self._clock)
        drive.moved = isinstance(decision, Retry) and other not in (None, owned.job.choice)
        # After the row: whoever is not the owner any more must not touch the files.
        await self._driver.drop(owned)

    async def _write_down(
        self,
        owned: Owned,
        error: FilmgateError,
        decision: Fail | Retry | RunAgain,
        now: datetime,
        other: int | None,
    ) -> None:
        match decision:
            case Fail(because):
                failure = Failure(code=because.code, message=because.message)
                await self._jobs.fail(owned, failure, at=now)
            case Retry(after, counts):
                failure, due = Failure(code=error.code, message=error.message), now + after
                await self._jobs.retry(owned, failure, at=now, due=due, counts=counts)
                if other is not None:
                    await self._routing.switch(owned.job, other)
                self._dispatcher.poke(owned.job.id, at=due)
            case RunAgain():  # pragma: no branch
                await self._jobs.interrupt(owned, at=now, counts=True)
                self._dispatcher.poke(owned.job.id)

    async def _seat_is_free(self, owned: Owned) -> None:
        engine = owned.job.take.engine
        self._full.forget(engine)
        if self._draining:
            return
        # Looked at here: of an engine inside this node nobody else has that seat.
        with suppress(StorageUnavailable):  # a sweep pokes it
            now, driven = self._clock.now(), len(self._drives)
            for job_id in await self._unattended.waiting(engine, at=now, limit=LOOKED_AT):
                await self.look(job_id)
                if len(self._drives) > driven:
                    return


def _phase_of(owned: Owned, after_loss: AfterLoss) -> Phase:
    """How far an attempt had got when its earlier owner last wrote something down."""
    if owned.attempt.ticket:
        return Phase.TICKETED
    # What dies with its process tells nobody when it begins.
    begun = owned.resumed and after_loss is AfterLoss.RERUN
    return Phase.UNKNOWN if begun or owned.attempt.sending_at else Phase.UNSENT
