"""
PostgreSQL: a few threads, each with a connection of its own.

Every unit is a transaction at READ COMMITTED: it sees what others have
committed before each of its statements, so a decision that rests on what was
read needs a condition in its update, or a `lock`. What can safely be done again
is done again, on a new connection, for `PATIENCE` seconds; an answer to COMMIT
that never came cannot, so whoever asked is told, and must be able to ask again.
"""

from __future__ import annotations

import asyncio
import re
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from enum import StrEnum
from functools import lru_cache
from typing import Any, TypeVar

import psycopg
from psycopg import conninfo, errors
from psycopg.types.numeric import Int8BinaryDumper
from psycopg.types.string import StrDumperUnknown

from filmgate.domain.errors import InvalidRequest, StorageUnavailable
from filmgate.storage.database.connection import Cursor, Unit, Values

T = TypeVar("T")

PATIENCE = 5.0  #: seconds for which something is tried again
PAUSE = 0.1  #: seconds before a lost connection is tried again
CONFLICTS = 10  #: times that a unit may lose against others
SIZE = 8  #: connections of a process, unless its operator says otherwise

# A node that is paused in a transaction would hold its locks for ever: the server gives
# up on it instead, and who waits for a lock does not wait longer than that.
_SETTINGS = """
    SET idle_in_transaction_session_timeout = '5s';
    SET lock_timeout = '10s';
    SET client_min_messages = 'warning'
"""
# A network that swallows everything is noticed in some ten seconds.
_NOTICED = {
    "connect_timeout": "5",
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "3",
    "tcp_user_timeout": "10000",  # milliseconds
    "application_name": "filmgate",
}
_BEGIN = b"BEGIN ISOLATION LEVEL READ COMMITTED"
_BEGIN_LOOSELY = _BEGIN + b"; SET LOCAL synchronous_commit = off"
_CONFLICT = (errors.DeadlockDetected, errors.SerializationFailure)
# What a server answers that is not ready, or is not the primary any more.
_ELSEWHERE = (errors.ReadOnlySqlTransaction, errors.CannotConnectNow)
_TOKENS = re.compile(r"'(?:[^']|'')*'|::|%|:([a-z_][a-z0-9_]*)")


class PostgreSQLConnection:
    """`Connection`, on one of PostgreSQL's."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    def execute(self, sql: str, values: Values | None = None, /) -> Cursor:
        return self._connection.execute(translated(sql), values or {})

    def executemany(self, sql: str, values: Iterable[Values], /) -> None:
        with self._connection.cursor() as cursor:
            cursor.executemany(translated(sql), list(values))

    def lock(self, table: str, row_id: str) -> None:
        # Not FOR UPDATE: rows that refer to this one may still be made meanwhile.
        self.execute(f"SELECT 1 FROM {table} WHERE id = :id FOR NO KEY UPDATE", {"id": row_id})


class PostgreSQL:
    """`Database` at *url*, through at most *size* connections."""

    def __init__(self, url: str, *, size: int = SIZE) -> None:
        self._url = url
        self._threads = ThreadPoolExecutor(size, thread_name_prefix="postgresql")
        self._mine = threading.local()  #: the connection of each thread
        self._open: set[psycopg.Connection[Any]] = set()
        self._opening = threading.Lock()

    async def write(self, unit: Unit[T], *, durable: bool = True) -> T:
        """
        Run *unit* in a transaction and return once that is committed.

        What *unit* raises is raised here, and nothing of it is kept. It runs again
        after a deadlock or a connection lost before the COMMIT was sent.
        `StorageUnavailable` also means that whether it was kept is not known.
        """
        begin = _BEGIN if durable else _BEGIN_LOOSELY

        def transaction(connection: psycopg.Connection[Any]) -> T:
            return _transaction(connection, unit, begin)

        return await self._run(transaction)

    async def rows(self, sql: str, **values: object) -> list[Any]:
        """Read: all rows. Sees what is committed."""
        return await self._run(lambda c: c.execute(translated(sql), values).fetchall())

    async def row(self, sql: str, **values: object) -> Any:
        """Read: the first row, or None."""
        return await self._run(lambda c: c.execute(translated(sql), values).fetchone())

    async def close(self) -> None:
        """Finish what is queued, then let go of every connection."""
        await asyncio.to_thread(self._threads.shutdown)
        for connection in self._open:
            connection.close()

    async def _run(self, step: Callable[[psycopg.Connection[Any]], T]) -> T:
        until = time.monotonic() + PATIENCE
        loop = asyncio.get_running_loop()
        running = loop.run_in_executor(self._threads, self._try, step, until)
        # Whoever asked may leave; what was begun stands all the same.
        running.add_done_callback(_heard)
        return await asyncio.shield(running)

    def _try(self, step: Callable[[psycopg.Connection[Any]], T], until: float) -> T:
        """Run *step* in this thread, again if nothing can have come of it."""
        conflicts = 0
        while True:
            try:
                return step(self._connection())
            except _CONFLICT as error:
                conflicts += 1
                if conflicts == CONFLICTS:
                    raise _unavailable(error) from error
            except psycopg.Error as error:
                lost = self._lost(error)
                if lost and time.monotonic() < until:
                    time.sleep(PAUSE)
                elif lost or isinstance(error, psycopg.OperationalError):
                    raise _unavailable(error) from error
                elif isinstance(error, psycopg.DataError) and "NUL" in str(error):
                    message = (
                        "A text holds a NUL character (U+0000), which cannot be kept. "
                        "Leave it out."
                    )
                    raise InvalidRequest(message) from None
                else:
                    raise

    def _connection(self) -> psycopg.Connection[Any]:
        found: psycopg.Connection[Any] | None = getattr(self._mine, "connection", None)
        if found is None or found.closed:
            self._mine.connection = None
            found = connect(self._url)
            self._mine.connection = found
            with self._opening:
                self._open = {c for c in self._open if not c.closed} | {found}
        return found

    def _lost(self, error: psycopg.Error) -> bool:
        """Whether another connection may do better; then this one is let go."""
        connection: psycopg.Connection[Any] | None = getattr(self._mine, "connection", None)
        if isinstance(error, _ELSEWHERE) and connection is not None:
            connection.close()
        return connection is None or connection.closed


def connect(url: str) -> psycopg.Connection[Any]:
    """A connection as every part of us uses it: explicit transactions, bounded waits."""
    given = conninfo.conninfo_to_dict(url)
    connection: psycopg.Connection[Any] = psycopg.Connection.connect(
        **(_NOTICED | given),  # type: ignore[arg-type]
        autocommit=True,
    )
    with ExitStack() as undo:
        undo.callback(connection.close)
        connection.adapters.register_dumper(StrEnum, StrDumperUnknown)
        # One width for all numbers, or every mix of widths is prepared on its own.
        connection.adapters.register_dumper(int, Int8BinaryDumper)
        connection.execute(_SETTINGS)
        undo.pop_all()
    return connection


@lru_cache(maxsize=1024)
def translated(sql: str) -> bytes:
    """*sql* with psycopg's `%(name)s` for every `:name`."""

    def token(match: re.Match[str]) -> str:
        if match[1]:
            return f"%({match[1]})s"
        return match[0].replace("%", "%%")

    return _TOKENS.sub(token, sql).encode()


def _transaction(connection: psycopg.Connection[Any], unit: Unit[T], begin: bytes) -> T:
    connection.execute(begin, prepare=False)
    with ExitStack() as undo:
        undo.callback(_roll_back, connection)
        answer = unit(PostgreSQLConnection(connection))
        undo.pop_all()
    try:
        connection.execute(b"COMMIT", prepare=False)
    except psycopg.Error as error:
        if connection.closed:
            message = (
                "The connection to PostgreSQL was lost while it was keeping a change. "
                "Whether it is kept is not known: ask, or send the same again."
            )
            raise StorageUnavailable(message) from error
        raise
    return answer


def _roll_back(connection: psycopg.Connection[Any]) -> None:
    if not connection.closed:
        try:
            connection.execute(b"ROLLBACK", prepare=False)
        except psycopg.Error:
            connection.close()


def _heard(done: asyncio.Future[Any]) -> None:
    """Its error is told to who waits; nobody has to."""
    if not done.cancelled():
        done.exception()


def _unavailable(error: psycopg.Error) -> StorageUnavailable:
    # The server's own words only: a client's may hold the address and the user.
    said = error.diag.message_primary or "it cannot be reached"
    return StorageUnavailable(f"PostgreSQL does not keep or find anything now: {said}.")
