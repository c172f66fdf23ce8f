"""All rows of a data folder, moved to an empty PostgreSQL in one transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from typing import Any

import psycopg

from filmgate.domain.errors import CannotStart
from filmgate.storage.database.postgres import connect
from filmgate.storage.database.prepare_postgres import NAME, prepare_postgres, reason
from filmgate.storage.database.source import key_check

__all__ = ["LEFT", "TABLES", "check_empty", "move_rows", "prepare_postgres"]

#: What is moved; a table comes after those that its keys lead to.
TABLES = (
    "callers", "api_keys", "accounts", "names", "jobs", "job_metadata", "claims", "takes",
    "attempts", "assets", "events", "characters", "files", "uploads", "upload_parts", "batches",
    "batch_lines", "webhook_endpoints", "deliveries", "delivery_tries", "machines",
    "fallbacks", "charges", "costs",
)  # fmt: skip
#: What is not: who is alive, what was asked in the last minute, and what is of a database.
LEFT = ("leases", "request_counts", "installation", "alembic_version")

_KEY_CHECK = b"""
    INSERT INTO installation (name, value) VALUES ('key_check', %s)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value
"""

Target = psycopg.Connection[Any]


def check_empty(url: str) -> None:
    """Raise `CannotStart` unless the prepared database at *url* has no rows of ours."""
    try:
        with closing(connect(url)) as target:
            _check_empty(target)
    except psycopg.Error as error:
        raise _unusable(error) from None


def move_rows(source: sqlite3.Connection, url: str) -> Mapping[str, int]:
    """
    Copy every row to the prepared, empty database at *url*; the counts by table.

    Ids, times and sealed secrets stay what they are. `CannotStart` when that cannot be
    done: then nothing was kept. No message holds any part of *url*.
    """
    try:
        with closing(connect(url)) as target, target.transaction():
            target.execute("SET LOCAL idle_in_transaction_session_timeout = '10min'")
            # Nodes that start meanwhile wait, and then find what was moved.
            target.execute(f"LOCK TABLE {', '.join(TABLES)} IN EXCLUSIVE MODE".encode())
            _check_empty(target)
            for table in TABLES:
                _copy(source, target, table)
            if kept := key_check(source):
                target.execute(_KEY_CHECK, [kept])
            return {table: _counted(source, target, table) for table in TABLES}
    except psycopg.Error as error:
        raise _unusable(error) from None


def _check_empty(target: Target) -> None:
    for table in (*TABLES, "leases"):
        if target.execute(f"SELECT 1 FROM {table} LIMIT 1".encode()).fetchone():
            message = (
                f"{NAME} is not empty: {table} has rows. Name an empty one, that no node "
                "has been started on."
            )
            raise CannotStart(message)


def _copy(source: sqlite3.Connection, target: Target, table: str) -> None:
    columns = [row[1] for row in source.execute(f"PRAGMA table_info({table})")]
    names = ", ".join(columns)
    copying = f"COPY {table} ({names}) FROM STDIN".encode()
    with target.cursor() as cursor, cursor.copy(copying) as copy:
        for row in source.execute(f"SELECT {names} FROM {table}"):
            copy.write_row([_fitting(value) for value in row])


def _fitting(value: object) -> object:
    """PostgreSQL's text has no zero byte; the sign for what cannot be shown takes its place."""
    return value.replace("\0", "\ufffd") if isinstance(value, str) else value


def _counted(source: sqlite3.Connection, target: Target, table: str) -> int:
    counting = f"SELECT count(*) FROM {table}"
    (expected,) = source.execute(counting).fetchone()
    ((found,),) = target.execute(counting.encode()).fetchall()
    if found != expected:
        message = f"{table} has {expected} rows, and {found} have arrived. Nothing was kept."
        raise CannotStart(message)
    return int(found)


def _unusable(error: psycopg.Error) -> CannotStart:
    return CannotStart(f"{NAME} cannot be used: {reason(error)}.")
