"""A database that fits this program, before it is opened: made new, checked, or upgraded."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from importlib.resources import files
from pathlib import Path

from filmgate.domain.errors import CannotStart
from filmgate.storage.database.sqlite import connect

#: The newest migration. A test compares it with the migrations and the schema file.
HEAD = "0002"


def prepare(path: Path) -> None:
    """
    See that the database at *path* has this program's schema.

    A new one is made from `schema.sqlite.sql`. An older one is upgraded in a
    child process, because SQLAlchemy and Alembic cost a second and 40 MB.
    Raises `CannotStart` when it is no database of ours, or a newer filmgate's.
    """
    try:
        with closing(connect(path)) as connection:
            version = _version(connection)
            if version == HEAD:
                return
            if version is None:
                schema = files(__package__).joinpath("schema.sqlite.sql").read_text()
                connection.executescript(schema)
                return
    except sqlite3.DatabaseError as error:
        message = f"{path} is not a filmgate database: {error}."
        raise CannotStart(message) from error
    command = [sys.executable, "-m", "filmgate.storage.database.migrate", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode != 0:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        message = (
            f"{path} has version {version} and could not be upgraded to {HEAD}: {reason}. "
            "If a newer filmgate made it, run that one."
        )
        raise CannotStart(message)


def _version(connection: sqlite3.Connection) -> str | None:
    """The newest migration that was run; None for a database without any table."""
    if not connection.execute("SELECT name FROM sqlite_master").fetchall():
        return None
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(row[0]) if row else "nothing"
