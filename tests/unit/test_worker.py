import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from fakes import House, Scripted, busy, done, lost, open_house
from filmgate import (
    AfterLoss,
    ContentRejected,
    EngineUnavailable,
    GenerationFailed,
    Media,
    Output,
)
from filmgate.domain.asset import Variant
from filmgate.domain.events import EventKind
from filmgate.domain.job import AttemptState, Job, Owned, Status
from filmgate.domain.request import GenerationRequest
from filmgate.gateway.policy import MAX_INTERRUPTIONS
from filmgate.ports import Refusal

A_KITE = GenerationRequest(model="kite-1", media=Media.VIDEO, prompt="a kite")
HOUR = 3600  # of a clock that jumps
INTERRUPTED, SUCCEEDED = AttemptState.INTERRUPTED, AttemptState.SUCCEEDED


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    house = await open_house(tmp_path, Scripted())
    yield house
    await house.worker.drain(HOUR)
    await house.database.close()


async def submitted(house: House) -> Job:
    return await house.gateway.submit(A_KITE, house.caller)


async def now(house: House, job: Job) -> Job:
    found = await house.rows.peek(job.id)
    assert found is not None
    return found


async def states(house: House, job: Job) -> list[AttemptState]:
    return [attempt.state for attempt in await house.jobs.attempts(job.id)]


async def started(house: House) -> None:
    """Let the worker begin, as far as the engine's script goes."""
    await house.pokes.deliver(house.worker.look)
    for _ in range(100):
        await asyncio.sleep(0.001)
        if house.engine.submissions and not house.engine.steps:
            await asyncio.sleep(0.005)
            return


async def test_a_job_is_driven_to_its_film(house: House) -> None:
    house.engine.steps = [busy(10), busy(60), done()]
    job = await submitted(house)
    await house.work()

    found = await now(house, job)
    assert (found.status, found.percent) == (Status.COMPLETED, 100)
    assert found.expires_at == house.clock.now() + timedelta(days=30)
    assert await states(house, job) == [SUCCEEDED]
    kinds = [event.kind for event in await house.jobs.events(job.id)]
    assert kinds == [EventKind.CREATED, EventKind.STARTED, EventKind.COMPLETED]


async def test_a_film_behind_a_link_is_fetched(house: House) -> None:
    house.engine.steps = [done(outputs=(Output("video/mp4", url="https://x.test/f"),))]
    job = await submitted(house)
    await house.work()
    assert (await now(house, job)).status is Status.COMPLETED
    assert b"fetched film" in house.shelf.blobs.values()


@pytest.mark.parametrize(
    "output",
    [Output("text/html", path=Path("x")), Output("video/mp4", path=Path("broken.mp4"))],
)
async def test_what_is_no_film_fails_the_job(house: House, output: Output) -> None:
    house.engine.steps = [done(outputs=(output,))]
    job = await submitted(house)
    await house.work()
    found = await now(house, job)
    assert found.failure is not None
    assert (found.status, found.failure.code) == (Status.FAILED, "engine_misbehaved")


async def test_an_engine_that_fails_is_tried_three_times(house: House) -> None:
    house.engine.steps = [GenerationFailed("smoke")] * 3
    job = await submitted(house)
    for _ in range(3):
        await house.work()
        assert (
            await house.rows.own(
                job.id,
                worker="w9",
                account=house.routes.account("scripted"),
                attempt_id="a9",
                at=house.clock.now(),
            )
        ) in (Refusal.NOT_DUE, Refusal.ENDED)
        house.clock.move(timedelta(minutes=1))
        house.pokes.poke(job.id)
    found = await now(house, job)
    assert (found.status, found.failure and found.failure.message) == (Status.FAILED, "smoke")
    assert await states(house, job) == [AttemptState.FAILED] * 3


async def test_a_refused_prompt_is_not_tried_again(house: House) -> None:
    house.engine.steps = [ContentRejected("no")]
    job = await submitted(house)
    await house.work()
    found = await now(house, job)
    assert found.failure is not None
    assert (found.failure.code, len(house.engine.submissions)) == ("moderation_blocked", 1)


async def test_a_ticket_is_asked_for_again_never_bought_again(house: House) -> None:
    down = EngineUnavailable("down")
    slow = EngineUnavailable("down", retry_after=timedelta(seconds=60))
    house.engine.steps = [busy(), down, slow, busy(50), done()]
    job = await submitted(house)
    await house.work()
    assert (await now(house, job)).status is Status.COMPLETED
    assert len(house.engine.submissions) == 1


async def test_a_bug_ends_its_job_and_nothing_else(house: House) -> None:
    house.engine.steps = [RuntimeError("bug"), done()]
    first, second = await submitted(house), await submitted(house)
    await house.work()
    broken = await now(house, first)
    assert broken.failure is not None
    assert (broken.status, broken.failure.code) == (Status.FAILED, "internal_error")
    assert "bug" not in broken.failure.message
    assert (await now(house, second)).status is Status.COMPLETED


async def test_a_full_engine_makes_jobs_wait_their_turn(house: House) -> None:
    first, second, third = [await submitted(house) for _ in range(3)]
    await started(house)
    assert [(await now(house, j)).status for j in (first, second, third)] == [
        Status.IN_PROGRESS,
        Status.QUEUED,
        Status.QUEUED,
    ]
    house.engine.steps = [done(), done()]
    await house.gateway.delete(first.id, house.caller)
    await house.work()
    assert [(await now(house, j)).status for j in (second, third)] == [Status.COMPLETED] * 2


async def test_a_deleted_job_is_cancelled_at_the_engine(house: House) -> None:
    house.engine.steps = [busy()]
    job = await submitted(house)
    await started(house)

    await house.gateway.delete(job.id, house.caller)
    await house.work()

    assert house.engine.cancelled == ["t1"]
    assert await house.rows.peek(job.id) is None
    assert await states(house, job) == []


async def test_a_deleted_job_is_cancelled_even_after_a_crash(house: House) -> None:
    house.engine.steps = [busy()]
    job = await submitted(house)
    await started(house)
    await house.jobs.delete(job.id, caller_id=house.caller.id, at=house.clock.now())

    successor = house.new_worker("w2")
    await successor.sweep()
    await house.work(successor)

    assert await house.rows.peek(job.id) is None
    assert house.engine.cancelled == ["t1"]


async def test_a_successor_runs_a_free_job_again(house: House) -> None:
    house.engine.steps = [busy()]
    job = await submitted(house)
    await started(house)

    house.engine.steps = [lost(), done()]
    successor = house.new_worker("w2")
    await successor.sweep()
    await house.work(successor)

    assert (await now(house, job)).status is Status.COMPLETED
    assert await states(house, job) == [INTERRUPTED, SUCCEEDED]


async def test_a_successor_asks_for_a_ticket_and_pays_nothing(house: House) -> None:
    house.engine.after_loss = AfterLoss.NEVER
    house.engine.steps = [busy()]
    job = await submitted(house)
    await started(house)

    house.engine.steps = [done()]
    successor = house.new_worker("w2")
    await successor.sweep()
    await house.work(successor)

    assert (await now(house, job)).status is Status.COMPLETED
    assert (len(house.engine.submissions), await states(house, job)) == (1, [SUCCEEDED])


@pytest.mark.parametrize(
    ("after_loss", "status"),
    [(AfterLoss.NEVER, Status.FAILED), (AfterLoss.RERUN, Status.COMPLETED)],
)
async def test_an_intent_without_a_ticket(
    house: House, after_loss: AfterLoss, status: Status
) -> None:
    house.engine.after_loss = after_loss
    job = await submitted(house)
    await house.rows.own(
        job.id,
        worker="dead",
        account=house.routes.account("scripted"),
        attempt_id="attempt_dead",
        at=house.clock.now(),
    )
    house.engine.steps = [done()]
    await house.work()

    found = await now(house, job)
    assert found.status is status
    if found.failure:
        assert found.failure.code == "submission_interrupted"
        assert house.engine.submissions == []


async def test_a_job_that_keeps_dying_is_stopped(house: House) -> None:
    house.engine.steps = [busy(), lost()] * MAX_INTERRUPTIONS
    job = await submitted(house)
    await house.work()
    found = await now(house, job)
    assert found.failure is not None
    assert found.failure.code == "interrupted_too_often"
    assert await states(house, job) == [INTERRUPTED] * (MAX_INTERRUPTIONS - 1) + [
        AttemptState.FAILED
    ]


async def test_a_stale_owner_changes_nothing(house: House) -> None:
    house.engine.steps = [busy()]
    job = await submitted(house)
    await started(house)
    taken = await house.rows.own(
        job.id,
        worker="w2",
        account=house.routes.account("scripted"),
        attempt_id="a2",
        at=house.clock.now(),
    )
    assert not isinstance(taken, Refusal)

    house.engine.steps = [done()]
    for _ in range(200):
        house.clock.move(timedelta(seconds=5))
        await asyncio.sleep(0.001)
        if not house.worker._tasks:
            break

    found = await now(house, job)
    assert found.status is Status.IN_PROGRESS
    assert await house.jobs.outputs(job.id) == {}
    assert await states(house, job) == [AttemptState.OPEN]


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
    job = await submitted(house)
    await started(house)

    await house.worker.drain(HOUR)
    await house.worker.look(job.id)
    await house.worker.sweep()

    found = await now(house, job)
    assert (found.status, await states(house, job)) == (status, [state])
    assert bool(house.engine.cancelled) is (after_loss is AfterLoss.RERUN)


async def test_looking_twice_does_no_harm(house: House) -> None:
    house.engine.steps = [busy()]
    job = await submitted(house)
    await started(house)
    await house.worker.look(job.id)
    await house.worker.look("video_unknown")
    account = house.routes.account("scripted")
    again = await house.rows.own(
        job.id, worker="w1", account=account, attempt_id="a2", at=house.clock.now()
    )
    assert (again, len(house.engine.submissions)) == (Refusal.OWNED, 1)


async def test_a_job_of_a_missing_engine_waits(house: House) -> None:
    job = await submitted(house)
    del house.routes.engines["scripted"]
    await house.work()
    assert (await now(house, job)).status is Status.QUEUED
    house.routes.engines["scripted"] = house.engine


async def test_a_sweep_removes_what_a_crash_left_of_a_deletion(house: House) -> None:
    house.engine.steps = [done()]
    job = await submitted(house)
    await house.work()
    await house.jobs.delete(job.id, caller_id=house.caller.id, at=house.clock.now())

    await house.new_worker("w2").sweep()

    assert house.shelf.blobs == {}
    assert Variant.VIDEO not in await house.jobs.outputs(job.id)


async def test_a_cancel_that_fails_is_tried_again(house: House) -> None:
    house.engine.steps = [busy()]
    job = await submitted(house)
    await started(house)
    house.engine.refusals = [EngineUnavailable("down")]
    await house.gateway.delete(job.id, house.caller)
    await house.work()
    assert (await now(house, job)).status is Status.IN_PROGRESS
    assert await states(house, job) == [AttemptState.OPEN]

    await house.worker.sweep()
    await house.work()

    assert await house.rows.peek(job.id) is None
    assert house.engine.cancelled == ["t1"]


async def test_a_deletion_just_before_the_start_is_seen(house: House) -> None:
    job = await submitted(house)
    own = house.rows.own

    async def own_then_delete(*args: Any, **kwargs: Any) -> Owned | Refusal:
        owned = await own(*args, **kwargs)
        await house.jobs.delete(job.id, caller_id=house.caller.id, at=house.clock.now())
        return owned

    house.rows.own = own_then_delete  # type: ignore[method-assign]
    await house.work()
    assert await house.rows.peek(job.id) is None


async def test_a_drain_waits_for_a_job_that_is_just_being_taken_on(house: House) -> None:
    job = await submitted(house)
    looking = asyncio.create_task(house.worker.look(job.id))
    await asyncio.sleep(0)

    await house.worker.drain(HOUR)

    assert looking.done()
    assert (await now(house, job)).status is Status.QUEUED
    assert house.worker._tasks == set()
