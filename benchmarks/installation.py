"""Whole installations under measurement: filmgate, its database, and an upstream."""

from __future__ import annotations

import json
import shutil
import sqlite3
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from benchmarks.contender import Contender, free_address, process, wait_until_up

from postgres import Postgres
from servers import KEY, Server

HERE = Path(__file__).parent
SECRET = "a secret that all nodes of a benchmark share"
MOST_SEATS = 1000  #: of one account
ENGINE = "openai_videos"


@dataclass(frozen=True, kw_only=True)
class Rows:
    """A database, asked from outside of filmgate."""

    name: str
    settings: Mapping[str, str]  #: what filmgate needs to use it
    path: Path | None = None
    url: str | None = None
    pid: int | None = None  #: of a server that is not filmgate
    log: Path | None = None  #: that server's

    def all(self, sql: str) -> list[Any]:
        if self.url:
            with psycopg.connect(self.url, autocommit=True) as connection:
                return connection.execute(sql.encode()).fetchall()
        with closing(sqlite3.connect(f"file:{self.path}?mode=ro", uri=True)) as connection:
            return connection.execute(sql).fetchall()

    def count(self, status: str) -> int:
        """How many jobs have it."""
        found = self.all(f"SELECT count(*) FROM jobs WHERE status = '{status}'")
        return int(found[0][0])


def sqlite(data: Path) -> Rows:
    return Rows(name="SQLite", settings={}, path=data / "filmgate.db")


@contextmanager
def postgresql(*, settings: str = "") -> Iterator[Rows]:
    """A server of its own that syncs what it commits, with our schema."""
    server = Postgres()
    try:
        url = server.new_database()
        with psycopg.connect(url, autocommit=True) as connection:
            for line in ("fsync = on", *filter(None, settings.split(";"))):
                connection.execute(f"ALTER SYSTEM SET {line.strip()}".encode())
            connection.execute(b"SELECT pg_reload_conf()")
        pid = int((server.folder / "data" / "postmaster.pid").read_text().split()[0])
        needed = {"FILMGATE_DATABASE_URL": url, "FILMGATE_SECRET_KEY": SECRET}
        log = server.folder / "data" / "log"
        yield Rows(name="PostgreSQL", settings=needed, url=url, pid=pid, log=log)
    finally:
        server.remove()


@dataclass(frozen=True)
class Upstream:
    """`upstream.py`, running."""

    address: tuple[str, int]
    pid: int

    @property
    def url(self) -> str:
        return f"http://{self.address[0]}:{self.address[1]}/v1"

    def change(self, **plan: float) -> None:
        self._ask("/_change", json.dumps(plan).encode())

    def state(self) -> Any:
        """`polls`, `begun`, and the seconds in which each of `done` was done."""
        return self._ask("/_state")

    def _ask(self, path: str, body: bytes | None = None) -> Any:
        host, port = self.address
        with urllib.request.urlopen(f"http://{host}:{port}{path}", body, timeout=30) as answer:
            return json.loads(answer.read())


@contextmanager
def upstream(folder: Path, film: Path) -> Iterator[Upstream]:
    address, log = free_address(), folder / "upstream.log"
    command = [sys.executable, str(HERE / "upstream.py"), str(address[1]), str(film)]
    with process(command, log=log) as pid:
        wait_until_up(address, "/_state", pid=pid, log=log)
        yield Upstream(address, pid)


@contextmanager
def databases(folder: Path) -> Iterator[list[tuple[Rows, Path]]]:
    """One of each kind, and a data folder for whoever uses it."""
    with postgresql() as other:
        data = folder / "sqlite"
        yield [(sqlite(data), data), (other, folder / "postgresql")]
    for name in ("sqlite", "postgresql"):
        shutil.rmtree(folder / name, ignore_errors=True)


@contextmanager
def following(rows: Rows, data: Path, above: Upstream, *, seats: int) -> Iterator[Contender]:
    """A filmgate whose `sora-2` is made by *above*, through *seats* seats."""
    settings = {**rows.settings, "FILMGATE_MODELS": f"sora-2={ENGINE}/sora-2"}
    with Server(data, settings=settings) as server:
        contender = contender_of(server, rows.name)
        seat(contender, above, seats)
        yield contender


def seat(contender: Contender, above: Upstream, seats: int) -> None:
    """Add so many seats at *above*, in as many accounts as that takes."""
    for number, first in enumerate(range(0, seats, MOST_SEATS), 1):
        account = {
            "engine": ENGINE,
            "label": f"number {number}",
            "base_url": above.url,
            "secret": "sk-upstream",
            "seats": min(MOST_SEATS, seats - first),
        }
        contender.call("POST", "/admin/accounts", account)


def contender_of(
    server: Server, name: str, *, model: str = "sora-2", video: str = "video_1"
) -> Contender:
    host, _, port = server.url.removeprefix("http://").partition(":")
    return Contender(
        name=name, address=(host, int(port)), pid=server.pid, key=KEY, model=model, video=video
    )
