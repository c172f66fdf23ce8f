"""Drives that are lost, drained, cancelled or refused."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from drives import AWAY, CUT, HOUR, breaking, code_of, until
from fakes import busy, done
from filmgate import (
    AfterLoss,
    EngineMisbehaved,
    EngineUnavailable,
    InvalidRequest,
)
from filmgate.domain.errors import (
    AccountRejected,
    FilmgateError,
    StorageUnavailable,
)
from filmgate.domain.job import AttemptState, Status
from filmgate.gateway.driving import Wanted
from house import House

FAILED, OPEN, SUCCEEDED = AttemptState.FAILED, AttemptState.OPEN, AttemptState.SUCCEEDED


@pytest.fixture(autouse=True)
def paid(house: House) -> None:
    house.engine.after_loss = AfterLoss.NEVER


@pytest.mark.parametrize("gone", [False, True])
async def test_a_ticket_that_comes_too_late(house: House, gone: bool) -> None:
    """Another worker took the job over while the engine was thinking."""
    job = await house.submitted()
    await house.pokes.deliver(house.worker.look)
    await until(lambda: bool(house.engine.submissions))
    if gone:
        await house.jobs.cancel(job.id, caller_id=house.caller.id, at=house.clock.now())
    successor = house.new_worker("w2")
    await successor.look(job.id)
    await until(lambda: not successor._tasks)
    house.engine.release(busy(ticket="late"))
    await until(lambda: not house.worker._tasks)

    assert [attempt.ticket for attempt in await house.jobs.attempts(job.id)] == ["late"]
    if gone:
        assert (await house.now(job)).status is Status.CANCELLED
        assert house.engine.cancelled == ["late"]
    else:
        assert await code_of(house, job) == "submission_interrupted"
        assert house.engine.cancelled == []


async def test_a_free_render_ends_with_its_ownership(house: House) -> None:
    house.engine.after_loss = AfterLoss.RERUN
    house.engine.steps = [busy(), *[busy(50)] * 5]
    job = await house.submitted()
    await house.pokes.deliver(house.worker.look)
    await house.rows.own(
        job.id,
        worker="w2",
        accounts=[house.account],
        attempt_id="a2",
        at=house.clock.now(),
    )
    await until(lambda: not house.worker._tasks)
    assert house.engine.cancelled == ["t1"]


async def test_a_drain_waits_for_an_answer_that_is_worth_money(house: House) -> None:
    job = await house.submitted()
    await house.pokes.deliver(house.worker.look)
    await until(lambda: bool(house.engine.submissions))
    draining = asyncio.create_task(house.worker.drain(0, submissions=HOUR))
    await asyncio.sleep(0.01)
    assert not draining.done()
    house.engine.release(busy())
    await draining
    assert [attempt.ticket for attempt in await house.jobs.attempts(job.id)] == ["t1"]
    assert await house.states(job) == [OPEN]
    assert (await house.now(job)).status is Status.IN_PROGRESS


async def test_a_drain_does_not_ask_again_for_an_answer_that_was_lost(house: House) -> None:
    house.engine.after_loss = AfterLoss.ASK
    job = await house.submitted()
    await house.pokes.deliver(house.worker.look)
    await until(lambda: bool(house.engine.submissions))
    house.worker._want(job.id, Wanted.HAND_BACK)  # as a drain does, again and again
    house.engine.release(CUT)
    await until(lambda: not house.worker._tasks)
    assert len(house.engine.submissions) == 1
    assert await house.states(job) == [OPEN]
    assert await house.database.row("SELECT owner FROM jobs") == (None,)


async def test_a_drain_does_not_wait_for_ever(house: House) -> None:
    job = await house.submitted()
    await house.pokes.deliver(house.worker.look)
    await until(lambda: bool(house.engine.submissions))
    await house.worker.drain(0, submissions=10)
    assert not house.worker._tasks
    assert await house.states(job) == [OPEN]
    assert await house.database.row("SELECT owner FROM jobs") == (None,)


async def test_a_drain_hands_back_what_was_never_sent(house: House) -> None:
    job = await house.submitted()
    read = house.rows.own

    async def drained(*args: Any, **kwargs: Any) -> Any:
        owned = await read(*args, **kwargs)
        house.draining = asyncio.create_task(house.worker.drain(HOUR))
        await asyncio.sleep(0.01)
        return owned

    house.rows.own = drained  # type: ignore[method-assign]
    await house.work()
    assert house.draining is not None
    await house.draining
    assert house.engine.submissions == []
    assert (await house.now(job)).status is Status.QUEUED


async def test_what_came_with_the_ticket_is_stored_before_a_drain_ends(house: House) -> None:
    job = await house.submitted()
    await house.pokes.deliver(house.worker.look)
    await until(lambda: bool(house.engine.submissions))
    draining = asyncio.create_task(house.worker.drain(HOUR))
    await asyncio.sleep(0)
    house.engine.release(done())
    await draining
    assert (await house.now(job)).status is Status.COMPLETED


async def test_a_cancel_that_never_works_ends_with_the_deadline(house: House) -> None:
    house.engine.steps = [busy()]
    job = await house.submitted()
    await house.started()
    house.engine.refusals = [EngineUnavailable("down")] * 2
    await house.gateway.cancel(job.id, house.caller)
    await house.work()
    assert (await house.now(job)).status is Status.IN_PROGRESS
    house.clock.move(timedelta(days=5))
    await house.sweep()
    await house.work()
    assert (await house.now(job)).status is Status.CANCELLED


@pytest.mark.parametrize("error", [InvalidRequest("no"), EngineUnavailable("later")])
async def test_a_cancelled_job_ends_as_cancelled_however_its_attempt_ends(
    house: House, error: FilmgateError
) -> None:
    job = await house.submitted()
    await house.pokes.deliver(house.worker.look)
    await until(lambda: bool(house.engine.submissions))
    await house.gateway.cancel(job.id, house.caller)
    await house.pokes.deliver(house.worker.look)
    house.engine.release(error)
    await house.work()
    found = await house.now(job)
    assert (found.status, found.failure) == (Status.CANCELLED, None)
    assert await house.states(job) == [FAILED]


async def test_news_of_a_job_of_ours_is_looked_at(house: House) -> None:
    house.engine.steps = [busy()]
    job = await house.submitted()
    await house.started()
    await house.jobs.cancel(job.id, caller_id=house.caller.id, at=house.clock.now())
    house.worker.heard(["video_of_another"])
    house.worker.missed()
    await until(lambda: bool(house.engine.cancelled))
    await house.work()
    assert (await house.now(job)).status is Status.CANCELLED


async def test_news_that_cannot_be_looked_at_now_is_for_the_sweep(house: House) -> None:
    house.engine.steps = [busy()]
    job = await house.submitted()
    await house.started()
    house.rows.peek = breaking(house.rows.peek, [AWAY])  # type: ignore[method-assign]
    house.worker.heard([job.id])
    await asyncio.sleep(0.01)
    assert (await house.now(job)).status is Status.IN_PROGRESS


async def test_an_account_whose_secret_is_gone_is_waited_for(house: House) -> None:
    house.engine.steps = [busy(), busy(50), done()]
    get = house.accounts.get
    house.accounts.get = breaking(get, [AccountRejected("no secret")])  # type: ignore[method-assign]
    job = await house.submitted()
    await house.work()
    house.clock.move(timedelta(minutes=10))
    await house.sweep()
    await house.work()
    assert (await house.now(job)).status is Status.COMPLETED


async def test_a_free_engine_that_misbehaves_is_not_asked_again(house: House) -> None:
    house.engine.after_loss = AfterLoss.RERUN
    house.engine.steps = [busy(), EngineMisbehaved("what"), done()]
    job = await house.submitted()
    await house.work()
    assert await code_of(house, job) == "engine_misbehaved"


async def test_an_engine_without_an_account_is_refused(house: House) -> None:
    await house.accounts.remove(house.account.id)
    with pytest.raises(EngineUnavailable, match="filmgate accounts add scripted") as refused:
        await house.submitted()
    assert refused.value.code == "no_account"


async def test_no_more_is_taken_when_the_disk_is_nearly_full(house: House) -> None:
    house.engine.steps = [busy(), done()]
    job = await house.submitted()
    house.left = 999
    with pytest.raises(StorageUnavailable) as refused:
        await house.submitted()
    assert (refused.value.code, refused.value.retry_after) == (
        "storage_full",
        timedelta(minutes=1),
    )
    await house.work()
    assert (await house.now(job)).status is Status.COMPLETED
    house.left = 1000
    await house.submitted()
