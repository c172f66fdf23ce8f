"""Jobs that nobody looks after: waiting, orphaned, overdue, or to be forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from filmgate.domain.events import EventKind
from filmgate.domain.job import Failure
from filmgate.storage.database.connection import Connection, Database
from filmgate.storage.database.ends import follow_end
from filmgate.storage.database.frozen import micros
from filmgate.storage.database.ledger import REMEMBER
from filmgate.storage.database.rows import happened

_ORPHANS = """
    SELECT id FROM jobs
    WHERE finished_at IS NULL AND status = 'in_progress'
      AND (owner IS NULL
           OR owner <> :worker AND NOT EXISTS
              (SELECT 1 FROM leases WHERE name = 'node/' || jobs.owner AND until > :at))
    ORDER BY priority DESC, created_at, id LIMIT :limit
"""
_WAITING = """
    SELECT id FROM jobs
    WHERE finished_at IS NULL AND engine = :engine AND status = 'queued'
      AND due_at <= :at
    ORDER BY priority DESC, created_at, id LIMIT :limit OFFSET :skip
"""
_OVERDUE = """
    SELECT id FROM jobs
    WHERE finished_at IS NULL AND status = 'queued' AND wait_until <= :at
    ORDER BY wait_until, id LIMIT :limit
"""
_GIVE_UP = """
    UPDATE jobs SET status = 'failed', finished_at = :at,
        failure_code = :code, failure_message = :message
    WHERE id = :id AND status = 'queued' AND wait_until <= :at
"""
_LEFTOVERS = """
    SELECT gone.id, assets.key
    FROM (SELECT id FROM jobs WHERE deleted_at IS NOT NULL AND finished_at IS NOT NULL
          ORDER BY deleted_at LIMIT :limit) AS gone
    LEFT JOIN assets ON assets.job_id = gone.id
"""
_FORGET = (
    REMEMBER,
    "DELETE FROM job_metadata WHERE job_id = :id",
    "DELETE FROM assets WHERE job_id = :id",
    "DELETE FROM events WHERE job_id = :id",
    "DELETE FROM attempts WHERE job_id = :id",
    "DELETE FROM takes WHERE job_id = :id",
    "DELETE FROM jobs WHERE id = :id",
)


class UnattendedRows:
    """`ports.Unattended` in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def give_up(self, job_id: str, failure: Failure, *, at: datetime) -> bool:
        values = {
            "id": job_id, "at": micros(at), "code": failure.code, "message": failure.message,
        }  # fmt: skip

        def unit(connection: Connection) -> bool:
            if connection.execute(_GIVE_UP, values).rowcount == 0:
                return False
            happened(connection, job_id, EventKind.FAILED, micros(at))
            follow_end(connection, job_id, micros(at))
            return True

        return await self._database.write(unit)

    async def orphans(self, worker: str, *, at: datetime, limit: int) -> Sequence[str]:
        rows = await self._database.rows(_ORPHANS, worker=worker, at=micros(at), limit=limit)
        return [row[0] for row in rows]

    async def waiting(
        self, engine: str, *, at: datetime, limit: int, skip: int = 0
    ) -> Sequence[str]:
        rows = await self._database.rows(
            _WAITING, engine=engine, at=micros(at), limit=limit, skip=skip
        )
        return [row[0] for row in rows]

    async def overdue(self, *, at: datetime, limit: int) -> Sequence[str]:
        rows = await self._database.rows(_OVERDUE, at=micros(at), limit=limit)
        return [row[0] for row in rows]

    async def leftovers(self, *, limit: int) -> Sequence[tuple[str, Sequence[str]]]:
        keys: dict[str, list[str]] = {}
        for job_id, key in await self._database.rows(_LEFTOVERS, limit=limit):
            keys.setdefault(job_id, []).extend([key] if key else [])
        return list(keys.items())

    async def forget(self, job_id: str) -> None:
        def unit(connection: Connection) -> None:
            for statement in _FORGET:
                connection.execute(statement, {"id": job_id})

        await self._database.write(unit)
