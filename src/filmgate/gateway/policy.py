"""What follows after an attempt ended without its film."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

from filmgate.domain.errors import (
    Blame,
    FilmgateError,
    SubmissionInterrupted,
    TicketLost,
)
from filmgate.ports import AfterLoss

MAX_ATTEMPTS = 3
MAX_INTERRUPTIONS = 10  #: a job that keeps killing its worker is stopped
BACKOFF = timedelta(seconds=5)  #: doubled with each failure


class Phase(Enum):
    """How far an attempt got."""

    UNSENT = "unsent"  #: nothing left us, or the engine refused in its own words
    UNKNOWN = "unknown"  #: sent, and no trustworthy answer came
    TICKETED = "ticketed"  #: the engine has it


@dataclass(frozen=True)
class Fail:
    """The job fails with this."""

    error: FilmgateError


@dataclass(frozen=True)
class Retry:
    """A new attempt follows, counted, after a while."""

    after: timedelta


@dataclass(frozen=True)
class RunAgain:
    """A new attempt follows at once; the old one was interrupted, not failed."""


def decide(
    error: FilmgateError,
    *,
    phase: Phase,
    after_loss: AfterLoss,
    failures: int,
    interruptions: int,
) -> Fail | Retry | RunAgain:
    """
    A pure function of who is to blame, how far the attempt got, and the counts.

    *failures* and *interruptions* are those before this attempt.
    """
    lost = isinstance(error, TicketLost) or phase is Phase.UNKNOWN
    if lost and after_loss is AfterLoss.RERUN:
        if interruptions + 1 >= MAX_INTERRUPTIONS:
            message = f"Interrupted {MAX_INTERRUPTIONS} times; given up."
            return Fail(FilmgateError(message, code="interrupted_too_often"))
        return RunAgain()
    if phase is Phase.UNKNOWN:
        message = (
            "The connection to the engine was lost while the job was handed over. It "
            "may have been accepted and paid for, so it is not sent again."
        )
        return Fail(SubmissionInterrupted(message))
    free = after_loss is AfterLoss.RERUN
    may_try_again = error.blame is Blame.ENGINE and (phase is Phase.UNSENT or free)
    if may_try_again and failures + 1 < MAX_ATTEMPTS:
        return Retry(error.retry_after or BACKOFF * 2**failures)
    return Fail(error)
