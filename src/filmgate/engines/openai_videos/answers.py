"""
What is answered, read tolerantly: the same thing has many names.

Tolerance ends where it could pay twice or give a film up that will come: a create counts
as refused only by words that prove it, and a task as failed only by an answer that names it.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from http import HTTPStatus
from typing import Any, TypeVar

import msgspec

from filmgate.domain.errors import (
    AccountExhausted,
    ContentRejected,
    FilmgateError,
    GenerationFailed,
    OutputExpired,
    TicketLost,
)
from filmgate.ports.calls import Answer, Complaint, quoted

T = TypeVar("T")


class State(Enum):
    """How a task is doing."""

    OPEN = "open"
    DONE = "done"
    FAILED = "failed"
    EXPIRED = "expired"  #: it may have been paid for


_STATES: Mapping[State, str] = {
    State.OPEN: "queued pending submitted not_start notstarted created starting preparing "
    "queueing unknown in_progress processing running generating",
    State.DONE: "completed complete succeeded succeed success finished done",
    State.FAILED: "failed failure fail cancelled canceled",
    State.EXPIRED: "expired",
}
#: OpenAI's words first, then those of LiteLLM, of new-api, and of whom these pass on.
STATES = {word: state for state, words in _STATES.items() for word in words.split()}

REFUSALS = frozenset({"moderation_blocked", "content_policy_violation", "sentinel_block"})
GUARDED = "guardrail"  #: in a failure's words: SGLang and vLLM-Omni have no code for it
EMPTY = frozenset(
    {"insufficient_quota", "insufficient_user_quota", "pre_consume_token_quota_failed"}
    | {"budget_exceeded"}  # LiteLLM's, with a 400
)
FORGOTTEN = frozenset({"task_not_exist"})  #: new-api's, with a 400
LINKS = ("url", "video_url", "result_url", "urls", "video_urls")  #: names of a film's link


class Taken(msgspec.Struct):
    """Of a create's answer only the ticket: whatever else it says, this may be paid for."""

    id: Any = None
    task_id: Any = None
    data: Any = None

    def __post_init__(self) -> None:
        if not self.ticket:
            raise ValueError("it names no task")

    @property
    def ticket(self) -> str:
        inner = _first(self.data)
        # A number may be the row in a reseller's table, which nobody can ask for.
        named = (self.id, self.task_id, inner.get("task_id"), inner.get("id"))
        texts = [one for one in named if isinstance(one, str) and one]
        return texts[0] if texts else str(self.id or "")


class Video(msgspec.Struct):
    """A task, as an answer tells of it; or the envelope that has it in `data`."""

    id: Any = None
    task_id: Any = None
    status: Any = None
    progress: Any = None
    error: Any = None
    fail_reason: Any = None
    url: Any = None
    video_url: Any = None
    result_url: Any = None
    urls: Any = None
    video_urls: Any = None
    metadata: Any = None
    data: Any = None

    @property
    def task(self) -> Video:
        """What tells of the task itself."""
        inner = _first(self.data)
        named = self.id is not None or self.task_id is not None
        own = named and self.status is not None
        return self if own or "status" not in inner else msgspec.convert(inner, Video)

    @property
    def state(self) -> State | None:
        """None: none of the words that are known."""
        word = self.status.strip().lower() if isinstance(self.status, str) else ""
        return STATES.get(word)

    @property
    def percent(self) -> int:
        said = self.progress
        try:
            number = float(said.strip().removesuffix("%") if isinstance(said, str) else said)
            return int(max(0, min(100, number)))
        except (TypeError, ValueError, OverflowError):
            return 0

    @property
    def link(self) -> str | None:
        """Where it says that its film is."""
        places = (msgspec.structs.asdict(self), _first(self.metadata), _first(self.data))
        found = (_one(place.get(name)) for place in places for name in LINKS)
        return next((one for one in found if one), None)

    def failure(self, secret: str | None) -> FilmgateError:
        """Why there is no film."""
        said = self.error or self.fail_reason
        reason = said if isinstance(said, dict) else {"message": said}
        message, code = _text(reason.get("message")), _text(reason.get("code"))
        told = quoted(message or "The upstream gives no reason.", secret)
        if code in REFUSALS or GUARDED in told.lower():
            return ContentRejected(told)
        kind = OutputExpired if self.state is State.EXPIRED else GenerationFailed
        return kind(f"{told} ({quoted(code, secret)})" if code else told)


class _Said(msgspec.Struct):
    """The three formats of errors: OpenAI's, FastAPI's and new-api's."""

    error: Any = None
    detail: Any = None
    code: Any = None
    message: Any = None
    id: Any = None
    task_id: Any = None


def explain(answer: Answer[bytes]) -> Complaint | None:
    """Any of the formats, unless it only repeats what the status is called."""
    said = _read(answer.body, _Said)
    if said is None:
        return None
    if isinstance(said.code, str) and isinstance(said.message, str):
        reason: Any = {"code": said.code, "message": said.message}
    else:
        reason = said.detail if said.error is None else said.error
    if isinstance(reason, list):
        reason = _first(reason)
        where = ".".join(map(str, reason.get("loc") or ()))
        reason = f"{where}: {reason.get('msg')}"
    if not isinstance(reason, dict):
        reason = {"message": reason}
    message = _text(reason.get("message"))
    bare = isinstance(said.error, str) and answer.status in (404, 405, 410)
    if message is None or bare or message.lower() == _phrase(answer.status):
        return None  # a framework's or a proxy's, for a path that it does not have
    codes = {_text(reason.get("code")), _text(reason.get("type"))}
    return Complaint(message=message, kind=_kind(codes))


def explain_create(answer: Answer[bytes]) -> Complaint | None:
    """
    The same of a create; but a 5xx proves only in OpenAI's own format that nothing was taken.

    LiteLLM stamps its status on whatever went wrong behind it, and that may be an answer
    that got lost there. What names a task is no refusal either.
    """
    said = _read(answer.body, _Said)
    if said is None or answer.status < 500:
        return explain(answer)
    error = said.error if isinstance(said.error, dict) else {}
    stamped = error.get("code") == str(answer.status)
    if not error or stamped or said.id is not None or said.task_id is not None:
        return None
    return explain(answer)


def explain_poll(answer: Answer[bytes], ticket: str, secret: str | None) -> Complaint | None:
    """vLLM-Omni answers for a failed task with its failure's status, and the task as body."""
    video = _read(answer.body, Video)
    named = video is not None and ticket in (video.id, video.task_id)
    if video is not None and named and video.state is State.FAILED:
        failure = video.failure(secret)
        return Complaint(message=failure.message, kind=type(failure))
    complaint = explain(answer)
    if complaint is None or answer.status not in (404, 410):
        return complaint
    return Complaint(message=complaint.message, kind=TicketLost)


def explain_cancel(answer: Answer[bytes]) -> Complaint | None:
    """Whoever has no such path cannot stop anything; vLLM-Omni's 409 is still stopping it."""
    complaint = explain(answer)
    cannot = answer.status in (405, 501)
    over = complaint is not None and answer.status in (404, 409, 410)
    return Complaint(message="It is over.", kind=TicketLost) if cannot or over else complaint


def link_in(content: bytes) -> str | None:
    """The link in what came in a film's place."""
    video = _read(content, Video)
    return None if video is None else video.task.link or video.link


def _kind(codes: set[str | None]) -> type[FilmgateError] | None:
    if codes & REFUSALS:
        return ContentRejected
    if codes & EMPTY:
        return AccountExhausted
    return TicketLost if codes & FORGOTTEN else None


def _read(body: bytes, shape: type[T]) -> T | None:
    try:
        return msgspec.json.decode(body, type=shape)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


def _first(said: object) -> dict[str, Any]:
    """An object, or the first of a list of them."""
    if isinstance(said, list):
        said = said[0] if said else None
    return said if isinstance(said, dict) else {}


def _one(said: object) -> str | None:
    """A link, or the first of a list of them."""
    if isinstance(said, list):
        said = said[0] if said else None
    if isinstance(said, str) and said.startswith(("https://", "http://")):
        return said
    return None


def _text(said: object) -> str | None:
    if isinstance(said, bool) or not isinstance(said, str | int):
        return None
    return str(said) or None


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase.lower()
    except ValueError:
        return ""
