"""What every store of rows promises; SQLite's own promises with them."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

from filmgate.domain.errors import CannotStart
from filmgate.storage.database import migrate, prepare
from filmgate.storage.database.migrations import versions
from filmgate.storage.database.schema import metadata
from filmgate.storage.database.sqlite import GROUP, SQLite, connect


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[SQLite]:
    with closing(connect(tmp_path / "test.db")) as connection:
        connection.execute("CREATE TABLE t (n INTEGER PRIMARY KEY)")
    database = SQLite(tmp_path / "test.db")
    yield database
    await database.close()


def insert(number: int) -> Callable[[sqlite3.Connection], int]:
    def unit(connection: sqlite3.Connection) -> int:
        return connection.execute("INSERT INTO t VALUES (?)", (number,)).rowcount

    return unit


async def test_writes_share_commits_and_lose_nothing(database: SQLite) -> None:
    numbers = range(3 * GROUP)
    await asyncio.gather(*(database.write(insert(n)) for n in numbers))
    assert [n for (n,) in database.rows("SELECT n FROM t ORDER BY n")] == list(numbers)


async def test_a_unit_that_fails_leaves_its_neighbours_alone(database: SQLite) -> None:
    answers = await asyncio.gather(
        *(database.write(insert(n), durable=n % 2 == 0) for n in (1, 2, 2, 3)),
        return_exceptions=True,
    )
    assert [type(answer) for answer in answers] == [int, int, sqlite3.IntegrityError, int]
    assert database.row("SELECT count(*) FROM t") == (3,)


@pytest.mark.parametrize(("durable", "pragma"), [(True, 2), (False, 1)])
async def test_a_durable_write_is_synced(database: SQLite, durable: bool, pragma: int) -> None:
    def unit(connection: sqlite3.Connection) -> object:
        return connection.execute("PRAGMA synchronous").fetchone()[0]

    assert await database.write(unit, durable=durable) == pragma


async def test_a_broken_unit_is_undone_whole(database: SQLite) -> None:
    def unit(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO t VALUES (1)")
        raise KeyError

    with pytest.raises(KeyError):
        await database.write(unit)
    assert database.row("SELECT count(*) FROM t") == (0,)


async def test_a_write_whose_asker_has_left_stands(database: SQLite) -> None:
    asking = asyncio.create_task(database.write(insert(1)))
    await asyncio.sleep(0)
    asking.cancel()
    await database.write(insert(2))
    assert database.row("SELECT count(*) FROM t") == (2,)


async def test_a_commit_that_fails_is_told_to_all(database: SQLite) -> None:
    def unit(connection: sqlite3.Connection) -> None:
        connection.execute("ROLLBACK")
        connection.execute("SELECT * FROM nowhere")

    with pytest.raises(sqlite3.OperationalError):
        await database.write(unit)
    assert await database.write(insert(1)) == 1


async def test_closing_finishes_what_is_queued(tmp_path: Path) -> None:
    with closing(connect(tmp_path / "test.db")) as connection:
        connection.execute("CREATE TABLE t (n INTEGER PRIMARY KEY)")
    database = SQLite(tmp_path / "test.db")
    writes = [asyncio.create_task(database.write(insert(n))) for n in range(100)]
    await asyncio.sleep(0)
    await database.close()
    assert [await write for write in writes] == [1] * 100


async def test_a_file_that_is_no_database_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(sqlite3.OperationalError):
        SQLite(tmp_path)


def test_the_schema_file_is_what_the_migrations_make() -> None:
    file = Path(prepare.__file__).with_name("schema.sqlite.sql")
    assert file.read_text() == migrate.schema()


def test_the_head_is_the_newest_migration(tmp_path: Path) -> None:
    migrate.upgrade(tmp_path / "m.db")
    with closing(sqlite3.connect(tmp_path / "m.db")) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == (
            prepare.HEAD,
        )
    names = [p.name for p in Path(versions.__path__[0]).glob("[0-9]*.py")]
    assert max(names).startswith(prepare.HEAD)


def test_the_migrations_make_what_the_definitions_say() -> None:
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        raw = connection.connection.driver_connection
        assert raw is not None
        raw.executescript(migrate.schema())
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


def test_a_new_database_is_stamped_and_an_existing_one_kept(tmp_path: Path) -> None:
    path = tmp_path / "new.db"
    prepare.prepare(path)
    with closing(connect(path)) as connection:
        connection.execute("INSERT INTO callers VALUES ('caller_1', 'alice', 0)")
    prepare.prepare(path)
    with closing(connect(path)) as connection:
        assert connection.execute("SELECT name FROM callers").fetchall() == [("alice",)]


def test_an_older_database_is_upgraded_in_a_child(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    with closing(connect(path)) as connection:
        connection.execute("CREATE TABLE alembic_version (version_num VARCHAR(32))")

    prepare.prepare(path)

    with closing(connect(path)) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [
            (prepare.HEAD,)
        ]
        assert connection.execute("SELECT count(*) FROM jobs").fetchone() == (0,)


def test_a_newer_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "newer.db"
    prepare.prepare(path)
    with closing(connect(path)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(CannotStart, match="newer filmgate"):
        prepare.prepare(path)


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    with closing(connect(other)) as connection:
        connection.execute("CREATE TABLE photos (id INTEGER)")
    with pytest.raises(CannotStart, match="not a filmgate database"):
        prepare.prepare(other)
    garbage = tmp_path / "garbage.db"
    garbage.write_bytes(b"not a database at all" * 100)
    with pytest.raises(CannotStart, match="not a filmgate database"):
        prepare.prepare(garbage)
