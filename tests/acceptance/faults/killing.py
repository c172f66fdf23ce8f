"""SIGKILL, at moments from a seed."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import aiohttp

from acceptance.faults.fleet import Node
from acceptance.faults.plan import Plan
from acceptance.faults.upstream import Remote

AIMED = 0.85  #: of the kills wait for one of `AIMS` at the node
AIMS = ("submit", "fetch", "store")
LATER = 0.15  #: seconds that such a kill comes later, at most
PATIENCE = 8.0  #: seconds that an aimed kill waits for one
EARLY = 0.1  #: of the kills hit a node that has not come up yet


@dataclass(frozen=True)
class Kill:
    at: float  #: seconds since the epoch
    node: int


@dataclass
class Killer:
    """Kills nodes of *nodes* and starts each again at once, on its port."""

    plan: Plan
    nodes: Sequence[Node]
    remotes: Sequence[Remote]
    client: aiohttp.ClientSession
    kills: list[Kill] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._random = random.Random(self.plan.seed)

    async def run(self) -> None:
        """All kills of the plan; every node answers on return."""
        for _ in range(self.plan.kills):
            number = self._random.randrange(len(self.nodes))
            if self._random.random() < EARLY:
                await asyncio.sleep(self._random.random())
            else:
                await asyncio.gather(*(node.ready(self.client) for node in self.nodes))
                await asyncio.sleep(self._random.random())
                if self._random.random() < AIMED:
                    number = await self._busy(self._random.choice(AIMS), number)
            self.kills.append(Kill(self.nodes[number].kill(), number))
            self.nodes[number].start()
        for node in self.nodes:
            await node.ready(self.client)

    async def _busy(self, aim: str, number: int) -> int:
        """
        A node at which that happens now; *number* if it happens at none.

        A little later than an upstream saw it, so that the answer, its row or the store
        of the film is hit as well.
        """
        until = time.monotonic() + PATIENCE
        kind = "create" if aim == "submit" else "content"
        found: dict[float, int] = {}
        while not found and time.monotonic() < until:
            await asyncio.sleep(0.01)
            found = await self._flights(kind)
        ports = [set(found.values()) & node.ports() for node in self.nodes] if found else []
        while aim == "store" and found.items() & (await self._flights(kind)).items():
            await asyncio.sleep(0.005)
        await asyncio.sleep(self._random.random() ** 2 * LATER)
        return next((node for node, his in enumerate(ports) if his), number)

    async def _flights(self, kind: str) -> dict[float, int]:
        """What is in flight: since when, and from which port."""
        found: dict[float, int] = {}
        for remote in self.remotes:
            flights = (await remote.ledger(self.client, "/now"))["flights"]
            found |= {one["since"]: one["port"] for one in flights if one["kind"] == kind}
        return found
