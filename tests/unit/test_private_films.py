"""`private`: no links to a film, and no remixes of it; everything else is its caller's."""

from dataclasses import replace

import pytest

from fakes import A_KITE
from filmgate import Operation, Role
from filmgate.domain.asset import Variant
from filmgate.domain.errors import FilmgateError, Forbidden, NotFound
from filmgate.domain.job import Job
from filmgate.gateway.submission import Given, Submission
from filmgate.web.failures import link_to
from house import House

PRIVATE = replace(A_KITE, private=True)


def of(job: Job) -> list[Given]:
    return [Given(role=Role.SOURCE, param="video_id", job_id=job.id)]


async def test_there_are_no_links_to_it(house: House) -> None:
    job = await house.finished(PRIVATE)
    _, asset = await house.gateway.output(job.id, Variant.VIDEO, house.caller)

    assert house.shelf.blobs[asset.key]
    assert house.gateway.link(job) is None
    with pytest.raises(Forbidden) as refused:
        link_to(house.gateway, job)
    assert refused.value.code == "video_private"


async def test_a_link_that_would_hold_for_another_does_not_hold(house: House) -> None:
    job = await house.finished(PRIVATE)
    link = house.links.of(replace(job, request=A_KITE))
    assert link is not None
    query = dict(pair.split("=") for pair in link.partition("?")[2].split("&"))
    with pytest.raises(Forbidden) as refused:
        await house.gateway.linked(job.id, Variant.VIDEO, **query)
    assert refused.value.code == "invalid_link"


async def test_no_remix_is_made_of_it(house: House) -> None:
    job = await house.finished(PRIVATE)
    remix = Submission(request=replace(A_KITE, operation=Operation.REMIX), given=of(job))
    for asking in (house.gateway.submit, house.gateway.explain):
        with pytest.raises(FilmgateError) as refused:
            await asking(remix, house.caller)
        assert refused.value.code == "video_private"
    with pytest.raises(NotFound):  # nobody else knows of it
        await house.gateway.submit(remix, await house.new_caller("bob"))
    assert (await house.page())[0] == [await house.now(job)]


@pytest.mark.parametrize("operation", [Operation.EDIT, Operation.EXTEND])
async def test_its_caller_edits_and_extends_it(house: House, operation: Operation) -> None:
    job = await house.finished(PRIVATE)
    made = await house.finished(replace(A_KITE, operation=operation), given=of(job))
    assert made.status == "completed"
