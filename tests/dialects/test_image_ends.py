"""`/v1/images`: what goes wrong, who waits, and what is sent again."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dialects.in_process import Place, picture
from dialects.stills import GENERATE, KITE, data_url, drawing, failing, jobs, made
from filmgate import ContentRejected, EngineMisbehaved
from filmgate.dialects.openai.image_answers import Stills
from filmgate.dialects.openai.image_batches import StillLines
from filmgate.dialects.openai.image_fields import ImageGenerate, Reader
from filmgate.domain.errors import FilmgateError
from filmgate.domain.job import Failure, Status


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    async with drawing(tmp_path) as place:
        yield place


# What goes wrong.


@pytest.mark.parametrize(
    ("step", "status", "code"),
    [
        (ContentRejected("Not this."), 400, "moderation_blocked"),
        (EngineMisbehaved("What was that?"), 502, "engine_misbehaved"),
        (ValueError("a bug"), 500, "internal_error"),
    ],
)
async def test_a_failed_still_is_the_error_that_it_failed_with(
    place: Place, step: Exception, status: int, code: str
) -> None:
    answer = await failing(place, step)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    # The SDKs would have it made again, and again.
    assert answer.headers["x-should-retry"] == "false"


async def ended(place: Place, **changes: Any) -> FilmgateError:
    await made(place, GENERATE, picture(), json=KITE)
    [job] = await jobs(place)
    stills = Stills(place.house.gateway, place.house.shelf)
    with pytest.raises(FilmgateError) as caught:
        await stills.still(replace(job, **changes))
    return caught.value


async def test_a_failure_keeps_its_code_where_it_has_no_class_of_its_own(
    place: Place,
) -> None:
    failure = Failure(code="interrupted_too_often", message="It was.")
    error = await ended(place, status=Status.FAILED, failure=failure)
    assert (error.status, error.code, error.message) == (502, failure.code, "It was.")


async def test_an_outage_of_the_engine_is_told_as_one(place: Place) -> None:
    failure = Failure(code="engine_unavailable", message="It is away.")
    error = await ended(place, status=Status.FAILED, failure=failure)
    assert (error.status, error.code) == (503, failure.code)


async def test_a_cancelled_still_is_told_as_one(place: Place) -> None:
    waiting = asyncio.create_task(place.client.post(GENERATE, json=KITE))
    while not place.house.engine.submissions:
        await asyncio.sleep(0.001)
    [job] = await jobs(place)
    await place.house.gateway.cancel(job.id, place.house.caller)
    answer = await waiting
    assert (answer.status_code, answer.json()["error"]["code"]) == (502, "cancelled")


async def test_an_expired_still_is_not_found(place: Place) -> None:
    headers = {"idempotency-key": "k"}
    await made(place, GENERATE, picture(), json=KITE, headers=headers)
    [job] = await jobs(place)
    await place.house.jobs.expire(job.id, at=place.house.clock.now())

    answer = await place.client.post(GENERATE, json=KITE, headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "image_expired")


@pytest.mark.parametrize("form", ["url", "b64_json"])
async def test_what_is_too_old_is_not_handed_out(place: Place, form: str) -> None:
    await made(place, GENERATE, picture(), json=KITE)
    [job] = await jobs(place)
    asked = ImageGenerate(prompt="a kite", response_format=form)
    wanted = Reader(place.house.gateway).generate(asked)
    stills = Stills(place.house.gateway, place.house.shelf)
    old = replace(job, expires_at=place.house.clock.now())
    with pytest.raises(FilmgateError) as caught:
        await stills.answer([old], wanted)
    assert caught.value.code == "image_expired"


# Waiting, and sending again.


@pytest.fixture
async def hasty(tmp_path: Path) -> AsyncIterator[Place]:
    """A place where nobody waits long."""
    async with drawing(tmp_path, patience=0.1) as place:
        yield place


async def test_a_request_that_waited_long_enough_names_its_jobs(hasty: Place) -> None:
    answer = await hasty.client.post(GENERATE, json=KITE | {"n": 2})

    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (503, "still_running")
    found = await jobs(hasty)
    assert len(found) == 2
    assert all(job.id in error["message"] for job in found)
    assert not any(job.status.ended for job in found)


async def test_a_retry_waits_on_for_the_same_still(hasty: Place) -> None:
    await hasty.client.post(GENERATE, json=KITE)
    retry = {"x-stainless-retry-count": "1"}
    again = await hasty.client.post(GENERATE, json=KITE, headers=retry)

    assert again.json()["error"]["code"] == "still_running"
    assert len(await jobs(hasty)) == 1


async def test_a_key_means_the_same_still(place: Place) -> None:
    headers = {"idempotency-key": "k"}
    first = await made(place, GENERATE, picture(), json=KITE, headers=headers)
    second = await made(place, GENERATE, json=KITE, headers=headers)
    assert first == second
    assert len(await jobs(place)) == 1


async def test_a_client_that_leaves_stops_nothing(place: Place) -> None:
    waiting = asyncio.create_task(place.client.post(GENERATE, json=KITE))
    while not place.house.engine.submissions:
        await asyncio.sleep(0.001)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)

    await asyncio.sleep(0.05)
    [job] = await jobs(place)
    assert job.status is Status.IN_PROGRESS
    assert place.house.engine.cancelled == []


# Batches.


@pytest.fixture
def lines(place: Place) -> StillLines:
    return StillLines(place.house.gateway, place.house.shelf)


async def test_a_line_of_a_batch_says_what_a_request_says(
    place: Place, lines: StillLines
) -> None:
    reference = {"role": "subject", "url": data_url()}
    body = json.dumps(KITE | {"n": 2, "references": [reference]})
    submission = lines.read(body)
    place.house.engine.steps = [picture("a"), picture("b")]
    first = await place.house.gateway.submit(submission, place.house.caller)
    stills = [
        await place.house.gateway.ended(job_id, place.house.caller)
        for job_id in (first.id, *first.variants)
    ]

    rendered = await lines.render(stills, body)
    assert rendered.status == 200
    assert len(json.loads(rendered.body)["data"]) == 2


async def test_a_still_of_a_batch_that_failed_is_an_error(
    place: Place, lines: StillLines
) -> None:
    await failing(place, ContentRejected("Not this."))
    rendered = await lines.render(await jobs(place), json.dumps(KITE))
    assert rendered.status == 400
    assert json.loads(rendered.body)["error"]["code"] == "moderation_blocked"


@pytest.mark.parametrize(
    ("asked", "param"), [({}, "prompt"), (KITE | {"stream": True}, "stream")]
)
async def test_a_line_that_cannot_be_had_is_refused(
    lines: StillLines, asked: dict[str, Any], param: str
) -> None:
    with pytest.raises(FilmgateError) as caught:
        lines.read(json.dumps(asked))
    assert caught.value.param == param
