"""The rows of webhooks: endpoints, and what is on its way to them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from filmgate.domain.claim import Claim
from filmgate.domain.webhook import Delivery, DeliveryState, Endpoint, EndpointChange, Try
from filmgate.ports.outside import Receipt


class WebhookEndpoints(Protocol):
    """The rows of webhook endpoints. A deleted one is never found."""

    async def add(self, endpoint: Endpoint, claim: Claim | None) -> str:
        """
        Keep a new endpoint; `InvalidRequest` if its caller has as many as may be.

        The id of what stands: *claim* may have led to another one before.
        """
        ...

    async def get(self, endpoint_id: str, *, caller_id: str) -> Endpoint | None:
        """The caller's endpoint of that id."""
        ...

    async def list(
        self, *, caller_id: str, after: str | None, limit: int
    ) -> tuple[Sequence[Endpoint], bool]:
        """A page of them, newest first, and whether more follow. Unknown *after*: none."""
        ...

    async def change(  # noqa: PLR0913 (the query)
        self,
        endpoint_id: str,
        change: EndpointChange,
        *,
        caller_id: str,
        claim: Claim | None,
        claimed_id: str,
        at: datetime,
    ) -> bool:
        """
        Change and enable it; False if there is none.

        Not when *claim* has led to another change than *claimed_id* before.
        """
        ...

    async def rotate(  # noqa: PLR0913 (the query)
        self,
        endpoint_id: str,
        secret: str,
        *,
        caller_id: str,
        old_until: datetime | None,
        claim: Claim | None,
        claimed_id: str,
        at: datetime,
    ) -> bool:
        """
        Give it a new sealed secret; the old one holds until *old_until*, or no more.

        False if there is none. Not when *claim* has led to another rotation before.
        """
        ...

    async def delete(self, endpoint_id: str, *, caller_id: str, at: datetime) -> bool:
        """Delete it and drop what is on its way to it; False if there is none."""
        ...


class WebhookDeliveries(Protocol):
    """The rows of deliveries. They are made in the transaction of what they tell of."""

    async def due(
        self, *, at: datetime, busy: Collection[str], limit: int
    ) -> Sequence[Delivery]:
        """
        Pending deliveries to try now, longest due first.

        None to *busy* receivers, and none that somebody holds.
        """
        ...

    async def hold(self, delivery_id: str, *, at: datetime, until: datetime) -> bool:
        """
        Keep the delivery from others until then, or until it is tried.

        False if it is held, not due, or not pending any more.
        """
        ...

    async def endpoint(self, endpoint_id: str) -> Endpoint | None:
        """Any caller's endpoint, unless it is deleted or disabled."""
        ...

    async def tried(
        self,
        delivery: Delivery,
        receipt: Receipt,
        *,
        at: datetime,
        state: DeliveryState,
        due: datetime,
    ) -> None:
        """
        Write a try down, and what becomes of the delivery.

        A delivery that was dropped meanwhile stays so, but the try is written.
        """
        ...

    async def drop(self, delivery_id: str, *, at: datetime) -> None:
        """Give a pending delivery up."""
        ...

    async def disable(self, endpoint_id: str, *, at: datetime) -> None:
        """The endpoint wants nothing more: drop what is on its way to it."""
        ...

    async def add_test(self, delivery: Delivery, claim: Claim | None) -> str:
        """
        Keep a delivery that `due` never finds.

        The id of what stands: *claim* may have led to another one before.
        """
        ...

    async def get(self, delivery_id: str) -> Delivery | None:
        """The delivery of that id."""
        ...

    async def list(
        self, endpoint_id: str, *, after: str | None, limit: int
    ) -> tuple[Sequence[Delivery], bool]:
        """A page of an endpoint's log, newest first, and whether more follow."""
        ...

    async def tries(self, delivery_id: str) -> Sequence[Try]:
        """Every post of a delivery, oldest first."""
        ...

    async def forget(self, *, before: datetime, limit: int) -> int:
        """Drop deliveries that ended earlier, at most *limit*; how many there were."""
        ...
