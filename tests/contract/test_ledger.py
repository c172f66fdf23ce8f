"""Every way in which a job ends: charged once, what was promised or less."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine

from fakes import Scripted
from filmgate.domain.batch import Answer
from filmgate.domain.job import Failure
from filmgate.domain.money import Charge, ChargeKind, Usage
from filmgate.storage.database.connection import Database
from filmgate.storage.database.prepare import prepare
from filmgate.storage.database.restored import end_unfinished
from filmgate.storage.database.sqlite import SQLite
from house import open_house
from till import COST, PRICE, Till

Way = Callable[["Till"], Awaitable[object]]
Rows = list[tuple[Any, ...]]


@pytest.fixture
async def till(tmp_path: Path, database: Database) -> Till:
    return Till(await open_house(tmp_path, Scripted(), seats=99, database=database))


async def _completed(till: Till) -> None:
    await till.own(ticket=True)
    await till.complete()


async def _failed(till: Till) -> None:
    await till.own(ticket=True)
    await till.fail()


async def _refused(till: Till) -> None:
    await till.own()
    await till.fail()


async def _failed_twice(till: Till) -> None:
    await till.own()
    await till.retry()
    await till.own(ticket=True)
    await till.fail()


async def _cancelled_while_queued(till: Till) -> None:
    await till.cancel()


async def _deleted_while_queued(till: Till) -> None:
    await till.delete()


async def _given_up(till: Till) -> None:
    await till.give_up()


async def _cancelled_before_a_ticket(till: Till) -> None:
    await till.own()
    await till.cancel()
    await till.stop()


async def _cancelled_after_a_ticket(till: Till) -> None:
    await till.own(ticket=True)
    await till.cancel()
    await till.stop()


async def _deleted_after_a_ticket(till: Till) -> None:
    await till.own(ticket=True)
    await till.delete()
    await till.stop()


async def _cancelled_when_it_was_done(till: Till) -> None:
    await till.own(ticket=True)
    await till.cancel()
    await till.complete()


async def _cancelled_when_it_failed(till: Till) -> None:
    await till.own()
    await till.cancel()
    await till.fail()


async def _cancelled_when_it_was_to_be_retried(till: Till) -> None:
    await till.own(ticket=True)
    await till.cancel()
    await till.retry()


async def _cancelled_when_it_was_interrupted(till: Till) -> None:
    await till.own(ticket=True)
    await till.cancel()
    await till.rows.interrupt(till.owned, at=till.now, counts=True)


async def _cancelled_at_a_reported_cost(till: Till) -> None:
    await till.own(ticket=True)
    await till.rows.keep_cost(till.owned.attempt.id, 50_000)
    await till.cancel()
    await till.stop()


async def _cancelled_at_a_high_cost(till: Till) -> None:
    await till.own(ticket=True)
    await till.rows.keep_cost(till.owned.attempt.id, 2 * PRICE)
    await till.cancel()
    await till.stop()


async def _completed_at_a_reported_cost(till: Till) -> None:
    await till.own(ticket=True)
    await till.rows.keep_cost(till.owned.attempt.id, 2 * PRICE)
    await till.complete()


#: How a job ended; what was settled; and what it took, each attempt with whether estimated.
WAYS: list[tuple[Way, int, list[tuple[int | None, bool]]]] = [
    (_completed, PRICE, [(COST, True)]),
    (_completed_at_a_reported_cost, PRICE, [(2 * PRICE, False)]),
    (_failed, 0, [(COST, True)]),
    (_refused, 0, [(None, False)]),
    (_failed_twice, 0, [(None, False), (COST, True)]),
    (_cancelled_while_queued, 0, []),
    (_deleted_while_queued, 0, []),
    (_given_up, 0, []),
    (_cancelled_before_a_ticket, 0, [(None, False)]),
    (_cancelled_after_a_ticket, COST, [(COST, True)]),
    (_deleted_after_a_ticket, COST, [(COST, True)]),
    (_cancelled_when_it_was_done, COST, [(COST, True)]),
    (_cancelled_when_it_failed, 0, [(None, False)]),
    (_cancelled_when_it_was_to_be_retried, COST, [(COST, True)]),
    (_cancelled_when_it_was_interrupted, 0, [(None, False)]),
    (_cancelled_at_a_reported_cost, 50_000, [(50_000, False)]),
    (_cancelled_at_a_high_cost, PRICE, [(2 * PRICE, False)]),
]


@pytest.mark.parametrize(
    ("way", "settled", "attempts"), WAYS, ids=[w[0].__name__ for w in WAYS]
)
async def test_an_ended_job_is_charged_what_is_due(
    till: Till, way: Way, settled: int, attempts: list[tuple[int | None, bool]]
) -> None:
    await till.add()
    assert await till.charged() == {"reserve": PRICE}
    assert (await till.house.now(till.job)).charged is None

    await way(till)

    rows = {"reserve": PRICE, "settle": settled, "refund": PRICE - settled}
    assert await till.charged() == {kind: amount for kind, amount in rows.items() if amount}
    assert (await till.house.now(till.job)).charged == settled
    known = [cost for cost, _ in attempts if cost is not None]
    assert await till.cost() == (sum(known) if known else None, attempts)


@pytest.mark.parametrize("way", [way for way, _, _ in WAYS], ids=lambda way: way.__name__)
async def test_what_is_free_has_no_rows(till: Till, way: Way) -> None:
    await till.add(price=0, cost=0)
    await way(till)
    assert await till.charged() == {}
    assert (await till.house.now(till.job)).charged is None


async def test_what_is_told_late_changes_the_cost_alone(till: Till) -> None:
    await till.add()
    await _cancelled_after_a_ticket(till)
    before = await till.charged()

    await till.rows.keep_cost(till.owned.attempt.id, 10_000)

    assert await till.cost() == (10_000, [(10_000, False)])
    assert (
        await till.charged() == before == {"reserve": PRICE, "settle": COST, "refund": 100_000}
    )


@pytest.mark.parametrize(
    ("cost", "known"), [(COST, (COST, [(COST, True)])), (0, (None, [(None, False)]))]
)
async def test_a_late_ticket_shows_that_it_cost_something(
    till: Till, cost: int, known: object
) -> None:
    await till.add(cost=cost)
    await _refused(till)

    await till.rows.keep_ticket(till.owned.attempt.id, "late")
    await till.rows.keep_ticket(till.owned.attempt.id, "later")

    assert await till.cost() == known
    assert await till.charged() == {"reserve": PRICE, "refund": PRICE}


async def test_a_late_ticket_changes_no_reported_cost(till: Till) -> None:
    await till.add()
    await _refused(till)
    await till.rows.keep_cost(till.owned.attempt.id, 5)

    await till.rows.keep_ticket(till.owned.attempt.id, "late")

    assert await till.cost() == (5, [(5, False)])


async def test_what_is_told_of_a_forgotten_job_is_passed_over(till: Till) -> None:
    await till.add()
    await _deleted_after_a_ticket(till)
    await till.house.unattended.forget(till.job.id)

    await till.rows.keep_cost(till.owned.attempt.id, 1)
    await till.rows.keep_ticket(till.owned.attempt.id, "late")

    assert await till.charged() == {"reserve": PRICE, "settle": COST, "refund": PRICE - COST}
    (usage,) = await till.ledger.usage(caller=None, since=None, until=None)
    assert usage.cost == COST


async def test_of_several_attempts_the_costs_add_up(till: Till) -> None:
    await till.add()
    await till.own(ticket=True)
    await till.rows.keep_cost(till.owned.attempt.id, 1_000)
    await till.retry()
    await till.own(ticket=True)
    await till.cancel()
    await till.stop()

    assert await till.cost() == (COST + 1_000, [(1_000, False), (COST, True)])
    assert (await till.charged())["settle"] == COST + 1_000


async def test_a_page_of_charges(till: Till) -> None:
    began, names = till.now, ("a", "b", "c")
    for name in names:
        till.house.clock.move(timedelta(hours=1))
        await till.add(name=name)
        await till.cancel()
    every, more = await till.ledger.charges(
        caller="alice", since=None, until=None, after=None, limit=99
    )
    assert more is False
    at = began + timedelta(hours=1)
    assert every[:2] == [
        Charge(job_id="video_a", kind=kind, caller="alice", amount=PRICE, at=at)
        for kind in (ChargeKind.REFUND, ChargeKind.RESERVE)
    ]
    assert [one.id for one in every] == [
        f"video_{name}.{kind}" for name in names for kind in ("refund", "reserve")
    ]

    async def ids(after: str | None, limit: int, **more: Any) -> tuple[Sequence[str], bool]:
        asked = {"caller": None, "since": None, "until": None, **more}
        found, follows = await till.ledger.charges(**asked, after=after, limit=limit)
        return [one.id for one in found], follows

    first, follows = await ids(None, 2)
    assert (first, follows) == ([one.id for one in every[:2]], True)
    assert await ids(first[-1], 98) == ([one.id for one in every[2:]], False)
    assert await ids("video_none.settle", 9) == ([], False)
    assert await ids(None, 9, caller="nobody") == ([], False)
    hour = timedelta(hours=1)
    lately, _ = await ids(None, 99, since=began + 2 * hour, until=began + 3 * hour)
    assert lately == [one.id for one in every if one.at == began + 2 * hour]


async def test_the_sums_of_every_caller(till: Till) -> None:
    began = till.now
    till.house.clock.move(timedelta(days=1))
    await till.add(name="a")
    await _completed(till)
    bob = await till.house.new_caller("bob")
    till.house.caller = bob
    till.house.clock.move(timedelta(days=1))
    await till.add(name="b", cost=0)
    await _cancelled_after_a_ticket(till)

    alice_s = Usage(caller="alice", jobs=1, reserved=PRICE, settled=PRICE, cost=COST)
    bob_s = Usage(caller="bob", jobs=1, reserved=PRICE, refunded=PRICE)
    day = timedelta(days=1)

    async def usage(**asked: Any) -> Sequence[Usage]:
        return await till.ledger.usage(
            **{"caller": None, "since": None, "until": None, **asked}
        )

    assert await usage() == [alice_s, bob_s]
    assert await usage(caller="bob") == [bob_s]
    assert await usage(until=began + 2 * day) == [alice_s]
    assert await usage(since=began + 2 * day) == [bob_s]
    assert await usage(since=began + 3 * day) == []


async def test_what_a_caller_cost_that_paid_nothing(till: Till) -> None:
    await till.add(price=0)
    await _completed(till)
    assert await till.ledger.usage(caller=None, since=None, until=None) == [
        Usage(caller="alice", cost=COST)
    ]


RESTORED = Failure(code="restored", message="Not again.")


@pytest.fixture
async def backup(tmp_path: Path) -> Path:
    """Rows with a job in every state."""
    path = tmp_path / "filmgate.db"
    prepare(path)
    database = SQLite(path)
    till = Till(await open_house(tmp_path, Scripted(), seats=99, database=database))
    await till.add(name="queued")
    await till.add(name="open")
    await till.own()
    await till.add(name="ticketed")
    await till.own(ticket=True)
    await till.add(name="stopping")
    await till.own()
    await till.cancel()
    await till.add(name="tried")
    await till.own(ticket=True)
    await till.retry()
    await till.add(name="old")
    await database.write(
        lambda c: c.execute("DELETE FROM charges WHERE job_id = 'video_old'").rowcount
    )
    await database.close()
    return path


def test_what_a_restored_backup_ends_is_refunded(backup: Path) -> None:
    at = datetime(2026, 11, 22, tzinfo=UTC)
    end_unfinished(backup, RESTORED, Answer(status=502, body="{}"), at=at)

    with closing(sqlite3.connect(backup)) as rows:
        found: Rows = rows.execute(
            "SELECT substr(jobs.id, 7), kind, amount, charged FROM jobs "
            "LEFT JOIN charges ON job_id = jobs.id "
            "ORDER BY jobs.id, kind DESC"
        ).fetchall()
    refunded = [("reserve", PRICE, 0), ("refund", PRICE, 0)]
    assert found == [
        # From before there was a ledger.
        ("old", None, None, None),
        *(("open", *row) for row in refunded),
        *(("queued", *row) for row in refunded),
        *(("stopping", *row) for row in refunded),
        ("ticketed", "reserve", PRICE, None),
        *(("tried", *row) for row in refunded),
    ]


OLD = """
    INSERT INTO callers VALUES ('caller_1', 'alice', 1);
    INSERT INTO accounts (id, engine, label, seats, created_at)
        VALUES ('account_1', 'x', 'a', 9, 1);
    INSERT INTO jobs (id, caller_id, status, engine, request, plan, created_at, due_at)
        VALUES ('video_1', 'caller_1', 'queued', 'x', '{}', '{"plan": {"price": 9}}', 1, 1);
    INSERT INTO attempts (id, job_id, take, number, account_id, state, started_at, cost)
        VALUES ('attempt_1', 'video_1', 1, 1, 'account_1', 'failed', 1, 5),
               ('attempt_2', 'video_1', 1, 2, 'account_1', 'failed', 1, 2);
"""


def test_a_backup_from_before_the_ledger_is_restored_without_one(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", "filmgate.storage.database:migrations")
        config.attributes["connection"] = connection
        command.upgrade(config, "0004")
    engine.dispose()
    with closing(sqlite3.connect(path)) as rows:
        rows.executescript(OLD)
    prepare(path)

    end_unfinished(path, RESTORED, Answer(status=502, body="{}"), at=datetime.now(UTC))

    with closing(sqlite3.connect(path)) as rows:
        jobs = rows.execute("SELECT status, charged, cost FROM jobs").fetchall()
        assert jobs == [("failed", None, 7)]
        assert rows.execute("SELECT count(*) FROM charges").fetchall() == [(0,)]
