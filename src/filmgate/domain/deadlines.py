"""How long a job may take."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, kw_only=True)
class Deadlines:
    """When a job that does not get on is given up, as `timed_out`."""

    waiting: timedelta = timedelta(hours=24)  #: from its creation to its first attempt
    stalled: timedelta = timedelta(hours=1)  #: from one sign of progress to the next
    total: timedelta = timedelta(hours=48)  #: from its creation to its end
