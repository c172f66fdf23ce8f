"""Somebody's webhook endpoint, which sometimes fails."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from aiohttp import web

EVENTS = ("video.completed", "video.failed")


@dataclass(frozen=True)
class Arrival:
    """One delivery that was read whole."""

    webhook_id: str
    type: str
    subject: str  #: the job's id
    answered: int  #: 0: the line was cut


@dataclass
class Receiver:
    """
    Used as an async context manager.

    The first delivery of an id is refused, or its answer cut, now and then; the second
    is always taken.
    """

    seed: int
    arrivals: list[Arrival] = field(default_factory=list)
    url: str = ""

    async def __aenter__(self) -> Receiver:
        self._random = random.Random(self.seed)
        self._seen: set[str] = set()
        app = web.Application()
        app.add_routes([web.post("/hook", self._take)])
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/hook"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        event = await request.json()
        webhook_id = request.headers["webhook-id"]
        chance = 1.0 if webhook_id in self._seen else self._random.random()
        self._seen.add(webhook_id)
        status = 500 if chance < 0.04 else 0 if chance < 0.06 else 200
        arrival = Arrival(webhook_id, event["type"], event["data"]["id"], status)
        self.arrivals.append(arrival)
        if not status and request.transport:
            request.transport.abort()
        return web.Response(status=status or 200)
