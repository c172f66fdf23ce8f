"""Jobs as workers see them: owned, seated, moved on, given up."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime

from filmgate.domain.account import Account
from filmgate.domain.asset import Asset
from filmgate.domain.errors import OwnershipLost
from filmgate.domain.events import EventKind
from filmgate.domain.job import AttemptState, Failure, Job, Owned, Status
from filmgate.ports import Refusal
from filmgate.storage.database.frozen import micros
from filmgate.storage.database.jobs import announce_end
from filmgate.storage.database.rows import (
    COLUMNS,
    attempt_of,
    happened,
    insert_asset,
    job_of,
)
from filmgate.storage.database.sqlite import SQLite

_PEEK = f"SELECT {COLUMNS} FROM jobs WHERE id = :id"
_CLAIM = "SELECT owner, epoch, due_at, failures, interruptions FROM jobs WHERE id = :id"
_OPEN_ATTEMPT = """
    SELECT id, number, account_id, state, started_at, ticket, ended_at,
           failure_code, failure_message
    FROM attempts WHERE job_id = :id AND state = 'open'
"""
# The guard is in the insert itself: a seat is an open attempt, not a counter.
_SEAT = """
    INSERT INTO attempts (id, job_id, take, number, account_id, state, started_at)
    SELECT :attempt, :id, 1,
           (SELECT count(*) + 1 FROM attempts WHERE job_id = :id),
           :account, 'open', :at
    WHERE (SELECT count(*) FROM attempts
           WHERE account_id = :account AND state = 'open') < :seats
"""
_OWN = """
    UPDATE jobs SET owner = :worker, epoch = epoch + 1, status = 'in_progress'
    WHERE id = :id
"""
_CLOSE = """
    UPDATE attempts SET state = :state, ended_at = :at,
        failure_code = :code, failure_message = :message
    WHERE id = :attempt AND state = 'open'
"""
# Fenced: only the owner of this epoch moves the job, and only from where it was.
_END = """
    UPDATE jobs SET status = :status, owner = NULL, finished_at = :at,
        percent = CASE WHEN :status = 'completed' THEN 100 ELSE percent END,
        expires_at = :expires, failure_code = :code, failure_message = :message
    WHERE id = :id AND owner = :owner AND epoch = :epoch AND status = 'in_progress'
"""
_REQUEUE = """
    UPDATE jobs SET status = 'queued', owner = NULL, percent = 0, due_at = :due,
        failures = failures + :failed, interruptions = interruptions + :interrupted
    WHERE id = :id AND owner = :owner AND epoch = :epoch AND status = 'in_progress'
"""
_PERCENT = """
    UPDATE jobs SET percent = :percent
    WHERE id = :id AND owner = :owner AND epoch = :epoch
"""
_RELEASE = """
    UPDATE jobs SET owner = NULL WHERE id = :id AND owner = :owner AND epoch = :epoch
"""
_ORPHANS = """
    SELECT id FROM jobs
    WHERE finished_at IS NULL AND status = 'in_progress'
      AND (owner IS NULL OR owner != :worker)
    ORDER BY priority DESC, created_at, id LIMIT :limit
"""
_WAITING = """
    SELECT id FROM jobs
    WHERE finished_at IS NULL AND engine = :engine AND status = 'queued'
      AND due_at <= :at
    ORDER BY priority DESC, created_at, id LIMIT :limit
"""
_LEFTOVERS = """
    SELECT gone.id, assets.key
    FROM (SELECT id FROM jobs WHERE deleted_at IS NOT NULL AND finished_at IS NOT NULL
          ORDER BY deleted_at LIMIT :limit) AS gone
    LEFT JOIN assets ON assets.job_id = gone.id
"""
_FORGET = (
    "DELETE FROM job_metadata WHERE job_id = :id",
    "DELETE FROM assets WHERE job_id = :id",
    "DELETE FROM events WHERE job_id = :id",
    "DELETE FROM attempts WHERE job_id = :id",
    "DELETE FROM takes WHERE job_id = :id",
    "DELETE FROM jobs WHERE id = :id",
)


class OwnershipRows:
    """`ports.Ownership` on SQLite."""

    def __init__(self, database: SQLite) -> None:
        self._database = database

    async def peek(self, job_id: str) -> Job | None:
        row = self._database.row(_PEEK, id=job_id)
        return job_of(row) if row else None

    async def own(
        self,
        job_id: str,
        *,
        worker: str,
        account: Account,
        attempt_id: str,
        at: datetime,
    ) -> Owned | Refusal:
        def unit(connection: sqlite3.Connection) -> Owned | Refusal:
            row = connection.execute(_PEEK, {"id": job_id}).fetchone()
            if row is None or Status(row[2]).ended:
                return Refusal.ENDED
            job = job_of(row)
            owner, epoch, due, failures, interruptions = connection.execute(
                _CLAIM, {"id": job_id}
            ).fetchone()
            if owner == worker:
                return Refusal.OWNED
            if due > micros(at):
                return Refusal.NOT_DUE
            opened = connection.execute(_OPEN_ATTEMPT, {"id": job_id}).fetchone()
            if opened is None:
                seat = {
                    "attempt": attempt_id, "id": job_id, "account": account.id,
                    "at": micros(at), "seats": account.seats,
                }  # fmt: skip
                if connection.execute(_SEAT, seat).rowcount == 0:
                    return Refusal.NO_SEAT
                happened(connection, job_id, EventKind.STARTED, micros(at))
            connection.execute(_OWN, {"id": job_id, "worker": worker})
            attempt = connection.execute(_OPEN_ATTEMPT, {"id": job_id}).fetchone()
            return Owned(
                job=job,
                attempt=attempt_of(job_id, attempt),
                account=account,
                owner=worker,
                epoch=epoch + 1,
                failures=failures,
                interruptions=interruptions,
                resumed=opened is not None,
            )

        return await self._database.write(unit)

    async def keep_ticket(self, attempt_id: str, ticket: str) -> None:
        def unit(connection: sqlite3.Connection) -> None:
            connection.execute(
                "UPDATE attempts SET ticket = coalesce(ticket, :ticket) WHERE id = :id",
                {"id": attempt_id, "ticket": ticket},
            )

        await self._database.write(unit)

    async def keep_percent(self, owned: Owned, percent: int, *, at: datetime) -> None:
        def unit(connection: sqlite3.Connection) -> None:
            _fenced(connection, _PERCENT, owned, percent=percent)
            kind = EventKind.PROGRESS
            happened(connection, owned.job.id, kind, micros(at), percent)

        await self._database.write(unit, durable=False)

    async def keep_previews(self, previews: Sequence[Asset]) -> None:
        def unit(connection: sqlite3.Connection) -> None:
            for asset in previews:
                insert_asset(connection, asset)

        await self._database.write(unit, durable=False)

    async def complete(
        self, owned: Owned, outputs: Sequence[Asset], *, at: datetime, expires: datetime
    ) -> bool:
        def unit(connection: sqlite3.Connection) -> bool:
            (asked,) = connection.execute(
                "SELECT cancel_requested_at FROM jobs WHERE id = :id", {"id": owned.job.id}
            ).fetchone() or (None,)
            if asked is not None:
                _close(connection, owned, AttemptState.CANCELLED, at)
                _end(connection, owned, Status.CANCELLED, at)
                return False
            _close(connection, owned, AttemptState.SUCCEEDED, at)
            _end(connection, owned, Status.COMPLETED, at, expires=micros(expires))
            for asset in outputs:
                insert_asset(connection, asset)
            return True

        return await self._database.write(unit)

    async def fail(self, owned: Owned, failure: Failure, *, at: datetime) -> None:
        def unit(connection: sqlite3.Connection) -> None:
            _close(connection, owned, AttemptState.FAILED, at, failure)
            _end(connection, owned, Status.FAILED, at, failure=failure)

        await self._database.write(unit)

    async def retry(
        self, owned: Owned, failure: Failure, *, at: datetime, due: datetime
    ) -> None:
        def unit(connection: sqlite3.Connection) -> None:
            _close(connection, owned, AttemptState.FAILED, at, failure)
            _fenced(connection, _REQUEUE, owned, due=micros(due), failed=1, interrupted=0)
            _forget_previews(connection, owned)
            happened(connection, owned.job.id, EventKind.RETRIED, micros(at))

        await self._database.write(unit)

    async def interrupt(self, owned: Owned, *, at: datetime, counts: bool) -> None:
        def unit(connection: sqlite3.Connection) -> None:
            _close(connection, owned, AttemptState.INTERRUPTED, at)
            counted = int(counts)
            _fenced(
                connection,
                _REQUEUE,
                owned,
                due=micros(at),
                failed=0,
                interrupted=counted,
            )
            _forget_previews(connection, owned)
            happened(connection, owned.job.id, EventKind.INTERRUPTED, micros(at))

        await self._database.write(unit)

    async def release(self, owned: Owned) -> None:
        def unit(connection: sqlite3.Connection) -> None:
            _fenced(connection, _RELEASE, owned)

        await self._database.write(unit)

    async def cancelled(self, owned: Owned, *, at: datetime) -> None:
        def unit(connection: sqlite3.Connection) -> None:
            _close(connection, owned, AttemptState.CANCELLED, at)
            _end(connection, owned, Status.CANCELLED, at)

        await self._database.write(unit)

    async def orphans(self, worker: str, *, limit: int) -> Sequence[str]:
        rows = self._database.rows(_ORPHANS, worker=worker, limit=limit)
        return [job_id for (job_id,) in rows]

    async def waiting(self, engine: str, *, at: datetime, limit: int) -> Sequence[str]:
        rows = self._database.rows(_WAITING, engine=engine, at=micros(at), limit=limit)
        return [job_id for (job_id,) in rows]

    async def leftovers(self, *, limit: int) -> Sequence[tuple[str, Sequence[str]]]:
        keys: dict[str, list[str]] = {}
        for job_id, key in self._database.rows(_LEFTOVERS, limit=limit):
            keys.setdefault(job_id, []).extend([key] if key else [])
        return list(keys.items())

    async def forget(self, job_id: str) -> None:
        def unit(connection: sqlite3.Connection) -> None:
            for statement in _FORGET:
                connection.execute(statement, {"id": job_id})

        await self._database.write(unit)


def _fenced(connection: sqlite3.Connection, sql: str, owned: Owned, **values: object) -> None:
    fence = {"id": owned.job.id, "owner": owned.owner, "epoch": owned.epoch}
    if connection.execute(sql, {**fence, **values}).rowcount == 0:
        message = f"Job {owned.job.id} is not {owned.owner}'s any more."
        raise OwnershipLost(message)


def _forget_previews(connection: sqlite3.Connection, owned: Owned) -> None:
    sql = "DELETE FROM assets WHERE job_id = :id AND variant = 'preview'"
    connection.execute(sql, {"id": owned.job.id})


def _end(  # noqa: PLR0913 (the columns)
    connection: sqlite3.Connection,
    owned: Owned,
    status: Status,
    at: datetime,
    *,
    failure: Failure | None = None,
    expires: int | None = None,
) -> None:
    _fenced(
        connection,
        _END,
        owned,
        status=status,
        at=micros(at),
        expires=expires,
        code=failure and failure.code,
        message=failure and failure.message,
    )
    happened(connection, owned.job.id, EventKind(status), micros(at))
    connection.execute(
        "DELETE FROM events WHERE job_id = :id AND kind = 'progress'", {"id": owned.job.id}
    )
    announce_end(connection, owned.job.id, micros(at))


def _close(
    connection: sqlite3.Connection,
    owned: Owned,
    state: AttemptState,
    at: datetime,
    failure: Failure | None = None,
) -> None:
    connection.execute(
        _CLOSE,
        {
            "attempt": owned.attempt.id, "state": state, "at": micros(at),
            "code": failure and failure.code, "message": failure and failure.message,
        },
    )  # fmt: skip
