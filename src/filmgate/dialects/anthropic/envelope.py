"""Errors and answers in Anthropic's form: https://docs.claude.com/en/api/errors."""

from __future__ import annotations

import math
from typing import Annotated

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from filmgate.domain.errors import FilmgateError
from filmgate.web.field_types import const

#: Characters. Messages quote what was sent, and that may be megabytes.
LONGEST_MESSAGE = 1000
#: What the SDKs show as a request's id.
REQUEST_ID = "request-id"

#: `error.type` by HTTP status; what is not here is a mistake of ours.
_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    405: "invalid_request_error",
    409: "invalid_request_error",
    413: "request_too_large",
    429: "rate_limit_error",
    503: "overloaded_error",
    504: "timeout_error",
}
#: Which would be tried again by the SDKs, as wrong as it is.
_CONFLICT = 409


class MessagesError(msgspec.Struct):
    """`code` and `param` are ours: the stable name of the error, and the field."""

    type: str
    message: str
    code: str | None
    param: str | None


class MessagesRefused(msgspec.Struct):
    error: MessagesError
    request_id: str
    type: Annotated[str, const("error")] = "error"


def answer(
    content: object,
    request: Request,
    *,
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> Response:
    """*content* as JSON."""
    body = msgspec.json.encode(content)
    own = {REQUEST_ID: request_id(request)}
    return Response(body, status, own | (headers or {}), media_type="application/json")


def request_id(request: Request) -> str:
    """As the edge gave it."""
    return str(request.state.request_id)


def refused(request: Request, error: FilmgateError) -> MessagesRefused:
    """*error* as a body, or as the last event of a stream."""
    said = _said(error.message, error.param)
    return _refused(request, error.status, said, code=error.code, param=error.param)


def filmgate_error(request: Request, error: Exception) -> Response:
    """Everything that we raise on purpose."""
    if not isinstance(error, FilmgateError):
        raise TypeError(type(error))
    headers = {}
    if error.retry_after is not None:
        headers["retry-after"] = str(max(1, math.ceil(error.retry_after.total_seconds())))
    if error.status == _CONFLICT:
        headers["x-should-retry"] = "false"
    return answer(refused(request, error), request, status=error.status, headers=headers)


def bug(request: Request, _: Exception) -> Response:
    """What a caller sees of one; the edge logs it."""
    message = "The gateway made a mistake. Tell its operator what request-id says."
    return filmgate_error(request, FilmgateError(message))


def http_error(request: Request, error: Exception) -> Response:
    """Starlette's own: no such path, no such method."""
    if not isinstance(error, HTTPException):
        raise TypeError(type(error))
    code = {404: "unknown_url", 405: "method_not_allowed"}.get(error.status_code)
    message = f"{request.method} {request.url.path}: {error.detail}."
    body = _refused(request, error.status_code, message, code=code, param=None)
    return answer(body, request, status=error.status_code, headers=dict(error.headers or {}))


def _said(message: str, param: str | None) -> str:
    """The message with its field in front, as Anthropic's have it."""
    return message if param is None or param in message else f"{param}: {message}"


def _refused(
    request: Request, status: int, message: str, *, code: str | None, param: str | None
) -> MessagesRefused:
    if len(message) > LONGEST_MESSAGE:
        message = f"{message[:LONGEST_MESSAGE]}…"
    kind = _TYPES.get(status, "api_error")
    error = MessagesError(type=kind, message=message, code=code, param=param)
    return MessagesRefused(error=error, request_id=request_id(request))
