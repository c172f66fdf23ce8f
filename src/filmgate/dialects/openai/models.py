"""`/v1/models`: https://platform.openai.com/docs/api-reference/models."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from filmgate.dialects.openai.envelope import answer
from filmgate.domain.errors import Forbidden
from filmgate.domain.model import Model
from filmgate.gateway.jobs import Gateway
from filmgate.ports import Engine
from filmgate.web.answers import Whole
from filmgate.web.auth import Door
from filmgate.web.endpoint import endpoint
from filmgate.web.field_types import const


class ModelObject(msgspec.Struct):
    id: str
    created: int  # seconds since 1970
    owned_by: str
    object: Annotated[str, const("model")] = "model"


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
            Route("/v1/models/{name:path}", self.delete, methods=["DELETE"]),
        ]

    @endpoint("List the models", answer=Whole[ModelObject])
    async def list(self, request: Request) -> Response:
        await self._door.caller(request)
        models = [self._render(*found) for found in self._gateway.models()]
        return answer(Whole(data=models))

    @endpoint("Get a model", answer=ModelObject)
    async def retrieve(self, request: Request) -> Response:
        await self._door.caller(request)
        found = self._gateway.model(request.path_params["name"])
        return answer(self._render(*found))

    @endpoint(
        "Delete a model: always refused, they are the operator's", statuses=(), errors=(403,)
    )
    async def delete(self, request: Request) -> Response:
        """The contract has it for fine-tuned models, and there are none here."""
        await self._door.caller(request)
        name = request.path_params["name"]
        self._gateway.model(name)
        message = (
            f"The model `{name}` cannot be deleted: it is the operator's. Names are set by "
            "FILMGATE_MODELS."
        )
        raise Forbidden(message, param="model")

    def _render(self, model: Model, engine: Engine) -> ModelObject:
        return ModelObject(id=model.name, created=self._since, owned_by=engine.name)
