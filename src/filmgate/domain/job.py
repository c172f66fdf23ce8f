"""Jobs: the durable requests, and the tries at making them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from filmgate.domain.deadlines import Deadlines
from filmgate.domain.request import GenerationRequest


class Status(StrEnum):
    QUEUED = "queued"  #: waits for a seat, or for the next try
    IN_PROGRESS = "in_progress"  #: an attempt is open
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        return not STEPS[self]


#: What may follow what. The database repeats the check, because two processes
#: may hold the same job.
STEPS: dict[Status, frozenset[Status]] = {
    Status.QUEUED: frozenset({Status.IN_PROGRESS, Status.FAILED, Status.CANCELLED}),
    Status.IN_PROGRESS: frozenset(
        {Status.QUEUED, Status.COMPLETED, Status.FAILED, Status.CANCELLED}
    ),
    Status.COMPLETED: frozenset(),
    Status.FAILED: frozenset(),
    Status.CANCELLED: frozenset(),
}


@dataclass(frozen=True, kw_only=True)
class Failure:
    """Why a job failed or an attempt ended: a stable code and a sentence."""

    code: str
    message: str


@dataclass(frozen=True, kw_only=True)
class Take:
    """
    One piece of work for one engine, frozen when planned.

    Its request is complete: size and seconds are never None.
    """

    engine: str
    model: str  #: the engine's own name
    request: GenerationRequest
    settings: Mapping[str, Any] = field(default_factory=dict)
    #: ^ what the operator's name for the model adds; the engine says what it understands
    source_ticket: str | None = None  #: of the attempt that made the source, at this engine
    account_id: str | None = None  #: the only one that can, because it made the source
    groups: tuple[str, ...] = ()  #: of accounts; it is for one in any of them
    plans: tuple[str, ...] = ()  #: of accounts, one of which it needs
    cost: int = 0  #: micro-dollars that the engine takes for it, as far as is known
    mark: bool = False  #: what the engine makes is marked by us, so that everybody sees it


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How a request is made. Never changed once the job exists."""

    takes: tuple[Take, ...]
    fallbacks: tuple[Take, ...] = ()  #: each instead of the only take, while nothing is paid
    price: int = 0  #: micro-dollars that the caller was promised
    deadlines: Deadlines = field(default_factory=Deadlines)


@dataclass(frozen=True, kw_only=True)
class Job:
    """One durable request for media."""

    id: str
    caller_id: str
    status: Status
    request: GenerationRequest
    plan: Plan
    percent: int
    created_at: datetime
    finished_at: datetime | None = None
    expires_at: datetime | None = None
    expired_at: datetime | None = None  #: its files are gone
    failure: Failure | None = None
    progressed_at: datetime | None = None  #: when the percent last grew
    metadata: Mapping[str, str] = field(default_factory=dict)  #: the caller's own
    variants: tuple[str, ...] = ()  #: of the first of several: the others' ids
    link_version: int = 0  #: part of every link's signature; a new one revokes them
    used: bool = False  #: the caller has asked about it by its id
    choice: int = 0  #: which of its plan's ways: 0 is the first, 1 the first fallback
    charged: int | None = None  #: micro-dollars that its caller pays, once it has ended
    cost: int | None = None  #: micro-dollars that its attempts took, as far as is known

    @property
    def take(self) -> Take:
        """What is to be made now, by the engine that it is with."""
        return (self.plan.takes[0], *self.plan.fallbacks)[self.choice]

    @property
    def shown(self) -> Status:
        """What callers are told: a cancellation counts from when it was asked for."""
        if self.cancel_requested_at is not None and not self.status.ended:
            return Status.CANCELLED
        return self.status

    cancel_requested_at: datetime | None = None
    deleted_at: datetime | None = None


class AttemptState(StrEnum):
    OPEN = "open"  #: holds a seat
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    INTERRUPTED = "interrupted"  #: its process died or drained; not a failure
    CANCELLED = "cancelled"


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One try of a take on one account; holds the engine's ticket."""

    id: str
    job_id: str
    number: int
    account_id: str
    state: AttemptState
    started_at: datetime
    sending_at: datetime | None = None  #: from here on the engine may have it
    ticket: str | None = None
    ended_at: datetime | None = None
    failure: Failure | None = None
    cost: int | None = None  #: micro-dollars that it took
    cost_estimated: bool = False  #: the engine does not say


@dataclass(frozen=True, kw_only=True)
class Owned:
    """A job that this worker may change, until somebody takes it over."""

    job: Job
    attempt: Attempt
    owner: str
    epoch: int  #: grows with every change of owner; a stale one's writes are refused
    failures: int  #: attempts that failed before this one
    interruptions: int  #: attempts that died before this one
    resumed: bool  #: the attempt was opened by an earlier owner
    displaced: str | None = None
    #: ^ the account whose engine still has the memory of the machine that this one runs on
