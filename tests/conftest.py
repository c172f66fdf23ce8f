"""What every test stands on: loopback only, and real servers."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

import skipped
from filmgate.storage.database.connection import Database
from filmgate.storage.database.postgres import PostgreSQL
from filmgate.storage.database.prepare import prepare
from filmgate.storage.database.sqlite import SQLite
from films import tiny_film
from postgres import Postgres
from servers import Server

#: Begun first: a file is one worker's, and the others would wait for it at the end.
LONGEST = ("test_tutorial.py", "test_faults.py")
LOOPBACK = ("127.", "::1", "localhost", "0.0.0.0", "::")


def _loopback_only(event: str, args: tuple[Any, ...]) -> None:
    if event not in ("socket.connect", "socket.sendto"):
        return
    address = args[1]
    if isinstance(address, tuple) and not str(address[0]).startswith(LOOPBACK):
        message = f"a test tried to reach {address[0]}"
        raise AssertionError(message)


sys.addaudithook(_loopback_only)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.name not in LONGEST)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which case of the engines' suite was skipped for which engine, and why."""
    if lines := skipped.table(terminalreporter.stats.get("skipped", [])):
        terminalreporter.section("what engines do not have")
        terminalreporter.write("\n".join([*lines, ""]))


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real film of one second, 64x64, with sound."""
    path = tmp_path_factory.mktemp("film") / "tiny.mp4"
    tiny_film(path)
    return path


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, film: Path) -> Iterator[Server]:
    """A server whose `sora-2` is instant, `sora-2-pro` endless, `previs-1` real."""
    with Server(tmp_path_factory.mktemp("data"), film=film, measured=True) as running:
        yield running


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL of the whole session: databases are cheap, servers are not."""
    server = Postgres()
    yield server
    server.remove()


@pytest.fixture
def postgres_url(postgres: Postgres) -> Iterator[str]:
    """A new database with our schema."""
    url = postgres.new_database()
    yield url
    postgres.drop(url)


@pytest.fixture(params=["sqlite", "postgresql"])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """A new database with our schema, of each kind."""
    if request.param == "sqlite":
        prepare(tmp_path / "test.db")
        database: Database = SQLite(tmp_path / "test.db")
    else:
        database = PostgreSQL(request.getfixturevalue("postgres_url"), size=8)
    yield database
    await database.close()
