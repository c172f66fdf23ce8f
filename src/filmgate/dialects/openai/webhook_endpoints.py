"""
`/v1/webhook_endpoints` and `/v1/webhook_event_types`, as OpenAI has them.

Ours alone: `/v1/webhook_endpoints/{id}/deliveries`, the log of what was sent, and
`disabled_at` in an endpoint that has answered 410. An update enables it again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from filmgate.dialects.openai.envelope import answer
from filmgate.domain.webhook import (
    LONGEST_NAME,
    LONGEST_URL,
    Delivery,
    DeliveryState,
    Endpoint,
    EventType,
    Try,
    events_for,
)
from filmgate.gateway.endpoints import Endpoints
from filmgate.web.answers import Deleted, Page, Whole
from filmgate.web.auth import Door
from filmgate.web.endpoint import AFTER, LIMIT, endpoint
from filmgate.web.extras import read_bool
from filmgate.web.field_types import FLAG, const, says
from filmgate.web.idempotency import claim_of
from filmgate.web.paging import limit_of, page
from filmgate.web.reading import read

ENDPOINT = "endpoint_id"  #: what an endpoint's id is called in paths

_NAME = says(minLength=1, maxLength=LONGEST_NAME)
_URL = says(format="uri", maxLength=LONGEST_URL)
_TYPES = says(minItems=1, uniqueItems=True)
_TYPE = says(enum=list(EventType))


class EndpointCreate(msgspec.Struct, forbid_unknown_fields=True):
    name: Annotated[str, _NAME]
    url: Annotated[str, _URL]
    event_types: Annotated[list[Annotated[str, _TYPE]], _TYPES]


class EndpointUpdate(msgspec.Struct, forbid_unknown_fields=True):
    name: Annotated[str | None, _NAME] = None
    url: Annotated[str | None, _URL] = None
    event_types: Annotated[list[Annotated[str, _TYPE]] | None, _TYPES] = None


class SecretRotation(msgspec.Struct, forbid_unknown_fields=True):
    keep_old_secret_active_for_24_hours: Annotated[bool | str, FLAG] = False  # text in a form


class EndpointTest(msgspec.Struct, forbid_unknown_fields=True):
    event_type: Annotated[str, _TYPE]


class EndpointObject(msgspec.Struct, kw_only=True):
    id: str
    object: Annotated[str, const("webhook_endpoint")] = "webhook_endpoint"
    created_at: int  # seconds since 1970
    updated_at: int
    name: str
    url: str
    event_types: Sequence[EventType]
    signing_secret_hint: str | None
    disabled_at: int | None


class EndpointWithSecret(EndpointObject, kw_only=True):
    """Only the answer that made a secret has it."""

    signing_secret: str


class Tested(msgspec.Struct, kw_only=True):
    object: Annotated[str, const("webhook_endpoint.test")] = "webhook_endpoint.test"
    event_type: str
    status_code: int
    success: bool = True  # it was answered: OpenAI's meaning
    webhook_endpoint_id: str


class TryObject(msgspec.Struct):
    at: int
    status: int | None
    error: str | None


class DeliveryObject(msgspec.Struct, kw_only=True):
    """An event on its way to an endpoint, and every try to bring it."""

    id: str
    object: Annotated[str, const("webhook_endpoint.delivery")] = "webhook_endpoint.delivery"
    webhook_endpoint_id: str | None
    event_id: str
    event_type: str
    subject_id: str
    state: DeliveryState
    created_at: int
    next_try_at: int | None
    ended_at: int | None
    tries: Sequence[TryObject]


class WebhookEndpoints:
    """A caller's endpoints."""

    def __init__(self, endpoints: Endpoints, door: Door) -> None:
        self._endpoints = endpoints
        self._door = door

    def routes(self) -> list[Route]:
        every, one = "/v1/webhook_endpoints", "/v1/webhook_endpoints/{endpoint_id}"
        return [
            Route(every, self.create, methods=["POST"]),
            Route(every, self.list, methods=["GET"]),
            Route(one, self.retrieve, methods=["GET"]),
            Route(one, self.update, methods=["POST"]),
            Route(one, self.delete, methods=["DELETE"]),
            Route(f"{one}/rotate_secret", self.rotate, methods=["POST"]),
            Route(f"{one}/test", self.test, methods=["POST"]),
            Route(f"{one}/deliveries", self.deliveries, methods=["GET"]),
            Route("/v1/webhook_event_types", self.event_types, methods=["GET"]),
        ]

    @endpoint(
        "Create a webhook endpoint",
        body=EndpointCreate,
        answer=EndpointWithSecret,
        makes=ENDPOINT,
    )
    async def create(self, request: Request) -> Response:
        caller = await self._door.caller(request)
        async with read(request, EndpointCreate) as body:
            endpoint = await self._endpoints.create(
                caller,
                name=body.name,
                url=body.url,
                event_types=body.event_types,
                claim=claim_of(request, caller),
            )
        return answer(self._with_secret(endpoint))

    @endpoint("List the webhook endpoints", answer=Page[EndpointObject], query=(LIMIT, AFTER))
    async def list(self, request: Request) -> Response:
        caller = await self._door.caller(request)
        found, more = await self._endpoints.list(
            caller,
            after=request.query_params.get("after"),
            limit=limit_of(request.query_params),
        )
        return answer(page(found, more=more, render=self._render, id_of=lambda one: one.id))

    @endpoint("Get a webhook endpoint", answer=EndpointObject)
    async def retrieve(self, request: Request) -> Response:
        caller = await self._door.caller(request)
        endpoint = await self._endpoints.get(caller, _id(request))
        return answer(self._render(endpoint))

    @endpoint("Change a webhook endpoint", body=EndpointUpdate, answer=EndpointObject)
    async def update(self, request: Request) -> Response:
        caller = await self._door.caller(request)
        async with read(request, EndpointUpdate) as body:
            endpoint = await self._endpoints.change(
                caller,
                _id(request),
                name=body.name,
                url=body.url,
                event_types=body.event_types,
                claim=claim_of(request, caller),
            )
        return answer(self._render(endpoint))

    @endpoint("Delete a webhook endpoint", answer=Deleted)
    async def delete(self, request: Request) -> Response:
        caller = await self._door.caller(request)
        await self._endpoints.delete(caller, _id(request))
        return answer(Deleted(id=_id(request), object="webhook_endpoint.deleted"))

    @endpoint(
        "Give a webhook endpoint a new secret",
        body=SecretRotation,
        optional=True,
        answer=EndpointWithSecret,
    )
    async def rotate(self, request: Request) -> Response:
        caller = await self._door.caller(request)
        keep_old = await _keep_old(request)
        endpoint = await self._endpoints.rotate(
            caller, _id(request), keep_old=keep_old, claim=claim_of(request, caller)
        )
        return answer(self._with_secret(endpoint))

    @endpoint("Send a webhook endpoint an event to try it", body=EndpointTest, answer=Tested)
    async def test(self, request: Request) -> Response:
        caller = await self._door.caller(request)
        async with read(request, EndpointTest) as body:
            status = await self._endpoints.test(
                caller,
                _id(request),
                event_type=body.event_type,
                claim=claim_of(request, caller),
            )
        return answer(
            Tested(
                event_type=body.event_type,
                status_code=status,
                webhook_endpoint_id=_id(request),
            )
        )

    @endpoint(
        "List what was sent to a webhook endpoint",
        answer=Page[DeliveryObject],
        query=(LIMIT, AFTER),
        ours=True,
    )
    async def deliveries(self, request: Request) -> Response:
        caller = await self._door.caller(request)
        found, more = await self._endpoints.log(
            caller,
            _id(request),
            after=request.query_params.get("after"),
            limit=limit_of(request.query_params),
        )
        return answer(page(found, more=more, render=_logged, id_of=lambda entry: entry[0].id))

    @endpoint("List the types of events", answer=Whole[EventType])
    async def event_types(self, request: Request) -> Response:
        caller = await self._door.caller(request)
        return answer(Whole(data=list(events_for(admin=caller.admin))))

    def _render(self, endpoint: Endpoint) -> EndpointObject:
        return EndpointObject(
            id=endpoint.id,
            created_at=_seconds(endpoint.created_at),
            updated_at=_seconds(endpoint.updated_at),
            name=endpoint.name,
            url=endpoint.url,
            event_types=endpoint.event_types,
            signing_secret_hint=self._endpoints.hint(endpoint),
            disabled_at=_maybe(endpoint.disabled_at),
        )

    def _with_secret(self, endpoint: Endpoint) -> EndpointWithSecret:
        return EndpointWithSecret(
            **msgspec.structs.asdict(self._render(endpoint)),
            signing_secret=self._endpoints.secret(endpoint),
        )


async def _keep_old(request: Request) -> bool:
    empty = request.headers.get("content-length", "0") == "0"
    if empty and "transfer-encoding" not in request.headers:
        return False
    async with read(request, SecretRotation) as body:
        keep = body.keep_old_secret_active_for_24_hours
        return read_bool(keep, param="keep_old_secret_active_for_24_hours")


def _logged(entry: tuple[Delivery, Sequence[Try]]) -> DeliveryObject:
    delivery, tries = entry
    pending = delivery.state is DeliveryState.PENDING
    return DeliveryObject(
        id=delivery.id,
        webhook_endpoint_id=delivery.endpoint_id,
        event_id=delivery.event_id,
        event_type=delivery.event_type,
        subject_id=delivery.subject_id,
        state=delivery.state,
        created_at=_seconds(delivery.created_at),
        next_try_at=_seconds(delivery.due_at) if pending else None,
        ended_at=_maybe(delivery.ended_at),
        tries=[
            TryObject(at=_seconds(one.at), status=one.status, error=one.error) for one in tries
        ],
    )


def _id(request: Request) -> str:
    return str(request.path_params["endpoint_id"])


def _seconds(at: datetime) -> int:
    return int(at.timestamp())


def _maybe(at: datetime | None) -> int | None:
    return None if at is None else _seconds(at)
