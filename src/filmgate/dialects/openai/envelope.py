"""Errors and answers in OpenAI's form."""

from __future__ import annotations

import math
from typing import Any

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route

from filmgate.domain.errors import FilmgateError

#: Characters. Messages quote what was sent, and that may be megabytes.
LONGEST_MESSAGE = 1000

CONFLICT = 409

#: `error.type` by HTTP status; what is not here is the server's.
_TYPES = {
    400: "invalid_request_error",
    401: "invalid_request_error",
    403: "permission_error",
    404: "invalid_request_error",
    405: "invalid_request_error",
    409: "invalid_request_error",
    413: "invalid_request_error",
    415: "invalid_request_error",
    416: "invalid_request_error",
    429: "rate_limit_error",
}


def answer(
    content: object, *, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    """*content*, a struct or a mapping, as JSON."""
    body = msgspec.json.encode(content)
    return Response(body, status, headers, media_type="application/json")


def render(error: FilmgateError) -> Response:
    """The envelope: https://platform.openai.com/docs/guides/error-codes."""
    headers = {}
    if error.retry_after is not None:
        seconds = max(1, math.ceil(error.retry_after.total_seconds()))
        headers["retry-after"] = str(seconds)
    if error.status == CONFLICT:
        # The SDKs would try again twice, and the same thing would be wrong then.
        headers["x-should-retry"] = "false"
    return answer(
        _envelope(error.status, error.message, param=error.param, code=error.code),
        status=error.status,
        headers=headers,
    )


def filmgate_error(_: Request, error: Exception) -> Response:
    """Starlette's handler for everything that we raise on purpose."""
    if not isinstance(error, FilmgateError):
        raise TypeError(type(error))
    return render(error)


def bug(_: Request, __: Exception) -> Response:
    """What a caller sees of one; the edge logs it."""
    message = "The gateway made a mistake. Tell its operator what x-request-id says."
    return render(FilmgateError(message))


def http_error(request: Request, error: Exception) -> Response:
    """Starlette's own: no such path, no such method, no such range."""
    if not isinstance(error, HTTPException):
        raise TypeError(type(error))
    headers = dict(error.headers or {})
    message, code = f"{error.detail}.", None
    match error.status_code:
        case 404:
            message = f"Unknown request URL: {request.method} {request.url.path}."
            code = "unknown_url"
        case 405:
            headers["allow"] = _methods(request)
            message = (
                f"{request.url.path} does not take {request.method}. "
                f"It takes {headers['allow']}."
            )
            code = "method_not_allowed"
        case 416:
            code = "range_not_satisfiable"
    body = _envelope(error.status_code, message, param=None, code=code)
    return answer(body, status=error.status_code, headers=headers)


def _methods(request: Request) -> str:
    """What the path takes: Starlette names only the first route's."""
    routes = [route for route in request.app.routes if isinstance(route, Route)]
    here = [route for route in routes if route.matches(request.scope)[0] is not Match.NONE]
    return ", ".join(sorted({method for route in here for method in route.methods or ()}))


def _envelope(
    status: int, message: str, *, param: str | None, code: str | None
) -> dict[str, Any]:
    kind = _TYPES.get(status, "server_error")
    if len(message) > LONGEST_MESSAGE:
        message = f"{message[:LONGEST_MESSAGE]}…"
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}
