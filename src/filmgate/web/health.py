"""`/health`: is this process up, and does it take work."""

from __future__ import annotations

from typing import Annotated

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from filmgate.gateway.jobs import Gateway
from filmgate.web.endpoint import endpoint
from filmgate.web.field_types import one_of


class State(msgspec.Struct):
    status: Annotated[str, one_of("ok", "stopping")]
    version: str


class Health:
    def __init__(self, gateway: Gateway, *, version: str) -> None:
        self._gateway = gateway
        self._version = version

    def routes(self) -> list[Route]:
        return [Route("/health", self.show, methods=["GET"])]

    @endpoint(
        "Is this process up, and does it take work",
        answer=State,
        statuses=(200, 503),
        ours=True,
        open=True,
    )
    async def show(self, _: Request) -> Response:
        """200 while new jobs are taken, 503 once the process is stopping."""
        status = "stopping" if self._gateway.closed else "ok"
        code = 503 if self._gateway.closed else 200
        state = State(status=status, version=self._version)
        return Response(msgspec.json.encode(state), code, media_type="application/json")
