"""From what an engine answered to who is to blame. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import msgspec

from filmgate.domain.errors import (
    AccountExhausted,
    AccountRejected,
    Blame,
    EngineMisbehaved,
    EngineUnavailable,
    FilmgateError,
    InvalidRequest,
)
from filmgate.domain.proxy import NO_PROXY, read_proxy
from filmgate.ports.calls import Answer, Call, Explain, quoted

T = TypeVar("T")

#: Said by what lies between us and the engine, which may have passed the request on.
BETWEEN = frozenset({408, 499, 502, 504, 520, 521, 522, 523, 524, 525, 526, 527, 530})
ELSEWHERE = frozenset({301, 302, 307, 308})
READS = frozenset({"GET", "HEAD", "DELETE"})  #: nothing in these is a caller's


@dataclass(frozen=True)
class _Verdict:
    kind: type[FilmgateError]
    unanswered: bool = False


_BY_STATUS = {
    **{status: _Verdict(EngineUnavailable, unanswered=True) for status in BETWEEN},
    **{status: _Verdict(EngineMisbehaved) for status in ELSEWHERE},
    **{status: _Verdict(AccountRejected) for status in (401, 403)},
    **{status: _Verdict(AccountExhausted) for status in (402, 429)},
    407: _Verdict(EngineUnavailable),  # the proxy's, which has kept the request
    425: _Verdict(EngineUnavailable),
}


def failed(host: str, call: Call, answer: Answer[bytes], explain: Explain) -> FilmgateError:
    """What an answer that is no 2xx means."""
    complaint = explain(answer)
    # What lies between us and the engine says so, unless this reads as the task's own end.
    told = complaint is not None and complaint.kind is not None and call.method in READS
    if answer.status in BETWEEN and not told:
        complaint = None
    verdict = _by_status(answer.status, explained=complaint is not None, method=call.method)
    kind, unanswered = verdict.kind, verdict.unanswered
    message = f"{host} answered {answer.status}."
    if answer.status in ELSEWHERE:
        message = (
            f"{host} answered {answer.status}, a redirect, and engines are asked only where "
            "their account says: give it the address that this leads to."
        )
    if complaint is not None:
        said = quoted(complaint.message, *secrets(call)) or f"No reason given by {host}."
        kind = complaint.kind or kind
        message = (
            said if kind.blame is Blame.REQUEST else f"{host} answered {answer.status}: {said}"
        )
    wait = (complaint and complaint.retry_after) or answer.retry_after
    return kind(message, retry_after=wait, unanswered=unanswered)


def read(host: str, call: Call, answer: Answer[bytes], shape: type[T]) -> Answer[T]:
    """A 2xx answer with its body as *shape*."""
    body: object = answer.body
    if shape is not bytes:
        try:
            body = msgspec.json.decode(answer.body, type=shape)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            what = quoted(str(error), *secrets(call))
            message = f"{host} answered {answer.status} with what cannot be read: {what}."
            raise EngineMisbehaved(message, unanswered=True) from None
    return Answer[T](status=answer.status, headers=answer.headers, body=body)  # type: ignore[arg-type]


def secrets(call: Call) -> list[str]:
    """What must not be repeated: a header's value, what follows its `Bearer`, a proxy."""
    values = list(call.credentials.values())
    values += [value.rpartition(" ")[2] for value in values]
    if call.proxy is not None and call.proxy != NO_PROXY:
        values += [call.proxy, read_proxy(call.proxy).password]
    return values


def _by_status(status: int, *, explained: bool, method: str) -> _Verdict:
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    reads = method in READS
    if status in (404, 405, 410) and not explained:
        # A proxy's, while the engine restarts; or its address is another.
        return _Verdict(EngineUnavailable if reads else EngineMisbehaved)
    if 400 <= status < 500:
        return _Verdict(EngineMisbehaved if reads else InvalidRequest)
    if status >= 500:
        return _Verdict(EngineUnavailable, unanswered=not explained)
    return _Verdict(EngineMisbehaved, unanswered=True)
