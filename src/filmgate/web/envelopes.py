"""In whose words an error is told: those of the dialect whose path was asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, ExceptionHandler, Receive, Scope, Send

from filmgate.domain.errors import FilmgateError


class Envelope(Protocol):
    """A dialect's way with errors; a module can be one."""

    def filmgate_error(self, request: Request, error: Exception, /) -> Response:
        """Everything that we raise on purpose."""
        ...

    def http_error(self, request: Request, error: Exception, /) -> Response:
        """Starlette's own: no such path, no such method, no such range."""
        ...

    def bug(self, request: Request, error: Exception, /) -> Response:
        """What a caller sees of one; the edge logs it."""
        ...


class Envelopes:
    """The usual one, and those of paths that begin with something of their own."""

    def __init__(self, usual: Envelope, own: Mapping[str, Envelope]) -> None:
        self._usual = usual
        self._own = own  #: by how paths begin

    def handlers(self) -> dict[type[Exception], ExceptionHandler]:
        """Starlette's."""
        return {
            FilmgateError: lambda request, error: self._at(request).filmgate_error(
                request, error
            ),
            HTTPException: lambda request, error: self._at(request).http_error(request, error),
            Exception: lambda request, error: self._at(request).bug(request, error),
        }

    def render(self, error: FilmgateError) -> ASGIApp:
        """What answers a request that no dialect has seen."""

        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            request = Request(scope)
            response = self._at(request).filmgate_error(request, error)
            await response(scope, receive, send)

        return answer

    def _at(self, request: Request) -> Envelope:
        path: str = request.scope["path"]
        for start, envelope in self._own.items():
            if path == start or path.startswith(f"{start}/"):
                return envelope
        return self._usual
