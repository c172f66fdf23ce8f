"""What all of Google's endpoints have in common: the key, the paths, `alt`."""

from __future__ import annotations

from starlette.requests import Request

from filmgate.domain.caller import Caller
from filmgate.domain.errors import InvalidRequest
from filmgate.web.auth import Door
from filmgate.web.endpoint import Parameter

ROOT = "/v1beta"
MODELS = f"{ROOT}/models"
KEYS = ("x-goog-api-key", "key")  #: a header, and a value of the query
#: Says who made it: no engine passes for another.
ENGINE = "x-filmgate-engine"
ALT = Parameter(name="alt", schema={"type": "string", "enum": ["json", "sse"]})


async def caller_of(door: Door, request: Request) -> Caller:
    """Who sends *request*, by any of the ways that Google's clients send a key."""
    header, query = KEYS
    return await door.caller(request, header=header, query=query)


def wants_events(request: Request) -> bool:
    """Server-sent events rather than a JSON array."""
    text = request.query_params.get("alt", "json")
    if text not in ("json", "sse"):
        message = f"Invalid value: '{text[:80]}'. Supported values are: 'json' and 'sse'."
        raise InvalidRequest(message, param="alt")
    return text == "sse"
