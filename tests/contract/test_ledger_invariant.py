"""Whatever comes in whatever order: a job is charged once, and the ledger adds up."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fakes import Scripted
from filmgate.domain.errors import OwnershipLost
from filmgate.domain.job import AttemptState, Job, Owned, Status
from filmgate.domain.money import due
from filmgate.storage.database.connection import Database
from house import open_house
from till import FAILURE, LATE, Till

AMOUNTS = (0, 1, 300_000, 400_000)
WORKERS = ("w1", "w2")


@dataclass
class Story:
    """A job, and whoever has ever owned it."""

    till: Till
    job: Job
    owners: list[Owned] = field(default_factory=list)
    charged: Mapping[str, int] | None = None  #: when it ended

    @property
    def last(self) -> Owned:
        return self.owners[-1]


Move = Callable[[Story, int], Awaitable[object]]


async def own(story: Story, number: int) -> None:
    till = story.till
    owned = await till.rows.own(
        story.job.id,
        worker=WORKERS[number % 2],
        accounts=[till.house.account],
        attempt_id=f"attempt_{next(till.numbers)}",
        at=till.now,
    )
    if isinstance(owned, Owned):
        story.owners.append(owned)


async def ticket(story: Story, number: int) -> None:
    await story.till.rows.keep_ticket(_some(story, number).attempt.id, f"t{number}")


async def cost(story: Story, number: int) -> None:
    reported = AMOUNTS[number % 4]
    await story.till.rows.keep_cost(_some(story, number).attempt.id, reported)


async def complete(story: Story, number: int) -> None:
    now = story.till.now
    await story.till.rows.complete(_some(story, number), [], at=now, expires=now)


async def fail(story: Story, number: int) -> None:
    await story.till.rows.fail(_some(story, number), FAILURE, at=story.till.now)


async def retry(story: Story, number: int) -> None:
    now = story.till.now
    await story.till.rows.retry(_some(story, number), FAILURE, at=now, due=now, counts=True)


async def interrupt(story: Story, number: int) -> None:
    await story.till.rows.interrupt(_some(story, number), at=story.till.now, counts=True)


async def release(story: Story, number: int) -> None:
    await story.till.rows.release(_some(story, number))


async def stop(story: Story, number: int) -> None:
    await story.till.rows.cancelled(_some(story, number), at=story.till.now)


async def cancel(story: Story, number: int) -> None:
    del number
    caller = story.job.caller_id
    await story.till.house.jobs.cancel(story.job.id, caller_id=caller, at=story.till.now)


async def delete(story: Story, number: int) -> None:
    del number
    caller = story.job.caller_id
    await story.till.house.jobs.delete(story.job.id, caller_id=caller, at=story.till.now)


async def give_up(story: Story, number: int) -> None:
    del number
    await story.till.house.unattended.give_up(story.job.id, FAILURE, at=story.till.now + LATE)


ALWAYS: tuple[Move, ...] = (own, own, cancel, delete, give_up)
ONCE_OWNED: tuple[Move, ...] = (
    ticket, ticket, cost, complete, fail, retry, interrupt, release, stop,
)  # fmt: skip
#: A few moves that come at once, each with a number to choose by.
AT_ONCE = st.lists(
    st.tuples(st.sampled_from((*ALWAYS, *ONCE_OWNED)), st.integers(0, 11)),
    min_size=1,
    max_size=3,
)


@pytest.fixture
async def till(tmp_path: Path, database: Database) -> Till:
    return Till(await open_house(tmp_path, Scripted(), seats=9999, database=database))


names = itertools.count()


@given(
    begun=st.sampled_from(([], [own], [own, ticket])),
    price=st.sampled_from(AMOUNTS),
    cost_=st.sampled_from(AMOUNTS),
    moves=st.lists(AT_ONCE, max_size=10),
)
@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_the_ledger_adds_up(
    till: Till, begun: list[Move], price: int, cost_: int, moves: list[list[tuple[Move, int]]]
) -> None:
    job = await till.add(price=price, cost=cost_, name=f"story{next(names)}")
    story = Story(till, job)
    await _check(story, alone=True)
    for together in [*([(move, 0)] for move in begun), *moves]:
        steps = [
            step(story, number) for step, number in together if story.owners or step in ALWAYS
        ]
        for told in await asyncio.gather(*steps, return_exceptions=True):
            assert told is None or isinstance(told, OwnershipLost), told
        await _check(story, alone=len(steps) == 1)


async def _check(story: Story, *, alone: bool) -> None:
    till, price = story.till, story.job.plan.price
    till.job = story.job
    now, rows = await till.house.now(story.job), await till.charged()
    assert all(rows.values()), "no row is about nothing"
    if not now.status.ended:
        assert rows == ({"reserve": price} if price else {})
        assert now.charged is None
    elif price == 0:
        assert (rows, now.charged) == ({}, None)
    else:
        settled = rows.get("settle", 0)
        assert settled + rows.get("refund", 0) == rows["reserve"] == price
        assert now.charged == settled
        if story.charged is None:  # what comes later changes the cost alone
            # With another move beside the last, the cost may have changed since.
            assert not alone or settled == due(now.status, price=price, cost=now.cost)
            story.charged = rows
        assert rows == story.charged
    attempts = await till.house.jobs.attempts(story.job.id)
    known = [one.cost for one in attempts if one.cost is not None]
    assert now.cost == (sum(known) if known else None)
    for one in attempts:
        if one.state is AttemptState.SUCCEEDED and one.ticket and story.job.take.cost:
            assert one.cost is not None
        if one.cost_estimated:
            assert one.ticket
            assert one.cost == story.job.take.cost
    if now.status is Status.FAILED and price:
        assert rows == {"reserve": price, "refund": price}


def _some(story: Story, number: int) -> Owned:
    """Mostly the last owner; now and then one of before."""
    return story.owners[number % len(story.owners)] if number > 8 else story.last
