"""Jobs that are deleted, cancelled or handed back while a worker has them."""

import asyncio
from typing import Any

import pytest

from fakes import busy, done
from filmgate import (
    AfterLoss,
    EngineUnavailable,
)
from filmgate.domain.asset import Variant
from filmgate.domain.job import AttemptState, Owned, Status
from filmgate.ports import Refusal
from house import House

HOUR = 3600  # of a clock that jumps
INTERRUPTED = AttemptState.INTERRUPTED


async def test_a_deleted_job_is_cancelled_at_the_engine(house: House) -> None:
    house.engine.steps = [busy()]
    job = await house.submitted()
    await house.started()

    await house.gateway.delete(job.id, house.caller)
    await house.work()

    assert house.engine.cancelled == ["t1"]
    assert await house.rows.peek(job.id) is None
    assert await house.states(job) == []


async def test_a_deleted_job_is_cancelled_even_after_a_crash(house: House) -> None:
    house.engine.steps = [busy()]
    job = await house.submitted()
    await house.started()
    await house.jobs.delete(job.id, caller_id=house.caller.id, at=house.clock.now())

    successor = house.new_worker("w2")
    await house.sweep("w2")
    await house.work(successor)

    assert await house.rows.peek(job.id) is None
    assert house.engine.cancelled == ["t1"]


@pytest.mark.parametrize(
    ("after_loss", "status", "state"),
    [
        (AfterLoss.RERUN, Status.QUEUED, INTERRUPTED),
        (AfterLoss.NEVER, Status.IN_PROGRESS, AttemptState.OPEN),
    ],
)
async def test_a_drain_hands_jobs_back(
    house: House, after_loss: AfterLoss, status: Status, state: AttemptState
) -> None:
    house.engine.after_loss = after_loss
    house.engine.steps = [busy()]
    job = await house.submitted()
    await house.started()

    await house.worker.drain(HOUR)
    await house.worker.look(job.id)
    await house.sweep()

    found = await house.now(job)
    assert (found.status, await house.states(job)) == (status, [state])
    assert bool(house.engine.cancelled) is (after_loss is AfterLoss.RERUN)


async def test_a_sweep_removes_what_a_crash_left_of_a_deletion(house: House) -> None:
    house.engine.steps = [done()]
    job = await house.submitted()
    await house.work()
    await house.jobs.delete(job.id, caller_id=house.caller.id, at=house.clock.now())

    await house.sweep("w2")

    assert house.shelf.blobs == {}
    assert Variant.VIDEO not in await house.jobs.outputs(job.id)


async def test_a_cancel_that_fails_is_tried_again(house: House) -> None:
    house.engine.steps = [busy()]
    job = await house.submitted()
    await house.started()
    house.engine.refusals = [EngineUnavailable("down")]
    await house.gateway.delete(job.id, house.caller)
    await house.work()
    assert (await house.now(job)).status is Status.IN_PROGRESS
    assert await house.states(job) == [AttemptState.OPEN]

    await house.sweep()
    await house.work()

    assert await house.rows.peek(job.id) is None
    assert house.engine.cancelled == ["t1"]


async def test_a_deletion_just_before_the_start_is_seen(house: House) -> None:
    job = await house.submitted()
    own = house.rows.own

    async def own_then_delete(*args: Any, **kwargs: Any) -> Owned | Refusal:
        owned = await own(*args, **kwargs)
        await house.jobs.delete(job.id, caller_id=house.caller.id, at=house.clock.now())
        return owned

    house.rows.own = own_then_delete  # type: ignore[method-assign]
    await house.work()
    assert await house.rows.peek(job.id) is None


async def test_a_drain_waits_for_a_job_that_is_just_being_taken_on(house: House) -> None:
    job = await house.submitted()
    looking = asyncio.create_task(house.worker.look(job.id))
    await asyncio.sleep(0)

    await house.worker.drain(HOUR)

    assert looking.done()
    assert (await house.now(job)).status is Status.QUEUED
    assert house.worker._tasks == set()


@pytest.mark.parametrize("deleted", [False, True])
async def test_a_film_that_is_being_booked_is_not_stopped(house: House, deleted: bool) -> None:
    house.engine.steps = [done()]
    job = await house.submitted()
    complete = house.rows.complete

    async def interrupted(*args: Any, **kwargs: Any) -> bool:
        if deleted:
            await house.gateway.delete(job.id, house.caller)
            await house.worker.look(job.id)
        else:
            house.draining = asyncio.create_task(house.worker.drain(HOUR))
        await asyncio.sleep(0.01)
        return await complete(*args, **kwargs)

    house.rows.complete = interrupted  # type: ignore[method-assign]
    await house.work()

    assert house.engine.cancelled == []
    if deleted:
        assert await house.rows.peek(job.id) is None
        assert house.shelf.blobs == {}
    else:
        assert (await house.now(job)).status is Status.COMPLETED
        assert len(house.shelf.blobs) == 3
