"""The rows of a data folder for whoever copies them; nothing of them is changed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filmgate.domain.errors import CannotStart
from filmgate.storage.database.prepare import HEAD
from filmgate.storage.database.sqlite import BUSY

# What is to be deleted, or has not come in yet, is left out.
_NAMED = {
    "assets": "SELECT key, size, sha256, media_type FROM assets",
    "files": "SELECT key, size, sha256, NULL FROM files WHERE deleted_at IS NULL",
    "upload_parts": """
        SELECT key, size, NULL, NULL FROM upload_parts WHERE size >= 0 AND key <> ''
    """,
    "characters": """
        SELECT clip, NULL, NULL, NULL FROM characters
        UNION ALL SELECT portrait, NULL, NULL, NULL FROM characters
    """,
}
_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table'"
_VERSION = "SELECT version_num FROM alembic_version"
_KEY_CHECK = "SELECT value FROM installation WHERE name = 'key_check'"


@dataclass(frozen=True, kw_only=True)
class Named:
    """A blob that rows name, as far as they know it."""

    key: str
    size: int | None = None  #: bytes
    sha256: str | None = None  #: hex
    media_type: str | None = None


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """
    The database at *path*, as it is now, beside whoever writes to it.

    `CannotStart` when there is none, or one that this program does not know.
    """
    if not path.exists():
        message = f"There is no {path}. Name the folder of a filmgate with --data."
        raise CannotStart(message)
    try:
        uri = f"{path.resolve().as_uri()}?mode=ro"
        connection = sqlite3.connect(uri, uri=True, isolation_level=None)
        try:
            connection.execute(f"PRAGMA busy_timeout = {BUSY}")
            connection.execute("BEGIN")  # the same rows from beginning to end
            if version(connection) > HEAD:
                message = f"A newer filmgate made {path}. Use that one."
                raise CannotStart(message)
            yield connection
        finally:
            connection.close()
    except sqlite3.DatabaseError as error:
        raise CannotStart(f"{path} cannot be read: {error}.") from error


def version(connection: sqlite3.Connection) -> str:
    """The newest migration that was run."""
    row = connection.execute(_VERSION).fetchone()
    return str(row[0]) if row else ""


def key_check(connection: sqlite3.Connection) -> str | None:
    """What the installation's key has sealed; None if it was never started."""
    if "installation" not in tables(connection):
        return None
    row = connection.execute(_KEY_CHECK).fetchone()
    return str(row[0]) if row else None


def named(connection: sqlite3.Connection) -> Iterator[Named]:
    """Every blob that the rows name, in any order."""
    there = tables(connection)
    for table, sql in _NAMED.items():
        if table in there:
            for key, size, digest, media_type in connection.execute(sql):
                yield Named(key=key, size=size, sha256=digest, media_type=media_type)


def tables(connection: sqlite3.Connection) -> set[str]:
    """The names of all tables."""
    return {name for (name,) in connection.execute(_TABLES)}
