"""`/v1beta/models`: https://ai.google.dev/api/models."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from filmgate.dialects.gemini.door import KEYS, MODELS, caller_of
from filmgate.dialects.gemini.envelope import GoogleRefused, answer
from filmgate.domain.errors import InvalidRequest
from filmgate.domain.model import PROMPT_LIMIT, Model
from filmgate.domain.request import Media
from filmgate.gateway.jobs import Gateway
from filmgate.ports import Engine
from filmgate.web.auth import Door
from filmgate.web.endpoint import Parameter, endpoint

USUAL_PAGE, LARGEST_PAGE = 50, 1000

PAGE_SIZE = Parameter(
    name="pageSize",
    schema={"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE, "default": USUAL_PAGE},
)
PAGE_TOKEN = Parameter(name="pageToken", schema={"type": "string", "pattern": "^[0-9]{0,9}$"})

_METHODS = {
    Media.VIDEO: ("generateContent", "streamGenerateContent", "predictLongRunning"),
    Media.IMAGE: ("generateContent", "streamGenerateContent"),
}


class GoogleModel(msgspec.Struct, rename="camel"):
    name: str
    display_name: str
    description: str
    version: str
    input_token_limit: int  # characters of a prompt: nothing is counted in tokens here
    output_token_limit: int
    supported_generation_methods: Sequence[str]


class GoogleModels(msgspec.Struct, rename="camel", omit_defaults=True):
    models: Sequence[GoogleModel]
    next_page_token: str | None = None


class ModelEndpoints:
    """The names that callers may use."""

    def __init__(self, gateway: Gateway, door: Door) -> None:
        self._gateway = gateway
        self._door = door

    def routes(self) -> list[Route]:
        return [
            Route(MODELS, self.models, methods=["GET"]),
            Route(f"{MODELS}/{{model:path}}", self.model, methods=["GET"]),
        ]

    @endpoint(
        "List the models",
        answer=GoogleModels,
        query=(PAGE_SIZE, PAGE_TOKEN),
        refused=GoogleRefused,
        keys=KEYS,
    )
    async def models(self, request: Request) -> Response:
        await caller_of(self._door, request)
        start = _number(request.query_params, "pageToken", 0, 0, 10**9)
        size = _number(request.query_params, "pageSize", USUAL_PAGE, 1, LARGEST_PAGE)
        every = self._gateway.models()
        models = [_render(*found) for found in every[start : start + size]]
        rest = str(start + size) if start + size < len(every) else None
        return answer(GoogleModels(models, rest))

    @endpoint("Get a model", answer=GoogleModel, refused=GoogleRefused, keys=KEYS)
    async def model(self, request: Request) -> Response:
        await caller_of(self._door, request)
        return answer(_render(*self._gateway.model(request.path_params["model"])))


def _render(model: Model, engine: Engine) -> GoogleModel:
    return GoogleModel(
        name=f"models/{model.name}",
        display_name=model.name,
        description=f"Made by {engine.name}.",
        version="001",
        input_token_limit=PROMPT_LIMIT,
        output_token_limit=0,
        supported_generation_methods=_METHODS[model.media],
    )


def _number(query: QueryParams, name: str, usual: int, least: int, most: int) -> int:
    text = query.get(name) or str(usual)
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        text = "-1"
    if not least <= int(text) <= most:
        message = f"Invalid value for '{name}': a whole number from {least} to {most}."
        raise InvalidRequest(message, param=name)
    return int(text)
