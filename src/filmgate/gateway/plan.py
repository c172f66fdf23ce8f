"""How an engine makes what was asked."""

from __future__ import annotations

from filmgate.domain.job import Plan, Take
from filmgate.domain.request import GenerationRequest
from filmgate.gateway.routing import Route


def plan(request: GenerationRequest, route: Route) -> Plan:
    """
    One take, with every default filled in.

    Raises `InvalidRequest` or `Unsupported`, naming the field: first by what the
    name promises, then by what the engine's model can do.
    """
    route.promise.check(request)
    complete = route.promise.fill(request)
    route.model.check(complete)
    take = Take(engine=route.engine.name, model=route.model.name, request=complete)
    return Plan(takes=(take,))
