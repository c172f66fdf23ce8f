"""
Where programs on this machine report the secrets of accounts, over a listener of its own.

The requests and answers are those of the token report server that people's browsers
report to. What it lacked: a key, rows, and answers that show nothing of a secret.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ExceptionHandler

from filmgate.domain.account import AccountState
from filmgate.domain.errors import FilmgateError, InvalidRequest, Unauthenticated
from filmgate.gateway.account_fields import AccountFields, is_reference
from filmgate.gateway.accounts import Accounts, ShownAccount
from filmgate.ports import Clock
from filmgate.web.extras import read_time
from filmgate.web.reading import shaped

KEY_HEADER = "x-intake-key"
LARGEST_REPORT = 1 << 20  #: bytes
SERVER = "TokenHttpServer"  #: as its clients know it
NOBODY = "unknown"


class User(msgspec.Struct):
    id: str | int | None = None
    name: str | None = None
    email: str | None = None


class Subscription(msgspec.Struct, rename="camel"):
    plan_type: str | None = None


class Report(msgspec.Struct, rename="camel"):
    """What is read of a report; the rest of it is its sender's own."""

    access_token: str | None = None
    user: User | None = None
    account: Subscription | None = None
    expires: str | None = None  #: the session, and with it the secret


class Intake:
    """`/api/token` and what tells how it is: each report makes or changes an account."""

    def __init__(
        self, accounts: Accounts, *, engine: str, key: str, port: int, clock: Clock
    ) -> None:
        self._accounts = accounts
        self._engine = engine
        self._key = key.encode()
        self.port = port  #: that it says it listens on
        self._clock = clock

    def routes(self) -> list[Route]:
        return [
            Route("/api/token", self.report, methods=["POST"]),
            Route("/api/tokens", self.accounts, methods=["GET"]),
            Route("/api/stats", self.stats, methods=["GET"]),
            Route("/health", self.health, methods=["GET"]),
        ]

    async def report(self, request: Request) -> Response:
        """The account of whoever reports has this secret from now on."""
        self._check(request)
        report = shaped(await _body(request), Report)
        secret = report.access_token
        if not secret:
            raise InvalidRequest("Missing accessToken field", param="accessToken")
        if is_reference(secret):
            # It would be read here, and sent to the engine.
            message = "'accessToken' must be the secret itself, not where it lies."
            raise InvalidRequest(message, param="accessToken")
        fields: AccountFields = {"label": _label(report.user or User()), "secret": secret}
        if report.account is not None and report.account.plan_type:
            fields["plan"] = report.account.plan_type
        if report.expires:
            fields["expires_at"] = read_time(report.expires, param="expires")
        await self._accounts.keep([(self._engine, fields)])
        return self._answer({"status": "success", "message": "Token received successfully"})

    async def accounts(self, request: Request) -> Response:
        self._check(request)
        found = await self._accounts.since(self._engine)
        shown = [
            {
                "user_name": one.account.label,
                "user_email": one.account.label if "@" in one.account.label else NOBODY,
                "last_updated": since.isoformat() if since else None,
                "status": _status(one),
                "transport": "http",
                "token_preview": "..." if one.secret_set else "",
            }
            for one, since in found
        ]
        return self._answer({"status": "success", "count": len(shown), "tokens": shown})

    async def stats(self, request: Request) -> Response:
        self._check(request)
        stats = {
            "tokens_count": await self._count(),
            "server_running": True,
            "port": self.port,
            "supports_http": True,
        }
        return self._answer({"status": "success", "stats": stats})

    async def health(self, _: Request) -> Response:
        """For everybody on this machine."""
        count = await self._count()
        return _json(
            {
                "status": "healthy",
                "server": SERVER,
                "timestamp": self._now(),
                "tokens_count": count,
                "is_running": True,
            }
        )

    def _check(self, request: Request) -> None:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            given = request.headers.get(KEY_HEADER, "")
        if not hmac.compare_digest(given.strip().encode(), self._key):
            message = "The intake key is missing or wrong. Send it as X-Intake-Key."
            raise Unauthenticated(message)

    async def _count(self) -> int:
        return len(await self._accounts.since(self._engine))

    def _answer(self, content: Mapping[str, object]) -> Response:
        return _json({**content, "timestamp": self._now()})

    def _now(self) -> str:
        return self._clock.now().isoformat()


def render(error: FilmgateError) -> Response:
    """An error as this server's clients know it."""
    return _json({"status": "error", "message": error.message}, error.status)


def _refused(_: Request, error: Exception) -> Response:
    if not isinstance(error, FilmgateError):
        raise TypeError(type(error))
    return render(error)


def _http_error(_: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise TypeError(type(error))
    headers = dict(error.headers or {})
    return _json({"status": "error", "message": error.detail}, error.status_code, headers)


def _bug(_: Request, __: Exception) -> Response:
    """The edge logs it."""
    return _json({"status": "error", "message": "Internal server error"}, 500)


HANDLERS: dict[type[Exception], ExceptionHandler] = {
    FilmgateError: _refused,
    HTTPException: _http_error,
    Exception: _bug,
}


async def _body(request: Request) -> object:
    try:
        return msgspec.json.decode(await request.body())
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise InvalidRequest("Invalid JSON format") from None
    except ClientDisconnect:
        raise InvalidRequest("The body broke off before its end.") from None


def _status(shown: ShownAccount) -> str:
    """`active`, or why it gets no new work now."""
    if shown.state in (AccountState.RESTING, AccountState.REJECTED):
        return shown.account.rest_reason or shown.state
    return shown.state


def _label(user: User) -> str:
    """What tells this user's account from the others'."""
    said = (user.email, user.name, None if user.id is None else str(user.id))
    return next((text.strip() for text in said if text and text.strip()), NOBODY)


def _json(
    content: object, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    body = msgspec.json.encode(content)
    return Response(body, status, headers, media_type="application/json")
