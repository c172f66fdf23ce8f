import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from fakes import A_STILL, busy, done, lost
from filmgate import (
    AfterLoss,
    ContentRejected,
    EngineUnavailable,
    GenerationFailed,
    Output,
)
from filmgate.domain.events import EventKind
from filmgate.domain.job import AttemptState, Owned, Status
from filmgate.gateway.policy import MAX_INTERRUPTIONS
from filmgate.gateway.sweeping import OTHERS
from filmgate.ports import Refusal
from house import House

INTERRUPTED, SUCCEEDED = AttemptState.INTERRUPTED, AttemptState.SUCCEEDED


async def test_a_job_is_driven_to_its_film(house: House) -> None:
    house.engine.steps = [busy(10), busy(60), done()]
    job = await house.submitted()
    await house.work()

    found = await house.now(job)
    assert (found.status, found.percent) == (Status.COMPLETED, 100)
    assert found.expires_at == house.clock.now() + timedelta(days=30)
    assert await house.states(job) == [SUCCEEDED]
    kinds = [event.kind for event in await house.jobs.events(job.id)]
    assert kinds == [EventKind.CREATED, EventKind.STARTED, EventKind.COMPLETED]


async def test_a_film_behind_a_link_is_fetched(house: House) -> None:
    house.engine.steps = [done(outputs=(Output("video/mp4", url="https://x.test/f"),))]
    job = await house.submitted()
    await house.work()
    assert (await house.now(job)).status is Status.COMPLETED
    assert b"fetched film" in house.shelf.blobs.values()


@pytest.mark.parametrize(
    "output",
    [Output("text/html", path=Path("x")), Output("video/mp4", path=Path("broken.mp4"))],
)
async def test_what_is_no_film_fails_the_job(house: House, output: Output) -> None:
    house.engine.steps = [done(outputs=(output,))]
    job = await house.submitted()
    await house.work()
    found = await house.now(job)
    assert found.failure is not None
    assert (found.status, found.failure.code) == (Status.FAILED, "engine_misbehaved")


async def test_an_engine_that_fails_is_tried_three_times(house: House) -> None:
    house.engine.steps = [GenerationFailed("smoke")] * 3
    job = await house.submitted()
    for _ in range(3):
        await house.work()
        assert (
            await house.rows.own(
                job.id,
                worker="w9",
                accounts=[house.account],
                attempt_id="a9",
                at=house.clock.now(),
            )
        ) in (Refusal.NOT_DUE, Refusal.ENDED)
        house.clock.move(timedelta(minutes=1))
        house.pokes.poke(job.id)
    found = await house.now(job)
    assert (found.status, found.failure and found.failure.message) == (Status.FAILED, "smoke")
    assert await house.states(job) == [AttemptState.FAILED] * 3


async def test_a_refused_prompt_is_not_tried_again(house: House) -> None:
    house.engine.steps = [ContentRejected("no")]
    job = await house.submitted()
    await house.work()
    found = await house.now(job)
    assert found.failure is not None
    assert (found.failure.code, len(house.engine.submissions)) == ("moderation_blocked", 1)


async def test_a_ticket_is_asked_for_again_never_bought_again(house: House) -> None:
    down = EngineUnavailable("down")
    slow = EngineUnavailable("down", retry_after=timedelta(seconds=60))
    house.engine.steps = [busy(), down, slow, busy(50), done()]
    job = await house.submitted()
    await house.work()
    assert (await house.now(job)).status is Status.COMPLETED
    assert len(house.engine.submissions) == 1


async def test_a_bug_ends_its_job_and_nothing_else(house: House) -> None:
    house.engine.steps = [RuntimeError("bug"), done()]
    first, second = await house.submitted(), await house.submitted()
    await house.work()
    broken = await house.now(first)
    assert broken.failure is not None
    assert (broken.status, broken.failure.code) == (Status.FAILED, "internal_error")
    assert "bug" not in broken.failure.message
    assert (await house.now(second)).status is Status.COMPLETED


async def test_a_full_engine_makes_jobs_wait_their_turn(house: House) -> None:
    first, second, third = [await house.submitted() for _ in range(3)]
    await house.started()
    assert [(await house.now(j)).status for j in (first, second, third)] == [
        Status.IN_PROGRESS,
        Status.QUEUED,
        Status.QUEUED,
    ]
    house.engine.steps = [done(), done()]
    await house.gateway.delete(first.id, house.caller)
    await house.work()
    assert [(await house.now(j)).status for j in (second, third)] == [Status.COMPLETED] * 2


async def test_a_successor_runs_a_free_job_again(house: House) -> None:
    house.engine.steps = [busy()]
    job = await house.submitted()
    await house.started()

    house.engine.steps = [lost(), done()]
    successor = house.new_worker("w2")
    await house.sweep("w2")
    await house.work(successor)

    assert (await house.now(job)).status is Status.COMPLETED
    assert await house.states(job) == [INTERRUPTED, SUCCEEDED]


async def test_a_successor_asks_for_a_ticket_and_pays_nothing(house: House) -> None:
    house.engine.after_loss = AfterLoss.NEVER
    house.engine.steps = [busy()]
    job = await house.submitted()
    await house.started()

    house.engine.steps = [done()]
    successor = house.new_worker("w2")
    await house.sweep("w2")
    await house.work(successor)

    assert (await house.now(job)).status is Status.COMPLETED
    assert (len(house.engine.submissions), await house.states(job)) == (1, [SUCCEEDED])


@pytest.mark.parametrize(
    ("after_loss", "status"),
    [(AfterLoss.NEVER, Status.FAILED), (AfterLoss.RERUN, Status.COMPLETED)],
)
async def test_an_intent_without_a_ticket(
    house: House, after_loss: AfterLoss, status: Status
) -> None:
    house.engine.after_loss = after_loss
    job = await house.submitted()
    owned = await house.rows.own(
        job.id,
        worker="dead",
        accounts=[house.account],
        attempt_id="attempt_dead",
        at=house.clock.now(),
    )
    assert isinstance(owned, Owned)
    await house.rows.keep_sending(owned, at=house.clock.now())
    house.engine.steps = [done()]
    await house.work()

    found = await house.now(job)
    assert found.status is status
    if found.failure:
        assert found.failure.code == "submission_interrupted"
        assert house.engine.submissions == []


async def test_a_job_that_keeps_dying_is_stopped(house: House) -> None:
    house.engine.steps = [busy(), lost()] * MAX_INTERRUPTIONS
    job = await house.submitted()
    await house.work()
    found = await house.now(job)
    assert found.failure is not None
    assert found.failure.code == "interrupted_too_often"
    assert await house.states(job) == [INTERRUPTED] * (MAX_INTERRUPTIONS - 1) + [
        AttemptState.FAILED
    ]


async def test_a_stale_owner_changes_nothing(house: House) -> None:
    house.engine.steps = [busy()]
    job = await house.submitted()
    await house.started()
    taken = await house.rows.own(
        job.id,
        worker="w2",
        accounts=[house.account],
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

    found = await house.now(job)
    assert found.status is Status.IN_PROGRESS
    assert await house.jobs.outputs(job.id) == {}
    assert await house.states(job) == [AttemptState.OPEN]


async def test_looking_twice_does_no_harm(house: House) -> None:
    house.engine.steps = [busy()]
    job = await house.submitted()
    await house.started()
    await house.worker.look(job.id)
    await house.worker.look("video_unknown")
    assert len(house.engine.submissions) == 1


async def test_a_job_of_a_missing_engine_waits(house: House) -> None:
    job = await house.submitted()
    del house.routes.engines["scripted"]
    await house.work()
    assert (await house.now(job)).status is Status.QUEUED
    house.routes.engines["scripted"] = house.engine


async def test_whoever_waits_for_another_seat_is_in_nobodys_way(house: House) -> None:
    stills = [await house.submitted(A_STILL) for _ in range(2 * OTHERS + 5)]
    await house.work()  # the first has the only seat, and keeps it
    film = await house.submitted()
    house.pokes.kept.clear()  # its poke was lost
    house.engine.steps = [done()]
    sweeper = house.sweeper()
    for _ in range(4):
        house.clock.move(timedelta(seconds=5))
        await sweeper.sweep()
        await house.work()
    assert (await house.now(film)).status is Status.COMPLETED
    assert (await house.now(stills[-1])).status is Status.QUEUED
