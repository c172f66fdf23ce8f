"""How an engine makes what was asked."""

from __future__ import annotations

from dataclasses import replace

from filmgate.domain.job import Take
from filmgate.domain.request import GenerationRequest
from filmgate.gateway.routing import Route


def take_of(request: GenerationRequest, route: Route, *, number: int = 0) -> Take:
    """
    One take, with every default filled in. *number* tells several of one request apart.

    Raises `InvalidRequest` or `Unsupported`, naming the field: first by what the
    name promises, unless the request says that this is not what it goes by; then by
    what the engine's model can do.
    """
    promise = route.promise
    if not request.promised:
        promise = replace(route.model, name=promise.name)
    promise.check(request)
    if request.enhanced is not None:
        request = replace(request, prompt=request.enhanced, enhanced=None)
    if request.seed is None and request.source is not None:
        request = replace(request, seed=request.source.seed)
    complete = promise.fill(request)
    if complete.seed is not None:
        complete = replace(complete, seed=complete.seed + number)
    route.model.check(complete)
    return Take(
        engine=route.engine.name,
        model=route.model.name,
        request=complete,
        settings=route.settings,
        groups=route.groups,
        plans=route.plans,
        cost=route.model.costs(complete),
        mark=complete.watermark is True and not route.model.watermarks,
    )
