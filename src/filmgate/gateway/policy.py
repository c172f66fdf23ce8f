"""What follows after an attempt ended without its film."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

from filmgate.domain.account import WhenDown
from filmgate.domain.errors import (
    AccountExhausted,
    Blame,
    EngineUnavailable,
    FilmgateError,
    SubmissionInterrupted,
    TicketLost,
)
from filmgate.ports import AfterLoss

MAX_ATTEMPTS = 3
MAX_INTERRUPTIONS = 10  #: a job that keeps killing its worker is stopped
BACKOFF = timedelta(seconds=5)  #: doubled with each failure
WHILE_DOWN = timedelta(seconds=15)  #: between two looks whether a machine is on again


class Phase(Enum):
    """How far an attempt got."""

    UNSENT = "unsent"  #: nothing left us, or the engine refused in its own words
    UNKNOWN = "unknown"  #: sent, and no trustworthy answer
    TICKETED = "ticketed"  #: the engine has it


@dataclass(frozen=True)
class Fail:
    """The job has failed."""

    error: FilmgateError


@dataclass(frozen=True)
class Retry:
    """The job is queued again, and one more of its attempts has failed if that *counts*."""

    after: timedelta
    counts: bool = True


@dataclass(frozen=True)
class RunAgain:
    """The attempt was interrupted, which is not a failure."""


def decide(  # noqa: PLR0911, PLR0913 (a table)
    error: FilmgateError,
    *,
    phase: Phase,
    after_loss: AfterLoss,
    free: bool = False,
    when_down: WhenDown = WhenDown.FAIL,
    elsewhere: bool = False,
    failures: int,
    interruptions: int,
) -> Fail | Retry | RunAgain:
    """
    A pure function of who is to blame, how far the attempt got, and the counts.

    *free*: what the engine has forgotten has cost nothing. *elsewhere*: an account that has
    not refused the job yet may take it. *failures* and *interruptions* are those before
    this attempt.
    """
    reruns = after_loss is AfterLoss.RERUN
    forgotten = isinstance(error, TicketLost) and (free or reruns)
    if forgotten or (reruns and phase is Phase.UNKNOWN):
        if interruptions + 1 >= MAX_INTERRUPTIONS:
            message = f"Interrupted {MAX_INTERRUPTIONS} times; given up."
            return Fail(FilmgateError(message, code="interrupted_too_often"))
        return RunAgain()
    if phase is Phase.UNKNOWN and (after_loss is AfterLoss.NEVER or error.unanswered):
        return Fail(interrupted())
    unsent = phase is Phase.UNSENT
    if unsent and elsewhere and error.blame in (Blame.ACCOUNT, Blame.ENGINE):
        return Retry(timedelta(), counts=False)
    if unsent and isinstance(error, EngineUnavailable) and when_down is WhenDown.WAIT:
        return Retry(error.retry_after or WHILE_DOWN, counts=False)
    if unsent and isinstance(error, AccountExhausted):
        # It rests; the job waits until it or another may be asked, or its own time is over.
        return Retry(timedelta(), counts=False)
    account = unsent and error.blame is Blame.ACCOUNT
    again = error.blame is Blame.ENGINE and (unsent or reruns)
    if failures + 1 < MAX_ATTEMPTS and (account or again):
        backoff = timedelta() if account else BACKOFF * 2**failures
        return Retry(backoff if account else error.retry_after or backoff)
    return Fail(error)


def interrupted() -> SubmissionInterrupted:
    message = (
        "The connection to the engine was lost while the job was handed over. It "
        "may have been accepted and paid for, so it is not sent again."
    )
    return SubmissionInterrupted(message)
