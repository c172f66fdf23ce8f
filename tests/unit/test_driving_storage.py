"""Drives while our own rows, store or disk are away."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from drives import AWAY, FETCHED, breaking, code_of
from fakes import busy, done
from filmgate import (
    AfterLoss,
    InvalidRequest,
)
from filmgate.domain.deadlines import Deadlines
from filmgate.domain.errors import (
    StorageUnavailable,
)
from filmgate.domain.job import AttemptState, Status
from house import House

FAILED, OPEN, SUCCEEDED = AttemptState.FAILED, AttemptState.OPEN, AttemptState.SUCCEEDED


@pytest.fixture(autouse=True)
def paid(house: House) -> None:
    house.engine.after_loss = AfterLoss.NEVER


async def test_our_own_store_is_waited_for_and_nothing_is_fetched_twice(
    house: House,
) -> None:
    house.engine.steps = [busy(), FETCHED]
    put = house.shelf.put
    house.shelf.put = breaking(put, [AWAY, AWAY])  # type: ignore[method-assign]
    job = await house.submitted()
    await house.work()
    assert (await house.now(job)).status is Status.COMPLETED
    assert house.engine.fetches == 1


@pytest.mark.parametrize(
    "write", ["own", "keep_sending", "keep_ticket", "keep_percent", "complete", "peek"]
)
async def test_our_own_rows_are_waited_for(house: House, write: str) -> None:
    job = await house.submitted()
    broken = breaking(getattr(house.rows, write), [AWAY, AWAY])
    house.engine.steps = [busy(), busy(50), done()]
    if write == "peek":
        with pytest.raises(StorageUnavailable):
            await breaking(house.worker.look, [AWAY])(job.id)
    else:
        setattr(house.rows, write, broken)
    await house.work()
    assert (await house.now(job)).status is Status.COMPLETED
    assert len(house.engine.submissions) == 1


async def test_a_failure_is_written_down_once_the_rows_are_back(house: House) -> None:
    fail = house.rows.fail
    house.rows.fail = breaking(fail, [AWAY])  # type: ignore[method-assign]
    house.engine.steps = [InvalidRequest("no")]
    job = await house.submitted()
    await house.work()
    assert await code_of(house, job) == "invalid_value"


async def test_files_that_cannot_be_removed_now_are_left(house: House) -> None:
    house.engine.steps = [InvalidRequest("no")]
    job = await house.submitted()
    house.shelf.delete = breaking(house.shelf.delete, [AWAY])  # type: ignore[method-assign]
    await house.work()
    assert await code_of(house, job) == "invalid_value"


async def test_a_seat_that_is_free_is_found_by_a_sweep_at_the_latest(house: House) -> None:
    waiting = house.unattended.waiting
    house.unattended.waiting = breaking(waiting, [AWAY])  # type: ignore[method-assign]
    house.engine.steps = [done(), done()]
    jobs = [await house.submitted() for _ in range(2)]
    await house.work()
    house.clock.move(timedelta(seconds=1))
    await house.sweep()
    await house.work()
    assert [(await house.now(job)).status for job in jobs] == [Status.COMPLETED] * 2


async def test_a_job_that_is_cancelled_before_it_could_be_sent(house: House) -> None:
    job = await house.submitted()

    async def cancelled_meanwhile(*_: Any, **__: Any) -> None:
        await house.gateway.cancel(job.id, house.caller)
        await house.worker.look(job.id)
        raise AWAY

    house.rows.keep_sending = cancelled_meanwhile  # type: ignore[method-assign]
    await house.work()
    assert (await house.now(job)).status is Status.CANCELLED
    assert (house.engine.submissions, house.engine.cancelled) == ([], [])


async def test_files_of_a_deleted_job_that_cannot_be_removed_now(house: House) -> None:
    house.engine.steps = [done()]
    job = await house.submitted()
    await house.work()
    await house.jobs.delete(job.id, caller_id=house.caller.id, at=house.clock.now())
    house.shelf.delete = breaking(house.shelf.delete, [AWAY])  # type: ignore[method-assign]
    await house.sweep()
    assert await house.rows.peek(job.id) is not None
    await house.sweep()
    assert await house.rows.peek(job.id) is None


async def test_a_job_that_found_its_seat_just_in_time_is_not_given_up(house: House) -> None:
    house.deadlines["*"] = Deadlines(waiting=timedelta(hours=1))
    job = await house.submitted()
    house.clock.move(timedelta(hours=2))
    overdue = house.unattended.overdue

    async def started_meanwhile(**more: Any) -> Sequence[str]:
        found = await overdue(**more)
        await house.worker.look(job.id)
        return found

    house.unattended.overdue = started_meanwhile  # type: ignore[method-assign]
    await house.sweep()
    assert (await house.now(job)).status is Status.IN_PROGRESS
