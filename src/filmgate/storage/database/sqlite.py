"""
SQLite: one thread writes, in groups; the event loop reads.

Writes wait in a queue while the disk is busy with the group before, so a
commit is shared by whoever came meanwhile. A group that holds a durable write
is synced to the disk (`synchronous=FULL`), any other only survives the death
of the process. Reads go straight to their own connection: a row by its key
takes some 20 microseconds, less than handing it to a thread.

A full disk refuses the whole group, and the next group is tried anew: when there
is room again, nothing needs to be started again.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Any, TypeVar

from filmgate.domain.errors import StorageUnavailable
from filmgate.storage.database.connection import Unit

T = TypeVar("T")

GROUP = 512  #: units in one transaction at most
BUSY = 5_000  #: milliseconds to wait for a lock: a backup may hold one
FULL = "The disk with the database is full. Nothing more is kept until there is room on it."
_NO_ROOM = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE)


@dataclass
class _Write:
    unit: Unit[Any]
    durable: bool
    done: asyncio.Future[Any]


class SQLiteConnection(sqlite3.Connection):
    """`Connection`, of the one thread that writes, or of one that only reads."""

    def lock(self, table: str, row_id: str) -> None:
        """Nothing to do: nobody else writes."""


class SQLite:
    """`Database` in a file."""

    def __init__(self, path: Path) -> None:
        self._loop = asyncio.get_running_loop()
        self._queue: SimpleQueue[_Write | None] = SimpleQueue()
        self._closed = False
        self._reader = connect(path)
        self._reader.execute("PRAGMA query_only = 1")
        opened: Future[None] = Future()
        self._thread = threading.Thread(
            target=self._write_all, args=(path, opened), name="sqlite writer"
        )
        self._thread.start()
        opened.result()

    async def write(self, unit: Unit[T], *, durable: bool = True) -> T:
        """
        Run *unit* in a transaction and return once that is committed.

        *unit* runs in the writer's thread, alone. What it raises is raised here,
        and nothing of it is kept. `StorageUnavailable` when the disk takes nothing.
        """
        if self._closed:
            message = "The database is closed."
            raise RuntimeError(message)
        done: asyncio.Future[T] = self._loop.create_future()
        self._queue.put(_Write(unit, durable, done))
        return await done

    async def rows(self, sql: str, **values: object) -> list[Any]:
        """Read: all rows. Sees what is committed."""
        try:
            return self._reader.execute(sql, values).fetchall()
        except sqlite3.OperationalError as error:
            raise _told(error) from error

    async def row(self, sql: str, **values: object) -> Any:
        """Read: the first row, or None."""
        try:
            return self._reader.execute(sql, values).fetchone()
        except sqlite3.OperationalError as error:
            raise _told(error) from error

    async def close(self) -> None:
        """Finish what is queued, then let go of the file."""
        self._closed = True
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)
        self._reader.close()

    def _write_all(self, path: Path, opened: Future[None]) -> None:
        try:
            connection = connect(path)
        except sqlite3.Error as error:
            opened.set_exception(error)
            return
        opened.set_result(None)
        try:
            while group := self._next_group():
                self._commit(connection, group)
        finally:
            connection.close()

    def _next_group(self) -> list[_Write]:
        """What waits, at most `GROUP`; nothing means the end."""
        first = self._queue.get()
        group = [first] if first else []
        while first and len(group) < GROUP and not self._queue.empty():
            after = self._queue.get()
            if after is None:
                self._queue.put(None)  # come back for it once these are written
                break
            group.append(after)
        return group

    def _commit(self, connection: SQLiteConnection, group: Sequence[_Write]) -> None:
        answers: list[tuple[_Write, Any, Exception | None]] = []
        try:
            # The pragma belongs to the connection and takes no effect inside a
            # transaction, so the whole group is as durable as its most durable unit.
            durable = any(write.durable for write in group)
            connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
            connection.execute("BEGIN IMMEDIATE")
            answers = [(write, *_run(connection, write.unit)) for write in group]
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            told = _told(error)
            answers = [(write, None, told) for write in group]
        self._loop.call_soon_threadsafe(_answer, answers)


def connect(path: Path) -> SQLiteConnection:
    """A connection as every part of us uses it: WAL, foreign keys, explicit transactions."""
    connection = sqlite3.connect(
        path, isolation_level=None, check_same_thread=False, factory=SQLiteConnection
    )
    connection.execute(f"PRAGMA busy_timeout = {BUSY}")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA foreign_keys = 1")
    return connection


def _run(connection: SQLiteConnection, unit: Unit[Any]) -> tuple[Any, Exception | None]:
    connection.execute("SAVEPOINT unit")
    try:
        answer = unit(connection)
    except Exception as error:
        if not connection.in_transaction:
            raise  # the disk is full: SQLite gave the whole transaction up
        connection.execute("ROLLBACK TO unit")
        connection.execute("RELEASE unit")
        return None, _told(error)
    connection.execute("RELEASE unit")
    return answer, None


def _told(error: Exception) -> Exception:
    """What whoever asked is told: a bug as it is, and what may pass as just that."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    if not isinstance(error, sqlite3.OperationalError) or code == sqlite3.SQLITE_ERROR:
        return error
    if code in _NO_ROOM:
        return StorageUnavailable(FULL, code="storage_full")
    return StorageUnavailable(f"The database does not keep or find anything now: {error}.")


def _answer(answers: Sequence[tuple[_Write, Any, Exception | None]]) -> None:
    for write, value, error in answers:
        if write.done.done():
            continue  # whoever asked has left; the write stands all the same
        if error is None:
            write.done.set_result(value)
        else:
            write.done.set_exception(error)
