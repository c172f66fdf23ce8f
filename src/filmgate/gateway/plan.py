"""How an engine makes what was asked."""

from __future__ import annotations

from dataclasses import replace

from filmgate.domain.job import Plan, Take
from filmgate.domain.request import GenerationRequest
from filmgate.gateway.routing import Route


def plan(request: GenerationRequest, route: Route, *, number: int = 0) -> Plan:
    """
    One take, with every default filled in. *number* tells several of one request apart.

    Raises `InvalidRequest` or `Unsupported`, naming the field: first by what the
    name promises, then by what the engine's model can do.
    """
    route.promise.check(request)
    if request.seed is None and request.source is not None:
        request = replace(request, seed=request.source.seed)
    complete = route.promise.fill(request)
    if complete.seed is not None:
        complete = replace(complete, seed=complete.seed + number)
    route.model.check(complete)
    take = Take(
        engine=route.engine.name,
        model=route.model.name,
        request=complete,
        settings=route.settings,
    )
    price = route.promise.costs(complete)
    return Plan(takes=(take,), price=price, deadlines=route.deadlines)
