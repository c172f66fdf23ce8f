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

#: The newest migration. A test compares it with the migrations and the schema files.
HEAD = "0005"
#: The oldest migration whose program can run on this database, if it says so.
OLDEST_CODE = "SELECT value FROM installation WHERE name = 'oldest_code'"


def prepare(path: Path) -> None:
    """
    See that the database at *path* has this program's schema.

    A new one is made from `schema.sqlite.sql`. An older one is upgraded in a
    child process, because SQLAlchemy and Alembic cost a second and 40 MB. One of
    a newer filmgate is taken as it is when it says that this program can.
    Raises `CannotStart` when it is no database of ours, or a too new one.
    """
    try:
        with closing(connect(path)) as connection:
            version = _version(connection)
            if version is None:
                connection.executescript(schema("sqlite"))
                return
            if version == HEAD:
                return
            if version > HEAD:
                row = connection.execute(OLDEST_CODE).fetchone()
                check_newer(str(path), version, row)
                return
    except sqlite3.DatabaseError as error:
        message = f"{path} is not a filmgate database: {error}."
        raise CannotStart(message) from error
    upgrade(str(path), version, "sqlite", str(path))


def schema(database: str) -> str:
    """The SQL that makes a new one; *database* is "sqlite" or "postgresql"."""
    return files(__package__).joinpath(f"schema.{database}.sql").read_text()


def check_newer(name: str, version: str, oldest_code: tuple[str] | None) -> None:
    """`CannotStart` unless the newer schema *version* lets this program's code run."""
    if oldest_code is None or oldest_code[0] > HEAD:
        message = (
            f"{name} has version {version}, and this program knows {HEAD}. "
            "A newer filmgate made it: run that one."
        )
        raise CannotStart(message)


def upgrade(name: str, version: str, *arguments: str, url: str = "") -> None:
    """Run the migrations in a child, which is told *url* where nobody else can read it."""
    command = [sys.executable, "-m", "filmgate.storage.database.migrate", *arguments]
    done = subprocess.run(  # noqa: S603
        command, input=url, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        message = f"{name} has version {version} and could not be upgraded to {HEAD}: {reason}."
        raise CannotStart(message)


def _version(connection: sqlite3.Connection) -> str | None:
    """The newest migration that was run; None for a database without any table."""
    if not connection.execute("SELECT name FROM sqlite_master").fetchall():
        return None
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(row[0]) if row else ""
