"""Webhook endpoints: made, changed, tested, and what was sent to them."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence

from filmgate.domain.caller import Caller
from filmgate.domain.claim import Claim
from filmgate.domain.errors import CannotStart, Conflict, InvalidRequest, NotFound
from filmgate.domain.webhook import (
    OLD_SECRET_HOLDS,
    STANDARD_PREFIX,
    Delivery,
    DeliveryState,
    Endpoint,
    EndpointChange,
    Try,
    check_name,
    check_url,
    read_event_types,
)
from filmgate.gateway.deliveries import Deliveries
from filmgate.ports import Cipher, Clock, Receipt, WebhookDeliveries, WebhookEndpoints

SECRET_BYTES = 32


class Endpoints:
    """A caller's webhook endpoints, and the log of what is sent to them."""

    def __init__(  # noqa: PLR0913 (wired in one place)
        self,
        *,
        rows: WebhookEndpoints,
        log: WebhookDeliveries,
        deliveries: Deliveries,
        cipher: Cipher,
        clock: Clock,
        new_id: Callable[[str], str],
        random: Callable[[int], bytes],
    ) -> None:
        self._rows = rows
        self._log = log
        self._deliveries = deliveries
        self._cipher = cipher
        self._clock = clock
        self._new_id = new_id
        self._random = random

    async def create(
        self,
        caller: Caller,
        *,
        name: str,
        url: str,
        event_types: Sequence[str],
        claim: Claim | None,
    ) -> Endpoint:
        """A new endpoint, or the one that *claim* has led to before."""
        change = _checked(caller, name=name, url=url, event_types=event_types)
        now = self._clock.now()
        endpoint = Endpoint(
            id=self._new_id("whe_"),
            caller_id=caller.id,
            name=name,
            url=url,
            event_types=change.event_types or (),
            secret=self._cipher.seal(self._new_secret()),
            created_at=now,
            updated_at=now,
        )
        return await self.get(caller, await self._rows.add(endpoint, claim))

    async def get(self, caller: Caller, endpoint_id: str) -> Endpoint:
        """The caller's endpoint of that id."""
        endpoint = await self._rows.get(endpoint_id, caller_id=caller.id)
        if endpoint is None:
            raise _unknown(endpoint_id)
        return endpoint

    async def list(
        self, caller: Caller, *, after: str | None, limit: int
    ) -> tuple[Sequence[Endpoint], bool]:
        """A page of them, newest first, and whether more follow."""
        return await self._rows.list(caller_id=caller.id, after=after, limit=limit)

    async def change(  # noqa: PLR0913 (what can be changed)
        self,
        caller: Caller,
        endpoint_id: str,
        *,
        name: str | None,
        url: str | None,
        event_types: Sequence[str] | None,
        claim: Claim | None,
    ) -> Endpoint:
        """The endpoint with what is not None changed, and enabled again."""
        found = await self._rows.change(
            endpoint_id,
            _checked(caller, name=name, url=url, event_types=event_types),
            caller_id=caller.id,
            claim=claim,
            claimed_id=self._new_id("change_"),
            at=self._clock.now(),
        )
        if not found:
            raise _unknown(endpoint_id)
        return await self.get(caller, endpoint_id)

    async def rotate(
        self, caller: Caller, endpoint_id: str, *, keep_old: bool, claim: Claim | None
    ) -> Endpoint:
        """The endpoint with a new secret; *keep_old*: both hold for a day."""
        now = self._clock.now()
        found = await self._rows.rotate(
            endpoint_id,
            self._cipher.seal(self._new_secret()),
            caller_id=caller.id,
            old_until=now + OLD_SECRET_HOLDS if keep_old else None,
            claim=claim,
            claimed_id=self._new_id("rotation_"),
            at=now,
        )
        if not found:
            raise _unknown(endpoint_id)
        return await self.get(caller, endpoint_id)

    async def delete(self, caller: Caller, endpoint_id: str) -> None:
        """Nothing more is sent there."""
        at = self._clock.now()
        if not await self._rows.delete(endpoint_id, caller_id=caller.id, at=at):
            raise _unknown(endpoint_id)

    async def test(
        self, caller: Caller, endpoint_id: str, *, event_type: str, claim: Claim | None
    ) -> int:
        """The HTTP status that an event about nothing is answered with, now."""
        endpoint = await self.get(caller, endpoint_id)
        (kind,) = read_event_types([event_type], param="event_type", admin=caller.admin)
        now = self._clock.now()
        delivery = Delivery(
            id=self._new_id("wh_"),
            caller_id=caller.id,
            event_id=self._new_id("evt_"),
            event_type=kind,
            subject_id=self._new_id(f"{kind.subject}_"),
            # Until it has arrived; so one whose process dies is not sent again.
            state=DeliveryState.FAILED,
            created_at=now,
            due_at=now,
            endpoint_id=endpoint.id,
        )
        standing = await self._log.add_test(delivery, claim)
        if standing == delivery.id:
            receipt = await self._deliveries.test(delivery, endpoint)
        else:
            receipt = await self._earlier(standing)
        if receipt.status is None:
            message = f"The endpoint gave no answer: {receipt.error or 'no reason is known.'}"
            raise InvalidRequest(message, param="url", code="webhook_unreachable")
        return receipt.status

    async def log(
        self, caller: Caller, endpoint_id: str, *, after: str | None, limit: int
    ) -> tuple[Sequence[tuple[Delivery, Sequence[Try]]], bool]:
        """A page of what was sent there, newest first, with every try of each."""
        await self.get(caller, endpoint_id)
        page, more = await self._log.list(endpoint_id, after=after, limit=limit)
        return [(delivery, await self._log.tries(delivery.id)) for delivery in page], more

    def secret(self, endpoint: Endpoint) -> str:
        """What signs the endpoint's events: for the answer that made it."""
        return self._cipher.unseal(endpoint.secret)

    def hint(self, endpoint: Endpoint) -> str | None:
        """The secret's last four characters; None if it was sealed with another key."""
        try:
            return self.secret(endpoint)[-4:]
        except CannotStart:
            return None

    async def _earlier(self, delivery_id: str) -> Receipt:
        tries = await self._log.tries(delivery_id)
        if not tries:
            message = "The same test is under way. Ask again in a moment."
            raise Conflict(message, param="Idempotency-Key", code="test_under_way")
        return Receipt(status=tries[0].status, error=tries[0].error)

    def _new_secret(self) -> str:
        return STANDARD_PREFIX + base64.b64encode(self._random(SECRET_BYTES)).decode()


def _checked(
    caller: Caller,
    *,
    name: str | None,
    url: str | None,
    event_types: Sequence[str] | None,
) -> EndpointChange:
    if name is not None:
        check_name(name)
    if url is not None:
        check_url(url, param="url")
    kinds = None
    if event_types is not None:
        kinds = read_event_types(event_types, param="event_types", admin=caller.admin)
    return EndpointChange(name=name, url=url, event_types=kinds)


def _unknown(endpoint_id: str) -> NotFound:
    message = f"There is no webhook endpoint '{endpoint_id[:80]}'."
    return NotFound(message, param="webhook_endpoint_id")
