"""Both kinds of database are made, upgraded and refused in the same way."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

from filmgate.domain.errors import CannotStart
from filmgate.storage.database import migrate, prepare
from filmgate.storage.database.migrations import versions
from filmgate.storage.database.prepare_postgres import prepare_postgres
from filmgate.storage.database.schema import metadata
from filmgate.storage.database.sqlite import connect
from postgres import Postgres

SCHEMAS = {"sqlite": migrate.sqlite_schema, "postgresql": migrate.postgresql_schema}


@dataclass
class Place:
    """Where a database may be made."""

    name: Path | str

    def prepare(self) -> None:
        if isinstance(self.name, Path):
            prepare.prepare(self.name)
        else:
            prepare_postgres(self.name)

    def migrate(self) -> None:
        if isinstance(self.name, Path):
            migrate.upgrade(self.name)
        else:
            migrate.upgrade_postgres(self.name)

    def run(self, sql: str) -> list[Any]:
        if isinstance(self.name, Path):
            with closing(connect(self.name)) as connection:
                return connection.execute(sql).fetchall()
        with psycopg.connect(self.name, autocommit=True) as server:
            cursor = server.execute(sql.encode())
            return cursor.fetchall() if cursor.description else []

    def version(self) -> list[Any]:
        return self.run("SELECT version_num FROM alembic_version")


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    if request.param == "sqlite":
        yield Place(tmp_path / "new.db")
        return
    server: Postgres = request.getfixturevalue("postgres")
    url = server.new_database(empty=True)
    yield Place(url)
    server.drop(url)


@pytest.mark.parametrize(("name", "made"), SCHEMAS.items(), ids=SCHEMAS)
def test_the_schema_file_is_what_the_migrations_make(
    name: str, made: Callable[[], str]
) -> None:
    assert prepare.schema(name) == made()


def test_the_head_is_the_newest_migration(place: Place) -> None:
    place.migrate()
    assert place.version() == [(prepare.HEAD,)]
    names = [p.name for p in Path(versions.__path__[0]).glob("[0-9]*.py")]
    assert max(names).startswith(prepare.HEAD)


def test_the_migrations_make_what_the_definitions_say(place: Place) -> None:
    place.prepare()
    url = f"sqlite:///{place.name}" if isinstance(place.name, Path) else "postgresql+psycopg://"
    creator = {} if isinstance(place.name, Path) else {"creator": lambda: opened(place.name)}
    engine = create_engine(url, **creator)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def opened(url: Path | str) -> psycopg.Connection[Any]:
    return psycopg.connect(str(url))


def test_ids_and_pages_sort_by_bytes_whatever_the_language(postgres_url: str) -> None:
    found = Place(postgres_url).run("""
        SELECT c.relname, a.attname, l.collname FROM pg_attribute a
        JOIN pg_class c ON c.oid = a.attrelid AND c.relkind = 'r'
        JOIN pg_collation l ON l.oid = a.attcollation
        WHERE c.relnamespace = 'public'::regnamespace AND a.attname IN ('id', 'job_id')
    """)
    assert len(found) > 10
    assert {collation for _, _, collation in found} == {"C"}


def test_a_new_database_is_stamped_and_an_existing_one_kept(place: Place) -> None:
    place.prepare()
    assert place.version() == [(prepare.HEAD,)]
    assert place.run(prepare.OLDEST_CODE) == [(prepare.HEAD,)]
    place.run("INSERT INTO callers VALUES ('caller_1', 'alice', 0)")
    place.prepare()
    assert place.run("SELECT name FROM callers") == [("alice",)]


def test_an_older_database_is_upgraded_in_a_child(place: Place) -> None:
    place.run("CREATE TABLE alembic_version (version_num VARCHAR(32))")
    place.prepare()
    assert place.version() == [(prepare.HEAD,)]
    assert place.run("SELECT count(*) FROM jobs") == [(0,)]


def test_several_nodes_may_start_at_once(postgres: Postgres) -> None:
    for first in ("SELECT 1", "CREATE TABLE alembic_version (version_num VARCHAR(32))"):
        url = postgres.new_database(empty=True)
        Place(url).run(first)
        with ThreadPoolExecutor(4) as nodes:
            assert list(nodes.map(prepare_postgres, [url] * 4)) == [None] * 4
        assert Place(url).version() == [(prepare.HEAD,)]
        postgres.drop(url)


def test_a_newer_database_is_taken_if_it_says_so(place: Place) -> None:
    place.prepare()
    # As the next migration may be one day: it only adds.
    place.run("ALTER TABLE jobs ADD COLUMN mood TEXT NOT NULL DEFAULT 'calm'")
    place.run("UPDATE alembic_version SET version_num = '9998'")
    place.prepare()
    assert place.version() == [("9998",)]

    place.run("UPDATE installation SET value = '9998' WHERE name = 'oldest_code'")
    with pytest.raises(CannotStart, match="newer filmgate"):
        place.prepare()
    place.run("DELETE FROM installation")
    with pytest.raises(CannotStart, match="newer filmgate"):
        place.prepare()


def test_a_database_of_something_else_is_refused(place: Place) -> None:
    place.run("CREATE TABLE photos (id INTEGER)")
    with pytest.raises(CannotStart, match=r"not a filmgate database|something else"):
        place.prepare()
    assert place.run("SELECT count(*) FROM photos") == [(0,)]


def test_a_migration_that_breaks_says_why(place: Place) -> None:
    place.run("CREATE TABLE alembic_version (version_num VARCHAR(32))")
    place.run("CREATE TABLE accounts (id INTEGER)")
    with pytest.raises(CannotStart, match=f"could not be upgraded to {prepare.HEAD}"):
        place.prepare()


def test_a_file_of_garbage_is_refused(tmp_path: Path) -> None:
    garbage = tmp_path / "garbage.db"
    garbage.write_bytes(b"not a database at all" * 100)
    with pytest.raises(CannotStart, match="not a filmgate database"):
        prepare.prepare(garbage)
