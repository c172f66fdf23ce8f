"""
Runs the migrations, in a process of its own.

`python -m filmgate.storage.database.migrate sqlite PATH` changes that file,
`… postgresql` the database whose URL it reads from its standard input, and
`… schema sqlite|postgresql` prints what the schema file of that name must hold.
"""

from __future__ import annotations

import io
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

_HEAD = "-- Made by `make schema` from the migrations; not to be edited."


def upgrade(path: Path) -> None:
    """Bring the database in that file up to the newest migration."""
    _upgrade(create_engine(f"sqlite:///{path}", poolclass=NullPool))


def upgrade_postgres(url: str) -> None:
    """Bring the database at *url* up to the newest migration, after whoever is at it."""
    # Only here, because one machine needs no driver of PostgreSQL.
    from filmgate.storage.database import postgres, prepare_postgres  # noqa: PLC0415

    def opened() -> object:
        connection = postgres.connect(url)
        connection.autocommit = False  # the lock is to last until all is done
        return connection

    engine = create_engine("postgresql+psycopg://", creator=opened, poolclass=NullPool)
    _upgrade(engine, prepare_postgres.LOCK.decode())


def _upgrade(engine: Engine, lock: str | None = None) -> None:
    with engine.begin() as connection:
        if lock is not None:
            connection.execute(text("SET LOCAL lock_timeout = '60s'"))
            connection.execute(text(lock))
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def sqlite_schema() -> str:
    """The SQL that makes a file as the migrations would."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "new.db"
        upgrade(path)
        with closing(sqlite3.connect(path)) as connection:
            statements = [
                "\n".join(line.rstrip() for line in f"{sql};".splitlines())
                for (sql,) in connection.execute(
                    "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid"
                )
            ]
            rows = [
                f"INSERT INTO {table} VALUES {row!r};".replace(",);", ");")
                for table in ("alembic_version", "installation")
                for row in connection.execute(f"SELECT * FROM {table}")
            ]
    body = "\n".join([*statements, *rows])
    return f"{_HEAD}\nBEGIN;\n{body}\nCOMMIT;\n"


def postgresql_schema() -> str:
    """The SQL of every migration, for a new database in a transaction under way."""
    printed = io.StringIO()
    config = _config(printed)
    command.upgrade(config, "head", sql=True)
    lines = [line.rstrip() for line in printed.getvalue().splitlines()]
    return "\n".join([_HEAD, *(line for line in lines if line), ""])


def _config(output: io.StringIO | None = None) -> Config:
    config = Config() if output is None else Config(output_buffer=output)
    config.set_main_option("script_location", "filmgate.storage.database:migrations")
    return config


def main(arguments: list[str]) -> None:
    match arguments:
        case ["sqlite", path]:
            upgrade(Path(path))
        case ["postgresql"]:
            upgrade_postgres(sys.stdin.read())
        case ["schema", "sqlite"]:
            sys.stdout.write(sqlite_schema())
        case ["schema", "postgresql"]:
            sys.stdout.write(postgresql_schema())
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except DBAPIError as error:
        sys.exit(str(error.orig).partition("\n")[0])
