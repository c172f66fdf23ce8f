import asyncio
from datetime import timedelta

import pytest

from fakes import A_STILL, busy, done, still_done
from filmgate.dialects.openai.video_events import events
from filmgate.dialects.openai.video_objects import render
from filmgate.domain.errors import ContentRejected, NotFound, ShuttingDown
from filmgate.domain.events import Event, EventKind
from filmgate.domain.job import Status
from house import House


async def test_a_watcher_sees_everything_and_then_the_end(house: House) -> None:
    house.engine.steps = [busy(10), busy(10), busy(20), done()]
    job = await house.submitted()

    async def watch() -> list[Event]:
        return [event async for event in house.gateway.watch(job.id, house.caller)]

    watching = asyncio.create_task(watch())
    await asyncio.sleep(0.01)
    await house.work()
    seen = await asyncio.wait_for(watching, 5)

    assert seen[0].kind is EventKind.CREATED
    assert seen[-1].kind is EventKind.COMPLETED
    numbers = [event.number for event in seen]
    assert numbers == sorted(set(numbers))


async def test_progress_is_kept_once_a_second_and_only_when_it_is_news(house: House) -> None:
    house.engine.steps = [busy(10), busy(10), busy(20)]
    job = await house.submitted()
    await house.started()

    progress = [
        event.percent
        for event in await house.jobs.events(job.id)
        if event.kind is EventKind.PROGRESS
    ]
    assert progress == [10, 20]  # the engine is asked every two seconds of this clock


async def test_progress_that_comes_too_often_is_not_written(house: House) -> None:
    often = [busy(n) for n in range(10, 60, 10)]
    house.engine.steps = [
        type(step)(ticket="t1", percent=step.percent, poll_after=timedelta(seconds=0.4))
        for step in often
    ]
    job = await house.submitted()
    await house.started()
    percents = [e.percent for e in await house.jobs.events(job.id) if e.percent]
    assert percents == [10, 40]


async def test_progress_is_dropped_once_the_job_has_ended(house: House) -> None:
    house.engine.steps = [busy(10), done()]
    job = await house.submitted()
    await house.work()
    kinds = [event.kind for event in await house.jobs.events(job.id)]
    assert kinds == [EventKind.CREATED, EventKind.STARTED, EventKind.COMPLETED]


async def test_watching_goes_on_from_a_number(house: House) -> None:
    job = await house.finished()
    events = [event async for event in house.gateway.watch(job.id, house.caller)]
    rest = [event async for event in house.gateway.watch(job.id, house.caller, after=1)]
    assert rest == events[1:]


async def test_watching_from_a_number_that_there_is_not_starts_over(house: House) -> None:
    job = await house.finished()
    events = [event async for event in house.gateway.watch(job.id, house.caller)]
    lost = [event async for event in house.gateway.watch(job.id, house.caller, after=99)]
    assert lost == events


async def test_who_waits_gets_the_ended_job(house: House) -> None:
    house.engine.steps = [ContentRejected("no")]
    job = await house.submitted()
    waiting = asyncio.create_task(house.gateway.ended(job.id, house.caller))
    await house.work()
    assert (await waiting).status is Status.FAILED


async def test_nobody_waits_for_a_gateway_that_stops(house: House) -> None:
    job = await house.submitted()
    waiting = asyncio.create_task(house.gateway.ended(job.id, house.caller))
    await asyncio.sleep(0.01)
    house.gateway.close()
    with pytest.raises(ShuttingDown):
        await asyncio.wait_for(waiting, 5)


async def test_a_stream_of_events_breaks_off_without_an_end_when_we_stop(house: House) -> None:
    job = await house.submitted()
    stream = events(
        house.gateway, job.id, house.caller, after=0, render=lambda job: render(job, None)
    )
    assert b"event: video.queued" in await anext(stream)
    house.gateway.close()
    assert [one async for one in stream] == []


async def test_a_bell_that_was_lost_delays_a_watcher_only(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("filmgate.gateway.jobs.LOOK_AGAIN", 0.01)
    monkeypatch.setattr(house.watchers, "tell", lambda _: None)
    job = await house.submitted()
    waiting = asyncio.create_task(house.gateway.ended(job.id, house.caller))
    await asyncio.sleep(0)
    house.engine.steps = [done()]
    await house.work()
    assert (await asyncio.wait_for(waiting, 5)).status is Status.COMPLETED


async def test_a_job_that_is_deleted_is_watched_no_longer(house: House) -> None:
    job = await house.submitted()
    waiting = asyncio.create_task(house.gateway.ended(job.id, house.caller))
    await asyncio.sleep(0.01)
    await house.gateway.delete(job.id, house.caller)
    with pytest.raises(NotFound):
        await asyncio.wait_for(waiting, 5)


async def test_a_cancelled_job_is_told_as_such_at_once_and_stops(house: House) -> None:
    job = await house.submitted()
    await house.started()
    told = await house.gateway.cancel(job.id, house.caller)
    assert (told.status, told.shown) == (Status.IN_PROGRESS, Status.CANCELLED)

    await house.work()
    assert (await house.now(job)).status is Status.CANCELLED
    assert house.engine.cancelled


async def test_a_queued_job_is_cancelled_at_once(house: House) -> None:
    job = await house.submitted()
    told = await house.gateway.cancel(job.id, house.caller)
    assert told.status is Status.CANCELLED
    await house.work()
    assert house.engine.submissions == []


async def test_cancelling_what_has_ended_changes_nothing(house: House) -> None:
    job = await house.finished()
    assert (await house.gateway.cancel(job.id, house.caller)).status is Status.COMPLETED


async def test_a_film_that_comes_after_its_cancellation_is_not_kept(house: House) -> None:
    job = await house.submitted()
    complete = house.rows.complete

    async def late(*args: object, **kwargs: object) -> bool:
        await house.jobs.cancel(job.id, caller_id=house.caller.id, at=house.clock.now())
        return await complete(*args, **kwargs)  # type: ignore[arg-type]

    house.rows.complete = late  # type: ignore[method-assign]
    house.engine.steps = [done()]
    await house.work()

    assert (await house.now(job)).status is Status.CANCELLED
    assert house.shelf.blobs == {}
    assert await house.jobs.outputs(job.id) == {}


async def test_a_still_shows_what_it_looked_like_on_the_way(house: House) -> None:
    first, last = still_done(previews=1), still_done(previews=2)
    house.engine.steps = [
        type(first)(ticket="t1", percent=50, previews=first.previews),
        last,
    ]
    job = await house.submitted(A_STILL)
    await house.work()

    shown = await house.gateway.previews(job.id)
    assert [house.shelf.blobs[asset.key] for asset in shown] == [b"step0.png", b"step1.png"]
    assert list(await house.gateway.outputs(job.id)) == ["image"]


async def test_what_a_failed_try_of_a_still_showed_is_forgotten(house: House) -> None:
    first = still_done(previews=1)
    house.engine.steps = [
        type(first)(ticket="t1", percent=50, previews=first.previews),
        ContentRejected("no"),
    ]
    await house.submitted(A_STILL)
    await house.work()
    assert house.shelf.blobs == {}
