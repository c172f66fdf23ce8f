"""
`/v1/models`: https://platform.openai.com/docs/api-reference/models.

After the gateway's own names stand those of the gateways that spoke Sora before: clients let
people choose from this list.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from filmgate.dialects.openai.envelope import answer
from filmgate.domain.errors import Forbidden, InvalidRequest, NotFound
from filmgate.domain.model import Model
from filmgate.gateway.jobs import Gateway
from filmgate.ports import Engine
from filmgate.web.answers import Whole
from filmgate.web.auth import Door
from filmgate.web.endpoint import endpoint
from filmgate.web.field_types import const
from filmgate.web.sora_models import FILMS, MODELS, WITH_PARAMETERS, Makes, SoraModel, meaning

OURSELVES = "filmgate"  #: who owns what no engine makes
_BY_NONE = (Makes.CHARACTER, Makes.PROMPT)


class ModelObject(msgspec.Struct):
    id: str
    created: int  # seconds since 1970
    owned_by: str
    object: Annotated[str, const("model")] = "model"


def _meaning(name: str) -> SoraModel | None:
    try:
        return meaning(name)
    except InvalidRequest as error:
        raise NotFound(error.message, param="model", code="model_not_found") from None


#: What sora2api and FakeOAI list: what is meant by each.
_SORA: Mapping[str, SoraModel | None] = {
    **MODELS,
    **{name: meaning(name) for name in (WITH_PARAMETERS, "sora_video", "sora_image")},
}


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
        own = [self._render(*found) for found in self._gateway.models()]
        taken = {one.id for one in own}
        sora = [self._meant(name, model) for name, model in _SORA.items() if name not in taken]
        return answer(Whole(data=[*own, *(one for one in sora if one)]))

    @endpoint("Get a model", answer=ModelObject)
    async def retrieve(self, request: Request) -> Response:
        await self._door.caller(request)
        return answer(self._found(request.path_params["name"]))

    @endpoint(
        "Delete a model: always refused, they are the operator's", statuses=(), errors=(403,)
    )
    async def delete(self, request: Request) -> Response:
        """The contract has it for fine-tuned models, and there are none here."""
        await self._door.caller(request)
        name = request.path_params["name"]
        self._found(name)
        message = (
            f"The model `{name}` cannot be deleted: it is the operator's. Names are set by "
            "FILMGATE_MODELS."
        )
        raise Forbidden(message, param="model")

    def _found(self, name: str) -> ModelObject:
        """`NotFound` if nothing here answers to *name*."""
        try:
            return self._render(*self._gateway.model(name))
        except NotFound:
            found = self._meant(name, _meaning(name.partition("|")[0]))
            if found is None:
                raise
            return found

    def _meant(self, name: str, model: SoraModel | None) -> ModelObject | None:
        """*name*, if what it means can be made here."""
        if model is None:
            return None
        if model.makes in _BY_NONE:
            return ModelObject(id=name, created=self._since, owned_by=OURSELVES)
        _, bar, groups = name.partition("|")
        try:
            _, engine = self._gateway.model((model.routes_to or FILMS) + bar + groups)
        except NotFound:
            return None
        return ModelObject(id=name, created=self._since, owned_by=engine.name)

    def _render(self, model: Model, engine: Engine) -> ModelObject:
        return ModelObject(id=model.name, created=self._since, owned_by=engine.name)
