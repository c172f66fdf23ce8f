"""Deliveries: which webhooks are due, sent until they arrive or three days have passed."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from filmgate.domain.errors import CannotStart, NotFound
from filmgate.domain.webhook import GIVE_UP_AFTER, Delivery, DeliveryState, Endpoint
from filmgate.gateway.letters import Letters
from filmgate.ports import Clock, Dispatcher, Letter, Receipt, Sender, WebhookDeliveries

log = logging.getLogger(__name__)

AT_ONCE, AT_ONCE_EACH = 32, 4  #: posts under way: in all, to one receiver
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(hours=6)
HELD = timedelta(seconds=90)  #: for ourselves: longer than any post may take
MOST_DOUBLED = 20  #: times; any pause has reached the longest by then
KEPT = timedelta(days=30)  #: what has ended stays in the log for so long
FORGET_EVERY, FORGET_AT_ONCE = timedelta(hours=1), 1000
GONE = 410

_EVERYTHING = ""  #: no delivery's id: a poke that means "sweep"
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


class Deliveries:
    """
    Sends what is due, from rows, at least once.

    Run by a dispatcher of its own, through `look` and `sweep`. A process that dies
    between a post and its row sends the same again, with the same `webhook-id`, once
    the time is over for which it held the delivery.
    """

    def __init__(  # noqa: PLR0913 (wired in one place)
        self,
        *,
        rows: WebhookDeliveries,
        letters: Letters,
        sender: Sender,
        dispatcher: Dispatcher,
        clock: Clock,
        jitter: Callable[[], float],
        first_pause: timedelta = FIRST_PAUSE,
    ) -> None:
        self._rows = rows
        self._letters = letters
        self._sender = sender
        self._dispatcher = dispatcher
        self._clock = clock
        self._jitter = jitter  #: from 0 to 1
        self._first_pause = first_pause
        self._under_way: set[str] = set()
        self._posts: Counter[str] = Counter()  #: under way, by receiver
        self._forgot_at = _NEVER

    def poke(self) -> None:
        """Something was announced, or a place is free. May be lost or doubled."""
        self._dispatcher.poke(_EVERYTHING)

    async def sweep(self) -> None:
        """Poke what is due, and now and then forget what is old."""
        for delivery in await self._startable():
            self._dispatcher.poke(delivery.id)
        now = self._clock.now()
        if now - self._forgot_at >= FORGET_EVERY:
            gone = await self._rows.forget(before=now - KEPT, limit=FORGET_AT_ONCE)
            if gone < FORGET_AT_ONCE:  # else the rest at the next sweep
                self._forgot_at = now

    async def look(self, delivery_id: str) -> None:
        """Post the delivery if it is due and its receiver is not busy."""
        if delivery_id == _EVERYTHING:
            await self.sweep()
            return
        delivery = await self._rows.get(delivery_id)
        if delivery is None or not self._may_start(delivery):
            return
        self._under_way.add(delivery.id)
        self._posts[delivery.receiver] += 1
        try:
            now = self._clock.now()
            if await self._rows.hold(delivery.id, at=now, until=now + HELD):
                await self._deliver(delivery)
        finally:
            self._under_way.discard(delivery.id)
            self._posts[delivery.receiver] -= 1
        # Not when it broke: it would be due again at once.
        self.poke()

    async def test(self, delivery: Delivery, endpoint: Endpoint) -> Receipt:
        """Post once, whatever the endpoint's state, and write it down."""
        writing = self._letters.to_endpoint(delivery, endpoint, at=self._clock.now())
        receipt = await self._post(writing)
        now = self._clock.now()
        state = DeliveryState.DELIVERED if _arrived(receipt) else DeliveryState.FAILED
        await self._rows.tried(delivery, receipt, at=now, state=state, due=now)
        return receipt

    def _may_start(self, delivery: Delivery) -> bool:
        return (
            delivery.state is DeliveryState.PENDING
            and delivery.due_at <= self._clock.now()
            and delivery.id not in self._under_way
            and self._posts[delivery.receiver] < AT_ONCE_EACH
            and self._posts.total() < AT_ONCE
        )

    async def _startable(self) -> list[Delivery]:
        """What is due and finds a place, longest due first."""
        found: dict[str, Delivery] = {}
        posts = Counter(self._posts)
        while free := AT_ONCE - posts.total():
            busy = [receiver for receiver, count in posts.items() if count >= AT_ONCE_EACH]
            # Those under way are still due in the rows, so they are asked for too.
            known = self._under_way | found.keys()
            due = await self._rows.due(at=self._clock.now(), busy=busy, limit=free + len(known))
            new = [delivery for delivery in due if delivery.id not in known]
            if not new:
                break
            for delivery in new[:free]:
                if posts[delivery.receiver] < AT_ONCE_EACH:
                    posts[delivery.receiver] += 1
                    found[delivery.id] = delivery
        return list(found.values())

    async def _deliver(self, delivery: Delivery) -> None:
        try:
            receipt = await self._post(self._letter(delivery))
        except NotFound:
            await self._rows.drop(delivery.id, at=self._clock.now())
        else:
            await self._write_down(delivery, receipt)

    async def _letter(self, delivery: Delivery) -> Letter:
        if delivery.target is not None:
            return await self._letters.to_target(delivery, delivery.target)
        endpoint = await self._rows.endpoint(delivery.receiver)
        if endpoint is None:
            raise NotFound(f"Endpoint {delivery.receiver} wants nothing more.")
        return await self._letters.to_endpoint(delivery, endpoint, at=self._clock.now())

    async def _post(self, writing: Awaitable[Letter]) -> Receipt:
        try:
            letter = await writing
        except CannotStart:
            # Said by the cipher, and mended by an operator: worth another try.
            return Receipt(status=None, error="Its secret was sealed with another key.")
        return await self._sender.send(letter, at=self._clock.now())

    async def _write_down(self, delivery: Delivery, receipt: Receipt) -> None:
        now = self._clock.now()
        due = now + self._pause(delivery.tries)
        gone = receipt.status == GONE
        if _arrived(receipt):
            state = DeliveryState.DELIVERED
        elif gone or due > delivery.created_at + GIVE_UP_AFTER:
            state = DeliveryState.FAILED
        else:
            state = DeliveryState.PENDING
        await self._rows.tried(delivery, receipt, at=now, state=state, due=due)
        log.info(
            "webhook.tried delivery=%s receiver=%s status=%s state=%s",
            *(delivery.id, delivery.receiver, receipt.status, state),
        )
        if state is DeliveryState.PENDING:
            self._dispatcher.poke(delivery.id, at=due)
        if gone and delivery.endpoint_id is not None:
            await self._rows.disable(delivery.endpoint_id, at=now)
            log.info("webhook.disabled endpoint=%s", delivery.endpoint_id)

    def _pause(self, tries: int) -> timedelta:
        doubled: int = 2 ** min(tries, MOST_DOUBLED)
        pause = min(self._first_pause * doubled, LONGEST_PAUSE)
        return pause * (1 - self._jitter() / 4)


def _arrived(receipt: Receipt) -> bool:
    return receipt.status is not None and 200 <= receipt.status < 300
