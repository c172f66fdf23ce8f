import io

import pytest

from fakes import done
from filmgate import ContentRejected, InvalidRequest, Role
from filmgate.domain.asset import Variant
from filmgate.domain.errors import NotFound, ShuttingDown
from filmgate.domain.events import EventKind
from filmgate.domain.job import Job, Status
from filmgate.gateway.submission import Given, Upload
from house import House


def picture(size: str) -> Given:
    upload = Upload(param="input_reference", file=io.BytesIO(size.encode()))
    return Given(role=Role.FIRST_FRAME, param="input_reference", upload=upload)


async def finished(house: House) -> Job:
    house.engine.steps = [done()]
    job = await house.submitted()
    await house.work()
    return await house.gateway.get(job.id, house.caller)


async def test_a_submitted_job_is_kept_and_poked(house: House) -> None:
    job = await house.submitted()

    assert await house.gateway.get(job.id, house.caller) == job
    assert job.status is Status.QUEUED
    assert str(job.take.request.size) == "1280x720"
    assert house.pokes.kept == [(job.id, None)]
    assert [e.kind for e in await house.jobs.events(job.id)] == [EventKind.CREATED]


async def test_nothing_is_kept_of_a_refused_request(house: House) -> None:
    with pytest.raises(InvalidRequest):
        await house.submitted(given=[picture("8x8")])
    assert house.shelf.blobs == {}
    assert (await house.page(limit=9)) == (
        [],
        False,
    )


async def test_a_reference_reaches_the_engine(house: House) -> None:
    house.engine.steps = [done()]
    job = await house.submitted(given=[picture("1280x720")])
    await house.work()

    assert house.engine.inputs == [b"1280x720"]
    assert set(await house.jobs.outputs(job.id)) == {
        Variant.VIDEO,
        Variant.THUMBNAIL,
        Variant.SPRITESHEET,
    }


async def test_another_caller_sees_nothing(house: House) -> None:
    job = await house.submitted()
    mallory = await house.new_caller("mallory")

    with pytest.raises(NotFound):
        await house.gateway.get(job.id, mallory)
    with pytest.raises(NotFound):
        await house.gateway.delete(job.id, mallory)
    assert await house.jobs.delete(job.id, caller_id=mallory.id, at=house.clock.now()) is False


async def test_a_closed_gateway_takes_nothing(house: House) -> None:
    house.gateway.close()
    with pytest.raises(ShuttingDown) as refused:
        await house.submitted()
    assert refused.value.retry_after is not None


async def test_pages_follow_each_other_in_both_orders(house: House) -> None:
    made = [(await house.submitted()).id for _ in range(7)]

    for newest_first in (True, False):
        seen: list[str] = []
        more = True
        while more:
            page, more = await house.page(
                after=seen[-1] if seen else None, newest_first=newest_first
            )
            seen += [job.id for job in page]
        assert seen == sorted(made, reverse=newest_first)


async def test_a_page_after_an_unknown_job_is_empty(house: House) -> None:
    await house.submitted()
    page = await house.page(after="video_x")
    assert page == ([], False)


async def test_content_is_there_once_the_job_is_completed(house: House) -> None:
    job = await house.submitted()
    with pytest.raises(NotFound) as early:
        await house.gateway.output(job.id, Variant.VIDEO, house.caller)
    assert early.value.code == "video_not_ready"

    house.engine.steps = [done()]
    await house.work()

    _, asset = await house.gateway.output(job.id, Variant.VIDEO, house.caller)
    assert asset.media_type == "video/mp4"
    with pytest.raises(NotFound, match="no input"):
        await house.gateway.output(job.id, Variant.INPUT, house.caller)


async def test_a_failed_job_has_no_content(house: House) -> None:
    house.engine.steps = [ContentRejected("no")]
    job = await house.submitted()
    await house.work()
    with pytest.raises(NotFound, match="it failed") as refused:
        await house.gateway.output(job.id, Variant.VIDEO, house.caller)
    assert refused.value.code == "video_failed"


async def test_a_deleted_film_is_gone_with_its_files(house: House) -> None:
    job = await finished(house)
    assert house.shelf.blobs

    await house.gateway.delete(job.id, house.caller)
    with pytest.raises(NotFound):
        await house.gateway.get(job.id, house.caller)
    await house.work()

    assert house.shelf.blobs == {}
    assert await house.jobs.outputs(job.id) == {}


async def test_models_are_listed_and_found(house: House) -> None:
    assert [model.name for model, _ in house.gateway.models()] == ["kite-1", "kite-still"]
    assert house.gateway.model("kite-1")[1] is house.engine
