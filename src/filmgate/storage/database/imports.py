"""The rows of films that were made elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

from filmgate.domain.asset import Asset
from filmgate.domain.events import EventKind
from filmgate.domain.job import Job
from filmgate.storage.database.connection import Connection, Database
from filmgate.storage.database.frozen import freeze_plan, freeze_request, micros
from filmgate.storage.database.rows import COLUMNS, happened, insert_asset, job_of

_INSERT = """
    INSERT INTO jobs (id, caller_id, status, engine, media, request, plan, percent,
                      created_at, due_at, finished_at, used_at)
    VALUES (:id, :caller, :status, :engine, :media, :request, :plan, :percent,
            :at, :at, :at, :at)
    ON CONFLICT (id) DO NOTHING
"""
_TAKE = "INSERT INTO takes (job_id, number) VALUES (:id, 1)"
_FIND = f"SELECT {COLUMNS} FROM jobs WHERE id = :id"


class ImportRows:
    """`ports.KeptImports` in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, job: Job, outputs: Sequence[Asset]) -> bool:
        at = micros(job.created_at)
        values = {
            "id": job.id, "caller": job.caller_id, "status": job.status,
            "engine": job.take.engine, "media": job.request.media,
            "request": freeze_request(job.request), "plan": freeze_plan(job.plan),
            "percent": job.percent, "at": at,
        }  # fmt: skip

        def unit(connection: Connection) -> bool:
            # Nobody pays, and nobody is told: no charge, no attempt, no webhook.
            if connection.execute(_INSERT, values).rowcount != 1:
                return False
            connection.execute(_TAKE, values)
            for asset in outputs:
                insert_asset(connection, asset)
            happened(connection, job.id, EventKind.CREATED, at)
            happened(connection, job.id, EventKind.COMPLETED, at)
            return True

        return await self._database.write(unit)

    async def find(self, job_id: str) -> Job | None:
        row = await self._database.row(_FIND, id=job_id)
        return job_of(row) if row else None
