"""What was unfinished in a backup is not paid for again."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from filmgate.domain.batch import Answer
from filmgate.domain.job import Failure
from filmgate.storage.database.prepare import prepare
from filmgate.storage.database.restored import Ended, end_unfinished
from filmgate.storage.database.sqlite import connect

NOW = datetime(2026, 11, 21, tzinfo=UTC)
FAILURE = Failure(code="restored", message="Not again.")
ANSWER = Answer(status=502, body='{"error": 1}')

JOB = """
    INSERT INTO jobs (id, caller_id, status, engine, request, plan, created_at, due_at,
        finished_at, cancel_requested_at, owner)
    VALUES (:id, 'caller_1', :status, 'x', '{}', '{}', 1, 1, :finished, :cancelled, 'node')
"""
ATTEMPT = """
    INSERT INTO attempts (id, job_id, take, number, account_id, state, ticket, started_at,
        sending_at)
    VALUES (:attempt, :id, 1, :number, 'account_1', :state, :ticket, 1, :sending)
"""
BASE = """
    INSERT INTO callers VALUES ('caller_1', 'alice', 1);
    INSERT INTO accounts (id, engine, label, seats, created_at)
        VALUES ('account_1', 'x', 'a', 9, 1);
    INSERT INTO webhook_endpoints (id, caller_id, name, url, event_types, secret, created_at)
        VALUES ('endpoint_1', 'caller_1', 'hook', 'http://x/', '["video.failed",
            "video.completed", "batch.failed"]', '', 1);
    INSERT INTO batches (id, caller_id, endpoint, input_file_id, status, metadata, total,
        created_at, expires_at)
        VALUES ('batch_read', 'caller_1', '/', 'file', 'validating', '{}', 0, 1, 9),
               ('batch_fed', 'caller_1', '/', 'file', 'in_progress', '{}', 4, 1, 9),
               ('batch_ending', 'caller_1', '/', 'file', 'finalizing', '{}', 1, 1, 9);
    INSERT INTO batch_lines (batch_id, number, custom_id, body, state, job_ids)
        VALUES ('batch_read', 1, 'a', '{}', 'waiting', NULL),
               ('batch_fed', 1, 'a', '{}', 'waiting', NULL),
               ('batch_fed', 2, 'b', '{}', 'started', NULL),
               ('batch_fed', 3, 'c', '{}', 'started', NULL),
               ('batch_fed', 4, 'd', '{}', 'started', '["video_ticketed"]'),
               ('batch_ending', 1, 'a', '{}', 'waiting', NULL);
    INSERT INTO claims VALUES ('caller_1', 'batch', 'batch_fed/3', '', 'video_queued', 1);
"""
Attempt = tuple[str, str | None, int | None]  #: its state, its ticket, and when it was sent
#: Name, status and attempts.
JOBS: list[tuple[str, str, list[Attempt]]] = [
    ("queued", "queued", []),
    ("tried", "queued", [("failed", "t0", 1)]),
    ("seated", "in_progress", [("open", None, None)]),
    ("sending", "in_progress", [("open", None, 1)]),
    ("ticketed", "in_progress", [("failed", None, 1), ("open", "t1", 1)]),
    ("stopping", "in_progress", [("open", None, 1)]),
    ("done", "completed", [("succeeded", "t2", 1)]),
]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "filmgate.db"
    prepare(path)
    with closing(connect(path)) as rows:
        rows.executescript(BASE)
        for name, status, attempts in JOBS:
            values: dict[str, Any] = {
                "id": f"video_{name}",
                "status": status,
                "finished": 2 if status == "completed" else None,
                "cancelled": 2 if name == "stopping" else None,
            }
            rows.execute(JOB, values)
            for number, (state, ticket, sending) in enumerate(attempts, 1):
                attempt = {"state": state, "ticket": ticket, "sending": sending}
                more = {"number": number, "attempt": f"attempt_{name}_{number}"}
                rows.execute(ATTEMPT, values | attempt | more)
    return path


def ask(path: Path, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as rows:
        return rows.execute(sql).fetchall()


def test_only_what_has_a_ticket_goes_on(path: Path) -> None:
    ended = end_unfinished(path, FAILURE, ANSWER, at=NOW)

    assert ended == Ended(jobs=5, batches=1, lines=2)
    assert dict(ask(path, "SELECT substr(id, 7), status FROM jobs")) == {
        "queued": "failed",
        "tried": "failed",
        "seated": "failed",
        "sending": "failed",
        "ticketed": "in_progress",
        "stopping": "cancelled",
        "done": "completed",
    }
    assert ask(path, "SELECT DISTINCT failure_code FROM jobs WHERE status = 'failed'") == [
        ("restored",)
    ]
    assert ask(path, "SELECT id FROM attempts WHERE state = 'open'") == [
        ("attempt_ticketed_2",)
    ]


def test_lines_without_a_job_are_refused_and_a_batch_that_was_not_read_fails(
    path: Path,
) -> None:
    end_unfinished(path, FAILURE, ANSWER, at=NOW)

    lines = "SELECT batch_id, number, state FROM batch_lines ORDER BY batch_id, number"
    assert ask(path, lines) == [
        ("batch_ending", 1, "waiting"),
        ("batch_fed", 1, "refused"),
        ("batch_fed", 2, "refused"),
        ("batch_fed", 3, "started"),
        ("batch_fed", 4, "started"),
        ("batch_read", 1, "waiting"),
    ]
    assert ask(path, "SELECT DISTINCT error FROM batch_lines WHERE state = 'refused'") == [
        ('502 {"error": 1}',)
    ]
    assert ask(path, "SELECT id, status, failed FROM batches ORDER BY id") == [
        ("batch_ending", "finalizing", 0),
        ("batch_fed", "in_progress", 2),
        ("batch_read", "failed", 0),
    ]
    ((faults,),) = ask(path, "SELECT errors FROM batches WHERE id = 'batch_read'")
    assert json.loads(faults)[0]["code"] == "restored"


def test_whoever_waits_for_them_is_told(path: Path) -> None:
    end_unfinished(path, FAILURE, ANSWER, at=NOW)

    told = "SELECT subject_id, event_type FROM deliveries ORDER BY subject_id"
    assert ask(path, told) == [
        ("batch_read", "batch.failed"),
        ("video_queued", "video.failed"),
        ("video_seated", "video.failed"),
        ("video_sending", "video.failed"),
        ("video_stopping", "video.failed"),
        ("video_tried", "video.failed"),
    ]
    events = "SELECT job_id, kind FROM events WHERE job_id = 'video_queued'"
    assert ask(path, events) == [("video_queued", "failed")]
    assert ask(path, "SELECT count(*) FROM events WHERE kind = 'cancelled'") == [(1,)]


def test_doing_it_twice_changes_nothing(path: Path) -> None:
    end_unfinished(path, FAILURE, ANSWER, at=NOW)
    again = end_unfinished(path, FAILURE, ANSWER, at=NOW)
    assert again == Ended(jobs=0, batches=0, lines=0)
