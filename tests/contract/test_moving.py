"""Rows and blobs arrive as they were, or not at all."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import psycopg
import pytest

from filmgate.domain.errors import CannotStart, StorageUnavailable
from filmgate.ports import Stored
from filmgate.storage.blobs.local import LocalBlobs
from filmgate.storage.blobs.moving import move_blobs
from filmgate.storage.database.moving import LEFT, TABLES, move_rows
from filmgate.storage.database.prepare import prepare
from filmgate.storage.database.schema import metadata
from filmgate.storage.database.source import Named
from filmgate.storage.database.sqlite import connect

FILM = b"a film" * 1000
DIGEST = sha256(FILM).hexdigest()


@pytest.fixture
def source(tmp_path: Path) -> sqlite3.Connection:
    """Tables with a row for each, of every kind of value; closed by the process."""
    prepare(tmp_path / "filmgate.db")
    rows = connect(tmp_path / "filmgate.db")
    rows.execute("PRAGMA foreign_keys = 0")
    for number, table in enumerate(TABLES):
        columns = metadata.tables[table].columns
        values = [_value(column, number) for column in columns]
        names = ", ".join(column.name for column in columns)
        marks = ", ".join("?" for _ in columns)
        rows.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", values)
    rows.execute("INSERT INTO installation VALUES ('key_check', 'sealed')")
    return rows


def _value(column: Any, number: int) -> object:
    if column.foreign_keys:
        (key,) = column.foreign_keys
        return f"id of {key.column.table.name}"
    if list(column.table.primary_key) == [column]:
        return f"id of {column.table.name}"
    if column.nullable and number % 2:
        return None
    if column.type.python_type is int:
        return 2**53 if "BIGINT" in str(column.type) else number
    return f"{column.name} \\ \t\r\n 影片 \\N ''"


def all_rows(run: Any, table: str) -> list[Any]:
    names = ", ".join(sorted(column.name for column in metadata.tables[table].columns))
    return [tuple(row) for row in run(f"SELECT {names} FROM {table}").fetchall()]


def test_every_table_is_moved_or_left_and_none_before_what_it_leads_to() -> None:
    assert {*TABLES, *LEFT} == {*metadata.tables, "alembic_version"}
    for place, table in enumerate(TABLES):
        leads_to = {key.column.table.name for key in metadata.tables[table].foreign_keys}
        assert leads_to <= {*TABLES[:place], table}


def test_rows_arrive_as_they_were(source: sqlite3.Connection, postgres_url: str) -> None:
    with closing(source):
        counts = move_rows(source, postgres_url)
        assert counts == dict.fromkeys(TABLES, 1)
        with psycopg.connect(postgres_url) as target:
            for table in TABLES:
                there = all_rows(lambda sql: target.execute(sql.encode()), table)
                assert there == all_rows(source.execute, table)
            kept = target.execute("SELECT value FROM installation WHERE name = 'key_check'")
            assert kept.fetchone() == ("sealed",)


def test_a_zero_byte_does_not_stop_them(source: sqlite3.Connection, postgres_url: str) -> None:
    with closing(source):
        source.execute("UPDATE callers SET name = 'a' || char(0) || 'b'")
        move_rows(source, postgres_url)
    with psycopg.connect(postgres_url) as target:
        assert target.execute("SELECT name FROM callers").fetchone() == ("a\ufffdb",)


def test_rows_that_do_not_fit_leave_nothing(
    source: sqlite3.Connection, postgres_url: str
) -> None:
    with closing(source):
        source.execute("UPDATE delivery_tries SET delivery_id = 'nobody'")
        with pytest.raises(CannotStart, match="cannot be used: "):
            move_rows(source, postgres_url)
    with psycopg.connect(postgres_url) as target:
        for table in TABLES:
            assert all_rows(lambda sql: target.execute(sql.encode()), table) == []


def test_a_database_with_rows_is_not_touched(
    source: sqlite3.Connection, postgres_url: str
) -> None:
    with psycopg.connect(postgres_url) as target:
        target.execute("INSERT INTO callers VALUES ('caller_1', 'alice', 1)")
    with closing(source), pytest.raises(CannotStart, match="callers has rows"):
        move_rows(source, postgres_url)


class Lossy(LocalBlobs):
    """A store that keeps something else than it says."""

    async def size(self, key: str) -> int:
        return await super().size(key) - 1


class Forgetful(LocalBlobs):
    """A store that was told something else than we sent."""

    async def put(self, key: str, source: Any, *, media_type: str | None = None) -> Stored:
        stored = await super().put(key, source, media_type=media_type)
        return Stored(size=stored.size, sha256="0")


@pytest.fixture
async def films(tmp_path: Path) -> Path:
    """Nine of them, all the same."""
    store = LocalBlobs(tmp_path / "films")
    for number in range(9):
        await store.put(f"video_{number}/film", BytesIO(FILM))
    return tmp_path / "films"


def names(count: int = 9) -> list[Named]:
    return [
        Named(key=f"video_{number}/film", size=len(FILM), sha256=DIGEST)
        for number in range(count)
    ]


async def test_blobs_are_copied_and_what_is_there_is_compared(
    films: Path, tmp_path: Path
) -> None:
    target = LocalBlobs(tmp_path / "store")
    await target.put("video_0/film", BytesIO(FILM))
    await target.put("video_1/film", BytesIO(FILM[:-1] + b"?"))
    await target.put("video_2/film", BytesIO(FILM[:100]))

    moved = await move_blobs(names(), films, target)

    assert (moved.count, moved.there, moved.size) == (9, 1, 9 * len(FILM))
    assert (moved.missing, moved.damaged) == ([], [])
    for folder in (target, LocalBlobs(films)):
        for number in range(9):
            assert await folder.read(f"video_{number}/film") == FILM


async def test_what_has_no_file_and_what_is_damaged_is_told(
    films: Path, tmp_path: Path
) -> None:
    target = LocalBlobs(tmp_path / "store")
    await target.put("video_of_old/film", BytesIO(FILM))
    (films / "video_0" / "film").write_bytes(b"a bad film")
    (films / "video_1" / "film").unlink()
    elsewhere = Named(key="video_of_old/film", size=len(FILM))

    moved = await move_blobs([*names(), elsewhere], films, target)

    assert moved.missing == ["video_1/film"]
    assert moved.damaged == ["video_0/film"]
    assert (moved.count, moved.there) == (9, 1)


@pytest.mark.parametrize("kind", [Lossy, Forgetful])
async def test_a_store_that_keeps_something_else_is_found_out(
    kind: type[LocalBlobs], films: Path, tmp_path: Path
) -> None:
    with pytest.raises(StorageUnavailable, match="is not in the object store as it is in"):
        await move_blobs(names(), films, kind(tmp_path / "store"))
