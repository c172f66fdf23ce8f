"""The data folder, ours alone while it is open."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from filmgate.config import Settings
from filmgate.domain.errors import CannotStart
from filmgate.gateway.keys import Keys
from filmgate.ports import Clock
from filmgate.storage.database.callers import CallerRows
from filmgate.storage.database.prepare import prepare
from filmgate.storage.database.sqlite import SQLite
from filmgate.system import FolderLock

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
