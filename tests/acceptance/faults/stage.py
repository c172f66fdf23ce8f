"""Everything that a run needs, up and running."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from acceptance.faults.fleet import AUTHORIZED, Fleet
from acceptance.faults.plan import Plan
from acceptance.faults.receiver import EVENTS, Receiver
from acceptance.faults.traffic import Traffic
from acceptance.faults.upstream import Remote


@dataclass(frozen=True)
class Stage:
    """Everything of a run that is up: nodes with their accounts, upstreams, a receiver."""

    plan: Plan
    folder: Path
    fleet: Fleet
    remotes: dict[str, Remote]
    receiver: Receiver
    client: aiohttp.ClientSession
    traffic: Traffic
    sleeps: list[float] = field(default_factory=list)  #: when a node was stopped for a while


@contextlib.asynccontextmanager
async def staged(plan: Plan, folder: Path) -> AsyncIterator[Stage]:
    async with contextlib.AsyncExitStack() as stack:
        remotes = {mode: stack.enter_context(Remote(plan, mode)) for mode in plan.modes}
        receiver = await stack.enter_async_context(Receiver(plan.seed))
        fleet = await stack.enter_async_context(Fleet(plan, folder))
        client = await stack.enter_async_context(
            aiohttp.ClientSession(
                headers=AUTHORIZED,
                timeout=aiohttp.ClientTimeout(total=30, connect=5),
                # A node that was killed leaves connections behind.
                connector=aiohttp.TCPConnector(force_close=True, limit=0),
            )
        )
        for mode, remote in remotes.items():
            await fleet.add_account(client, mode, remote.url)
        hook = {"name": "hook", "url": receiver.url, "event_types": list(EVENTS)}
        url = f"{fleet.nodes[0].url}/v1/webhook_endpoints"
        async with client.post(url, json=hook) as answer:
            assert answer.status == 200, await answer.text()
        traffic = Traffic(plan, fleet.nodes, client)
        yield Stage(plan, folder, fleet, remotes, receiver, client, traffic)


#: Something that goes wrong while jobs run.
Trouble = Callable[[Stage], Awaitable[None]]
