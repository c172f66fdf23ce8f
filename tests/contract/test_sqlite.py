"""What SQLite promises beyond what every database does."""

import asyncio
import shutil
import sqlite3
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from filmgate.domain.errors import StorageUnavailable
from filmgate.storage.database.connection import Connection
from filmgate.storage.database.sqlite import GROUP, SQLite, connect

PAGE = 4096


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[SQLite]:
    with made(tmp_path) as database:
        yield database
        await database.close()


class made:  # noqa: N801 (it is a verb)
    """A database of one table, in that folder."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "test.db"

    def __enter__(self) -> SQLite:
        with closing(connect(self.path)) as connection:
            connection.execute("CREATE TABLE t (n INTEGER PRIMARY KEY, content TEXT)")
        return SQLite(self.path)

    def __exit__(self, *_: object) -> None:
        return None


def insert(number: int, content: str = "") -> Callable[[Connection], int]:
    def unit(connection: Connection) -> int:
        values = {"n": number, "content": content}
        sql = "INSERT INTO t VALUES (:n, :content)"
        return connection.execute(sql, values).rowcount

    return unit


async def test_writes_share_commits_and_lose_nothing(database: SQLite) -> None:
    numbers = range(3 * GROUP)
    await asyncio.gather(*(database.write(insert(n)) for n in numbers))
    assert await database.row("SELECT count(*) FROM t") == (3 * GROUP,)


@pytest.mark.parametrize(("durable", "pragma"), [(True, 2), (False, 1)])
async def test_a_durable_write_is_synced(database: SQLite, durable: bool, pragma: int) -> None:
    def unit(connection: Connection) -> object:
        return connection.execute("PRAGMA synchronous", {}).fetchone()[0]

    assert await database.write(unit, durable=durable) == pragma


async def test_a_commit_that_fails_is_told_to_all(database: SQLite) -> None:
    def unit(connection: Connection) -> None:
        connection.execute("ROLLBACK", {})
        connection.execute("SELECT * FROM nowhere", {})

    with pytest.raises(sqlite3.OperationalError):
        await database.write(unit)
    assert await database.write(insert(1)) == 1


async def test_a_file_that_is_no_database_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(sqlite3.OperationalError):
        SQLite(tmp_path)


async def test_a_bug_is_not_called_a_full_disk(database: SQLite) -> None:
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        await database.row("SELECT * FROM nowhere")


async def test_a_database_that_may_not_grow_works_again_when_it_may(database: SQLite) -> None:
    def pages(connection: Connection) -> int:
        return int(connection.execute("PRAGMA page_count", {}).fetchone()[0])

    def at_most(number: int) -> Callable[[Connection], object]:
        sql = f"PRAGMA max_page_count = {number}"
        return lambda connection: connection.execute(sql, {}).fetchone()

    await database.write(at_most(await database.write(pages) + 1))
    with pytest.raises(StorageUnavailable, match="is full") as refused:
        await database.write(insert(1, "x" * 10 * PAGE))
    assert (refused.value.status, refused.value.code) == (503, "storage_full")
    assert await database.row("SELECT count(*) FROM t") == (0,)
    assert await database.write(insert(1)) == 1  # a page was free
    await database.write(at_most(10_000))
    assert await database.write(insert(2, "x" * 10 * PAGE)) == 1


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """One of 2 MB; skips where none can be mounted."""
    mount = shutil.which("mount")
    folder = tmp_path / "disk"
    folder.mkdir()
    command = [str(mount), "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)]
    if mount is None or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("no tmpfs can be mounted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def fill(filler: Path) -> None:
    """Write to it until nothing fits any more."""
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        while True:
            file.write(b"x" * 1024)


async def test_a_full_disk_is_said_and_needs_no_restart(small_disk: Path) -> None:
    with made(small_disk) as database:
        filler = small_disk / "filler"
        await database.write(insert(0))
        fill(filler)

        numbers = iter(range(1, 1000))
        answers = await asyncio.gather(
            *(database.write(insert(next(numbers), "y" * 200_000)) for _ in range(5)),
            return_exceptions=True,
        )
        assert {type(answer) for answer in answers} == {StorageUnavailable}
        assert await database.row("SELECT count(*) FROM t") == (1,)
        filler.unlink()

        assert await database.write(insert(next(numbers), "y" * 200_000)) == 1
        assert await database.row("SELECT count(*) FROM t") == (2,)
        await database.close()
