"""One attempt, from wherever it stopped until its outputs are stored."""

from __future__ import annotations

import logging
from asyncio import Semaphore, Task
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from filmgate.domain.account import Account
from filmgate.domain.asset import Asset
from filmgate.domain.character import Character
from filmgate.domain.errors import (
    Blame,
    ContentRejected,
    EngineMisbehaved,
    FilmgateError,
    GenerationFailed,
    OutputExpired,
    OwnershipLost,
    StorageUnavailable,
    TicketLost,
    TimedOut,
)
from filmgate.domain.job import Owned, Take
from filmgate.domain.progress import Progress
from filmgate.gateway.accounts import Accounts
from filmgate.gateway.characters import Debuts
from filmgate.gateway.outputs import Inputs, Outputs
from filmgate.gateway.patience import surely
from filmgate.gateway.policy import Phase, interrupted
from filmgate.gateway.watching import Watchers
from filmgate.ports import AfterLoss, Blobs, Clock, Engine, Frees, Ownership

log = logging.getLogger(__name__)

#: Between two percents that are written down.
OFTEN = timedelta(seconds=1)
#: Between two polls, for an engine that does not say: a tenth of the time it has taken.
SOONEST, LATEST = timedelta(seconds=2), timedelta(seconds=15)
#: After a question that was not answered: doubled each time.
PATIENCE, MOST_PATIENCE = timedelta(seconds=5), timedelta(seconds=60)
AT_ONCE = 64  #: questions to one account under way
#: Who knows an attempt's id may forget it after a day.
KNOWN_FOR = timedelta(hours=20)
TELLING = 4  #: percents on their way to the rows; of more, the next polls tell
BROKEN = 3  #: times that an output may turn out to be no film

_TERMINAL = (GenerationFailed, ContentRejected, OutputExpired, TimedOut, OwnershipLost)


class Wanted(Enum):
    """What somebody wants of a drive before it is done."""

    CANCEL = "cancel"  #: the caller does not want the film any more
    HAND_BACK = "hand back"  #: this process is about to end


class Stopped(Exception):
    """The drive ends before its film is there, because that is `Drive.wanted`."""


@dataclass
class Drive:
    """A job that this process drives."""

    owned: Owned
    engine: Engine
    phase: Phase
    ticket: str | None
    begun_at: datetime
    progressed_at: datetime
    task: Task[None] | None = None
    account: Account | None = None  #: as it was last read
    fresh: bool = False  #: the ticket came in while we were driving
    wanted: Wanted | None = None
    protected: bool = True  #: what is under way must not be cut off
    told: tuple[int, datetime] | None = None  #: the last percent written, and when
    percent: int = 0
    previews: int = 0  #: stored so far
    broken: int = 0  #: outputs that were no film
    cost: int | None = None  #: that the engine says, and that is written down
    moved: bool = False  #: the job goes on at another engine
    forgotten: bool = False  #: the engine said once that it has no such task
    becomes: Character | None = None  #: its film does, once the job is done

    @property
    def take(self) -> Take:
        return self.owned.job.take

    @property
    def deadline(self) -> datetime:
        """When it is given up, unless there is progress."""
        job, deadlines = self.owned.job, self.owned.job.plan.deadlines
        return min(self.progressed_at + deadlines.stalled, job.created_at + deadlines.total)


class Driver:
    """Submits, polls and fetches; writes facts down, and leaves decisions to the worker."""

    def __init__(  # noqa: PLR0913 (wired in one place)
        self,
        *,
        jobs: Ownership,
        blobs: Blobs,
        outputs: Outputs,
        accounts: Accounts,
        engines: Mapping[str, Engine],
        watchers: Watchers,
        clock: Clock,
        holds: Callable[[], bool],
        jitter: Callable[[], float],
    ) -> None:
        self._jobs = jobs
        self._blobs = blobs
        self._outputs = outputs
        self._accounts = accounts
        self._engines = engines
        self._watchers = watchers
        self._clock = clock
        self._holds = holds  #: whether this node is known to be alive
        self._jitter = jitter  #: from 0 to 1
        self._debuts = Debuts(blobs, clock)
        self._gates: dict[str, Semaphore] = {}
        self._telling = Semaphore(TELLING)

    async def make(self, drive: Drive) -> Sequence[Asset]:
        """
        Do what is left to do until the outputs are stored.

        A ticket is never bought again: whatever goes wrong while it is asked about is
        waited out, until the engine says that there will be no film or a deadline passes.
        """
        drive.protected = False
        if drive.wanted:
            raise Stopped
        progress = None
        if drive.phase is not Phase.TICKETED:
            progress = await self._submit(drive)
            if drive.wanted and not progress.done:
                raise Stopped
            # What an engine hands over with its ticket it may have only once.
            drive.protected = progress.done
        trouble = 0
        while True:
            try:
                if progress is None:
                    progress = await self._poll(drive)
                await self._tell(drive, progress)
                if progress.done:
                    return await self._keep(drive, progress)
                trouble = 0
                wait = self._pace(drive, progress)
                progress = None
            except FilmgateError as error:
                if await self._ends(drive, error):
                    raise
                trouble += 1
                wait = error.retry_after or _patience(trouble)
                # Of what is done, only our own part is done again.
                if not isinstance(error, StorageUnavailable):
                    progress = None
            await self._pause(drive, wait)

    async def drop(self, owned: Owned) -> None:
        """Remove what an attempt may have stored before it died."""
        await self._outputs.drop(owned)
        await self._debuts.drop(owned)

    async def account(self, drive: Drive) -> Account:
        """The account that the attempt is seated at, as it is now."""
        drive.account = await self._accounts.get(drive.owned.attempt.account_id)
        return drive.account

    async def blame(self, drive: Drive, error: FilmgateError) -> None:
        """Have the account rest if that is what the error says."""
        if drive.account is not None:
            with suppress(StorageUnavailable):
                await self._accounts.blame(drive.account, error)

    async def praise(self, drive: Drive) -> None:
        """The account has made something."""
        if drive.account is not None:
            with suppress(StorageUnavailable):
                await self._accounts.worked(drive.account)

    async def _submit(self, drive: Drive) -> Progress:
        """Hand the job over, and write the ticket down before anything else."""
        trouble = 0
        while True:
            before = drive.phase
            if before is Phase.UNKNOWN and not self._may_ask(drive):
                raise interrupted()
            if drive.wanted and not (before is Phase.UNKNOWN and drive.wanted is Wanted.CANCEL):
                raise Stopped
            # What dies with us costs nothing and has no answer worth waiting for.
            drive.protected = drive.engine.after_loss is not AfterLoss.RERUN
            try:
                progress = await self._send(drive)
                await self._keep_ticket(drive, progress.ticket)
                await self._keep_cost(drive, progress)
            except FilmgateError as error:
                # A refusal that answers a second question says nothing of the first.
                drive.phase = drive.phase if error.unanswered else before
                asks = drive.engine.after_loss is AfterLoss.ASK
                unknown = drive.phase is Phase.UNKNOWN and asks
                again = unknown and error.blame is not Blame.REQUEST
                if not (again or isinstance(error, StorageUnavailable)):
                    raise
                if error.blame is Blame.ACCOUNT:
                    await self.blame(drive, error)
                trouble += 1
                wait = error.retry_after or _patience(trouble)
            else:
                return progress
            finally:
                drive.protected = False
            await self._pause(drive, wait)

    def _may_ask(self, drive: Drive) -> bool:
        """Whether the engine still knows what it was sent under the attempt's id."""
        sent_at = drive.owned.attempt.sending_at or drive.begun_at
        recent = self._clock.now() - sent_at < KNOWN_FOR
        return drive.engine.after_loss is AfterLoss.ASK and recent

    async def _send(self, drive: Drive) -> Progress:
        owned, account = drive.owned, await self.account(drive)
        if drive.phase is Phase.UNSENT and owned.displaced is not None:
            await self._move_in(owned.displaced, account)

        async def sending() -> None:
            if not self._holds():
                raise OwnershipLost(f"{owned.owner} was away for too long.")
            await self._jobs.keep_sending(owned, at=self._clock.now())
            drive.phase = Phase.UNKNOWN

        return await drive.engine.submit(
            drive.take,
            account,
            attempt_id=owned.attempt.id,
            inputs=Inputs(owned.job.id, self._blobs),
            sending=sending,
        )

    async def _move_in(self, displaced: str, account: Account) -> None:
        """Have the engine that had the machine's memory let go of it."""
        try:
            other = await self._accounts.get(displaced)
            engine = self._engines.get(other.engine)
            if isinstance(engine, Frees):
                await engine.free(other)
        except FilmgateError as error:
            # It may be off. If its memory is missing, the next one says so.
            log.warning("machine.not_freed account=%s code=%s", displaced, error.code)
        await self._jobs.move_in(account.id)

    async def _keep_ticket(self, drive: Drive, ticket: str) -> None:
        drive.phase, drive.ticket, drive.fresh = Phase.TICKETED, ticket, True
        attempt_id = drive.owned.attempt.id
        await surely(lambda: self._jobs.keep_ticket(attempt_id, ticket), self._clock)

    async def _poll(self, drive: Drive) -> Progress:
        ticket, account = str(drive.ticket), await self.account(drive)
        if drive.engine.after_loss is AfterLoss.RERUN:  # in this process, or our own
            progress = await drive.engine.poll(ticket, account)
        else:
            async with self._gates.setdefault(account.id, Semaphore(AT_ONCE)):
                progress = await drive.engine.poll(ticket, account)
        drive.forgotten = False
        await self._keep_cost(drive, progress)
        return progress

    async def _keep_cost(self, drive: Drive, progress: Progress) -> None:
        if progress.cost is not None and progress.cost != drive.cost:
            drive.cost = cost = progress.cost
            attempt_id = drive.owned.attempt.id
            await surely(lambda: self._jobs.keep_cost(attempt_id, cost), self._clock)

    async def _keep(self, drive: Drive, progress: Progress) -> Sequence[Asset]:
        made, account = progress.outputs, await self.account(drive)
        try:
            kept = await self._outputs.keep(drive.owned, drive.engine, account, made)
        except EngineMisbehaved:
            drive.broken += 1
            raise
        drive.becomes = await self._debuts.keep(drive.owned, kept)
        return kept

    async def _tell(self, drive: Drive, progress: Progress) -> None:
        """Write down how far it is, if that is news and the last was a while ago."""
        owned, now, percent = drive.owned, self._clock.now(), min(99, progress.percent)
        if percent > drive.percent:
            drive.percent, drive.progressed_at = percent, now
        shown = progress.previews
        new = await self._outputs.keep_previews(owned, shown, kept=drive.previews)
        if new:
            drive.previews += len(new)
            await self._jobs.keep_previews(new)
        elif drive.told and (drive.told[0] == percent or now - drive.told[1] < OFTEN):
            return
        if progress.done and not new:
            return  # its end is told at once
        if self._telling.locked() and not new:
            return  # a ticket, or the node's lease, does not wait behind these
        async with self._telling:
            drive.told = (percent, now)
            await self._jobs.keep_percent(owned, percent, at=now)
        self._watchers.tell(owned.job.id)

    async def _ends(self, drive: Drive, error: FilmgateError) -> bool:
        """Whether the attempt is over, or only an answer is missing."""
        if isinstance(error, StorageUnavailable):
            return False
        if isinstance(error, _TERMINAL):
            return True
        reruns = drive.engine.after_loss is AfterLoss.RERUN
        if isinstance(error, TicketLost):
            confirmed, drive.forgotten = drive.forgotten, True
            return reruns or confirmed
        if isinstance(error, EngineMisbehaved):
            return reruns or drive.broken >= BROKEN
        if error.blame is Blame.ACCOUNT:
            await self.blame(drive, error)
        return reruns and error.blame is not Blame.ENGINE

    def _pace(self, drive: Drive, progress: Progress) -> timedelta:
        """When to ask again: as the engine wishes, else the later the longer it takes."""
        wish = progress.poll_after
        if wish is None:
            taken = (self._clock.now() - drive.begun_at) / 10
            wish = min(max(taken, SOONEST), LATEST)
        return wish * (0.9 + self._jitter() / 5)

    async def _pause(self, drive: Drive, wait: timedelta) -> None:
        now = self._clock.now()
        left = drive.deadline - now
        if left <= timedelta():
            raise _timed_out(drive, now)
        await self._clock.sleep(min(wait, left).total_seconds())


def _patience(trouble: int) -> timedelta:
    doubled: int = 2 ** min(trouble - 1, 10)
    return min(PATIENCE * doubled, MOST_PATIENCE)


def _timed_out(drive: Drive, now: datetime) -> TimedOut:
    job, deadlines = drive.owned.job, drive.owned.job.plan.deadlines
    if now >= job.created_at + deadlines.total:
        return TimedOut(f"Not done within {deadlines.total} of its creation; given up.")
    return TimedOut(f"The engine made no progress within {deadlines.stalled}; given up.")
