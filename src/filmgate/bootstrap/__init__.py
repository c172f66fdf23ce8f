"""
Builds every part from the settings, and runs it: the wiring diagram.

`opened` holds the data folder and its rows; `running` is a whole gateway with its HTTP
server on top. Leaving either undoes it in the reverse order. What is put together how
stands in `parts.py`, `batching.py` and `app.py`.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from filmgate.bootstrap.app import app_of
from filmgate.bootstrap.batching import batching_of
from filmgate.bootstrap.folder import DATABASE, Opened, opened
from filmgate.bootstrap.parts import parts_of, routes_of
from filmgate.config import Settings, connection, read_settings
from filmgate.dialects.admin import shown_key
from filmgate.dispatch.embedded import every
from filmgate.gateway.retention import EVERY
from filmgate.media.inspector import MediaInspector
from filmgate.outbound import Outbound
from filmgate.ports import Film
from filmgate.web.server import HTTPServer

__all__ = [
    "DATABASE",
    "Opened",
    "Running",
    "Settings",
    "connection",
    "inspect_film",
    "opened",
    "read_settings",
    "running",
    "shown_key",
]


@dataclass(frozen=True, kw_only=True)
class Running:
    """A gateway that answers. *new_key* is to be shown once, if there is one."""

    url: str
    new_key: str | None


@asynccontextmanager
async def running(settings: Settings, *, guest: str | None = None) -> AsyncIterator[Running]:
    """
    A whole gateway. Leaving it drains: jobs are handed back, then the server stops.

    *guest* names somebody who gets a key for this time only; then no other is made.
    """
    async with opened(settings) as folder:
        work = _empty(settings.data / "work")
        # What callers send waits on the data folder's disk: others may be in memory.
        tempfile.tempdir = str(work)
        routes = await routes_of(settings, folder, work)
        outbound = Outbound(private=settings.private_addresses, proxy=settings.proxy)
        parts = parts_of(settings, folder, routes, outbound, work)
        batching = batching_of(settings, folder, parts, work)
        app = app_of(settings, parts, batching, folder)
        server = HTTPServer(app, host=settings.host, port=settings.port)
        parts.links.base = settings.public_url or server.url
        keys = folder.keys
        new_key = await (keys.guest(guest) if guest else keys.first(settings.admin_key))
        worker = parts.worker
        loops = [
            asyncio.create_task(parts.dispatcher.run(worker.look, worker.sweep)),
            asyncio.create_task(
                parts.posting.run(parts.deliveries.look, parts.deliveries.sweep)
            ),
            asyncio.create_task(every(EVERY, parts.retention.sweep, folder.clock)),
            asyncio.create_task(
                batching.turns.run(batching.feeder.look, batching.feeder.sweep)
            ),
        ]
        serving = asyncio.create_task(server.run())
        try:
            await server.started()
            yield Running(url=server.url, new_key=new_key)
        finally:
            deadline = monotonic() + settings.grace
            parts.gateway.close()
            await worker.drain(settings.grace)
            server.stop()
            await asyncio.wait({serving}, timeout=max(0, deadline - monotonic()))
            for loop in loops:
                loop.cancel()
            await asyncio.gather(*loops, return_exceptions=True)
            await parts.inspector.close()
            await outbound.close()


async def inspect_film(path: Path, folder: Path) -> Film:
    """What a film is, with stills of it drawn into *folder*."""
    inspector = MediaInspector()
    try:
        return await inspector.film(path, folder)
    finally:
        await inspector.close()


def _empty(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder
