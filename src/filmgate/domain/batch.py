"""Batches: a file of requests, made when nobody waits for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from filmgate.domain.file import LONGEST_KEPT

WINDOW = timedelta(hours=24)  #: so long a batch may take
MOST_LINES = 50_000
MOST_BYTES = 200 << 20  #: of a batch's file
LONGEST_LINE = 24 << 20  #: bytes; a data URL makes a line long
LONGEST_CUSTOM_ID = 512  #: characters
MOST_FAULTS = 100  #: that are told of one file


class BatchStatus(StrEnum):
    VALIDATING = "validating"  #: its file is read
    IN_PROGRESS = "in_progress"
    FINALIZING = "finalizing"  #: nothing new is begun; its files are written
    COMPLETED = "completed"
    FAILED = "failed"  #: its file could not be used; nothing of it was made
    EXPIRED = "expired"  #: some of it was not made in time
    CANCELLING = "cancelling"  #: as `FINALIZING`, because its caller wants no more
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        return not BATCH_STEPS[self]


#: What may follow what.
BATCH_STEPS: dict[BatchStatus, frozenset[BatchStatus]] = {
    BatchStatus.VALIDATING: frozenset(
        {
            BatchStatus.IN_PROGRESS,
            BatchStatus.FAILED,
            BatchStatus.EXPIRED,
            BatchStatus.CANCELLING,
        }
    ),
    BatchStatus.IN_PROGRESS: frozenset({BatchStatus.FINALIZING, BatchStatus.CANCELLING}),
    BatchStatus.FINALIZING: frozenset({BatchStatus.COMPLETED, BatchStatus.EXPIRED}),
    BatchStatus.CANCELLING: frozenset({BatchStatus.CANCELLED}),
    BatchStatus.COMPLETED: frozenset(),
    BatchStatus.FAILED: frozenset(),
    BatchStatus.EXPIRED: frozenset(),
    BatchStatus.CANCELLED: frozenset(),
}


class LineState(StrEnum):
    WAITING = "waiting"
    STARTED = "started"  #: its job is made, or about to be
    COMPLETED = "completed"  #: so is its job
    FAILED = "failed"  #: its job ended in another way
    REFUSED = "refused"  #: there is no job, or no more; the line says why
    CANCELLED = "cancelled"  #: with its batch
    EXPIRED = "expired"  #: with its batch


#: What may follow what. A job can be deleted before its batch's files are written.
LINE_STEPS: dict[LineState, frozenset[LineState]] = {
    LineState.WAITING: frozenset({LineState.STARTED, LineState.CANCELLED, LineState.EXPIRED}),
    LineState.STARTED: frozenset(LineState) - {LineState.WAITING, LineState.STARTED},
    LineState.COMPLETED: frozenset({LineState.REFUSED}),
    LineState.FAILED: frozenset({LineState.REFUSED}),
    LineState.REFUSED: frozenset(),
    LineState.CANCELLED: frozenset(),
    LineState.EXPIRED: frozenset(),
}

#: What becomes of a line that is not made in a batch that ends.
STOPPED = {
    BatchStatus.FINALIZING: LineState.EXPIRED,
    BatchStatus.CANCELLING: LineState.CANCELLED,
}


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Why a batch's file cannot be used."""

    code: str
    message: str
    param: str | None = None
    line: int | None = None  #: from 1


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What an endpoint answers: an HTTP status and JSON."""

    status: int
    body: str


@dataclass(frozen=True, kw_only=True)
class BatchLine:
    """One request of a batch."""

    number: int  #: of the line in its file, from 1
    custom_id: str  #: the caller's own
    body: str  #: JSON, as the endpoint takes it
    state: LineState = LineState.WAITING
    job_ids: tuple[str, ...] = ()
    answer: Answer | None = None  #: of what was refused


@dataclass(frozen=True, kw_only=True)
class Batch:
    """A file of requests to one endpoint. *total* is known once it is validated."""

    id: str
    caller_id: str
    endpoint: str  #: its path
    input_file_id: str
    status: BatchStatus
    created_at: datetime
    expires_at: datetime
    metadata: Mapping[str, str] = field(default_factory=dict)
    kept: timedelta = LONGEST_KEPT  #: so long its output files are
    model: str | None = None  #: that all its lines name
    faults: tuple[Fault, ...] = ()
    total: int = 0
    completed: int = 0  #: lines whose jobs are
    failed: int = 0  #: all others that have ended
    output_file_id: str | None = None
    error_file_id: str | None = None
    reached: Mapping[BatchStatus, datetime] = field(default_factory=dict)  #: and when
