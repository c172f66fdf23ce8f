"""The data folder, ours alone while it is open."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

from filmgate.bootstrap.accounts import accounts_of, cipher_of
from filmgate.config import Settings
from filmgate.domain.errors import CannotStart
from filmgate.gateway.accounts import Accounts
from filmgate.gateway.keys import Keys
from filmgate.storage.database.callers import CallerRows
from filmgate.storage.database.clock import DatabaseClock
from filmgate.storage.database.connection import Database
from filmgate.storage.database.prepare import prepare
from filmgate.storage.database.sqlite import SQLite
from filmgate.storage.sealing import FernetCipher
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
    """The rows, and the data folder."""

    database: Database
    keys: Keys
    accounts: Accounts
    cipher: FernetCipher
    clock: SystemClock | DatabaseClock


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Opened]:
    """
    The rows of a PostgreSQL, or of a data folder that is ours alone meanwhile.

    Raises `CannotStart` when they cannot be had, or not read with our key.
    """
    make_folder(settings.data)
    lock = None if settings.database_url else FolderLock(settings.data)
    try:
        database = await _database(settings)
        try:
            clock = await _clock(settings, database)
            cipher = await cipher_of(settings, database)
            keys = Keys(
                CallerRows(database),
                clock=clock,
                new_id=new_id,
                new_secret=lambda: secrets.token_urlsafe(32),
            )
            accounts = accounts_of(settings, database, cipher, clock, new_id)
            yield Opened(
                database=database, keys=keys, accounts=accounts, cipher=cipher, clock=clock
            )
        finally:
            await database.close()
    finally:
        if lock:
            lock.release()


def make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        message = f"{folder} cannot be made: {error.strerror}."
        raise CannotStart(message) from None


async def _clock(settings: Settings, database: Database) -> SystemClock | DatabaseClock:
    if settings.database_url is None:
        return SystemClock()
    clock = DatabaseClock(database, SystemClock())
    await clock.set()
    return clock


async def _database(settings: Settings) -> Database:
    if settings.database_url is None:
        path = settings.data / DATABASE
        await asyncio.to_thread(prepare, path)
        return SQLite(path)
    await asyncio.to_thread(_import_postgres)
    from filmgate.bootstrap.postgres import PostgreSQL, prepare_postgres  # noqa: PLC0415

    await asyncio.to_thread(prepare_postgres, settings.database_url)
    return PostgreSQL(settings.database_url)


def _import_postgres() -> None:
    try:
        import_module("filmgate.bootstrap.postgres")
    except ImportError:
        message = (
            "FILMGATE_DATABASE_URL needs PostgreSQL's libraries: install filmgate[postgres]."
        )
        raise CannotStart(message) from None
