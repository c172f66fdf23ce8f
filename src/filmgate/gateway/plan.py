"""How an engine makes what was asked."""

from __future__ import annotations

from dataclasses import replace

from filmgate.domain.errors import InvalidRequest
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
    better = request.enhanced
    if better is not None:
        request = replace(request, prompt=better, enhanced=None)
    if request.seed is None and request.source is not None:
        request = replace(request, seed=request.source.seed)
    complete = promise.fill(request)
    if complete.seed is not None:
        complete = replace(complete, seed=complete.seed + number)
    try:
        route.model.check(complete)
    except InvalidRequest as error:
        if better is not None and error.param == "prompt":
            message = f"Written better: {error.message} Leave 'enhance' out."
            raise InvalidRequest(message, param="enhance", code=error.code) from error
        raise
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
