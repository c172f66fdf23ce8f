"""`/v1/models`: https://platform.openai.com/docs/api-reference/models."""

from __future__ import annotations

from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from filmgate.dialects.openai.envelope import answer
from filmgate.domain.model import Model
from filmgate.gateway.jobs import Gateway
from filmgate.ports import Engine
from filmgate.web.auth import Door


class Models:
    """The names that callers may use."""

    def __init__(self, gateway: Gateway, door: Door, *, since: datetime) -> None:
        self._gateway = gateway
        self._door = door
        self._since = int(since.timestamp())

    def routes(self) -> list[Route]:
        return [
            Route("/v1/models", self.list, methods=["GET"]),
            Route("/v1/models/{name:path}", self.retrieve, methods=["GET"]),
        ]

    async def list(self, request: Request) -> Response:
        await self._door.caller(request)
        models = [self._render(*found) for found in self._gateway.models()]
        return answer({"object": "list", "data": models})

    async def retrieve(self, request: Request) -> Response:
        await self._door.caller(request)
        found = self._gateway.model(request.path_params["name"])
        return answer(self._render(*found))

    def _render(self, model: Model, engine: Engine) -> dict[str, object]:
        return {
            "id": model.name,
            "object": "model",
            "created": self._since,
            "owned_by": engine.name,
        }
