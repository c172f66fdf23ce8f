"""What stands in the rows once every node has stopped."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

MICROSECONDS = 1_000_000

_ATTEMPTS = (
    "SELECT id, job_id, number, state, ticket, sending_at, failure_code FROM attempts"
    " ORDER BY job_id, number"
)
_JOBS = "SELECT id, status, owner, failure_code FROM jobs"


@dataclass(frozen=True)
class Attempt:
    id: str
    job_id: str
    number: int
    state: str
    ticket: str | None
    sending_at: float | None  #: seconds since the epoch
    failure_code: str | None


@dataclass(frozen=True)
class Row:
    """Of a job."""

    id: str
    status: str
    owner: str | None
    failure_code: str | None


def read(data: Path, database_url: str | None) -> tuple[list[Attempt], list[Row]]:
    attempts = [
        Attempt(row[0], row[1], row[2], row[3], row[4], _seconds(row[5]), row[6])
        for row in _rows(data, database_url, _ATTEMPTS)
    ]
    return attempts, [Row(*row) for row in _rows(data, database_url, _JOBS)]


def _seconds(micros: int | None) -> float | None:
    return None if micros is None else micros / MICROSECONDS


def _rows(data: Path, database_url: str | None, sql: str) -> Sequence[Any]:
    if database_url:
        with psycopg.connect(database_url) as server:
            return server.execute(sql.encode()).fetchall()
    connection = sqlite3.connect(data / "filmgate.db")
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()
