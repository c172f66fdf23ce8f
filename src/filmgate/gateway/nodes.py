"""Whether this process is one of the nodes, and which of them does what one is enough for."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from filmgate.domain.errors import StorageUnavailable
from filmgate.ports import Clock, Leases

log = logging.getLogger(__name__)

RENEW = 2.0  #: seconds between two renewals of a lease
LASTS = timedelta(seconds=8)  #: after the last one
#: Seconds before its end from which a lease does not count any more: for what a pause
#: takes between asking and doing, and for a renewal that a crash of the database undid.
MARGIN = 1.0

_FOR_EVER = datetime(9999, 1, 1, tzinfo=UTC)


def lease_of(node: str) -> str:
    """The name of the lease that says that a node is alive."""
    return f"node/{node}"


class Node:
    """
    One of several processes on the same database.

    It is one as long as its lease is renewed. Whoever was paused or cut off knows that
    from a clock of its own, before the others have taken over what it had.
    """

    def __init__(
        self,
        name: str,
        *,
        leases: Leases,
        clock: Clock,
        monotonic: Callable[[], float],
    ) -> None:
        self.name = name
        self._leases = leases
        self._clock = clock
        self._monotonic = monotonic  #: seconds, whatever anybody does to the clock
        # By lease: when the renewal began that was kept last.
        self._renewed: dict[str, float] = {}

    async def join(self) -> None:
        """Be a node from now on; `StorageUnavailable` if that cannot be said."""
        await self._take(lease_of(self.name))

    async def renew(self) -> None:
        """Stay one, and keep the duties that it has. To be called every `RENEW` seconds."""
        held = self.holds()
        # What one renewal waits for must not hold up another lease's.
        leases = {lease_of(self.name), *self._renewed}
        await asyncio.gather(*(self._renew(lease) for lease in leases))
        if held != self.holds():
            log.warning("node.%s node=%s", "lost" if held else "back", self.name)

    async def leave(self) -> None:
        """
        Let the others take over at once, when nothing renews or asks any more.

        Nothing is lost if that cannot be said: its leases run out.
        """
        names, self._renewed = list(self._renewed), {}
        try:
            for name in names:
                await self._leases.drop(name, self.name)
        except StorageUnavailable:
            log.warning("node.left node=%s its leases run out", self.name)

    def holds(self) -> bool:
        """Whether nobody can have taken this process for dead, now and for a moment."""
        return self._has(lease_of(self.name))

    async def duty(self, name: str) -> bool:
        """Whether this node is the one that does *name* now; it is then for some seconds."""
        lease = f"duty/{name}"
        began = self._renewed.get(lease)
        if began is not None and self._monotonic() - began < RENEW:
            return True
        await self._renew(lease)
        return self._has(lease)

    async def while_on_duty(self, name: str, call: Callable[[], Awaitable[None]]) -> None:
        """Run *call* whenever this node has the duty, and end it when it has it no more."""
        while True:
            if await self.duty(name):
                log.info("duty.begun node=%s duty=%s", self.name, name)
                await self._until_relieved(name, call)
                log.info("duty.ended node=%s duty=%s", self.name, name)
            await self._clock.sleep(RENEW)

    async def _until_relieved(self, name: str, call: Callable[[], Awaitable[None]]) -> None:
        running = asyncio.ensure_future(call())
        try:
            while not running.done() and await self.duty(name):
                timer = asyncio.ensure_future(self._clock.sleep(RENEW))
                await asyncio.wait({timer, running}, return_when=asyncio.FIRST_COMPLETED)
                timer.cancel()
        finally:
            running.cancel()
            await asyncio.wait({running})
        if not running.cancelled():
            running.result()

    def _has(self, lease: str) -> bool:
        began = self._renewed.get(lease)
        lasts = LASTS.total_seconds() - MARGIN
        return began is not None and self._monotonic() - began < lasts

    async def _renew(self, lease: str) -> None:
        """Take it; while that cannot be said, what was said last stands until it ends."""
        try:
            await self._take(lease)
        except StorageUnavailable:
            log.warning("lease.kept node=%s lease=%s not renewed now", self.name, lease)

    async def _take(self, lease: str) -> None:
        began, at = self._monotonic(), self._clock.now()
        if await self._leases.take(lease, self.name, at=at, until=at + LASTS):
            self._renewed[lease] = began
        else:
            self._renewed.pop(lease, None)


class OnlyNode:
    """The same for one machine: it is the only node, and does everything."""

    def __init__(self, name: str, *, leases: Leases, clock: Clock) -> None:
        self.name = name
        self._leases = leases
        self._clock = clock

    async def join(self) -> None:
        """Be the node, for good: whoever was one before has ended."""
        await self._leases.drop_all_but(self.name)
        at = self._clock.now()
        await self._leases.take(lease_of(self.name), self.name, at=at, until=_FOR_EVER)

    async def renew(self) -> None:
        """Nothing has to be said again."""

    async def leave(self) -> None:
        await self._leases.drop(lease_of(self.name), self.name)

    def holds(self) -> bool:
        return True

    async def duty(self, name: str) -> bool:
        del name
        return True

    async def while_on_duty(self, name: str, call: Callable[[], Awaitable[None]]) -> None:
        del name
        await call()
