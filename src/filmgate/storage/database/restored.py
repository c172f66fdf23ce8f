"""What becomes of work that was unfinished in a backup, when that is restored."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from filmgate.domain.batch import Answer, Fault
from filmgate.domain.errors import CannotStart
from filmgate.domain.events import EventKind
from filmgate.domain.job import AttemptState, Failure, Status
from filmgate.storage.database.connection import Connection
from filmgate.storage.database.deliveries import announce
from filmgate.storage.database.ends import follow_end
from filmgate.storage.database.frozen import micros
from filmgate.storage.database.rows import happened
from filmgate.storage.database.sqlite import connect

# What has a ticket is asked for with it, which costs nothing.
_UNFINISHED = """
    SELECT id, cancel_requested_at IS NOT NULL FROM jobs
    WHERE finished_at IS NULL AND NOT EXISTS
        (SELECT 1 FROM attempts
         WHERE job_id = jobs.id AND state = 'open' AND ticket IS NOT NULL)
    ORDER BY id
"""
_END = """
    UPDATE jobs SET status = :status, owner = NULL, epoch = epoch + 1, finished_at = :at,
        failure_code = :code, failure_message = :message
    WHERE id = :id
"""
_CLOSE = """
    UPDATE attempts SET state = :state, ended_at = :at,
        failure_code = :code, failure_message = :message
    WHERE job_id = :id AND state = 'open'
"""
_DROP_PROGRESS = "DELETE FROM events WHERE job_id = :id AND kind = 'progress'"
_VALIDATING = "SELECT id, caller_id FROM batches WHERE status = 'validating' ORDER BY id"
_FAIL_BATCH = """
    UPDATE batches SET status = 'failed', failed_at = :at, errors = :faults WHERE id = :id
"""
# A line that was started has its job here if that is in the backup, or a claim leads to it.
_LINES = """
    SELECT batch_id, number FROM batch_lines JOIN batches ON batches.id = batch_id
    WHERE status = 'in_progress' AND
        (state = 'waiting' OR state = 'started' AND job_ids IS NULL AND NOT EXISTS
            (SELECT 1 FROM claims
             WHERE claims.caller_id = batches.caller_id AND path = 'batch'
               AND key = batch_id || '/' || number))
"""
_REFUSE_LINE = """
    UPDATE batch_lines SET state = 'refused', error = :answer
    WHERE batch_id = :batch AND number = :number
"""
_COUNT_LINE = "UPDATE batches SET failed = failed + 1 WHERE id = :batch"


@dataclass(frozen=True, kw_only=True)
class Ended:
    """What was ended, because it may have been made since the backup."""

    jobs: int
    batches: int  #: of which no line had been begun
    lines: int  #: of other batches


def end_unfinished(path: Path, failure: Failure, answer: Answer, *, at: datetime) -> Ended:
    """
    End what would be asked of an engine anew: all of it, or nothing.

    Jobs fail with *failure*; *answer* is what their lines are told of which no job was
    made. Webhooks hear of it. `CannotStart` when that cannot be written.
    """
    try:
        with closing(connect(path)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            ended = Ended(
                jobs=_end_jobs(connection, failure, micros(at)),
                batches=_fail_batches(connection, failure, at),
                lines=_refuse_lines(connection, answer),
            )
            connection.execute("COMMIT")
    except sqlite3.Error as error:
        raise CannotStart(f"{path} cannot be written: {error}.") from error
    return ended


def _end_jobs(connection: Connection, failure: Failure, at: int) -> int:
    found = connection.execute(_UNFINISHED).fetchall()
    for job_id, stopped in found:
        status = Status.CANCELLED if stopped else Status.FAILED
        state = AttemptState.CANCELLED if stopped else AttemptState.FAILED
        values = {
            "id": job_id, "at": at, "status": status, "state": state,
            "code": None if stopped else failure.code,
            "message": None if stopped else failure.message,
        }  # fmt: skip
        connection.execute(_CLOSE, values)
        connection.execute(_END, values)
        happened(connection, job_id, EventKind(status), at)
        connection.execute(_DROP_PROGRESS, values)
        follow_end(connection, job_id, at)
    return len(found)


def _fail_batches(connection: Connection, failure: Failure, at: datetime) -> int:
    fault = Fault(code=failure.code, message=failure.message)
    faults = msgspec.json.encode([fault]).decode()
    found = connection.execute(_VALIDATING).fetchall()
    for batch_id, caller_id in found:
        values = {"id": batch_id, "at": micros(at), "faults": faults}
        connection.execute(_FAIL_BATCH, values)
        announce(
            connection, event_type="batch.failed", subject_id=batch_id, caller_id=caller_id,
            target=None, at=at,
        )  # fmt: skip
    return len(found)


def _refuse_lines(connection: Connection, answer: Answer) -> int:
    found = connection.execute(_LINES).fetchall()
    told = f"{answer.status} {answer.body}"
    for batch_id, number in found:
        values = {"batch": batch_id, "number": number, "answer": told}
        connection.execute(_REFUSE_LINE, values)
        connection.execute(_COUNT_LINE, values)
    return len(found)
