"""Jobs as workers see them: owned, seated, moved on, given up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime

from filmgate.domain.account import Account
from filmgate.domain.asset import Asset
from filmgate.domain.character import Character
from filmgate.domain.errors import OwnershipLost
from filmgate.domain.events import EventKind
from filmgate.domain.job import AttemptState, Failure, Job, Owned, Status
from filmgate.ports import Refusal
from filmgate.storage.database.characters import insert_character
from filmgate.storage.database.connection import Connection, Database
from filmgate.storage.database.ends import follow_end
from filmgate.storage.database.frozen import micros
from filmgate.storage.database.ledger import add_up, keep_estimated, keep_reported
from filmgate.storage.database.rows import (
    COLUMNS,
    attempt_of,
    happened,
    insert_asset,
    job_of,
)
from filmgate.storage.database.seats import TRIED, displaced, moved_in, seated

_PEEK = f"SELECT {COLUMNS} FROM jobs WHERE id = :id"
_CLAIM = "SELECT owner, epoch, due_at, failures, interruptions FROM jobs WHERE id = :id"
# Whoever has renewed the lease of its name in time.
_ALIVE = "SELECT 1 FROM leases WHERE name = :lease AND until > :at"
_OPEN_ATTEMPT = """
    SELECT id, number, account_id, state, started_at, ticket, ended_at,
           failure_code, failure_message, sending_at, cost, cost_estimated
    FROM attempts WHERE job_id = :id AND state = 'open'
"""
_SENDING = """
    UPDATE attempts SET sending_at = coalesce(sending_at, :at)
    WHERE id = :attempt AND state = 'open'
"""
_OWN = """
    UPDATE jobs SET owner = :worker, epoch = epoch + 1, status = 'in_progress'
    WHERE id = :id
"""
# Without a ticket it took nothing that we know of; with one, what the engine says, or else
# what its take costs.
_CLOSE = """
    UPDATE attempts SET state = :state, ended_at = :at,
        failure_code = :code, failure_message = :message,
        cost = CASE WHEN ticket IS NULL THEN cost ELSE coalesce(cost, :estimate) END,
        cost_estimated = CASE WHEN ticket IS NULL OR cost IS NOT NULL THEN cost_estimated
                              ELSE :estimated END
    WHERE id = :attempt AND state = 'open'
"""
_TICKET = """
    UPDATE attempts SET ticket = coalesce(ticket, :ticket) WHERE id = :attempt
    RETURNING job_id, state
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
_SWITCH = """
    UPDATE jobs SET choice = :choice, engine = :engine
    WHERE id = :id AND status = 'queued' AND choice < :choice AND cancel_requested_at IS NULL
"""
_PERCENT = """
    UPDATE jobs SET percent = :percent, progressed_at = :at
    WHERE id = :id AND owner = :owner AND epoch = :epoch
"""
_RELEASE = """
    UPDATE jobs SET owner = NULL WHERE id = :id AND owner = :owner AND epoch = :epoch
"""
_ASKED_TO_STOP = """
    SELECT cancel_requested_at IS NOT NULL FROM jobs
    WHERE id = :id AND owner = :owner AND epoch = :epoch AND status = 'in_progress'
"""


class OwnershipRows:
    """`ports.Ownership` in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def peek(self, job_id: str) -> Job | None:
        row = await self._database.row(_PEEK, id=job_id)
        return job_of(row) if row else None

    async def own(  # noqa: PLR0913 (the seat)
        self,
        job_id: str,
        *,
        worker: str,
        accounts: Iterable[Account],
        attempt_id: str,
        at: datetime,
        least_busy: bool = False,
    ) -> Owned | Refusal:
        values: dict[str, object] = {
            "id": job_id, "worker": worker, "attempt": attempt_id, "at": micros(at),
        }  # fmt: skip

        def unit(connection: Connection) -> Owned | Refusal:
            connection.lock("jobs", job_id)
            row = connection.execute(_PEEK, values).fetchone()
            if row is None or Status(row[2]).ended:
                return Refusal.ENDED
            owner, epoch, due, failures, interruptions = connection.execute(
                _CLAIM, values
            ).fetchone()
            # One that asks twice has lost the answer to its first question.
            if owner not in (None, worker) and _is_alive(connection, owner, micros(at)):
                return Refusal.OWNED
            if due > micros(at):
                return Refusal.NOT_DUE
            opened = connection.execute(_OPEN_ATTEMPT, values).fetchone()
            job = job_of(row)
            if opened is None:
                media = job.request.media
                if not seated(connection, accounts, values, media=media, least_busy=least_busy):
                    return Refusal.NO_SEAT
                happened(connection, job_id, EventKind.STARTED, micros(at))
            connection.execute(_OWN, values)
            attempt = connection.execute(_OPEN_ATTEMPT, values).fetchone()
            return Owned(
                job=job,
                attempt=attempt_of(job_id, attempt),
                owner=worker,
                epoch=epoch + 1,
                failures=failures,
                interruptions=interruptions,
                resumed=opened is not None and opened[0] != attempt_id,
                displaced=displaced(connection, attempt[2]),
            )

        return await self._database.write(unit)

    async def keep_sending(self, owned: Owned, *, at: datetime) -> None:
        def unit(connection: Connection) -> None:
            _fence(connection, owned)
            connection.execute(_SENDING, {"attempt": owned.attempt.id, "at": micros(at)})

        await self._database.write(unit)

    async def tried(self, job_id: str) -> AbstractSet[str]:
        return {row[0] for row in await self._database.rows(TRIED, id=job_id)}

    async def move_in(self, account_id: str) -> None:
        def unit(connection: Connection) -> None:
            moved_in(connection, account_id)

        await self._database.write(unit)

    async def switch(self, job_id: str, choice: int, engine: str) -> bool:
        values = {"id": job_id, "choice": choice, "engine": engine}

        def unit(connection: Connection) -> bool:
            connection.lock("jobs", job_id)
            return connection.execute(_SWITCH, values).rowcount == 1

        return await self._database.write(unit)

    async def keep_ticket(self, attempt_id: str, ticket: str) -> None:
        def unit(connection: Connection) -> None:
            values = {"attempt": attempt_id, "ticket": ticket}
            found = connection.execute(_TICKET, values).fetchone()
            if found and found[1] != AttemptState.OPEN:
                keep_estimated(connection, attempt_id, found[0])

        await self._database.write(unit)

    async def keep_cost(self, attempt_id: str, cost: int) -> None:
        def unit(connection: Connection) -> None:
            keep_reported(connection, attempt_id, cost)

        await self._database.write(unit)

    async def keep_percent(self, owned: Owned, percent: int, *, at: datetime) -> None:
        def unit(connection: Connection) -> None:
            _fenced(connection, _PERCENT, owned, percent=percent, at=micros(at))
            kind = EventKind.PROGRESS
            happened(connection, owned.job.id, kind, micros(at), percent)

        await self._database.write(unit, durable=False)

    async def keep_previews(self, previews: Sequence[Asset]) -> None:
        def unit(connection: Connection) -> None:
            for asset in previews:
                insert_asset(connection, asset)

        await self._database.write(unit, durable=False)

    async def complete(
        self,
        owned: Owned,
        outputs: Sequence[Asset],
        *,
        becomes: Character | None = None,
        at: datetime,
        expires: datetime,
    ) -> bool:
        def unit(connection: Connection) -> bool:
            if _fence(connection, owned):
                _close(connection, owned, AttemptState.CANCELLED, at)
                _end(connection, owned, Status.CANCELLED, at)
                return False
            _close(connection, owned, AttemptState.SUCCEEDED, at)
            _end(connection, owned, Status.COMPLETED, at, expires=micros(expires))
            for asset in outputs:
                insert_asset(connection, asset)
            if becomes is not None:
                insert_character(connection, becomes)
            return True

        return await self._database.write(unit)

    async def fail(self, owned: Owned, failure: Failure, *, at: datetime) -> None:
        def unit(connection: Connection) -> None:
            stopped = _fence(connection, owned)
            _close(connection, owned, AttemptState.FAILED, at, failure)
            if stopped:
                _end(connection, owned, Status.CANCELLED, at)
            else:
                _end(connection, owned, Status.FAILED, at, failure=failure)

        await self._database.write(unit)

    async def retry(
        self, owned: Owned, failure: Failure, *, at: datetime, due: datetime, counts: bool
    ) -> None:
        def unit(connection: Connection) -> None:
            stopped = _fence(connection, owned)
            _close(connection, owned, AttemptState.FAILED, at, failure)
            if stopped:
                _end(connection, owned, Status.CANCELLED, at)
                return
            failed = int(counts)
            _fenced(connection, _REQUEUE, owned, due=micros(due), failed=failed, interrupted=0)
            _forget_previews(connection, owned)
            happened(connection, owned.job.id, EventKind.RETRIED, micros(at))

        await self._database.write(unit)

    async def interrupt(self, owned: Owned, *, at: datetime, counts: bool) -> None:
        def unit(connection: Connection) -> None:
            stopped = _fence(connection, owned)
            _close(connection, owned, AttemptState.INTERRUPTED, at)
            if stopped:
                _end(connection, owned, Status.CANCELLED, at)
                return
            counted = int(counts)
            _fenced(connection, _REQUEUE, owned, due=micros(at), failed=0, interrupted=counted)
            _forget_previews(connection, owned)
            happened(connection, owned.job.id, EventKind.INTERRUPTED, micros(at))

        await self._database.write(unit)

    async def release(self, owned: Owned) -> None:
        def unit(connection: Connection) -> None:
            _fenced(connection, _RELEASE, owned)

        await self._database.write(unit)

    async def cancelled(self, owned: Owned, *, at: datetime) -> None:
        def unit(connection: Connection) -> None:
            _fence(connection, owned)
            _close(connection, owned, AttemptState.CANCELLED, at)
            _end(connection, owned, Status.CANCELLED, at)

        await self._database.write(unit)


def _is_alive(connection: Connection, owner: str, at: int) -> bool:
    found = connection.execute(_ALIVE, {"lease": f"node/{owner}", "at": at}).fetchone()
    return found is not None


def _fence(connection: Connection, owned: Owned) -> bool:
    """Hold the job, if it still is *owned*; whether its cancellation was asked for."""
    connection.lock("jobs", owned.job.id)
    fence = {"id": owned.job.id, "owner": owned.owner, "epoch": owned.epoch}
    found = connection.execute(_ASKED_TO_STOP, fence).fetchone()
    if found is None:
        raise _lost(owned)
    return bool(found[0])


def _lost(owned: Owned) -> OwnershipLost:
    return OwnershipLost(f"Job {owned.job.id} is not {owned.owner}'s any more.")


def _fenced(connection: Connection, sql: str, owned: Owned, **values: object) -> None:
    fence = {"id": owned.job.id, "owner": owned.owner, "epoch": owned.epoch}
    if connection.execute(sql, {**fence, **values}).rowcount == 0:
        raise _lost(owned)


def _forget_previews(connection: Connection, owned: Owned) -> None:
    sql = "DELETE FROM assets WHERE job_id = :id AND variant = 'preview'"
    connection.execute(sql, {"id": owned.job.id})


def _end(  # noqa: PLR0913 (the columns)
    connection: Connection,
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
    follow_end(connection, owned.job.id, micros(at))


def _close(
    connection: Connection,
    owned: Owned,
    state: AttemptState,
    at: datetime,
    failure: Failure | None = None,
) -> None:
    # Only what costs nothing is begun again after an interruption.
    free = state is AttemptState.INTERRUPTED
    estimate = None if free else owned.job.take.cost or None
    values = {
        "attempt": owned.attempt.id, "state": state, "at": micros(at),
        "code": failure and failure.code, "message": failure and failure.message,
        "estimate": estimate, "estimated": int(estimate is not None),
    }  # fmt: skip
    connection.execute(_CLOSE, values)
    if estimate is not None:
        add_up(connection, owned.job.id)
