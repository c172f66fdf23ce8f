"""`/health`: is this process up, and does it take work."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from filmgate.gateway.jobs import Gateway


class Health:
    def __init__(self, gateway: Gateway, *, version: str) -> None:
        self._gateway = gateway
        self._version = version

    def routes(self) -> list[Route]:
        return [Route("/health", self.show, methods=["GET"])]

    async def show(self, _: Request) -> Response:
        """200 while new jobs are taken, 503 once the process is stopping."""
        status = "stopping" if self._gateway.closed else "ok"
        code = 503 if self._gateway.closed else 200
        return JSONResponse({"status": status, "version": self._version}, code)
