"""`predictLongRunning`: films as operations."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from dialects.in_process import Place
from dialects.talks import MODELS, check_transcript, gemini_place, job, made, post, until
from fakes import busy, done
from filmgate import ContentRejected, Operation, Role

HD = base64.b64encode(b"1280x720").decode()  # the inspector of the house reads sizes
PREDICT = f"{MODELS}/sora:predictLongRunning"
PNG = {"bytesBase64Encoded": HD, "mimeType": "image/png"}
CLIP = {"encodedVideo": base64.b64encode(b"a clip").decode(), "encoding": "video/mp4"}


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    async with gemini_place(tmp_path) as here:
        yield here


def asked(parameters: Any = None, **instance: Any) -> dict[str, Any]:
    body: dict[str, Any] = {"instances": [{"prompt": "a kite"} | instance]}
    return body if parameters is None else body | {"parameters": parameters}


async def ended(place: Place, name: str) -> Any:
    """The operation once it is done."""
    told: Any = {}

    async def is_done() -> bool:
        answer = await place.client.get(f"/v1beta/{name}")
        assert answer.status_code == 200, answer.text
        told.update(answer.json())
        return bool(answer.json().get("done"))

    await until(is_done)
    return told


async def test_a_film_is_an_operation(place: Place) -> None:
    body = asked({"durationSeconds": 8, "aspectRatio": "16:9", "personGeneration": "allow_all"})
    answer = await post(place, PREDICT, body, busy(10), done())
    check_transcript("gemini-operation", PREDICT, body, answer)

    film = await job(place)
    name = f"models/sora/operations/{film.id.removeprefix('video_')}"
    told = await ended(place, name)
    (sample,) = told["response"]["generateVideoResponse"]["generatedSamples"]
    hexes = film.id.removeprefix("video_")
    assert sample["video"]["uri"] == (
        f"https://films.example/v1beta/files/{hexes}:download?alt=media"
    )
    assert told["name"] == name
    assert told["metadata"]["videoIds"] == [film.id]
    assert told["metadata"]["progressPercent"] == 100
    assert told["metadata"]["links"][0].startswith(f"https://films.example/films/{film.id}.mp4")
    short = await place.client.get(f"/v1beta/operations/{hexes}")
    assert short.json() == told
    assert short.headers["x-filmgate-engine"] == "scripted"


@pytest.mark.parametrize("name", ["{}", "https://films.example/v1beta/files/{}"])
async def test_a_film_is_downloaded_by_its_name_or_by_its_whole_link(
    place: Place, name: str
) -> None:
    answer = await made(place, PREDICT, asked(), done())
    await ended(place, answer["name"])
    hexes = answer["name"].rpartition("/")[2]

    film = await place.client.get(f"/v1beta/files/{name.format(hexes)}:download?alt=media")
    assert (film.status_code, film.content) == (200, b"film.mp4")
    part = await place.client.get(
        f"/v1beta/files/{hexes}:download", headers={"range": "bytes=0-3"}
    )
    assert (part.status_code, part.content) == (206, b"film")
    none = await place.client.get(
        f"/v1beta/files/{hexes}:download", headers={"range": "bytes=99-"}
    )
    assert none.json()["error"]["status"] == "OUT_OF_RANGE"


async def test_several_films_are_one_operation(place: Place) -> None:
    answer = await made(place, PREDICT, asked({"sampleCount": 2}))
    assert len(answer["metadata"]["videoIds"]) == 2
    place.house.engine.release(done())
    place.house.engine.release(ContentRejected("No kites, please."))

    told = await ended(place, answer["name"])
    assert len(told["response"]["generateVideoResponse"]["generatedSamples"]) == 1
    assert "error" not in told


async def test_an_operation_shows_what_is_left_of_its_films(place: Place) -> None:
    answer = await made(place, PREDICT, asked({"n": 2}), done(), done())
    await ended(place, answer["name"])
    _, second = answer["metadata"]["videoIds"]
    await place.house.gateway.delete(second, place.house.caller)

    told = await ended(place, answer["name"])
    assert len(told["metadata"]["videoIds"]) == 1


async def test_an_operation_that_failed_says_why(place: Place) -> None:
    answer = await made(place, PREDICT, asked(), ContentRejected("No kites, please."))

    told = await ended(place, answer["name"])
    assert told["error"]["code"] == 9
    assert told["error"]["message"] == "No kites, please."
    assert told["error"]["details"][0]["reason"] == "MODERATION_BLOCKED"
    assert "response" not in told


async def test_an_operation_that_was_cancelled_says_so(place: Place) -> None:
    answer = await made(place, PREDICT, asked())
    await place.house.gateway.cancel((await job(place)).id, place.house.caller)

    assert (await ended(place, answer["name"]))["error"]["code"] == 1


async def test_of_an_old_operation_the_film_is_gone(place: Place) -> None:
    answer = await made(place, PREDICT, asked(), done())
    await ended(place, answer["name"])
    film = await job(place)
    assert film.expires_at is not None
    place.house.clock.move(film.expires_at - place.house.clock.now())

    assert (await ended(place, answer["name"]))["error"]["code"] == 5


@pytest.mark.parametrize(
    "path",
    ["operations/x", "operations/s_0123", "models/sora/operations/x", "files/x:download"],
)
async def test_what_is_not_there_is_not_found(place: Place, path: str) -> None:
    answer = await place.client.get(f"/v1beta/{path}")
    error = answer.json()["error"]
    assert (answer.status_code, error["status"]) == (404, "NOT_FOUND")


async def test_a_file_cannot_be_had_before_it_is_made(place: Place) -> None:
    answer = await made(place, PREDICT, asked())
    hexes = answer["name"].rpartition("/")[2]
    early = await place.client.get(f"/v1beta/files/{hexes}:download")
    assert early.json()["error"]["details"][0]["reason"] == "VIDEO_NOT_READY"


@pytest.mark.parametrize(
    ("parameters", "size"),
    [
        ({"aspectRatio": "9:16"}, "720x1280"),
        ({"resolution": "1080p"}, "1920x1080"),
        ({"resolution": "1080P", "aspectRatio": "9:16"}, "1080x1920"),
        ({"size": "1024x1024"}, "1024x1024"),
        ({}, "1280x720"),
    ],
)
async def test_a_shape_and_a_resolution_are_a_size(
    place: Place, parameters: Any, size: str
) -> None:
    await made(place, f"{MODELS}/free:predictLongRunning", asked(parameters), done())
    assert str((await job(place)).take.request.size) == size


async def test_frames_and_references_reach_the_engine(place: Place) -> None:
    body = asked(
        image=PNG,
        lastFrame={"inlineData": {"mimeType": "image/png", "data": HD}},
        referenceImages=[{"image": PNG, "referenceType": "asset"}, {"image": PNG}],
        parameters={
            "negativePrompt": "rain",
            "generateAudio": False,
            "seed": 3,
            "seconds": "8",
        },
    )
    await made(place, PREDICT, body, done())

    request = (await job(place)).request
    roles = [one.role for one in request.references]
    assert roles == [Role.FIRST_FRAME, Role.LAST_FRAME, Role.SUBJECT, Role.SUBJECT]
    assert (request.negative_prompt, request.audio, request.seed) == ("rain", False, 3)
    assert request.seconds == 8


@pytest.mark.parametrize(
    "uri", ["files/{}", "http://a.example/v1beta/files/{}:download?alt=media"]
)
async def test_a_film_of_ours_is_extended(place: Place, uri: str) -> None:
    answer = await made(place, PREDICT, asked(), done())
    await ended(place, answer["name"])
    first = await job(place)
    video = {"uri": uri.format(first.id.removeprefix("video_"))}

    await made(place, PREDICT, asked({"durationSeconds": "4"}, video=video), done())
    request = (await job(place)).request
    assert request.operation is Operation.EXTEND
    assert request.source is not None
    assert request.source.job_id == first.id


async def test_a_film_that_is_sent_is_extended(place: Place) -> None:
    await made(place, PREDICT, asked(video=CLIP), done())
    assert (await job(place)).request.operation is Operation.EXTEND


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({}, "instances"),
        ({"instances": []}, "instances"),
        ({"instances": [{}, {}]}, "instances"),
        ({"instances": [{}]}, "instances[0].prompt"),
        ({"instances": [{"prompt": 1}]}, "instances[0].prompt"),
        (asked(script="a"), "instances[0].script"),
        (asked(image={}), "instances[0].image"),
        (asked(image=PNG | {"uri": "a"}), "instances[0].image"),
        (asked(video=CLIP | {"bytesBase64Encoded": HD}), "instances[0].video"),
        (asked(image={"bytesBase64Encoded": "?"}), "instances[0].image"),
        (asked(image={"uri": "gs://a"}), "instances[0].image.uri"),
        (asked(image={"inlineData": {"mimeType": "a", "data": "?"}}),
         "instances[0].image.inlineData.data"),
        (asked(referenceImages=[{"image": PNG, "referenceType": "style"}]),
         "instances[0].referenceImages[0].referenceType"),
        (asked(referenceImages=[{"image": PNG}] * 4), "instances[0].referenceImages"),
        (asked({"aspectRatio": "wide"}), "parameters.aspectRatio"),
        (asked({"aspectRatio": "3:1"}), "parameters.aspectRatio"),
        (asked({"resolution": "8k"}), "parameters.resolution"),
        (asked({"resolution": "720p", "size": "a"}), "parameters.size"),
        (asked({"size": "a"}), "parameters.aspectRatio"),
        (asked({"durationSeconds": 9}), "parameters.durationSeconds"),
        (asked({"durationSeconds": 4, "seconds": 4}), "parameters.durationSeconds"),
        (asked({"sampleCount": 5}), "parameters.sampleCount"),
        (asked({"sampleCount": 1, "n": 1}), "parameters.sampleCount"),
        (asked({"negativePrompt": "a", "negative_prompt": "a"}), "parameters.negativePrompt"),
        (asked({"generateAudio": "loud"}), "parameters.generateAudio"),
        (asked({"personGeneration": "dont_allow"}), "parameters.personGeneration"),
        (asked({"enhancePrompt": True}), "parameters.enhancePrompt"),
        (asked({"seed": -1}), "parameters.seed"),
    ],
)  # fmt: skip
async def test_what_cannot_be_read_is_refused_by_name(
    place: Place, body: Any, param: str
) -> None:
    answer = await post(place, PREDICT, body)

    error = answer.json()["error"]
    assert (answer.status_code, error["status"]) == (400, "INVALID_ARGUMENT")
    assert [one["fieldViolations"][0]["field"] for one in error["details"][1:]] == [param]
    assert place.house.engine.submissions == []


async def test_a_model_of_stills_makes_no_operations(place: Place) -> None:
    answer = await post(place, f"{MODELS}/gpt-image-2:predictLongRunning", asked())
    assert answer.json()["error"]["message"] == "gpt-image-2 makes stills, not films."
