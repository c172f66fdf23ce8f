"""The rows of jobs: as callers see them, and as workers change them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Protocol

from filmgate.domain.account import Account
from filmgate.domain.asset import Asset, Variant
from filmgate.domain.character import Character
from filmgate.domain.claim import Claim
from filmgate.domain.events import Event
from filmgate.domain.job import Attempt, Failure, Job, Owned
from filmgate.domain.request import Media


class Refusal(Enum):
    """Why a worker did not get a job."""

    ENDED = "ended"  #: or unknown
    OWNED = "owned"  #: a worker that is alive looks after it
    NOT_DUE = "not_due"  #: it waits out a backoff
    NO_SEAT = "no_seat"


@dataclass(frozen=True, kw_only=True)
class NewJob:
    """A job that is to be kept, with what only its row knows."""

    job: Job
    inputs: Sequence[Asset] = ()
    priority: int = 0
    fingerprint: str | None = None
    webhook: str | None = None  #: sealed


@dataclass(frozen=True, kw_only=True)
class Maker:
    """Which account made a film, and its engine's ticket of it."""

    account_id: str
    engine: str
    ticket: str | None


class Jobs(Protocol):
    """
    The rows of jobs, their takes, attempts, outputs and events.

    Whatever follows from a change is written in the change's own transaction.
    """

    async def add(self, new: Sequence[NewJob], claim: Claim | None) -> str:
        """
        Keep new jobs, all or none; once this returns, they survive a power cut.

        The id of the first, or of the one that the claim's key has led to before: then
        none is kept.
        """
        ...

    async def adopt(
        self, fingerprint: str, *, caller_id: str, retry: int, since: datetime
    ) -> str | None:
        """
        The job of an earlier try whose answer was lost, if there is one.

        It was made after *since* and the caller has not used its id. Each call gives
        another job, unless *retry* says that the client has tried more often.
        """
        ...

    async def get(self, job_id: str, *, caller_id: str) -> Job | None:
        """The caller's job, if it has one of that id that is not deleted."""
        ...

    async def anybodys(self, job_id: str) -> Job | None:
        """Any caller's job that is not deleted."""
        ...

    async def list(  # noqa: PLR0913 (the query)
        self,
        *,
        caller_id: str,
        media: Media,
        metadata: Mapping[str, str],
        after: str | None,
        limit: int,
        newest_first: bool,
    ) -> tuple[Sequence[Job], bool]:
        """A page of the caller's jobs, and whether more follow. Unknown *after*: none."""
        ...

    async def use(self, job_id: str, *, at: datetime) -> None:
        """The caller knows this id: no retry without a key is meant to find it."""
        ...

    async def outputs(self, job_id: str) -> Mapping[Variant, Asset]:
        """What a completed job made."""
        ...

    async def attempts(self, job_id: str) -> Sequence[Attempt]:
        """Every try, oldest first."""
        ...

    async def place(self, job_id: str) -> int:
        """Its place among those queued for its engine's seats, from 1; 0 if it is not."""
        ...

    async def waiting(self, engine: str) -> int:
        """How many jobs of an engine are queued."""
        ...

    async def lately(self, engine: str, media: Media) -> float | None:
        """Seconds that its last films, or stills, took on average; None if it has made none."""
        ...

    async def unfinished(self, engine: str) -> int:
        """How many jobs of an engine are queued or in progress."""
        ...

    async def made_by(self, job_id: str) -> Maker | None:
        """Which account made the job's film; None if it is removed."""
        ...

    async def previews(self, job_id: str) -> Sequence[Asset]:
        """What a still looked like on the way, oldest first."""
        ...

    async def events(self, job_id: str, *, after: int = 0) -> Sequence[Event]:
        """What happened after the event of that number, oldest first."""
        ...

    async def cancel(self, job_id: str, *, caller_id: str, at: datetime) -> bool:
        """End a queued job, ask for the cancellation of a started one; False if none."""
        ...

    async def revoke_links(self, job_id: str, *, caller_id: str) -> bool:
        """Make every link handed out so far invalid; False if there is no such job."""
        ...

    async def expired(self, *, at: datetime, limit: int) -> Sequence[tuple[str, Sequence[str]]]:
        """Jobs whose films are too old, with the keys of their files."""
        ...

    async def expire(self, job_id: str, *, at: datetime) -> None:
        """The job's files are gone; what it was stays known."""
        ...

    async def delete(self, job_id: str, *, caller_id: str, at: datetime) -> bool:
        """Hide a job and ask for its cancellation; False if there is none."""
        ...


class Ownership(Protocol):
    """
    The same rows, as workers change them.

    A change of the job names its owner and epoch and raises `OwnershipLost` when
    they are stale; a fact about an attempt is written whoever owns the job.
    """

    async def peek(self, job_id: str) -> Job | None:
        """Any caller's job, deleted or not."""
        ...

    async def own(  # noqa: PLR0913 (all keywords)
        self,
        job_id: str,
        *,
        worker: str,
        accounts: Iterable[Account],
        attempt_id: str,
        at: datetime,
        least_busy: bool = False,
    ) -> Owned | Refusal:
        """
        Make *worker* the job's owner, with a new epoch, seated at one of *accounts*.

        In one transaction: ownership, seat and attempt. One that an earlier owner left
        open is handed on, with its account and its seat; else *attempt_id* is opened at
        the first account that has a seat, or the *least_busy* one; at one that has failed
        the job before only if no other has. Safe to call from many processes: one of them
        gets the job, and again if it asks twice. *accounts* may be gone through again.
        """
        ...

    async def switch(self, job_id: str, choice: int, engine: str) -> bool:
        """Let a queued job be made in a later one of its plan's ways; False if it is not."""
        ...

    async def tried(self, job_id: str) -> AbstractSet[str]:
        """The accounts at which an attempt at the job has failed."""
        ...

    async def move_in(self, account_id: str) -> None:
        """The memory of the account's machine is its engine's from now on."""
        ...

    async def keep_sending(self, owned: Owned, *, at: datetime) -> None:
        """Write down that the engine may have the attempt from now on: the intent."""
        ...

    async def keep_ticket(self, attempt_id: str, ticket: str) -> None:
        """Write down the engine's id for an attempt; the first one stays."""
        ...

    async def keep_cost(self, attempt_id: str, cost: int) -> None:
        """Write down what the engine says that an attempt took, whoever owns the job."""
        ...

    async def keep_percent(self, owned: Owned, percent: int, *, at: datetime) -> None:
        """Write down the progress, as an event too. It may be lost in a power cut."""
        ...

    async def keep_previews(self, previews: Sequence[Asset]) -> None:
        """Write down what a still looks like so far."""
        ...

    async def complete(
        self,
        owned: Owned,
        outputs: Sequence[Asset],
        *,
        becomes: Character | None = None,
        at: datetime,
        expires: datetime,
    ) -> bool:
        """
        The attempt succeeded and its job is done; there is the character that it *becomes*.

        False when its cancellation was asked for meanwhile: then it ends as cancelled,
        and its outputs are not kept.
        """
        ...

    async def fail(self, owned: Owned, failure: Failure, *, at: datetime) -> None:
        """
        The attempt and its job failed.

        As with whatever ends or requeues a job: one whose cancellation was asked for ends
        as cancelled.
        """
        ...

    async def retry(
        self, owned: Owned, failure: Failure, *, at: datetime, due: datetime, counts: bool
    ) -> None:
        """
        The attempt failed; the job is queued for another, not before *due*.

        *counts* towards the number of attempts that a job has.
        """
        ...

    async def interrupt(self, owned: Owned, *, at: datetime, counts: bool) -> None:
        """The attempt died; the job is queued again. *counts* towards the limit."""
        ...

    async def release(self, owned: Owned) -> None:
        """Leave job and attempt as they are, for whoever comes next."""
        ...

    async def cancelled(self, owned: Owned, *, at: datetime) -> None:
        """The engine has stopped; so have the attempt and its job."""
        ...


class Unattended(Protocol):
    """The same rows once more: jobs that nobody looks after at the moment."""

    async def orphans(self, worker: str, *, at: datetime, limit: int) -> Sequence[str]:
        """Started jobs that belong neither to *worker* nor to another that is alive."""
        ...

    async def overdue(self, *, at: datetime, limit: int) -> Sequence[str]:
        """Queued jobs that have waited too long."""
        ...

    async def give_up(self, job_id: str, failure: Failure, *, at: datetime) -> bool:
        """A job that has waited too long failed; False if it waits no more."""
        ...

    async def waiting(
        self, engine: str, *, at: datetime, limit: int, skip: int = 0
    ) -> Sequence[str]:
        """The next queued jobs of an engine that are due, after the first *skip* of them."""
        ...

    async def leftovers(self, *, limit: int) -> Sequence[tuple[str, Sequence[str]]]:
        """Deleted jobs that have ended, with the keys of their files."""
        ...

    async def forget(self, job_id: str) -> None:
        """The job's files are gone; drop all that we know of it."""
        ...
