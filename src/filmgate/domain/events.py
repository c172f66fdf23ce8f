"""What happened to a job. Written in the same transaction as the change itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class EventKind(StrEnum):
    CREATED = "created"
    STARTED = "started"  #: an attempt was opened
    INTERRUPTED = "interrupted"  #: an attempt died with its process
    PROGRESS = "progress"  #: dropped once the job has ended
    RETRIED = "retried"  #: an attempt failed, and there will be another
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"  #: its files were removed
    DELETED = "deleted"


@dataclass(frozen=True, kw_only=True)
class Event:
    job_id: str
    number: int  #: counts from 1 within the job
    kind: EventKind
    at: datetime
    percent: int = 0
