"""What PostgreSQL promises beyond what every database does: it may go away and come back."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import psycopg
import pytest

from filmgate.domain.errors import CannotStart, StorageUnavailable
from filmgate.storage.database import postgres as module
from filmgate.storage.database.connection import Connection
from filmgate.storage.database.postgres import PostgreSQL
from filmgate.storage.database.prepare_postgres import prepare_postgres
from postgres import Postgres

SECRET = "hunter2"


@pytest.fixture
async def database(postgres_url: str) -> AsyncIterator[PostgreSQL]:
    with psycopg.connect(postgres_url) as connection:
        connection.execute("CREATE TABLE t (id TEXT PRIMARY KEY, n INTEGER)")
        connection.execute("INSERT INTO t VALUES ('a', 0), ('b', 0)")
    database = PostgreSQL(postgres_url, size=4)
    yield database
    await database.close()


def add(*ids: str, wait: Callable[[], object] = int) -> Callable[[Connection], None]:
    """Count one up in each, and *wait* after it."""

    def unit(connection: Connection) -> None:
        for row_id in ids:
            connection.execute("UPDATE t SET n = n + 1 WHERE id = :id", {"id": row_id})
            wait()

    return unit


async def numbers(database: PostgreSQL) -> list[int]:
    return [n for (n,) in await database.rows("SELECT n FROM t ORDER BY id")]


def end_all_connections(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


async def test_every_connection_is_let_go_that_was_opened_at_the_same_time(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[psycopg.Connection[Any]] = []
    interval = sys.getswitchinterval()
    # Not before all threads have started: two at once cannot both be measured by coverage.
    together = threading.Barrier(8, lambda: sys.setswitchinterval(1e-6))

    def connect(url: str) -> psycopg.Connection[Any]:
        connection = psycopg.connect(url, autocommit=True)
        opened.append(connection)
        together.wait(10)
        return connection

    monkeypatch.setattr(module, "connect", connect)
    for _ in range(10):
        database = PostgreSQL(postgres_url, size=8)
        try:
            await asyncio.gather(*(database.rows("SELECT 1") for _ in range(8)))
        finally:
            sys.setswitchinterval(interval)
        await database.close()
    assert all(connection.closed for connection in opened)


async def test_a_deadlock_is_nobodys_business(database: PostgreSQL) -> None:
    units = [add("a", "b"), add("b", "a")] * 10
    slowly = [add(*ids, wait=lambda: time.sleep(0.02)) for ids in (("a", "b"), ("b", "a"))]
    await asyncio.gather(*(database.write(unit) for unit in [*slowly, *units]))
    assert await numbers(database) == [22, 22]


async def test_a_lost_update_is_prevented_by_a_lock(database: PostgreSQL) -> None:
    def unit(connection: Connection) -> None:
        connection.lock("t", "a")
        (n,) = connection.execute("SELECT n FROM t WHERE id = 'a'", {}).fetchone()
        connection.execute("UPDATE t SET n = :n WHERE id = 'a'", {"n": n + 1})

    await asyncio.gather(*(database.write(unit) for _ in range(40)))
    assert (await numbers(database))[0] == 40


async def test_a_lost_connection_is_replaced_between_units(
    database: PostgreSQL, postgres_url: str
) -> None:
    await asyncio.gather(*(database.write(add("a")) for _ in range(8)))
    end_all_connections(postgres_url)
    await asyncio.gather(*(database.write(add("a")) for _ in range(8)))
    end_all_connections(postgres_url)
    assert await numbers(database) == [16, 0]


async def test_a_unit_whose_connection_was_lost_runs_again(
    database: PostgreSQL, postgres_url: str
) -> None:
    runs: list[int] = []

    def unit(connection: Connection) -> None:
        add("a")(connection)
        runs.append(1)
        if len(runs) == 1:
            end_all_connections(postgres_url)
        add("b")(connection)

    await database.write(unit)
    assert (len(runs), await numbers(database)) == (2, [1, 1])


async def test_a_commit_without_an_answer_is_not_run_again(
    database: PostgreSQL, postgres_url: str
) -> None:
    runs: list[int] = []

    def unit(connection: Connection) -> None:
        add("a")(connection)
        runs.append(1)
        end_all_connections(postgres_url)

    with pytest.raises(StorageUnavailable, match="not known") as told:
        await database.write(unit)
    assert (len(runs), told.value.status, told.value.code) == (1, 503, "storage_unavailable")
    assert await numbers(database) == [0, 0]


@pytest.mark.parametrize(("durable", "setting"), [(True, "on"), (False, "off")])
async def test_what_may_be_lost_does_not_wait_for_the_disk(
    database: PostgreSQL, durable: bool, setting: str
) -> None:
    def unit(connection: Connection) -> str:
        return str(connection.execute("SHOW synchronous_commit", {}).fetchone()[0])

    assert await database.write(unit, durable=durable) == setting


async def test_a_node_that_is_paused_in_a_transaction_holds_up_nobody(
    database: PostgreSQL, postgres_url: str
) -> None:
    other = PostgreSQL(postgres_url, size=1)
    paused = asyncio.create_task(database.write(add("a", wait=lambda: time.sleep(7))))
    await asyncio.sleep(0.5)
    async with asyncio.timeout(10):
        await other.write(add("a"))
    with pytest.raises(StorageUnavailable):
        await paused
    assert await numbers(other) == [1, 0]
    await other.close()


@pytest.fixture(scope="module")
def own_server() -> Iterator[Postgres]:
    """One that may be stopped."""
    server = Postgres()
    yield server
    server.remove()


@pytest.mark.parametrize("mode", ["fast", "immediate"])
async def test_a_restart_is_sat_out(own_server: Postgres, mode: str) -> None:
    url = own_server.new_database()
    database = PostgreSQL(url, size=4)
    made = "INSERT INTO installation VALUES (:n, 'x') ON CONFLICT DO NOTHING"

    async def write(number: int) -> None:
        values = {"n": f"n{number}"}
        while True:
            try:
                await database.write(lambda connection: connection.execute(made, values))
            except StorageUnavailable:  # during its COMMIT: ask again
                continue
            return

    stopped = asyncio.create_task(asyncio.to_thread(own_server.stop, mode))
    writes = [asyncio.create_task(write(number)) for number in range(200)]
    await stopped
    await asyncio.to_thread(own_server.start)
    await asyncio.gather(*writes)
    assert await database.row("SELECT count(*) FROM installation WHERE value = 'x'") == (200,)
    await database.close()


async def test_a_server_that_is_away_is_said_in_time_and_found_again(
    own_server: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.5)
    url = own_server.new_database()
    database = PostgreSQL(url, size=2)
    assert await database.row("SELECT 1") == (1,)
    own_server.stop()
    answers = await asyncio.gather(
        *(database.row("SELECT 1") for _ in range(20)),
        *(database.write(add("a")) for _ in range(20)),
        return_exceptions=True,
    )
    assert {str(answer) for answer in answers} == {
        "PostgreSQL does not keep or find anything now: it cannot be reached."
    }
    own_server.start()
    assert await database.row("SELECT 1") == (1,)
    await database.close()


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://user:{SECRET}@127.0.0.1:1/filmgate",
        f"postgresql://user:x@{SECRET}@127.0.0.1/filmgate",
        f"postgresql://user:{SECRET}/more@127.0.0.1/filmgate",
        f"postgresql://user:{SECRET}?more@127.0.0.1/filmgate",
        f"postgresql://user:{SECRET}#more@127.0.0.1/filmgate",
        f"postgresql://user:%{SECRET}@127.0.0.1/filmgate",
        f"mysql://user:{SECRET}@127.0.0.1/filmgate",
        f"host=127.0.0.1 password={SECRET}",
        f"postgresql://user:{SECRET}@/filmgate?host=/nowhere",
        "",
    ],
)
def test_a_wrong_address_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(CannotStart, match="FILMGATE_DATABASE_URL") as refused:
        prepare_postgres(url)
    assert SECRET not in str(refused.value)
    assert refused.value.__cause__ is None


def test_a_database_that_is_not_there_is_named(postgres: Postgres) -> None:
    with pytest.raises(CannotStart, match='database "nowhere" does not exist'):
        prepare_postgres(postgres.url("nowhere"))


async def test_no_more_connections_than_it_was_given(
    database: PostgreSQL, postgres_url: str
) -> None:
    await asyncio.gather(*(database.row("SELECT pg_sleep(0.01)") for _ in range(40)))
    with psycopg.connect(postgres_url) as connection:
        ((open_now,),) = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'filmgate' "
            "AND datname = current_database()"
        ).fetchall()
    assert open_now == 4
