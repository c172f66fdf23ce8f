"""
Builds every part from the settings: the wiring diagram, top to bottom.

`opened` holds the data folder and its rows; `running` is a whole gateway with
its HTTP server on top. Leaving either undoes it in the reverse order.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from filmgate import __version__
from filmgate.config import Settings, connection, read_settings
from filmgate.dialects.admin import Admin, shown_key
from filmgate.dialects.openai import envelope
from filmgate.dialects.openai.models import Models
from filmgate.dialects.openai.videos import Videos
from filmgate.dispatch.embedded import EmbeddedDispatcher
from filmgate.domain.account import Account
from filmgate.domain.errors import CannotStart, FilmgateError
from filmgate.engines import load
from filmgate.gateway.jobs import Gateway
from filmgate.gateway.keys import Keys
from filmgate.gateway.outputs import Outputs
from filmgate.gateway.routing import Routes, read_aliases
from filmgate.gateway.worker import Worker
from filmgate.media.inspector import MediaInspector
from filmgate.ports import Clock, Engine, Film, Workshop
from filmgate.storage.blobs.local import LocalBlobs
from filmgate.storage.database.callers import AccountRows, CallerRows
from filmgate.storage.database.jobs import JobRows
from filmgate.storage.database.ownership import OwnershipRows
from filmgate.storage.database.prepare import prepare
from filmgate.storage.database.sqlite import SQLite
from filmgate.system import FolderLock
from filmgate.web.auth import Door
from filmgate.web.edge import Edge
from filmgate.web.health import Health
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

DATABASE = "filmgate.db"


class SystemClock:
    """`ports.Clock`: the time it is."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def new_id(prefix: str) -> str:
    """Lower-case hex that sorts by time: 48 bits of milliseconds, 80 of chance."""
    milliseconds = int(datetime.now(UTC).timestamp() * 1000)
    return f"{prefix}{milliseconds:012x}{secrets.token_hex(10)}"


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A data folder that is ours alone, and its rows."""

    database: SQLite
    keys: Keys
    clock: Clock


@dataclass(frozen=True, kw_only=True)
class Running:
    """A gateway that answers. *new_key* is to be shown once, if there is one."""

    url: str
    new_key: str | None


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Opened]:
    """Raises `CannotStart` when the data folder cannot be had for ourselves."""
    try:
        settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        message = f"{settings.data} cannot be made: {error.strerror}."
        raise CannotStart(message) from None
    lock = FolderLock(settings.data)
    try:
        await asyncio.to_thread(prepare, settings.data / DATABASE)
        database = SQLite(settings.data / DATABASE)
        try:
            clock = SystemClock()
            keys = Keys(
                CallerRows(database),
                clock=clock,
                new_id=new_id,
                new_secret=lambda: secrets.token_urlsafe(32),
            )
            yield Opened(database=database, keys=keys, clock=clock)
        finally:
            await database.close()
    finally:
        lock.release()


@asynccontextmanager
async def running(settings: Settings, *, guest: str | None = None) -> AsyncIterator[Running]:
    """
    A whole gateway. Leaving it drains: jobs are handed back, then the server stops.

    *guest* names somebody who gets a key for this time only; then no other is made.
    """
    async with opened(settings) as folder:
        work = _empty(settings.data / "work")
        engines = [_engine(name, work) for name in _engine_names(settings)]
        accounts = [await _account(e.name, settings, folder) for e in engines]
        aliases = read_aliases(settings.models, engines)
        routes = Routes(engines, accounts, aliases)
        blobs = LocalBlobs(settings.data / "films")
        inspector = MediaInspector()
        dispatcher = EmbeddedDispatcher(folder.clock)
        gateway = Gateway(
            jobs=JobRows(folder.database),
            blobs=blobs,
            inspector=inspector,
            routes=routes,
            dispatcher=dispatcher,
            clock=folder.clock,
            new_id=new_id,
        )
        worker = Worker(
            name=f"{os.getpid()}-{secrets.token_hex(4)}",
            jobs=OwnershipRows(folder.database),
            blobs=blobs,
            outputs=Outputs(blobs=blobs, inspector=inspector, folder=work, new_id=new_id),
            routes=routes,
            dispatcher=dispatcher,
            clock=folder.clock,
            new_id=new_id,
            keep_films=settings.keep_films,
        )
        app = _app(settings, gateway, folder, blobs)
        server = HTTPServer(app, host=settings.host, port=settings.port)
        keys = folder.keys
        new_key = await (keys.guest(guest) if guest else keys.first(settings.admin_key))
        looking = asyncio.create_task(dispatcher.run(worker.look, worker.sweep))
        serving = asyncio.create_task(server.run())
        try:
            await server.started()
            yield Running(url=server.url, new_key=new_key)
        finally:
            deadline = monotonic() + settings.grace
            gateway.close()
            await worker.drain(settings.grace)
            server.stop()
            await asyncio.wait({serving}, timeout=max(0, deadline - monotonic()))
            looking.cancel()
            with suppress(asyncio.CancelledError):
                await looking


async def inspect_film(path: Path, folder: Path) -> Film:
    """What a film is, with stills of it drawn into *folder*."""
    return await MediaInspector().film(path, folder)


def _app(settings: Settings, gateway: Gateway, folder: Opened, blobs: LocalBlobs) -> ASGIApp:
    door = Door(folder.keys)
    dialects = (
        Videos(gateway, door, blobs),
        Models(gateway, door, since=folder.clock.now()),
        Admin(folder.keys, door),
        Health(gateway, version=__version__),
    )
    starlette = Starlette(
        routes=[route for dialect in dialects for route in dialect.routes()],
        exception_handlers={
            FilmgateError: envelope.filmgate_error,
            HTTPException: envelope.http_error,
            Exception: envelope.bug,
        },
    )
    return Edge(starlette, largest_body=settings.largest_body << 20, render=envelope.render)


def _engine_names(settings: Settings) -> list[str]:
    named = {pointer.partition("/")[0] for pointer in settings.models.values()}
    return sorted({"previs", *named})


def _engine(name: str, work: Path) -> Engine:
    folder = work / name
    folder.mkdir()
    return load(name)(Workshop(folder=folder, cores=os.cpu_count() or 1))


async def _account(engine: str, settings: Settings, folder: Opened) -> Account:
    seats = settings.seats or os.cpu_count() or 1
    account = Account(id=new_id("account_"), engine=engine, label="this machine", seats=seats)
    return await AccountRows(folder.database).ensure(account, at=folder.clock.now())


def _empty(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder
