"""A whole gateway, from the data folder to its HTTP server."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from filmgate.bootstrap.app import app_of
from filmgate.bootstrap.batching import batching_of
from filmgate.bootstrap.cluster import Ears, cluster_of
from filmgate.bootstrap.folder import opened
from filmgate.bootstrap.intake import intake_of
from filmgate.bootstrap.loops import loops_of
from filmgate.bootstrap.parts import Parts, ground_of, parts_of
from filmgate.config import Settings
from filmgate.media.inspector import MediaInspector
from filmgate.ports import Film
from filmgate.storage.database.deliveries import DeliveryRows
from filmgate.system import FolderLock
from filmgate.web.server import HTTPServer


@dataclass(frozen=True, kw_only=True)
class Running:
    """A gateway that answers. *new_key* is to be shown once, if there is one."""

    url: str
    new_key: str | None
    intake_url: str | None


@asynccontextmanager
async def running(settings: Settings, *, guest: str | None = None) -> AsyncIterator[Running]:
    """
    A whole gateway. Leaving it drains: jobs are handed back, then the server stops.

    *guest* names somebody who gets a key for this time only; then no other is made.
    """
    async with opened(settings) as folder, _works_in(settings) as work:
        ears = Ears()
        cluster = cluster_of(settings, folder, ears)
        ground = await ground_of(settings, folder, cluster, work)
        parts = parts_of(ground)
        ears.watchers, ears.worker = cluster.watchers, parts.worker
        batching = batching_of(ground, parts)
        app = app_of(ground, parts, batching)
        server = HTTPServer(app, host=settings.host, port=settings.port)
        parts.links.base = settings.public_url or server.url
        keys = folder.keys
        new_key = await (keys.guest(guest) if guest else keys.first(settings.admin_key))
        await cluster.node.join()
        if settings.database_url is None:
            await DeliveryRows(folder.database).let_go()
        loops = [asyncio.create_task(loop) for loop in loops_of(ground, parts, batching)]
        serving = asyncio.create_task(server.run())
        try:
            await server.started()
            async with intake_of(settings, folder) as intake_url:
                yield Running(url=server.url, new_key=new_key, intake_url=intake_url)
        finally:
            for dispatcher in (cluster.films, parts.posting, batching.turns):
                dispatcher.close()
            await _drained(settings, parts, server, serving)
            for loop in loops:
                loop.cancel()
            await asyncio.gather(*loops, return_exceptions=True)
            await cluster.node.leave()
            await parts.inspector.close()
            await ground.outbound.close()


@asynccontextmanager
async def _works_in(settings: Settings) -> AsyncIterator[Path]:
    """An empty folder for what is under way, of this process alone."""
    # With a PostgreSQL nobody else has seen to that.
    lock = FolderLock(settings.data) if settings.database_url else None
    try:
        work = settings.data / "work"
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir()
        # What callers send waits on the data folder's disk: others may be in memory.
        tempfile.tempdir = str(work)
        yield work
    finally:
        if lock:
            lock.release()


async def _drained(
    settings: Settings, parts: Parts, server: HTTPServer, serving: asyncio.Task[None]
) -> None:
    """Take nothing more, hand back what is under way, and stop answering."""
    parts.gateway.close()
    await parts.worker.drain(settings.grace, submissions=settings.submit_timeout)
    server.stop()
    await asyncio.wait({serving}, timeout=max(1.0, settings.grace))


async def inspect_film(path: Path, folder: Path) -> Film:
    """What a film is, with stills of it drawn into *folder*."""
    inspector = MediaInspector()
    try:
        return await inspector.film(path, folder)
    finally:
        await inspector.close()
