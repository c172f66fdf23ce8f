"""
Runs the migrations: `python -m filmgate.storage.database.migrate PATH`.

With `--schema` in the path's place it prints what `schema.sqlite.sql` must hold.
"""

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool


def upgrade(path: Path) -> None:
    """Bring the database up to the newest migration."""
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool)
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", "filmgate.storage.database:migrations")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def schema() -> str:
    """The SQL that makes a database as the migrations would."""
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
            (version,) = connection.execute(
                "SELECT version_num FROM alembic_version"
            ).fetchone()
    stamp = f"INSERT INTO alembic_version (version_num) VALUES ('{version}');"
    head = "-- Made by `make schema` from the migrations; not to be edited."
    body = "\n".join([*statements, stamp])
    return f"{head}\nBEGIN;\n{body}\nCOMMIT;\n"


if __name__ == "__main__":
    if sys.argv[1] == "--schema":
        sys.stdout.write(schema())
    else:
        upgrade(Path(sys.argv[1]))
