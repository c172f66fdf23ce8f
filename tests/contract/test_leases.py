"""Leases, and the nodes that live by them; counts of requests. On both databases."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import pytest

from fakes import MovedClock
from filmgate.bootstrap.folder import SystemClock
from filmgate.dispatch.embedded import every
from filmgate.domain.errors import StorageUnavailable
from filmgate.gateway.nodes import LASTS, RENEW, Node, OnlyNode, lease_of
from filmgate.storage.database import postgres as rows
from filmgate.storage.database.callers import CallerRows
from filmgate.storage.database.clock import DatabaseClock
from filmgate.storage.database.connection import Database
from filmgate.storage.database.counts import CountRows
from filmgate.storage.database.leases import LeaseRows
from filmgate.storage.database.postgres import PostgreSQL
from postgres import Postgres

SECOND = timedelta(seconds=1)


@pytest.fixture
def leases(database: Database) -> LeaseRows:
    return LeaseRows(database)


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


def node(name: str, leases: LeaseRows, clock: MovedClock) -> Node:
    return Node(name, leases=leases, clock=clock, monotonic=monotonic(clock))


def monotonic(clock: MovedClock) -> Callable[[], float]:
    return lambda: clock.now().timestamp()


async def test_a_lease_is_one_holders_until_it_ends(
    leases: LeaseRows, clock: MovedClock
) -> None:
    now, later = clock.now(), clock.now() + 8 * SECOND
    assert await leases.take("duty/a", "one", at=now, until=later)
    assert not await leases.take("duty/a", "two", at=now, until=later)
    assert await leases.take("duty/b", "two", at=now, until=later)
    assert await leases.alive(at=now) == {"duty/a", "duty/b"}

    assert await leases.take("duty/a", "one", at=now, until=later + SECOND)
    assert not await leases.take("duty/a", "two", at=later, until=later + 8 * SECOND)
    assert await leases.alive(at=later) == {"duty/a"}
    ended = later + SECOND
    assert await leases.take("duty/a", "two", at=ended, until=ended + SECOND)
    assert not await leases.take("duty/a", "one", at=ended, until=ended + SECOND)


async def test_a_lease_is_let_go_by_its_holder_alone(
    leases: LeaseRows, clock: MovedClock
) -> None:
    now, later = clock.now(), clock.now() + 8 * SECOND
    await leases.take("duty/a", "one", at=now, until=later)
    await leases.drop("duty/a", "two")
    assert await leases.alive(at=now) == {"duty/a"}
    await leases.drop("duty/a", "one")
    assert await leases.alive(at=now) == set()

    await leases.take("node/one", "one", at=now, until=later)
    await leases.take("node/two", "two", at=now, until=later)
    await leases.drop_all_but("two")
    assert await leases.alive(at=now) == {"node/two"}


async def test_of_many_who_want_a_lease_one_gets_it(
    leases: LeaseRows, clock: MovedClock
) -> None:
    at = clock.now()
    for _ in range(5):
        wants = (leases.take("duty/a", str(n), at=at, until=at + 8 * SECOND) for n in range(20))
        assert sum(await asyncio.gather(*wants)) == 1
        at += 8 * SECOND


@asynccontextmanager
async def living(one: Node, clock: MovedClock) -> AsyncIterator[Node]:
    await one.join()
    running = asyncio.create_task(every(RENEW, one.renew, clock))
    try:
        yield one
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_a_node_is_one_as_long_as_it_renews(leases: LeaseRows, clock: MovedClock) -> None:
    one = node("one", leases, clock)
    assert not one.holds()
    start = clock.now()
    async with living(one, clock):
        while clock.now() < start + 3 * LASTS:
            await asyncio.sleep(0.001)
            assert one.holds()
            assert lease_of("one") in await leases.alive(at=clock.now())
    clock.move(LASTS)
    assert not one.holds()
    assert await leases.alive(at=clock.now()) == set()


async def test_a_paused_node_knows_before_the_others_take_over(
    leases: LeaseRows, clock: MovedClock
) -> None:
    one, two = node("one", leases, clock), node("two", leases, clock)
    await one.join()
    assert await one.duty("sweep")
    assert not await two.duty("sweep")

    clock.move(LASTS - SECOND)  # nobody renews
    assert not one.holds()
    assert not await two.duty("sweep")
    clock.move(SECOND)
    assert await two.duty("sweep")
    assert not await one.duty("sweep")
    await one.join()
    assert one.holds()
    assert not await one.duty("sweep")


async def test_a_duty_is_asked_of_the_rows_once_in_a_while(
    database: Database, leases: LeaseRows, clock: MovedClock
) -> None:
    one = node("one", leases, clock)
    assert await one.duty("sweep")
    await database.write(lambda connection: connection.execute("DELETE FROM leases"))
    assert await one.duty("sweep")
    assert await leases.alive(at=clock.now()) == set()
    clock.move(timedelta(seconds=RENEW))
    assert await one.duty("sweep")
    assert await leases.alive(at=clock.now()) == {"duty/sweep"}


async def test_a_node_keeps_its_duties_and_lets_them_go(
    leases: LeaseRows, clock: MovedClock
) -> None:
    one, two = node("one", leases, clock), node("two", leases, clock)
    start = clock.now()
    async with living(one, clock):
        assert await one.duty("sweep")
        while clock.now() < start + 3 * LASTS:
            await asyncio.sleep(0.001)
            assert not await two.duty("sweep")
    await one.leave()
    assert not one.holds()
    assert await two.duty("sweep")


class Steps(MovedClock):
    """Goes on second by second, and each time waits for who slept until then."""

    async def sleep(self, seconds: float) -> None:
        until = self.now() + timedelta(seconds=seconds)
        while self.now() < until:
            await asyncio.sleep(0.001)

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(30):
            while not condition():
                self.move(SECOND)
                await asyncio.sleep(0.05)


async def test_one_node_at_a_time_does_what_one_is_enough_for(leases: LeaseRows) -> None:
    clock, busy = Steps(), list[str]()

    async def work(name: str) -> None:
        busy.append(name)
        try:
            await asyncio.Event().wait()
        finally:
            busy.remove(name)

    def doing(one: Node) -> asyncio.Task[None]:
        return asyncio.create_task(one.while_on_duty("feed", lambda: work(one.name)))

    one, two = node("one", leases, clock), node("two", leases, clock)
    first = doing(one)
    await clock.until(lambda: busy == ["one"])
    second = doing(two)
    for _ in range(20):
        clock.move(SECOND)
        await asyncio.sleep(0.05)
        assert busy == ["one"]
    first.cancel()
    await clock.until(lambda: busy == ["two"])  # its lease has ended

    at = clock.now()
    await leases.take("duty/feed", "three", at=at + 2 * LASTS, until=at + 9 * LASTS)
    await clock.until(lambda: not busy)  # two is relieved
    second.cancel()
    await asyncio.gather(first, second, return_exceptions=True)


async def test_what_breaks_on_duty_is_heard_of(leases: LeaseRows, clock: MovedClock) -> None:
    async def broken() -> None:
        raise KeyError("it")

    with pytest.raises(KeyError):
        await node("one", leases, clock).while_on_duty("feed", broken)


async def test_a_node_that_is_cut_off_is_none_any_more(
    postgres: Postgres, postgres_url: str, clock: MovedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = PostgreSQL(postgres_url)
    await database.row("SELECT 1")  # it may have been away until now
    monkeypatch.setattr(rows, "PATIENCE", 0.2)
    one = node("one", LeaseRows(database), clock)
    async with living(one, clock):
        assert await one.duty("sweep")
        with postgres.away():
            assert one.holds()
            async with asyncio.timeout(60):
                while one.holds():
                    await asyncio.sleep(0.01)
            assert not await one.duty("sweep")
            with pytest.raises(StorageUnavailable):
                await one.join()
            await one.leave()
        async with asyncio.timeout(60):
            while not one.holds():
                await asyncio.sleep(0.01)
    await database.close()


async def test_the_only_node_does_everything(leases: LeaseRows, clock: MovedClock) -> None:
    now = clock.now()
    await leases.take("node/killed", "killed", at=now, until=now + LASTS)
    one = OnlyNode("one", leases=leases, clock=clock)
    await one.join()
    await one.renew()
    clock.move(timedelta(days=365))
    assert one.holds()
    assert await one.duty("sweep")
    assert await leases.alive(at=clock.now()) == {"node/one"}
    done: list[bool] = []

    async def work() -> None:
        done.append(True)

    await one.while_on_duty("feed", work)
    assert done
    await one.leave()
    assert await leases.alive(at=clock.now()) == set()


async def test_requests_are_counted_by_caller_and_minute(
    database: Database, clock: MovedClock
) -> None:
    callers, counts = CallerRows(database), CountRows(database)
    alice = (await callers.ensure("caller_a", "alice", at=clock.now())).id
    bob = (await callers.ensure("caller_b", "bob", at=clock.now())).id
    asked = await asyncio.gather(*(counts.count(alice, 7) for _ in range(20)))
    assert sorted(asked) == list(range(1, 21))
    assert await counts.count(bob, 7) == 1
    assert await counts.count(alice, 8) == 1
    await counts.forget(before=8)
    assert [await counts.count(alice, minute) for minute in (7, 8)] == [1, 2]


class Late(MovedClock):
    """A node's clock that is an hour behind, and stands still."""

    def now(self) -> datetime:
        return super().now() - timedelta(hours=1)


async def test_nodes_whose_clocks_differ_agree_by_the_databases(
    postgres_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    database = PostgreSQL(postgres_url)
    right, late = DatabaseClock(database, SystemClock()), DatabaseClock(database, Late())
    before = SystemClock().now()
    assert late.now() < before
    await right.set()
    await late.set()
    assert before - SECOND < late.now() < right.now() + SECOND
    assert "clock.wrong" in caplog.text
    sleeping = late.now()
    await late.sleep(5)
    assert late.now() - sleeping == 5 * SECOND
    await database.close()


async def test_a_clock_that_cannot_be_set_goes_on(
    postgres: Postgres, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "PATIENCE", 0.2)
    database = PostgreSQL(postgres_url)
    late = DatabaseClock(database, Late())
    await late.set()
    was = late.now()
    with postgres.away(), pytest.raises(StorageUnavailable):
        await late.set()
    assert late.now() == was
    await database.close()
