"""Many processes, one database: a poke reaches one of them, whatever happens to PostgreSQL."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from procrastinate import App, PsycopgConnector

from filmgate.bootstrap.folder import SystemClock
from filmgate.dispatch import procrastinate
from filmgate.dispatch.procrastinate import SCHEMA, ProcrastinateDispatcher
from postgres import Postgres

CLOCK = SystemClock()


class Process:
    """A dispatcher as one process has it, and what it has looked at."""

    def __init__(self, url: str, queue: str = "films") -> None:
        self.dispatcher = ProcrastinateDispatcher(url, queue, CLOCK)
        self.looks: list[str] = []
        self.ended: list[str] = []
        self.sweeps = 0
        self.gate = asyncio.Event()

    async def look(self, job_id: str) -> None:
        self.looks.append(job_id)
        if job_id == "broken":
            raise RuntimeError
        if job_id == "endless":
            await asyncio.Event().wait()
        if job_id == "slow":
            await self.gate.wait()
        self.ended.append(job_id)

    async def sweep(self) -> None:
        self.sweeps += 1

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Process]:
        task = asyncio.create_task(self.dispatcher.run(self.look, self.sweep))
        try:
            yield self
        finally:
            await ended(task)


async def ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    async with asyncio.timeout(30):
        await asyncio.gather(task, return_exceptions=True)
    assert task.cancelled()


async def until(condition: Callable[[], bool], seconds: float = 30) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.02)


async def pokes_left(postgres_url: str) -> int:
    async with await psycopg.AsyncConnection.connect(postgres_url) as connection:
        found = await connection.execute(
            f"SELECT count(*) FROM {SCHEMA}.procrastinate_jobs".encode()
        )
        ((count,),) = await found.fetchall()
        return int(count)


async def test_each_poke_reaches_one_of_several_processes(postgres_url: str) -> None:
    one, two = Process(postgres_url), Process(postgres_url)
    async with one.running(), two.running():  # both make the tables
        ids = [f"video_{number}" for number in range(300)]
        for job_id in ids:
            one.dispatcher.poke(job_id)
        await until(lambda: len(one.looks) + len(two.looks) == len(ids))
        assert sorted(one.looks + two.looks) == sorted(ids)
        assert one.sweeps
        assert two.sweeps
        async with asyncio.timeout(10):
            while await pokes_left(postgres_url):
                await asyncio.sleep(0.02)


async def test_doubled_pokes_are_merged_and_the_earliest_wins(postgres_url: str) -> None:
    process = Process(postgres_url)
    process.dispatcher.poke("a", at=CLOCK.now() + timedelta(days=1))
    process.dispatcher.poke("a")
    process.dispatcher.poke("a")
    async with process.running():
        await until(lambda: process.looks == ["a"])
        process.dispatcher.poke("b")
        await until(lambda: "b" in process.looks)
    assert process.looks == ["a", "b"]


async def test_a_poke_for_later_is_not_looked_at_before(postgres_url: str) -> None:
    process = Process(postgres_url)
    async with process.running():
        due = CLOCK.now() + timedelta(seconds=1.5)
        process.dispatcher.poke("late", at=due)
        await until(lambda: "late" in process.looks)
        assert CLOCK.now() >= due


async def test_queues_are_apart(postgres_url: str) -> None:
    films, webhooks = Process(postgres_url), Process(postgres_url, "webhooks")
    async with films.running(), webhooks.running():
        webhooks.dispatcher.poke("letter")
        films.dispatcher.poke("film")
        await until(lambda: bool(films.looks and webhooks.looks))
    assert (films.looks, webhooks.looks) == (["film"], ["letter"])


async def test_who_only_relays_looks_at_nothing(postgres_url: str) -> None:
    api, worker = Process(postgres_url), Process(postgres_url)
    relay = asyncio.create_task(api.dispatcher.relay())
    api.dispatcher.poke("a")
    async with worker.running():
        await until(lambda: worker.looks == ["a"])
    await ended(relay)
    assert (api.looks, api.sweeps) == ([], 0)


async def test_a_look_that_breaks_stops_nothing(
    postgres_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    process = Process(postgres_url)
    async with process.running():
        process.dispatcher.poke("broken")
        await until(lambda: "broken" in process.looks)
        process.dispatcher.poke("next")
        await until(lambda: "next" in process.looks)
    assert "look.broken" in caplog.text


async def test_a_look_under_way_does_not_hold_up_the_end(postgres_url: str) -> None:
    process = Process(postgres_url)
    async with process.running():
        process.dispatcher.poke("endless")
        await until(lambda: "endless" in process.looks)
    assert await pokes_left(postgres_url) == 0


async def test_who_is_closed_leaves_what_comes_to_the_others(postgres_url: str) -> None:
    leaving, staying = Process(postgres_url), Process(postgres_url)
    async with leaving.running():
        leaving.dispatcher.poke("slow")
        await until(lambda: "slow" in leaving.looks)
        async with staying.running():
            leaving.dispatcher.close()
            leaving.gate.set()
            await until(lambda: leaving.ended == ["slow"])  # what has begun goes on
            await asyncio.sleep(0.5)
            for number in range(20):
                leaving.dispatcher.poke(str(number))
            await until(lambda: len(staying.looks) == 20)
            assert leaving.looks == ["slow"]


async def test_a_look_under_way_outlives_an_outage(
    postgres: Postgres, postgres_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    process = Process(postgres_url)
    async with process.running():
        process.dispatcher.poke("slow")
        await until(lambda: "slow" in process.looks)
        with postgres.away():
            await until(lambda: "dispatch.away" in caplog.text)
        process.gate.set()
        await until(lambda: process.ended == ["slow"])


async def test_postgresql_may_go_away_and_come_back(
    postgres: Postgres, postgres_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    process, api = Process(postgres_url), Process(postgres_url)
    relay = asyncio.create_task(api.dispatcher.relay())
    async with process.running():
        process.dispatcher.poke("before")
        await until(lambda: "before" in process.looks)
        with postgres.away():
            for number in range(5):
                process.dispatcher.poke(f"worker {number}")
                api.dispatcher.poke(f"api {number}")
            await until(lambda: "dispatch.away" in caplog.text)
            await asyncio.sleep(1)  # it is tried again, and is still away
        await until(lambda: len(set(process.looks)) == 11)
        process.dispatcher.poke("after")
        await until(lambda: "after" in process.looks)
    await ended(relay)


async def test_a_process_ends_while_postgresql_is_away(
    postgres: Postgres, postgres_url: str
) -> None:
    process = Process(postgres_url)
    running = process.running()
    await running.__aenter__()
    process.dispatcher.poke("endless")
    await until(lambda: "endless" in process.looks)
    with postgres.away():
        await running.__aexit__(None, None, None)


async def test_too_many_pokes_are_dropped_while_postgresql_is_away(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(procrastinate, "KEPT", 3)
    process = Process(postgres_url)
    for number in range(10):
        process.dispatcher.poke(str(number))
    async with process.running():
        await until(lambda: len(process.looks) == 3)
        process.dispatcher.poke("last")
        await until(lambda: "last" in process.looks)
    assert process.looks == ["0", "1", "2", "last"]


DYING = """
import asyncio, os, signal, sys
sys.path.insert(0, sys.argv[2])
from contract.test_procrastinate import Process, until

async def main():
    async with Process(sys.argv[1]).running() as process:
        process.dispatcher.poke("endless")
        await until(lambda: bool(process.looks))
        os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


async def test_what_a_dead_process_looked_at_is_dropped(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(procrastinate, "STALLED", 1.0)
    monkeypatch.setattr(procrastinate, "HEARTBEAT", 0.2)
    tests = str(Path(__file__).parents[1])
    dead = await asyncio.create_subprocess_exec(
        sys.executable, "-c", DYING, postgres_url, tests
    )
    assert await dead.wait() < 0
    assert await pokes_left(postgres_url) == 1
    async with Process(postgres_url).running(), asyncio.timeout(20):
        while await pokes_left(postgres_url):
            await asyncio.sleep(0.05)


async def test_without_the_right_to_make_its_tables_it_says_so(
    postgres_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with await psycopg.AsyncConnection.connect(
        postgres_url, autocommit=True
    ) as connection:
        await connection.execute("CREATE ROLE guest LOGIN")
    guest = psycopg.conninfo.make_conninfo(postgres_url, user="guest")
    async with Process(guest).running():
        await until(lambda: "dispatch.away" in caplog.text)
    assert "permission denied for database" in caplog.text


async def test_only_its_public_parts_are_used(postgres_url: str) -> None:
    async with Process(postgres_url).running() as process:
        process.dispatcher.poke("a")
        await until(lambda: process.looks == ["a"])
    options = f"-c search_path={SCHEMA}"
    app = App(connector=PsycopgConnector(conninfo=postgres_url, kwargs={"options": options}))
    async with app.open_async():
        assert await app.check_connection_async()
        assert list(await app.job_manager.list_jobs_async()) == []
