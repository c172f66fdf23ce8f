"""The rows of batches and of their lines."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from filmgate.domain.batch import (
    BATCH_STEPS,
    LINE_STEPS,
    Answer,
    Batch,
    BatchLine,
    BatchStatus,
    Fault,
    LineState,
)
from filmgate.domain.claim import Claim
from filmgate.storage.database.claims import claim_object
from filmgate.storage.database.connection import Connection, Database
from filmgate.storage.database.deliveries import announce
from filmgate.storage.database.frozen import freeze, micros, moment, thaw_names, thaw_pairs

#: Statuses that have a column for when they were reached.
_REACHED = [status for status in BatchStatus if status is not BatchStatus.VALIDATING]
_COLUMNS = f"""
    id, caller_id, endpoint, input_file_id, status, created_at, expires_at, metadata,
    keep_seconds, model, errors, total, completed, failed, output_file_id, error_file_id,
    {", ".join(f"{status}_at" for status in _REACHED)}
"""
_INSERT = """
    INSERT INTO batches (id, caller_id, endpoint, input_file_id, status, created_at,
                         expires_at, metadata, keep_seconds)
    VALUES (:id, :caller, :endpoint, :file, :status, :at, :expires, :metadata, :keep)
"""
_GET = f"SELECT {_COLUMNS} FROM batches WHERE id = :id AND caller_id = :caller"
_ANYBODYS = f"SELECT {_COLUMNS} FROM batches WHERE id = :id"
# A page starts after the batch of that id. Comparing with NULL is never true, so nothing
# follows one that is not there.
_PAGE = f"""
    SELECT {_COLUMNS} FROM batches
    WHERE caller_id = :caller
      AND (CAST(:after AS TEXT) IS NULL OR (created_at, id) <
           (SELECT created_at, id FROM batches WHERE id = :after AND caller_id = :caller))
    ORDER BY created_at DESC, id DESC LIMIT :limit
"""
_HAVING = """
    SELECT id FROM batches WHERE status IN ({}) AND id > :after ORDER BY id LIMIT :limit
"""
_OVERDUE = f"""
    SELECT {_COLUMNS} FROM batches
    WHERE status IN ('validating', 'in_progress') AND expires_at <= :at
    ORDER BY expires_at, id LIMIT :limit
"""
_MOVE = """
    UPDATE batches SET
        status = :to, {to}_at = :at,
        model = coalesce(:model, model), total = coalesce(:total, total),
        errors = coalesce(:faults, errors),
        output_file_id = coalesce(:output, output_file_id),
        error_file_id = coalesce(:error, error_file_id)
    WHERE id = :id AND status IN ({sources}) RETURNING caller_id
"""
_STATUS = "SELECT status FROM batches WHERE id = :id"
# A validation that was interrupted begins again, and finds what it has kept.
_INSERT_LINE = """
    INSERT INTO batch_lines (batch_id, number, custom_id, body, state)
    VALUES (:id, :number, :custom_id, :body, :state)
    ON CONFLICT (batch_id, number) DO NOTHING
"""
_LINES = """
    SELECT number, custom_id, body, state, job_ids, error FROM batch_lines
    WHERE batch_id = :id AND {which} ORDER BY number LIMIT :limit
"""
_NUMBERS = """
    SELECT number FROM batch_lines
    WHERE batch_id = :id AND state = :state ORDER BY number LIMIT :limit
"""
_STATE = "SELECT state FROM batch_lines WHERE batch_id = :id AND number = :number"
_SET_STATE = """
    UPDATE batch_lines SET state = :state, error = :answer
    WHERE batch_id = :id AND number = :number
"""
_COUNT = """
    UPDATE batches SET completed = completed + :completed, failed = failed + :failed
    WHERE id = :id
"""
_MADE = """
    UPDATE batch_lines SET job_ids = :job_ids
    WHERE batch_id = :id AND number = :number AND state = 'started'
"""
_STOP = """
    UPDATE batch_lines SET state = :state
    WHERE batch_id = :id AND number IN (
        SELECT number FROM batch_lines
        WHERE batch_id = :id AND state = 'waiting' ORDER BY number LIMIT :limit)
"""
_DROP = """
    DELETE FROM batch_lines
    WHERE batch_id = :id AND number IN (
        SELECT number FROM batch_lines WHERE batch_id = :id ORDER BY number LIMIT :limit)
"""
_LEFTOVERS = """
    SELECT id FROM batches
    WHERE status IN ({}) AND EXISTS (SELECT 1 FROM batch_lines WHERE batch_id = batches.id)
    ORDER BY id
"""

_faults = msgspec.json.Decoder(tuple[Fault, ...])


class BatchRows:
    """`ports.Batches` in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, batch: Batch, claim: Claim | None) -> str:
        values = {
            "id": batch.id, "caller": batch.caller_id, "endpoint": batch.endpoint,
            "file": batch.input_file_id, "status": batch.status,
            "at": micros(batch.created_at), "expires": micros(batch.expires_at),
            "metadata": freeze(batch.metadata), "keep": int(batch.kept.total_seconds()),
        }  # fmt: skip

        def unit(connection: Connection) -> str:
            standing = claim_object(connection, claim, batch.id, batch.created_at)
            if standing == batch.id:
                connection.execute(_INSERT, values)
            return standing

        return await self._database.write(unit)

    async def get(self, batch_id: str, *, caller_id: str) -> Batch | None:
        row = await self._database.row(_GET, id=batch_id, caller=caller_id)
        return _batch_of(row) if row else None

    async def anybodys(self, batch_id: str) -> Batch | None:
        row = await self._database.row(_ANYBODYS, id=batch_id)
        return _batch_of(row) if row else None

    async def list(
        self, *, caller_id: str, after: str | None, limit: int
    ) -> tuple[Sequence[Batch], bool]:
        rows = await self._database.rows(_PAGE, caller=caller_id, after=after, limit=limit + 1)
        return [_batch_of(row) for row in rows[:limit]], len(rows) > limit

    async def having(
        self, statuses: Collection[BatchStatus], *, after: str, limit: int
    ) -> Sequence[str]:
        sql = _HAVING.format(_words(statuses))
        return [row[0] for row in await self._database.rows(sql, after=after, limit=limit)]

    async def overdue(self, *, at: datetime, limit: int) -> Sequence[Batch]:
        rows = await self._database.rows(_OVERDUE, at=micros(at), limit=limit)
        return [_batch_of(row) for row in rows]

    async def move(  # noqa: PLR0913 (what may come with a step)
        self,
        batch_id: str,
        to: BatchStatus,
        *,
        at: datetime,
        model: str | None = None,
        total: int | None = None,
        faults: Sequence[Fault] = (),
        output_file_id: str | None = None,
        error_file_id: str | None = None,
    ) -> bool:
        sources = [status for status, steps in BATCH_STEPS.items() if to in steps]
        sql = _MOVE.format(to=to, sources=_words(sources))
        values = {
            "id": batch_id, "to": to, "at": micros(at), "model": model, "total": total,
            "faults": msgspec.json.encode(faults).decode() if faults else None,
            "output": output_file_id, "error": error_file_id,
        }  # fmt: skip

        def unit(connection: Connection) -> bool:
            moved = connection.execute(sql, values).fetchone()
            if moved and to.ended:
                announce(
                    connection,
                    event_type=f"batch.{to}",
                    subject_id=batch_id,
                    caller_id=moved[0],
                    target=None,
                    at=at,
                )
            return moved is not None

        return await self._database.write(unit)

    async def add_lines(self, batch_id: str, lines: Sequence[BatchLine]) -> bool:
        values = [
            {
                "id": batch_id, "number": line.number, "custom_id": line.custom_id,
                "body": line.body, "state": line.state,
            }
            for line in lines
        ]  # fmt: skip

        def unit(connection: Connection) -> bool:
            connection.lock("batches", batch_id)
            row = connection.execute(_STATUS, {"id": batch_id}).fetchone()
            if row is None or row[0] != BatchStatus.VALIDATING:
                return False
            connection.executemany(_INSERT_LINE, values)
            return True

        # The step that ends the validation is synced, and everything before it with it.
        return await self._database.write(unit, durable=False)

    async def numbers(self, batch_id: str, state: LineState, *, limit: int) -> Sequence[int]:
        rows = await self._database.rows(_NUMBERS, id=batch_id, state=state, limit=limit)
        return [row[0] for row in rows]

    async def line(self, batch_id: str, number: int) -> BatchLine | None:
        sql = _LINES.format(which="number = :number")
        row = await self._database.row(sql, id=batch_id, number=number, limit=1)
        return _line_of(row) if row else None

    async def lines(
        self, batch_id: str, state: LineState, *, after: int, limit: int
    ) -> Sequence[BatchLine]:
        sql = _LINES.format(which="state = :state AND number > :after")
        rows = await self._database.rows(
            sql, id=batch_id, state=state, after=after, limit=limit
        )
        return [_line_of(row) for row in rows]

    async def start(self, batch_id: str, number: int) -> bool:
        return await self._step(batch_id, number, LineState.STARTED, None)

    async def made(
        self, batch_id: str, number: int, job_ids: Sequence[str]
    ) -> BatchStatus | None:
        values = {"id": batch_id, "number": number, "job_ids": freeze(job_ids)}

        def unit(connection: Connection) -> BatchStatus | None:
            # Whoever cancels the batch either is seen here or finds these jobs.
            connection.lock("batches", batch_id)
            connection.execute(_MADE, values)
            row = connection.execute(_STATUS, values).fetchone()
            return BatchStatus(row[0]) if row else None

        return await self._database.write(unit, durable=False)

    async def settle(
        self, batch_id: str, number: int, state: LineState, answer: Answer | None = None
    ) -> bool:
        return await self._step(batch_id, number, state, answer)

    async def stop_waiting(self, batch_id: str, state: LineState, *, limit: int) -> int:
        def unit(connection: Connection) -> int:
            values = {"id": batch_id, "state": state, "limit": limit}
            connection.lock("batches", batch_id)
            stopped = connection.execute(_STOP, values).rowcount
            _count(connection, batch_id, completed=0, failed=stopped)
            return stopped

        return await self._database.write(unit, durable=False)

    async def drop_lines(self, batch_id: str, *, limit: int) -> int:
        def unit(connection: Connection) -> int:
            return connection.execute(_DROP, {"id": batch_id, "limit": limit}).rowcount

        return await self._database.write(unit, durable=False)

    async def leftovers(self) -> Sequence[str]:
        ends = [status for status in BatchStatus if status.ended]
        return [row[0] for row in await self._database.rows(_LEFTOVERS.format(_words(ends)))]

    async def _step(
        self, batch_id: str, number: int, state: LineState, answer: Answer | None
    ) -> bool:
        values = {
            "id": batch_id, "number": number, "state": state,
            "answer": f"{answer.status} {answer.body}" if answer else None,
        }  # fmt: skip

        def unit(connection: Connection) -> bool:
            connection.lock("batches", batch_id)  # its lines and its counts
            row = connection.execute(_STATE, values).fetchone()
            before = LineState(row[0]) if row else state
            if state not in LINE_STEPS[before]:
                return False
            connection.execute(_SET_STATE, values)
            completed = (state is LineState.COMPLETED) - (before is LineState.COMPLETED)
            failed = _is_failed(state) - _is_failed(before)
            _count(connection, batch_id, completed=completed, failed=failed)
            return True

        # Whatever a power cut takes is found out again: the job's own row is synced.
        return await self._database.write(unit, durable=False)


def _count(connection: Connection, batch_id: str, *, completed: int, failed: int) -> None:
    if completed or failed:
        values = {"id": batch_id, "completed": completed, "failed": failed}
        connection.execute(_COUNT, values)


def _is_failed(state: LineState) -> bool:
    return state not in (LineState.WAITING, LineState.STARTED, LineState.COMPLETED)


def _words(statuses: Collection[BatchStatus]) -> str:
    return ", ".join(f"'{status}'" for status in statuses)


def _batch_of(row: Sequence[Any]) -> Batch:
    """A row of `_COLUMNS`."""
    times = zip(_REACHED, row[16:], strict=True)
    return Batch(
        id=row[0],
        caller_id=row[1],
        endpoint=row[2],
        input_file_id=row[3],
        status=BatchStatus(row[4]),
        created_at=moment(row[5]),
        expires_at=moment(row[6]),
        metadata=thaw_pairs(row[7]),
        kept=timedelta(seconds=row[8]),
        model=row[9],
        faults=_faults.decode(row[10]) if row[10] else (),
        total=row[11],
        completed=row[12],
        failed=row[13],
        output_file_id=row[14],
        error_file_id=row[15],
        reached={status: moment(at) for status, at in times if at is not None},
    )


def _line_of(row: Sequence[Any]) -> BatchLine:
    """A row of `_LINES`."""
    status, _, body = (row[5] or "").partition(" ")
    return BatchLine(
        number=row[0],
        custom_id=row[1],
        body=row[2],
        state=LineState(row[3]),
        job_ids=thaw_names(row[4]) if row[4] else (),
        answer=Answer(status=int(status), body=body) if status else None,
    )
