"""filmgate's own endpoints, for whoever runs it: what model names mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, cast

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from filmgate.domain.model import Model, Pick, SecondsRange, SizeRange
from filmgate.domain.money import MICROS
from filmgate.domain.request import Media
from filmgate.gateway.account_fields import LONGEST_WORD, MOST_WEIGHT
from filmgate.gateway.names import MOST_PLANS, Names
from filmgate.ports import Named
from filmgate.web.answers import Deleted
from filmgate.web.auth import Door
from filmgate.web.endpoint import endpoint
from filmgate.web.field_types import one_of_or_null, says
from filmgate.web.reading import read


class FoundModel(msgspec.Struct, kw_only=True):
    """A model of an engine: what it takes, and what it costs."""

    name: str
    media: Media
    sizes: Sequence[str]
    default_size: str
    seconds: Sequence[str]  # of a still: none
    price_usd: float  # a second of the default size, or a still; 0 is free, or unknown
    prices_usd: Mapping[str, float] = {}  # … of the sizes that cost something else


class FoundModels(msgspec.Struct):
    data: Sequence[FoundModel]


class CandidateObject(msgspec.Struct, kw_only=True):
    """A model that the name may mean, with its engine."""

    engine: str
    model: FoundModel
    settings: dict[str, Any]
    weight: int
    plans: Sequence[str]


class NameObject(msgspec.Struct, kw_only=True):
    name: str
    pick: Pick
    candidates: Sequence[CandidateObject]


class NameList(msgspec.Struct):
    data: Sequence[NameObject]


class NamePointed(msgspec.Struct, forbid_unknown_fields=True):
    """
    Of engine and account_id one is needed: an account is asked what it may use.

    *anyway* points a name whose settings need something that the account lacks. *also*
    leaves what the name means, and puts this after it.
    """

    model: Annotated[str, says(minLength=1)]
    engine: str | None = None
    account_id: str | None = None
    settings: dict[str, Any] = {}
    anyway: bool = False
    also: bool = False
    weight: Annotated[int, says(minimum=1, maximum=MOST_WEIGHT)] = 1
    plans: Annotated[
        list[Annotated[str, says(minLength=1, maxLength=LONGEST_WORD)]],
        says(maxItems=MOST_PLANS),
    ] = []
    pick: Annotated[str | None, one_of_or_null(*Pick)] = None  # as before, if it is added to


class AdminModels:
    """`/admin/models`, for admin keys only. `filmgate models` and `connect` speak it."""

    def __init__(self, names: Names, door: Door) -> None:
        self._names = names
        self._door = door

    def routes(self) -> list[Route]:
        one = "/admin/models/{name:path}"
        return [
            Route("/admin/accounts/{account_id}/models", self.discover, methods=["GET"]),
            Route("/admin/models", self.names, methods=["GET"]),
            Route(one, self.point, methods=["PUT"]),
            Route(one, self.remove, methods=["DELETE"]),
        ]

    @endpoint(
        "Ask an account's engine what it may use, without paying",
        answer=FoundModels,
        errors=(400, 403, 404, 502, 503),
        ours=True,
    )
    async def discover(self, request: Request) -> Response:
        await self._door.admin(request)
        found = await self._names.discover(request.path_params["account_id"])
        return _json({"data": [shown_model(model) for model in found]})

    @endpoint(
        "List the names that are pointed at models", answer=NameList, errors=(403,), ours=True
    )
    async def names(self, request: Request) -> Response:
        await self._door.admin(request)
        return _json({"data": [shown_name(one) for one in await self._names.list()]})

    @endpoint(
        "Point a name at a model",
        body=NamePointed,
        answer=NameObject,
        errors=(403, 404, 502, 503),
        ours=True,
    )
    async def point(self, request: Request) -> Response:
        await self._door.admin(request)
        async with read(request, NamePointed) as body:
            named = await self._names.point(
                _name(request),
                model=body.model,
                engine=body.engine,
                account_id=body.account_id,
                settings=body.settings,
                anyway=body.anyway,
                also=body.also,
                weight=body.weight,
                plans=body.plans,
                pick=body.pick,
            )
        return _json(shown_name(named))

    @endpoint(
        "Let a name mean what the settings say", answer=Deleted, errors=(403, 404), ours=True
    )
    async def remove(self, request: Request) -> Response:
        await self._door.admin(request)
        await self._names.remove(_name(request))
        return _json(Deleted(id=_name(request), object="model_name.deleted"))


def shown_model(model: Model) -> dict[str, Any]:
    """A model as the answers and the command line show it."""
    return cast("dict[str, Any]", msgspec.to_builtins(_found(model)))


def _found(model: Model) -> FoundModel:
    sizes, seconds = model.sizes, model.seconds
    return FoundModel(
        name=model.name,
        media=model.media,
        sizes=[str(sizes)] if isinstance(sizes, SizeRange) else [str(size) for size in sizes],
        default_size=str(model.default_size),
        seconds=(
            [str(seconds)]
            if isinstance(seconds, SecondsRange)
            else [f"{length:g}" for length in seconds]
        ),
        price_usd=model.rate() / MICROS,
        prices_usd=(
            {}
            if isinstance(sizes, SizeRange)
            else {
                str(size): model.rate(size) / MICROS
                for size in sizes
                if model.rate(size) != model.rate()
            }
        ),
    )


def shown_name(named: Named) -> dict[str, Any]:
    """A name as the answers and the command line show it."""
    candidates = [
        CandidateObject(
            engine=one.engine,
            model=_found(one.model),
            settings=dict(one.settings),
            weight=one.weight,
            plans=one.plans,
        )
        for one in named.candidates
    ]
    made = NameObject(name=named.name, pick=named.pick, candidates=candidates)
    return cast("dict[str, Any]", msgspec.to_builtins(made))


def _name(request: Request) -> str:
    return str(request.path_params["name"])


def _json(content: object) -> Response:
    return Response(msgspec.json.encode(content), media_type="application/json")
