"""
Who is to blame for a refusal, in any of the formats that there are. Pure.

Tolerance ends where it could pay twice or give a film up that will come: a create counts
as refused only by words that prove it, and a task as failed only by an answer that names it.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import msgspec

from filmgate.domain.errors import (
    AccountExhausted,
    ContentRejected,
    FilmgateError,
    TicketLost,
)
from filmgate.engines.openai_videos.answers import (
    REFUSALS,
    State,
    Video,
    decoded,
    first_of,
    text_of,
)
from filmgate.ports.calls import Answer, Complaint

EMPTY = frozenset(
    {"insufficient_quota", "insufficient_user_quota", "pre_consume_token_quota_failed"}
    | {"budget_exceeded"}  # LiteLLM's, with a 400
)
FORGOTTEN = frozenset({"task_not_exist"})  #: new-api's, with a 400


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
    said = decoded(answer.body, _Said)
    if said is None:
        return None
    if isinstance(said.code, str) and isinstance(said.message, str):
        reason: Any = {"code": said.code, "message": said.message}
    else:
        reason = said.detail if said.error is None else said.error
    if isinstance(reason, list):
        reason = first_of(reason)
        where = ".".join(map(str, reason.get("loc") or ()))
        reason = f"{where}: {reason.get('msg')}"
    if not isinstance(reason, dict):
        reason = {"message": reason}
    message = text_of(reason.get("message"))
    bare = isinstance(said.error, str) and answer.status in (404, 405, 410)
    if message is None or bare or message.lower() == _phrase(answer.status):
        return None  # a framework's or a proxy's, for a path that it does not have
    codes = {text_of(reason.get("code")), text_of(reason.get("type"))}
    return Complaint(message=message, kind=_kind(codes))


def explain_create(answer: Answer[bytes]) -> Complaint | None:
    """
    The same of a create; but a 5xx proves only in OpenAI's own format that nothing was taken.

    LiteLLM stamps its status on whatever went wrong behind it, and that may be an answer
    that got lost there. What names a task is no refusal either.
    """
    said = decoded(answer.body, _Said)
    if said is None or answer.status < 500:
        return explain(answer)
    error = said.error if isinstance(said.error, dict) else {}
    stamped = error.get("code") == str(answer.status)
    if not error or stamped or said.id is not None or said.task_id is not None:
        return None
    return explain(answer)


def explain_poll(answer: Answer[bytes], ticket: str, secret: str | None) -> Complaint | None:
    """vLLM-Omni answers for a failed task with its failure's status, and the task as body."""
    video = decoded(answer.body, Video)
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


def _kind(codes: set[str | None]) -> type[FilmgateError] | None:
    if codes & REFUSALS:
        return ContentRejected
    if codes & EMPTY:
        return AccountExhausted
    return TicketLost if codes & FORGOTTEN else None


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase.lower()
    except ValueError:
        return ""
