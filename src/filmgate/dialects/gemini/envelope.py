"""Errors and answers in Google's form: https://google.aip.dev/193."""

from __future__ import annotations

import math

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from filmgate.domain.errors import ContentRejected, FilmgateError

#: Characters. Messages quote what was sent, and that may be megabytes.
LONGEST_MESSAGE = 1000
_REASON = "type.googleapis.com/google.rpc.ErrorInfo"
_FIELDS = "type.googleapis.com/google.rpc.BadRequest"

#: What Google calls each HTTP status; what is not here is a mistake of ours.
_STATUSES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    405: "UNIMPLEMENTED",
    409: "ABORTED",
    413: "INVALID_ARGUMENT",
    416: "OUT_OF_RANGE",
    429: "RESOURCE_EXHAUSTED",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}
#: The numbers of https://github.com/grpc/grpc/blob/master/doc/statuscodes.md.
_NUMBERS = {
    "CANCELLED": 1,
    "INVALID_ARGUMENT": 3,
    "DEADLINE_EXCEEDED": 4,
    "NOT_FOUND": 5,
    "FAILED_PRECONDITION": 9,
    "INTERNAL": 13,
    "UNAVAILABLE": 14,
}


class FieldViolation(msgspec.Struct):
    field: str
    description: str


class Detail(msgspec.Struct, omit_defaults=True, kw_only=True):
    """Why, by a stable name; or in which field."""

    kind: str = msgspec.field(name="@type")
    reason: str | None = None
    domain: str | None = None
    violations: list[FieldViolation] | None = msgspec.field(
        default=None, name="fieldViolations"
    )


class GoogleError(msgspec.Struct):
    code: int
    message: str
    status: str
    details: list[Detail]


class GoogleRefused(msgspec.Struct):
    error: GoogleError


class OperationError(msgspec.Struct):
    """Why a job has no film; `code` is gRPC's."""

    code: int
    message: str
    details: list[Detail]


def answer(
    content: object, *, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    """*content* as JSON."""
    body = msgspec.json.encode(content)
    return Response(body, status, headers, media_type="application/json")


def refused(error: FilmgateError) -> GoogleRefused:
    """*error* as a body, or as the last part of a stream."""
    return GoogleRefused(
        error=GoogleError(
            code=error.status,
            message=_short(error.message),
            status=_status(error),
            details=_details(error.code, error.message, error.param),
        )
    )


def operation_error(error: FilmgateError) -> OperationError:
    """*error* as the end of an operation."""
    return OperationError(
        code=_NUMBERS.get(_status(error), _NUMBERS["INTERNAL"]),
        message=_short(error.message),
        details=_details(error.code, error.message, error.param),
    )


def filmgate_error(_: Request, error: Exception) -> Response:
    """Everything that we raise on purpose."""
    if not isinstance(error, FilmgateError):
        raise TypeError(type(error))
    headers = {}
    if error.retry_after is not None:
        headers["retry-after"] = str(max(1, math.ceil(error.retry_after.total_seconds())))
    return answer(refused(error), status=error.status, headers=headers)


def bug(request: Request, _: Exception) -> Response:
    """What a caller sees of one; the edge logs it."""
    message = "The gateway made a mistake. Tell its operator what x-request-id says."
    return filmgate_error(request, FilmgateError(message))


def http_error(request: Request, error: Exception) -> Response:
    """Starlette's own: no such path, no such method, no such range."""
    if not isinstance(error, HTTPException):
        raise TypeError(type(error))
    message = f"{request.method} {request.url.path}: {error.detail}."
    code = {404: "unknown_url", 405: "method_not_allowed"}.get(
        error.status_code, "range_not_satisfiable"
    )
    body = GoogleRefused(
        error=GoogleError(
            code=error.status_code,
            message=_short(message),
            status=_STATUSES.get(error.status_code, "INTERNAL"),
            details=_details(code, message, None),
        )
    )
    return answer(body, status=error.status_code, headers=dict(error.headers or {}))


def _status(error: FilmgateError) -> str:
    if isinstance(error, ContentRejected):
        return "FAILED_PRECONDITION"
    if error.code == "cancelled":
        return "CANCELLED"
    return _STATUSES.get(error.status, "INTERNAL")


def _details(code: str, message: str, param: str | None) -> list[Detail]:
    details = [Detail(kind=_REASON, reason=code.upper(), domain="filmgate")]
    if param is not None:
        violation = FieldViolation(field=param, description=_short(message))
        details.append(Detail(kind=_FIELDS, violations=[violation]))
    return details


def _short(message: str) -> str:
    return message if len(message) <= LONGEST_MESSAGE else f"{message[:LONGEST_MESSAGE]}…"
