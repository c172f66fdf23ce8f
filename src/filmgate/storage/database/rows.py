"""Rows become domain objects here, and the inserts that both halves of a job share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from filmgate.domain.asset import Asset, Variant
from filmgate.domain.events import EventKind
from filmgate.domain.job import Attempt, AttemptState, Failure, Job, Status
from filmgate.storage.database.connection import Connection
from filmgate.storage.database.frozen import (
    moment,
    thaw_names,
    thaw_pairs,
    thaw_plan,
    thaw_request,
)

COLUMNS = """
    id, caller_id, status, request, plan, percent, created_at, finished_at,
    expires_at, failure_code, failure_message, cancel_requested_at, deleted_at,
    expired_at, metadata, variants, link_version, used_at, progressed_at,
    choice, charged, cost
"""
_INSERT_ASSET = """
    INSERT INTO assets (id, job_id, variant, media_type, key, size, sha256)
    VALUES (:id, :job, :variant, :media_type, :key, :size, :sha256)
"""
_EVENT = """
    INSERT INTO events (job_id, number, kind, at, percent)
    SELECT :job, coalesce(max(number), 0) + 1, :kind, :at, :percent
    FROM events WHERE job_id = :job
"""


def insert_asset(connection: Connection, asset: Asset) -> None:
    connection.execute(
        _INSERT_ASSET,
        {
            "id": asset.id, "job": asset.job_id, "variant": asset.variant,
            "media_type": asset.media_type, "key": asset.key, "size": asset.size,
            "sha256": asset.sha256,
        },
    )  # fmt: skip


def happened(
    connection: Connection, job_id: str, kind: EventKind, at: int, percent: int = 0
) -> None:
    """
    Write an event, in the transaction of the change that it tells of.

    That must hold the job's row before, by its change or by a lock: events are numbered.
    """
    values = {"job": job_id, "kind": kind, "at": at, "percent": percent}
    connection.execute(_EVENT, values)


def job_of(row: Sequence[Any]) -> Job:
    """A row of `COLUMNS`."""
    return Job(
        id=row[0],
        caller_id=row[1],
        status=Status(row[2]),
        request=thaw_request(row[3]),
        plan=thaw_plan(row[4]),
        percent=row[5],
        created_at=moment(row[6]),
        finished_at=_moment(row[7]),
        expires_at=_moment(row[8]),
        failure=Failure(code=row[9], message=row[10]) if row[9] else None,
        cancel_requested_at=_moment(row[11]),
        deleted_at=_moment(row[12]),
        expired_at=_moment(row[13]),
        metadata={} if row[14] == "{}" else thaw_pairs(row[14]),
        variants=() if row[15] is None else thaw_names(row[15]),
        link_version=row[16],
        used=row[17] is not None,
        progressed_at=_moment(row[18]),
        choice=row[19],
        charged=row[20],
        cost=row[21],
    )


def asset_of(job_id: str, row: Sequence[Any]) -> Asset:
    return Asset(
        id=row[0],
        job_id=job_id,
        variant=Variant(row[1]),
        media_type=row[2],
        key=row[3],
        size=row[4],
        sha256=row[5],
    )


def attempt_of(job_id: str, row: Sequence[Any]) -> Attempt:
    return Attempt(
        id=row[0],
        job_id=job_id,
        number=row[1],
        account_id=row[2],
        state=AttemptState(row[3]),
        started_at=moment(row[4]),
        ticket=row[5],
        ended_at=_moment(row[6]),
        failure=Failure(code=row[7], message=row[8]) if row[7] else None,
        sending_at=_moment(row[9]),
        cost=row[10],
        cost_estimated=bool(row[11]),
    )


def _moment(value: int | None) -> datetime | None:
    return None if value is None else moment(value)
