"""What `prepare` does, for PostgreSQL; several nodes may do it at once."""

from __future__ import annotations

import re
from contextlib import closing
from typing import Any, cast

import psycopg
from psycopg import conninfo

from filmgate.domain.errors import CannotStart
from filmgate.storage.database.postgres import connect
from filmgate.storage.database.prepare import HEAD, OLDEST_CODE, check_newer, schema, upgrade

SETTING = "FILMGATE_DATABASE_URL"
NAME = f"The database of {SETTING}"
#: Held by whoever makes or changes the schema, until that is committed.
LOCK = b"SELECT pg_advisory_xact_lock(7236184611)"
_TABLES = b"""
    SELECT count(*) FROM pg_tables WHERE schemaname = ANY (current_schemas(false))
"""
_STAMPED = b"SELECT to_regclass('alembic_version') IS NOT NULL"
_VERSION = b"SELECT version_num FROM alembic_version"


def prepare_postgres(url: str) -> None:
    """
    See that the database at *url* has this program's schema.

    Raises `CannotStart` when there is no server, no such database, or one that is
    not ours or too new. No message holds any part of *url*.
    """
    check_url(url)
    try:
        with closing(connect(url)) as connection, connection.transaction():
            connection.execute("SET LOCAL lock_timeout = '60s'")
            connection.execute(LOCK)
            version = _version(connection)
            if version is None:
                connection.execute(schema("postgresql").encode())
                return
            if version > HEAD:
                row = connection.execute(OLDEST_CODE.encode()).fetchone()
                check_newer(NAME, version, cast("tuple[str] | None", row))
    except psycopg.Error as error:
        raise CannotStart(f"{NAME} cannot be used: {reason(error)}.") from None
    if version < HEAD:
        upgrade(NAME, version or "nothing", "postgresql", url=url)


def check_url(url: str) -> None:
    """
    `CannotStart` for what is no URL of a PostgreSQL.

    One whose password was not encoded reads as another one, with a part of the
    password in its host or port: it is refused before anybody writes that down.
    """
    authority = url.partition("://")[2].partition("/")[0]
    try:
        ports = str(conninfo.conninfo_to_dict(url).get("port") or "5432").split(",")
    except psycopg.ProgrammingError:
        ports = [""]
    scheme = url.startswith(("postgresql://", "postgres://"))
    if not scheme or authority.count("@") > 1 or not all(port.isdecimal() for port in ports):
        message = (
            f"{SETTING} is not the URL of a PostgreSQL. It looks like "
            "postgresql://user:password@host:5432/filmgate, and a user or password with "
            "any of / ? # @ : % in it needs percent-encoding."
        )
        raise CannotStart(message)


def reason(error: psycopg.Error) -> str:
    """Why there is no connection: the server's words, or the network's without names."""
    if error.diag.message_primary:
        return error.diag.message_primary
    first = (str(error).splitlines() or [""])[0]
    _, fatal, said = first.rpartition("FATAL:")
    if fatal:
        return said.strip()
    unnamed = re.sub(r"\"[^\"]*\"|'[^']*'", "it", first)
    return unnamed.rpartition("failed: ")[2].rpartition("] ")[2] or "no reason given"


def _version(connection: psycopg.Connection[Any]) -> str | None:
    """The newest migration that was run; None for a database without any table."""
    ((tables,),) = connection.execute(_TABLES).fetchall()
    if not tables:
        return None
    ((stamped,),) = connection.execute(_STAMPED).fetchall()
    if not stamped:
        raise CannotStart(f"{NAME} has tables of something else. Name one of its own.")
    row = connection.execute(_VERSION).fetchone()
    return str(row[0]) if row else ""
