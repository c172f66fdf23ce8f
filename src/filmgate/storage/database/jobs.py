"""Jobs as callers see them: kept, read, listed, deleted."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime

from filmgate.domain.asset import Asset, Variant
from filmgate.domain.events import Event, EventKind
from filmgate.domain.job import Attempt, Job
from filmgate.storage.database.frozen import (
    freeze_plan,
    freeze_request,
    micros,
    moment,
)
from filmgate.storage.database.rows import (
    COLUMNS,
    attempt_of,
    happened,
    insert_asset,
    job_of,
)
from filmgate.storage.database.sqlite import SQLite

_INSERT_JOB = """
    INSERT INTO jobs (id, caller_id, status, engine, request, plan, created_at, due_at)
    VALUES (:id, :caller, :status, :engine, :request, :plan, :at, :at)
"""
_GET = f"""
    SELECT {COLUMNS} FROM jobs
    WHERE id = :id AND caller_id = :caller AND deleted_at IS NULL
"""
# A list starts after the job of that id. One that is not there has nothing after it:
# comparing with NULL is never true.
_NEWEST = f"""
    SELECT {COLUMNS} FROM jobs
    WHERE caller_id = :caller AND deleted_at IS NULL
      AND (:after IS NULL OR (created_at, id) <
           (SELECT created_at, id FROM jobs WHERE id = :after AND caller_id = :caller))
    ORDER BY created_at DESC, id DESC LIMIT :limit
"""
_OLDEST = f"""
    SELECT {COLUMNS} FROM jobs
    WHERE caller_id = :caller AND deleted_at IS NULL
      AND (:after IS NULL OR (created_at, id) >
           (SELECT created_at, id FROM jobs WHERE id = :after AND caller_id = :caller))
    ORDER BY created_at, id LIMIT :limit
"""
# A queued job ends at once. One that is driven is marked, and ends when its engine has.
_DELETE = """
    UPDATE jobs SET
        deleted_at = :at,
        cancel_requested_at =
            CASE WHEN finished_at IS NULL THEN :at ELSE cancel_requested_at END,
        finished_at = CASE WHEN status = 'queued' THEN :at ELSE finished_at END,
        status = CASE WHEN status = 'queued' THEN 'cancelled' ELSE status END
    WHERE id = :id AND caller_id = :caller AND deleted_at IS NULL
"""
_ATTEMPTS = """
    SELECT id, number, account_id, state, started_at, ticket, ended_at,
           failure_code, failure_message
    FROM attempts WHERE job_id = :id ORDER BY number
"""
_EVENTS = "SELECT number, kind, at FROM events WHERE job_id = :id ORDER BY number"
_OUTPUTS = """
    SELECT id, variant, media_type, key, size, sha256
    FROM assets WHERE job_id = :id AND variant != 'input'
"""


class JobRows:
    """`ports.Jobs` on SQLite."""

    def __init__(self, database: SQLite) -> None:
        self._database = database

    async def add(self, job: Job, inputs: Sequence[Asset]) -> None:
        values = {
            "id": job.id, "caller": job.caller_id, "status": job.status,
            "engine": job.plan.takes[0].engine, "request": freeze_request(job.request),
            "plan": freeze_plan(job.plan), "at": micros(job.created_at),
        }  # fmt: skip
        takes = [
            {"job": job.id, "number": number}
            for number, _ in enumerate(job.plan.takes, start=1)
        ]

        def unit(connection: sqlite3.Connection) -> None:
            connection.execute(_INSERT_JOB, values)
            connection.executemany(
                "INSERT INTO takes (job_id, number) VALUES (:job, :number)", takes
            )
            for asset in inputs:
                insert_asset(connection, asset)
            happened(connection, job.id, EventKind.CREATED, micros(job.created_at))

        await self._database.write(unit)

    async def get(self, job_id: str, *, caller_id: str) -> Job | None:
        row = self._database.row(_GET, id=job_id, caller=caller_id)
        return job_of(row) if row else None

    async def list(
        self, *, caller_id: str, after: str | None, limit: int, newest_first: bool
    ) -> tuple[Sequence[Job], bool]:
        rows = self._database.rows(
            _NEWEST if newest_first else _OLDEST,
            caller=caller_id,
            after=after,
            limit=limit + 1,
        )
        return [job_of(row) for row in rows[:limit]], len(rows) > limit

    async def delete(self, job_id: str, *, caller_id: str, at: datetime) -> bool:
        values = {"id": job_id, "caller": caller_id, "at": micros(at)}

        def unit(connection: sqlite3.Connection) -> bool:
            if connection.execute(_DELETE, values).rowcount == 0:
                return False
            happened(connection, job_id, EventKind.DELETED, micros(at))
            return True

        return await self._database.write(unit)

    async def outputs(self, job_id: str) -> Mapping[Variant, Asset]:
        return {
            Variant(variant): Asset(
                id=asset_id,
                job_id=job_id,
                variant=Variant(variant),
                media_type=media_type,
                key=key,
                size=size,
                sha256=sha256,
            )
            for asset_id, variant, media_type, key, size, sha256 in self._database.rows(
                _OUTPUTS, id=job_id
            )
        }

    async def attempts(self, job_id: str) -> Sequence[Attempt]:
        rows = self._database.rows(_ATTEMPTS, id=job_id)
        return [attempt_of(job_id, row) for row in rows]

    async def events(self, job_id: str) -> Sequence[Event]:
        return [
            Event(job_id=job_id, number=number, kind=EventKind(kind), at=moment(at))
            for number, kind, at in self._database.rows(_EVENTS, id=job_id)
        ]
