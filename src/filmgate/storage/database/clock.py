"""The time of the database, for nodes whose own clocks differ."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

from filmgate.ports import Clock
from filmgate.storage.database.connection import Database

log = logging.getLogger(__name__)

WRONG = timedelta(seconds=1)  #: by so much a clock may differ before it is worth a line
#: Seconds between two times that it is set.
AGAIN = 60.0

_NOW = "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint)"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class DatabaseClock:
    """
    `ports.Clock`: PostgreSQL's time, as near as an answer of it is quick.

    Leases and owners are compared by it, so that a node whose clock is ahead does not
    take the others for dead.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._behind = timedelta()

    def now(self) -> datetime:
        return self._clock.now() + self._behind

    async def sleep(self, seconds: float) -> None:
        await self._clock.sleep(seconds)

    async def set(self) -> None:
        """Ask the database; `StorageUnavailable` leaves everything as it was."""
        asked = self._clock.now()
        (micros,) = await self._database.row(_NOW)
        answered = self._clock.now()
        if answered - asked > WRONG:
            return  # too slow to be right; the next time it is not
        behind = _EPOCH + timedelta(microseconds=micros) - asked - (answered - asked) / 2
        if abs(behind) > WRONG and abs(self._behind) <= WRONG:
            log.warning(
                "clock.wrong seconds=%.1f the database's is used", -behind.total_seconds()
            )
        self._behind = behind
