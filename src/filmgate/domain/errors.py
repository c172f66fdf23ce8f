"""
What can go wrong, and who is to blame.

    FilmgateError
    ├── InvalidRequest        the caller sent something we cannot read
    ├── Unsupported           readable, but no engine here can do it
    ├── Unauthenticated       no key, or an unknown one
    ├── Forbidden             a known key without the right
    ├── NotFound
    ├── Conflict              the object is in the wrong state for this
    ├── TooLarge              more bytes than we take
    ├── TooManyRequests       our own limits
    ├── ContentRejected       a policy, ours or the engine's, refused the content
    ├── GenerationFailed      the engine tried and gave up
    ├── AccountRejected       the engine no longer accepts this account
    ├── AccountExhausted      the account is out of quota or rate
    ├── SubmissionInterrupted whether the engine has the request is not known
    ├── EngineUnavailable     timeout, 5xx, connection lost
    │   └── EngineUnreachable nothing of what was asked has arrived
    ├── EngineMisbehaved      an answer that breaks the engine's own contract
    ├── TicketLost            the engine forgot a task it had accepted
    ├── OutputExpired         the engine's film was gone before we had it
    ├── TimedOut              one of the job's deadlines passed
    ├── StorageUnavailable    our own database or store does not answer, or is full
    ├── ShuttingDown          this process takes no more work
    └── OwnershipLost         another worker looks after the job now

Blame alone decides what happens next; nobody reads a message to find out.
"""

from __future__ import annotations

from datetime import timedelta
from enum import Enum
from typing import ClassVar


class CannotStart(Exception):
    """The process cannot run as it is set up. The message is for its operator."""


class Blame(Enum):
    """Who must change before the same thing can work."""

    REQUEST = "request"  #: the caller; the job fails at once
    ACCOUNT = "account"  #: another seat will do
    ENGINE = "engine"  #: nobody; wait and try again
    GATEWAY = "gateway"  #: us: a bug, or an upstream that changed


class FilmgateError(Exception):
    """
    Anything we raise on purpose.

    *message* is one English sentence that names the thing, the value and the
    way out. *param* is the caller's field. *code* is stable and never reused.
    *unanswered* means that a request left us and no trustworthy answer came: the
    other side may have done what it was asked.
    """

    code: str = "internal_error"
    status: ClassVar[int] = 500  #: of HTTP, where the error reaches a caller
    blame: ClassVar[Blame] = Blame.GATEWAY

    def __init__(
        self,
        message: str,
        *,
        param: str | None = None,
        code: str | None = None,
        retry_after: timedelta | None = None,
        unanswered: bool = False,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.param = param
        self.retry_after = retry_after
        self.unanswered = unanswered
        if code is not None:
            self.code = code


class InvalidRequest(FilmgateError):
    code = "invalid_value"
    status = 400
    blame = Blame.REQUEST


class Unsupported(FilmgateError):
    code = "unsupported"
    status = 400
    blame = Blame.REQUEST


class Unauthenticated(FilmgateError):
    code = "invalid_api_key"
    status = 401
    blame = Blame.REQUEST


class Forbidden(FilmgateError):
    code = "forbidden"
    status = 403
    blame = Blame.REQUEST


class NotFound(FilmgateError):
    code = "not_found"
    status = 404
    blame = Blame.REQUEST


class Conflict(FilmgateError):
    code = "conflict"
    status = 409
    blame = Blame.REQUEST


class TooLarge(FilmgateError):
    code = "request_too_large"
    status = 413
    blame = Blame.REQUEST


class TooManyRequests(FilmgateError):
    code = "rate_limit_exceeded"
    status = 429
    blame = Blame.REQUEST


class ContentRejected(FilmgateError):
    code = "moderation_blocked"
    status = 400
    blame = Blame.REQUEST


class GenerationFailed(FilmgateError):
    code = "generation_failed"
    status = 502
    blame = Blame.ENGINE


class AccountRejected(FilmgateError):
    code = "account_rejected"
    status = 503
    blame = Blame.ACCOUNT


class AccountExhausted(FilmgateError):
    code = "account_exhausted"
    status = 503
    blame = Blame.ACCOUNT


class SubmissionInterrupted(FilmgateError):
    code = "submission_interrupted"
    status = 502
    blame = Blame.REQUEST  # only the caller can decide to pay again


class EngineUnavailable(FilmgateError):
    code = "engine_unavailable"
    status = 503
    blame = Blame.ENGINE


class EngineUnreachable(EngineUnavailable):
    code = "engine_unreachable"


class EngineMisbehaved(FilmgateError):
    code = "engine_misbehaved"
    status = 502
    blame = Blame.GATEWAY


class TicketLost(FilmgateError):
    code = "ticket_lost"
    status = 502
    blame = Blame.ENGINE


class OutputExpired(FilmgateError):
    code = "output_expired"
    status = 502
    blame = Blame.REQUEST  # only the caller can decide to pay again


class TimedOut(FilmgateError):
    code = "timed_out"
    status = 504
    blame = Blame.REQUEST  # only the caller can decide to wait again


class StorageUnavailable(FilmgateError):
    code = "storage_unavailable"
    status = 503


class ShuttingDown(FilmgateError):
    code = "shutting_down"
    status = 503
    blame = Blame.ENGINE


class OwnershipLost(FilmgateError):
    code = "ownership_lost"
