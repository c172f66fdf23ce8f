"""What every database promises the rows."""

import asyncio
from collections.abc import Callable
from enum import StrEnum

import pytest

from filmgate.storage.database.connection import Connection, Database
from filmgate.storage.database.postgres import translated


class Colour(StrEnum):
    RED = "red"


@pytest.fixture(autouse=True)
async def table(database: Database) -> None:
    def unit(connection: Connection) -> None:
        connection.execute(
            "CREATE TABLE t (n INTEGER PRIMARY KEY, at BIGINT, word TEXT, more INTEGER)", {}
        )

    await database.write(unit)


def insert(number: int) -> Callable[[Connection], int]:
    def unit(connection: Connection) -> int:
        return connection.execute("INSERT INTO t (n) VALUES (:n)", {"n": number}).rowcount

    return unit


async def count(database: Database) -> int:
    return int((await database.row("SELECT count(*) FROM t"))[0])


async def test_a_crowd_of_writes_loses_nothing(database: Database) -> None:
    numbers = range(1000)
    await asyncio.gather(*(database.write(insert(n)) for n in numbers))
    rows = await database.rows("SELECT n FROM t ORDER BY n")
    assert [n for (n,) in rows] == list(numbers)


async def test_a_unit_that_fails_leaves_its_neighbours_alone(database: Database) -> None:
    answers = await asyncio.gather(
        *(database.write(insert(n), durable=n % 2 == 0) for n in (1, 2, 2, 3)),
        return_exceptions=True,
    )
    failed = [answer for answer in answers if isinstance(answer, Exception)]
    assert [type(error).__mro__[1].__name__ for error in failed] in (
        ["DatabaseError"],
        ["IntegrityError"],
    )
    assert await count(database) == 3


async def test_a_broken_unit_is_undone_whole(database: Database) -> None:
    def unit(connection: Connection) -> None:
        insert(1)(connection)
        raise KeyError

    with pytest.raises(KeyError):
        await database.write(unit)
    assert await count(database) == 0


async def test_a_write_whose_asker_has_left_stands(database: Database) -> None:
    asking = asyncio.create_task(database.write(insert(1)))
    await asyncio.sleep(0)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    async with asyncio.timeout(5):
        while await count(database) == 0:
            await asyncio.sleep(0.001)


async def test_closing_finishes_what_is_queued(database: Database) -> None:
    writes = [asyncio.create_task(database.write(insert(n))) for n in range(100)]
    await asyncio.sleep(0)
    await database.close()
    assert [await write for write in writes] == [1] * 100


async def test_nothing_is_waited_for_that_a_closed_one_cannot_do(database: Database) -> None:
    await database.close()
    with pytest.raises(RuntimeError):
        await database.write(insert(1))


async def test_values_of_every_kind_come_back(database: Database) -> None:
    sql = "INSERT INTO t (n, at, word, more) VALUES (:n, :at, :word, :more)"
    values: list[dict[str, object]] = [
        {"n": 1, "at": 2**60, "word": "it's 5% of :n, 影片 \\", "more": None},
        {"n": 2, "at": None, "word": None, "more": 7},
        {"n": 3, "at": 0, "word": Colour.RED, "more": -1},
    ]

    def unit(connection: Connection) -> None:
        connection.execute(sql, values[0])
        connection.executemany(sql, values[1:])
        connection.executemany(sql, [])

    await database.write(unit)
    rows = await database.rows(
        "SELECT n, at, word, more FROM t WHERE n <> :no ORDER BY n", no=9
    )
    assert rows == [
        (1, 2**60, "it's 5% of :n, 影片 \\", None),
        (2, None, None, 7),
        (3, 0, "red", -1),
    ]
    assert await database.row("SELECT n FROM t WHERE word = :word", word="none") is None


async def test_what_says_nothing_of_rows_counts_them(database: Database) -> None:
    def unit(connection: Connection) -> tuple[int, int]:
        insert(1)(connection)
        connection.lock("callers", "nobody")
        again = "INSERT INTO t (n) VALUES (1) ON CONFLICT (n) DO UPDATE SET at = 1 WHERE {}"
        changed = connection.execute(again.format("t.n = 1"), {}).rowcount
        return changed, connection.execute(again.format("t.n = 2"), {}).rowcount

    assert await database.write(unit) == (1, 0)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("a = :a AND b = :a_b1", "a = %(a)s AND b = %(a_b1)s"),
        ("a LIKE '5%' AND b % 2 = 1", "a LIKE '5%%' AND b %% 2 = 1"),
        ("a = ':a' || 'it''s :b' || :c::text", "a = ':a' || 'it''s :b' || %(c)s::text"),
    ],
)
def test_names_are_translated_and_nothing_else(ours: str, theirs: str) -> None:
    assert translated(ours).decode() == theirs
