"""`/v1/images`: stills that nobody waits for, and the names and rules of FakeOAI."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dialects.in_process import STILL, Place, picture
from dialects.stills import (
    EDIT,
    GENERATE,
    KITE,
    SQUARE,
    VARY,
    base64_of,
    data_url,
    drawing,
    jobs,
    made,
    refused,
)
from filmgate import ContentRejected, Media, Role, Size
from filmgate.domain.model import Alias
from filmgate.domain.request import Dialect, GenerationRequest
from filmgate.gateway.submission import Submission

LATER = f"{GENERATE}?async=true"
#: What curl sends for `--form 'prompt="画小猫"' --form 'model="sora_image"'`.
CURL = (
    b"--------------------------76a4191c71f18f5b\r\n"
    b'Content-Disposition: form-data; name="prompt"\r\n\r\n'
    b"\xe7\x94\xbb\xe5\xb0\x8f\xe7\x8c\xab\r\n"
    b"--------------------------76a4191c71f18f5b\r\n"
    b'Content-Disposition: form-data; name="model"\r\n\r\n'
    b"sora_image\r\n"
    b"--------------------------76a4191c71f18f5b--\r\n"
)
FORM = {
    "content-type": "multipart/form-data; boundary=------------------------76a4191c71f18f5b"
}


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    async with drawing(tmp_path) as place:
        yield place


async def task(place: Place, image_id: str, query: str = "") -> Any:
    answer = await place.client.get(f"/v1/images/{image_id}{query}")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def ended(place: Place, image_id: str, query: str = "") -> Any:
    """The object, once all of its stills have ended."""
    for job in await jobs(place):
        await place.house.gateway.ended(job.id, place.house.caller)
    return await task(place, image_id, query)


# Stills that nobody waits for.


async def test_a_still_that_nobody_waits_for_is_asked_for_by_its_id(place: Place) -> None:
    first = await made(place, LATER, json=KITE | {"model": "sora_image"})
    [job] = await jobs(place)
    created = int(job.created_at.timestamp())
    assert first == {
        "id": job.id,
        "object": "image",
        "status": first["status"],
        "progress": 0,
        "created": created,
        "created_at": created,
        "model": "sora_image",
        "data": [],
        "error": None,
    }
    assert first["status"] in ("queued", "in_progress")

    place.house.engine.release(picture())
    last = await ended(place, job.id)
    data = [{"b64_json": base64_of("a.png")}]
    assert last == first | {"status": "completed", "progress": 100, "data": data}


@pytest.mark.parametrize(
    ("asked", "query", "key"),
    [
        ({}, "", "b64_json"),
        ({}, "?response_format=url", "url"),
        ({"response_format": "url"}, "", "url"),
        ({"response_format": "url"}, "?response_format=b64_json", "b64_json"),
    ],
)
async def test_its_form_is_what_was_asked_for_first_or_is_now(
    place: Place, asked: dict[str, str], query: str, key: str
) -> None:
    started = await made(place, LATER, picture(), json=KITE | asked)
    [still] = (await ended(place, started["id"], query))["data"]
    assert still.keys() == {key}


async def test_several_stills_have_one_object_and_those_that_were_made_stay(
    place: Place,
) -> None:
    steps = (picture("a"), ContentRejected("Not this."))
    started = await made(place, LATER, *steps, json=KITE | {"n": 2})
    first, other = await jobs(place)
    assert (started["id"], first.variants) == (first.id, (other.id,))

    said = await ended(place, first.id)
    assert (said["status"], len(said["data"])) == ("failed", 1)
    assert said["error"] == {"code": "moderation_blocked", "message": "Not this."}


async def test_one_of_several_that_is_done_leaves_the_whole_in_progress(place: Place) -> None:
    started = await made(place, LATER, picture("a"), json=KITE | {"n": 2})
    first, other = await jobs(place)
    for job in (first, other):  # whichever has the step
        waiting = asyncio.create_task(place.house.gateway.ended(job.id, place.house.caller))
        await asyncio.wait([waiting], timeout=0.2)
        waiting.cancel()

    said = await task(place, started["id"])
    assert (said["status"], said["data"]) == ("in_progress", [])
    await place.house.gateway.cancel(first.id, place.house.caller)
    await place.house.gateway.cancel(other.id, place.house.caller)
    assert (await ended(place, first.id))["error"]["code"] == "cancelled"


async def test_an_expired_still_says_so(place: Place) -> None:
    started = await made(place, LATER, picture(), json=KITE)
    await ended(place, started["id"])
    await place.house.jobs.expire(started["id"], at=place.house.clock.now())

    answer = await place.client.get(f"/v1/images/{started['id']}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "image_expired")


@pytest.mark.parametrize("path", [EDIT, VARY])
async def test_an_edit_and_a_variation_need_not_be_waited_for(place: Place, path: str) -> None:
    data = KITE if path == EDIT else {}
    sent = {"data": data, "files": {"image": ("a.png", SQUARE)}}
    started = await made(place, f"{path}?async=true", picture(), **sent)
    assert (await ended(place, started["id"]))["status"] == "completed"


@pytest.mark.parametrize(
    ("path", "asked", "expected"),
    [
        (LATER, {"stream": True}, ("unsupported", "stream")),
        (f"{GENERATE}?async=maybe", {}, ("invalid_value", "async")),
    ],
)
async def test_what_does_not_go_with_it_is_refused(
    place: Place, path: str, asked: dict[str, Any], expected: tuple[str, str]
) -> None:
    assert await refused(place, path, json=KITE | asked) == (400, *expected)
    assert await jobs(place) == []


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("image_none", (404, "not_found", "image_id")),
        ("image_none?response_format=gif", (400, "invalid_value", "response_format")),
    ],
)
async def test_what_is_not_there_is_not_found(
    place: Place, path: str, expected: tuple[int, str, str]
) -> None:
    answer = await place.client.get(f"/v1/images/{path}")
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["param"]) == expected


async def test_a_film_is_no_image(place: Place) -> None:
    film = GenerationRequest(model="sora", media=Media.VIDEO, prompt="a kite")
    job = await place.house.gateway.submit(Submission(request=film), place.house.caller)
    answer = await place.client.get(f"/v1/images/{job.id}")
    assert answer.status_code == 404


# Names and rules of FakeOAI.


@pytest.mark.parametrize(
    ("model", "size", "expected"),
    [
        ("sora_image", None, "360x360"),
        ("sora_image", "auto", "360x360"),
        ("sora_image", "1024x1024", "360x360"),
        ("sora_image", "1920x1080", "540x360"),
        ("sora_image", "3x4", "360x540"),
        ("gpt-image", None, "360x360"),
        ("gpt-image", "128x64", "128x64"),
        ("sora-image-landscape", None, "540x360"),
        ("gpt-image-portrait", None, "360x540"),
    ],
)
async def test_a_name_says_what_is_drawn(
    place: Place, model: str, size: str | None, expected: str
) -> None:
    asked = {"model": model} | ({"size": size} if size else {})
    answer = await made(place, GENERATE, picture(), json=KITE | asked)

    [job] = await jobs(place)
    request = job.request
    assert (answer["size"], str(request.size)) == (expected, expected)
    assert (request.model, request.called) == ("gpt-image-2", model)
    assert (request.dialect is Dialect.FAKEOAI) == (model == "sora_image")


async def test_the_prefix_brings_the_rules_along(place: Place) -> None:
    asked = KITE | {"size": "1920x1080", "n": 2}
    steps = (picture("a"), picture("b"))
    answer = await made(place, f"/sora{GENERATE}", *steps, json=asked)

    assert (len(answer["data"]), answer["size"]) == (2, "540x360")
    assert {job.request.called for job in await jobs(place)} == {"sora_image"}
    linked = KITE | {"model": "dall-e-2"}
    [still] = (await made(place, f"/sora{GENERATE}", picture(), json=linked))["data"]
    assert "b64_json" in still


async def test_a_form_as_curl_sends_it_is_read(place: Place) -> None:
    await made(place, f"/sora{GENERATE}", picture(), content=CURL, headers=FORM)
    [job] = await jobs(place)
    assert (job.request.prompt, job.request.called) == ("画小猫", "sora_image")


async def test_a_size_that_a_model_lacks_is_its_next(place: Place) -> None:
    """360x540 is none of OpenAI's."""
    sizes = (Size(1024, 1024), Size(1024, 1536))
    promise = replace(STILL, name="gpt-image-2", sizes=sizes, default_size=sizes[0])
    pointed = Alias(promise=promise, engine="scripted", model=promise)
    place.house.routes.point([pointed], {})
    asked = KITE | {"model": "sora_image", "size": "720x1280"}
    answer = await made(place, GENERATE, picture(), json=asked)
    assert answer["size"] == "1024x1536"


async def test_a_name_that_the_operator_points_goes_there(place: Place) -> None:
    promise = replace(STILL, name="sora_image")
    other = Alias(promise=promise, engine="scripted", model=replace(STILL, name="dall-e-2"))
    place.house.routes.point([other], {})
    await made(place, GENERATE, picture(), json=KITE | {"model": "sora_image"})

    [job] = await jobs(place)
    assert (job.take.model, job.request.called) == ("dall-e-2", None)
    assert job.request.dialect is Dialect.FAKEOAI


@pytest.mark.parametrize(
    ("asked", "code", "param", "says"),
    [
        ({"model": "sora_image-15s"}, "invalid_value", "model", "参数 '15s' 不存在"),
        ({"model": "sora_image", "n": 5}, "invalid_value", "n", "from 1 to 4"),
        ({"model": "sora_video2"}, "unsupported", "model", "makes no stills"),
        ({"model": "avatar-create"}, "unsupported", "model", "makes no stills"),
        ({"model": "gpt-image-portrait", "size": "9x9"}, "invalid_value", "size", "Leave"),
    ],
)
async def test_what_a_name_does_not_do_is_refused(
    place: Place, asked: dict[str, Any], code: str, param: str, says: str
) -> None:
    answer = await place.client.post(GENERATE, json=KITE | asked)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["param"]) == (400, code, param)
    assert says in error["message"]


# Base64 and links wherever an image may stand.


@pytest.mark.parametrize("form", [False, True])
@pytest.mark.parametrize("text", [data_url(), "NjR4\n NjQ="])
async def test_an_image_may_be_plain_text(place: Place, text: str, *, form: bool) -> None:
    if form:
        sent: dict[str, Any] = {"data": KITE | {"image[]": [text], "mask": text}}
    else:
        sent = {"json": KITE | {"image": [text], "mask": text}}
    await made(place, EDIT, picture(), **sent)
    [job] = await jobs(place)
    assert [one.role for one in job.request.references] == [Role.SOURCE, Role.MASK]
    assert place.house.engine.inputs == [SQUARE, SQUARE]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a.png", "neither a link"),
        ("", "neither a link"),
        ("ftp://example.org/a.png", "neither a link"),
        ("data:image/png;base64,%%", "not valid base64"),
        ("data:image/png,abcd", "not a base64 data URL"),
    ],
)
async def test_text_that_is_no_image_is_refused_by_name(
    place: Place, text: str, says: str
) -> None:
    answer = await place.client.post(VARY, json={"image": text})
    error = answer.json()["error"]
    assert (answer.status_code, error["param"]) == (400, "image")
    assert says in error["message"]
