"""
What changed, told to every process on a PostgreSQL by LISTEN and NOTIFY.

News may be lost with a connection: whoever listens is told so, and looks at the rows.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import psycopg
from psycopg import conninfo

from filmgate.domain.errors import StorageUnavailable
from filmgate.ports import Clock
from filmgate.storage.database.connection import Database

log = logging.getLogger(__name__)

CHANNEL = "filmgate_jobs"
GATHER = 0.1  #: seconds between two messages of one process
LONGEST = 7_900  #: bytes of a message; PostgreSQL takes less than 8,000
KEPT = 10_000  #: ids that wait for PostgreSQL; others are looked at every few seconds anyway
AGAIN = 1.0  #: seconds before a lost PostgreSQL is tried again

_TELL = "SELECT pg_notify(:channel, message) FROM unnest(CAST(:messages AS text[])) AS message"
# A network that swallows everything is noticed in some ten seconds.
_NOTICED = {
    "connect_timeout": 5, "keepalives_idle": 5, "keepalives_interval": 2,
    "keepalives_count": 3, "tcp_user_timeout": 10_000,
}  # fmt: skip


class News:
    """
    Tells other processes which jobs have changed, and hears it from them.

    *heard* is given the ids, those told here as well; *missed* says that there were some
    that nobody heard.
    """

    def __init__(
        self,
        database: Database,
        url: str,
        *,
        heard: Callable[[Sequence[str]], None],
        missed: Callable[[], None],
        clock: Clock,
    ) -> None:
        self._database = database
        self._address = conninfo.make_conninfo(
            url, application_name="filmgate news", **_NOTICED
        )
        self._heard = heard
        self._missed = missed
        self._clock = clock
        self._changed: dict[str, None] = {}
        self._told = asyncio.Event()

    def tell(self, job_id: str) -> None:
        """The job's row has changed. Doubles are merged."""
        if len(self._changed) < KEPT:
            self._changed[job_id] = None
            self._told.set()

    async def run(self) -> None:
        """Tell and hear, until cancelled; PostgreSQL may go away and come back."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._tell())
            group.create_task(self._listen())

    async def _tell(self) -> None:
        while True:
            await self._told.wait()
            self._told.clear()
            changed, self._changed = self._changed, {}
            try:
                await self._database.row(_TELL, channel=CHANNEL, messages=_messages(changed))
            except StorageUnavailable:
                for job_id in changed:
                    self.tell(job_id)
            await self._clock.sleep(GATHER)

    async def _listen(self) -> None:
        away = False
        while True:
            try:
                async with self._listening() as connection:
                    away = False
                    self._missed()
                    async for news in connection.notifies():
                        self._heard(news.payload.split(","))
            except psycopg.Error as error:
                if not away:
                    log.warning("news.away error=%s", type(error).__name__)
                away = True
            await self._clock.sleep(AGAIN)

    @asynccontextmanager
    async def _listening(self) -> AsyncIterator[psycopg.AsyncConnection[tuple[str]]]:
        connection = await psycopg.AsyncConnection.connect(self._address, autocommit=True)
        async with connection:
            await connection.execute(f"LISTEN {CHANNEL}".encode())
            yield connection


def _messages(ids: Sequence[str] | dict[str, None]) -> list[str]:
    """The ids, put together to as few messages as hold them."""
    messages: list[str] = []
    for job_id in ids:
        if messages and len(messages[-1]) + 1 + len(job_id) <= LONGEST:
            messages[-1] += f",{job_id}"
        else:
            messages.append(job_id)
    return messages
