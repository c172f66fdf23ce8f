"""
The OpenAPI document of an app: from its routes, and from the types that they read and write.

https://spec.openapis.org/oas/v3.1.1.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from http import HTTPStatus

from starlette.routing import Route

from filmgate.web.answers import Refused
from filmgate.web.body_schemas import BINARY, Schema
from filmgate.web.endpoint import (
    AFTER,
    ID,
    IDEMPOTENCY_KEY,
    RANGE,
    USUAL,
    Endpoint,
    Parameter,
    described,
)
from filmgate.web.schemas import Schemas

_TEXT: Schema = {"type": "string"}
_DIGITS: Schema = {"type": "string", "pattern": "^[0-9]+$"}
_ALWAYS: Mapping[str, Schema] = {
    "X-Request-Id": _TEXT,
    "OpenAI-Version": _TEXT,
    "OpenAI-Processing-Ms": _DIGITS,
}
_LIMITS: Mapping[str, Schema] = {
    "X-RateLimit-Limit-Requests": _DIGITS,
    "X-RateLimit-Remaining-Requests": _DIGITS,
    "X-RateLimit-Reset-Requests": {"type": "string", "pattern": "^[0-9]+s$"},
}
_RETRY: Mapping[str, Schema] = {"Retry-After": _DIGITS}
#: Where a key may be, beside `Authorization`.
_KEYS: Mapping[str, Schema] = {
    "api-key": {"type": "apiKey", "in": "header", "name": "api-key"},
    "x-api-key": {"type": "apiKey", "in": "header", "name": "x-api-key"},
    "x-goog-api-key": {"type": "apiKey", "in": "header", "name": "x-goog-api-key"},
    "key": {"type": "apiKey", "in": "query", "name": "key"},
}


_PARTIAL, _ELSEWHERE, _NO_SUCH_RANGE = 206, 302, 416
_RANGES: Schema = {"multipart/byteranges": {"schema": BINARY}}  # several are asked for


class Operation:
    """One method of one route."""

    def __init__(self, route: Route, method: str) -> None:
        found = described(route)
        if found is None:
            message = f"{method} {route.path} has no @endpoint, so it cannot be described."
            raise LookupError(message)
        self.endpoint: Endpoint = found
        self.method = method
        self.path = route.path.replace(":path", "")
        self.params: list[str] = re.findall(r"{(\w+)}", self.path)
        self.tag = _tag(self.path)
        self.id = f"{self.tag}.{getattr(route.endpoint, '__name__', '')}"

    @property
    def keyed(self) -> bool:
        """Whether an Idempotency-Key counts."""
        return self.method == "POST" and self.endpoint.keyed


def document(routes: Iterable[Route], *, version: str) -> Schema:
    """Raises `LookupError` for a route whose handler is not described."""
    operations = sorted(_operations(routes), key=lambda one: one.path)
    endpoints = [one.endpoint for one in operations]
    schemas = Schemas(
        bodies=[one.body for one in endpoints if one.body],
        plain=[one.body for one in endpoints if one.body and not one.forms],
        answers=[
            *dict.fromkeys([Refused, *(one.refused for one in endpoints)]),
            *(one.answer for one in endpoints if one.answer),
            *(kind for one in endpoints for kind in (*one.instead, *one.streams)),
        ],
    )
    paths: dict[str, Schema] = {}
    for one in operations:
        described = _operation(one, operations, schemas)
        paths.setdefault(one.path, {})[one.method.lower()] = described
    return {
        "openapi": "3.1.0",
        "info": {"title": "filmgate", "version": version},
        "security": [{"bearer": []}, {"api-key": []}],
        "tags": [{"name": tag} for tag in sorted({one.tag for one in operations})],
        "paths": paths,
        "components": {
            "schemas": schemas.components,
            "responses": _refusals(operations, schemas),
            "headers": {
                **{name: {"required": True, "schema": said} for name, said in _ALWAYS.items()},
                **{name: {"schema": said} for name, said in {**_LIMITS, **_RETRY}.items()},
            },
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}, **_KEYS},
        },
    }


def _operations(routes: Iterable[Route]) -> Iterator[Operation]:
    for route in routes:
        for method in sorted((route.methods or set()) - {"HEAD"}):
            yield Operation(route, method)


def _tag(path: str) -> str:
    parts = path.strip("/").split("/")
    if parts[0] == "openai":
        return "azure"
    return parts[1] if parts[0] == "v1" else parts[0].partition(".")[0]


def _operation(one: Operation, operations: Sequence[Operation], schemas: Schemas) -> Schema:
    endpoint = one.endpoint
    said: Schema = {
        "operationId": one.id,
        "tags": [one.tag],
        "summary": endpoint.summary,
        "x-ours": endpoint.ours,
        "parameters": _parameters(one),
        "responses": _responses(one, operations, schemas),
    }
    if endpoint.body:
        said["requestBody"] = {
            "required": not endpoint.optional,
            "content": {
                kind: {"schema": schema} for kind, schema in schemas.body(endpoint.body).items()
            },
        }
    if endpoint.open:
        said["security"] = []
    elif endpoint.keys != USUAL:
        said["security"] = [{"bearer": []}, *({key: []} for key in endpoint.keys)]
    return said


def _parameters(one: Operation) -> list[Schema]:
    text = {"type": "string", "minLength": 1}
    path: list[Schema] = [
        {"name": name, "in": "path", "required": True, "schema": text} for name in one.params
    ]
    others = [*one.endpoint.query, *([IDEMPOTENCY_KEY] if one.keyed else [])]
    return path + [_parameter(other) for other in others]


def _parameter(other: Parameter) -> Schema:
    return {"name": other.name, "in": other.place, "schema": other.schema, **other.style}


def _responses(one: Operation, operations: Sequence[Operation], schemas: Schemas) -> Schema:
    endpoint = one.endpoint
    content: Schema = {}
    if endpoint.answer:
        answers = [schemas.answer(kind) for kind in (endpoint.answer, *endpoint.instead)]
        schema = answers[0] if len(answers) == 1 else {"anyOf": answers}
        content["application/json"] = {"schema": schema}
    content |= {kind: {"schema": BINARY} for kind in endpoint.media}
    if endpoint.streams:
        content["text/event-stream"] = {"schema": _event(endpoint, schemas)}
    limits = list(_LIMITS) if one.method == "POST" and not endpoint.open else []
    responses: Schema = {}
    for status in endpoint.statuses:
        held = {_PARTIAL: _RANGES | content, _ELSEWHERE: {}}.get(status, content)
        answered = _response(status, held, limits)
        if endpoint.makes and status == HTTPStatus.OK:
            answered["links"] = dict(_links(endpoint.makes, operations))
        responses[str(status)] = answered
    for status in sorted(_errors(one) - set(endpoint.statuses)):
        name = _refusal(endpoint.refused, status)
        responses[str(status)] = {"$ref": f"#/components/responses/{name}"}
    return responses


def _event(endpoint: Endpoint, schemas: Schemas) -> Schema:
    """One of a stream's events: until OpenAPI 3.2 a stream's schema is that of each."""
    data: Schema = {
        "type": "string",
        "contentMediaType": "application/json",
        "contentSchema": {"anyOf": [schemas.answer(kind) for kind in endpoint.streams]},
    }
    if endpoint.last:
        data = {"anyOf": [data, {"const": endpoint.last}]}
    properties = {"data": data}
    if endpoint.named:
        properties["event"] = _TEXT
    if any(one.name == "Last-Event-ID" for one in endpoint.query):
        properties["id"] = _DIGITS
    required = ["event", "data"] if endpoint.named else ["data"]
    return {"type": "object", "properties": properties, "required": required}


def _response(status: int, content: Schema, headers: Sequence[str]) -> Schema:
    said: Schema = {
        "description": HTTPStatus(status).phrase,
        "headers": {
            name: {"$ref": f"#/components/headers/{name}"} for name in (*_ALWAYS, *headers)
        },
    }
    return said | ({"content": content} if content else {})


def _refusals(operations: Iterable[Operation], schemas: Schemas) -> Schema:
    """What every error looks like, by its shape and its status."""
    found = {(one.endpoint.refused, status) for one in operations for status in _errors(one)}
    said: Schema = {}
    for kind, status in sorted(found, key=lambda pair: (pair[0].__name__, pair[1])):
        error = {"application/json": {"schema": schemas.answer(kind)}}
        headers = list(_RETRY) if status in (429, 503) else []
        said[_refusal(kind, status)] = _response(status, error, headers)
    return said


def _refusal(kind: type, status: int) -> str:
    """The name among the components."""
    return str(status) if kind is Refused else f"{kind.__name__}{status}"


def _errors(one: Operation) -> set[int]:
    """The statuses that its path, its method and its body imply, and its own."""
    endpoint = one.endpoint
    errors = set(endpoint.errors)
    if one.params or AFTER in endpoint.query:
        errors.add(404)
    if endpoint.query or one.keyed:
        errors.add(400)
    if endpoint.body:
        errors |= {400, 413}
    if one.keyed:
        errors |= {404, 409}  # 404: what the key has made is gone
    if RANGE in endpoint.query:
        errors.add(_NO_SUCH_RANGE)
    if not endpoint.open:
        errors |= {401, 500, 429} if one.method == "POST" else {401, 500}
    return errors


def _links(made: str, operations: Iterable[Operation]) -> Iterator[tuple[str, Schema]]:
    """What can be done with what was made: by its path, or by its body."""
    for other in operations:
        if made in other.params:
            yield other.id, {"operationId": other.id, "parameters": {made: ID}}
        elif made in other.endpoint.takes:
            yield other.id, {"operationId": other.id, "requestBody": other.endpoint.takes[made]}
