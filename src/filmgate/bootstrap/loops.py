"""What goes on beside the answers: looks at jobs, webhooks, batches, and what is too old."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Iterator
from functools import partial
from typing import Any

from filmgate.bootstrap.batching import BatchParts
from filmgate.bootstrap.parts import Ground, Parts
from filmgate.dispatch.embedded import every
from filmgate.gateway.checking import EVERY as EVERY_CHECK
from filmgate.gateway.names import EVERY as EVERY_NAME
from filmgate.gateway.nodes import RENEW
from filmgate.gateway.retention import EVERY
from filmgate.storage.database.clock import AGAIN, DatabaseClock


def loops_of(
    ground: Ground, parts: Parts, batching: BatchParts
) -> Iterator[Coroutine[Any, Any, None]]:
    """Everything that runs until the gateway ends, by the role of this node."""
    cluster, clock = ground.cluster, ground.folder.clock
    node = cluster.node
    yield every(RENEW, node.renew, clock)
    if isinstance(clock, DatabaseClock):
        yield every(AGAIN, clock.set, clock)
    yield every(EVERY_NAME, ground.names.refresh, clock)
    for loop in cluster.loops:
        yield loop()
    if ground.settings.role == "api":
        return

    def on_duty(
        name: str, call: Callable[[], Awaitable[None]]
    ) -> Callable[[], Awaitable[None]]:
        async def if_on_duty() -> None:
            if await node.duty(name):
                await call()

        return if_on_duty

    async def retain() -> None:
        await parts.retention.sweep()
        if cluster.counts:
            await cluster.counts.forget(before=int(clock.now().timestamp() // 60) - 1)

    worker, deliveries, feeder = parts.worker, parts.deliveries, batching.feeder
    yield cluster.films.run(worker.look, on_duty("sweep", parts.sweeper.sweep))
    yield parts.posting.run(deliveries.look, deliveries.sweep)
    yield every(EVERY, on_duty("retention", retain), clock)
    yield every(EVERY_CHECK, on_duty("accounts", parts.checks.sweep), clock)
    turns = partial(batching.turns.run, feeder.look, feeder.sweep)
    yield node.while_on_duty("batches", turns)
