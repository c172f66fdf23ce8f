"""`generateContent`: what can be said, and what comes back."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from dialects.in_process import Place, picture
from dialects.talks import (
    MODELS,
    check_transcript,
    film_of,
    gemini_place,
    job,
    made,
    post,
    still_of,
    until,
)
from fakes import Step, busy, done
from filmgate import ContentRejected, Media, Operation, Role
from filmgate.dialects.gemini import envelope
from filmgate.domain.errors import GenerationFailed, StorageUnavailable, TooManyRequests
from filmgate.web import streaming

HD = base64.b64encode(b"1280x720").decode()  # the inspector of the house reads sizes
FILM, STILL = f"{MODELS}/sora:generateContent", f"{MODELS}/gpt-image-2:generateContent"
STREAM = f"{MODELS}/sora:streamGenerateContent"
STILLS = f"{MODELS}/gpt-image-2:streamGenerateContent"


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    async with gemini_place(tmp_path) as here:
        yield here


def said(*parts: Any, **config: Any) -> dict[str, Any]:
    body = {"contents": [{"role": "user", "parts": list(parts) or [{"text": "a kite"}]}]}
    return body | ({"generationConfig": config} if config else {})


def image(data: str = HD, kind: str = "image/png") -> dict[str, Any]:
    return {"inlineData": {"mimeType": kind, "data": data}}


def linked(uri: str, **more: str) -> dict[str, Any]:
    return {"fileData": {"fileUri": uri, **more}}


NO: tuple[Step, ...] = (ContentRejected("No kites, please."),)
SCENES: dict[str, tuple[str, dict[str, Any], tuple[Step, ...]]] = {
    "gemini-film": (FILM, said(seconds="8"), film_of()),
    "gemini-stills": (STILL, said(candidateCount=2), (picture("a"), picture("b"))),
    "gemini-film-stream": (f"{STREAM}?alt=sse", said(), film_of(busy(10))),
    "gemini-film-array": (STREAM, said(), film_of()),
    "gemini-still-stream": (f"{STILLS}?alt=sse", said(), still_of()),
    "gemini-failure": (FILM, said(), NO),
    "gemini-failure-stream": (f"{STREAM}?alt=sse", said(), NO),
    "gemini-refused": (FILM, said(imageConfig={"aspectRatio": "wide"}), ()),
}


@pytest.mark.parametrize("name", SCENES)
async def test_what_is_said_is_what_was_agreed_on(place: Place, name: str) -> None:
    path, body, steps = SCENES[name]
    answer = await post(place, path, body, *steps)
    check_transcript(name, path, body, answer)


async def test_an_array_is_json_that_comes_piece_by_piece(place: Place) -> None:
    answer = await post(place, STREAM, said(), *film_of())

    *before, last = answer.json()
    assert before[0]["candidates"][0]["content"]["parts"] == [
        {"text": "Queued.\n", "thought": True}
    ]
    assert last["candidates"][0]["finishReason"] == "STOP"


async def test_whoever_asked_last_says_what_to_film(place: Place) -> None:
    contents = [
        {"parts": [{"text": "a dog"}]},
        {"role": "model", "parts": [{"executableCode": {}}]},
        {"parts": [{"text": "a kite"}, {"text": "over the sea"}]},
        {"role": "model", "parts": []},
    ]
    await made(place, FILM, {"contents": contents}, *film_of())

    assert (await job(place)).request.prompt == "a kite\nover the sea"


async def test_names_may_be_spelled_in_either_way(place: Place) -> None:
    picture = {"inline_data": {"mime_type": "image/png", "data": HD}}
    body = {
        "contents": [{"parts": [{"text": "a"}, picture]}],
        "generation_config": {
            "image_config": {"aspect_ratio": "16:9"},
            "top_p": 1,
            "metadata": {"top_p": "kept"},
            "seed": 7,
            "n": 1,
        },
        "system_instruction": {"parts": [{"text": "You are kind."}]},
        "safetySettings": [],
        "tools": [],
        "toolConfig": {},
    }
    await made(place, FILM, body, *film_of())

    film = await job(place)
    assert (str(film.request.size), film.request.seed) == ("1280x720", 7)
    assert film.metadata == {"top_p": "kept"}


async def test_the_first_image_begins_a_film_and_the_others_are_seen(place: Place) -> None:
    await made(place, FILM, said(image(), {"text": "a"}, image()), *film_of())

    roles = [one.role for one in (await job(place)).request.references]
    assert roles == [Role.FIRST_FRAME, Role.SUBJECT]


async def test_a_still_with_an_image_is_an_edit(place: Place) -> None:
    square = base64.b64encode(b"64x64").decode()
    await made(place, STILL, said(image(square), {"text": "red"}), *still_of())

    assert (await job(place, Media.IMAGE)).request.operation is Operation.EDIT


@pytest.mark.parametrize(
    ("model", "config", "size"),
    [
        ("gpt-image-2", {"imageConfig": {"aspectRatio": "16:9"}}, "1024x576"),
        ("gpt-image-2", {"imageConfig": {"imageSize": "512"}}, "512x512"),
        (
            "gpt-image-2",
            {"imageConfig": {"imageSize": "512", "aspectRatio": "4:1"}},
            "1024x256",
        ),
        ("gpt-image-2", {"size": "128x64"}, "128x64"),
        ("gpt-image-2", {"imageConfig": {}}, "512x512"),
    ],
)
async def test_a_shape_becomes_the_size_of_a_still(
    place: Place, model: str, config: Any, size: str
) -> None:
    await made(place, f"{MODELS}/{model}:generateContent", said(**config), *still_of())
    assert str((await job(place, Media.IMAGE)).take.request.size) == size


@pytest.mark.parametrize(
    ("model", "config", "size"),
    [
        ("veo/3", {"imageConfig": {"aspectRatio": "9:16"}}, "720x1280"),
        ("veo/3", {"imageConfig": {"aspectRatio": "16:9"}}, "1280x720"),
        ("veo/3", {"imageConfig": {"aspectRatio": "7:4"}}, "1280x720"),
        ("veo/3", {"size": "1920x1080"}, "1920x1080"),
        ("veo/3", {}, "1280x720"),
        ("free", {"imageConfig": {"aspectRatio": "21:9"}}, "1680x720"),
        ("free", {"imageConfig": {"aspectRatio": "1:1"}}, "720x720"),
    ],
)
async def test_a_shape_becomes_the_size_of_a_film(
    place: Place, model: str, config: Any, size: str
) -> None:
    await made(place, f"{MODELS}/{model}:generateContent", said(**config), *film_of())
    assert str((await job(place)).take.request.size) == size


CONFIG = "generationConfig"


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ([], None),
        ({}, "contents"),
        ({"contents": []}, "contents"),
        ({"contents": [{"role": "model", "parts": []}]}, "contents"),
        ({"contents": "a"}, "contents"),
        (said({"text": ""}), "contents"),
        (said(*[{"text": "a"}] * 101), "contents[0].parts"),
        (said({}), "contents[0].parts[0]"),
        (said({"text": "a"} | image()), "contents[0].parts[0]"),
        (said({"functionCall": {}}), "contents[0].parts[0].functionCall"),
        (said("a"), "contents[0].parts[0]"),
        (said(image("?")), "contents[0].parts[0].inlineData.data"),
        (said(image(kind="video/mp4")), "contents[0].parts[0].inlineData.mimeType"),
        (said(linked("a", mimeType="audio/wav")), "contents[0].parts[0].fileData.mimeType"),
        (said(linked("a")), "contents[0].parts[0].fileData.fileUri"),
        (said({"text": "a"}, linked("https://a.example/a.png")),
         "contents[0].parts[1].fileData.fileUri"),
        (said() | {"tools": [{}]}, "tools"),
        (said() | {"toolConfig": {"a": 1}}, "toolConfig"),
        (said() | {"cachedContent": "a"}, "cachedContent"),
        (said() | {"labels": {}}, "labels"),
        (said() | {"generationConfig": {}, "generation_config": {}}, "generationConfig"),
        (said(responseMimeType="a"), f"{CONFIG}.responseMimeType"),
        (said(candidateCount=0), f"{CONFIG}.candidateCount"),
        (said(candidateCount=2, n=3), f"{CONFIG}.candidateCount"),
        (said(n="a"), f"{CONFIG}.candidateCount"),
        (said(seed="a"), f"{CONFIG}.seed"),
        (said(size="a"), f"{CONFIG}.imageConfig.aspectRatio"),
        (said(size="64x64", imageConfig={"aspectRatio": "1:1"}), f"{CONFIG}.imageConfig"),
        (said(imageConfig={"aspectRatio": "0:1"}), f"{CONFIG}.imageConfig.aspectRatio"),
        (said(imageConfig={"imageSize": "1K"}), f"{CONFIG}.imageConfig.imageSize"),
        (said(imageConfig={"aspectRatio": "3:1"}), f"{CONFIG}.imageConfig.aspectRatio"),
        (said(webhook_secret="a"), f"{CONFIG}.webhook_secret"),
        (said(seconds="7"), f"{CONFIG}.seconds"),
    ],
)  # fmt: skip
async def test_what_cannot_be_read_is_refused_by_name(
    place: Place, body: Any, param: str | None
) -> None:
    answer = await post(place, FILM, body)

    error = answer.json()["error"]
    assert (answer.status_code, error["status"]) == (400, "INVALID_ARGUMENT")
    fields = [one["fieldViolations"][0]["field"] for one in error["details"][1:]]
    assert fields == ([] if param is None else [param])
    assert place.house.engine.submissions == []


async def test_a_stills_resolution_is_one_of_a_few(place: Place) -> None:
    answer = await post(place, STILL, said(imageConfig={"imageSize": "9K"}))
    assert "'512', '1K', '2K', '4K'" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("path", "body", "said_of"),
    [
        (f"{STREAM}?alt=media", said(), "alt"),
        (STREAM, said(candidateCount=2), "generationConfig.candidateCount"),
    ],
)
async def test_a_stream_is_of_one_still_and_of_two_kinds(
    place: Place, path: str, body: Any, said_of: str
) -> None:
    answer = await post(place, path, body)
    assert answer.status_code == 400
    assert answer.json()["error"]["details"][1]["fieldViolations"][0]["field"] == said_of


async def test_an_unknown_model_is_not_found(place: Place) -> None:
    answer = await post(place, f"{MODELS}/gemini:generateContent", said())
    error = answer.json()["error"]
    assert (answer.status_code, error["status"]) == (404, "NOT_FOUND")
    assert error["details"][1]["fieldViolations"][0]["field"] == "model"


@pytest.mark.parametrize(
    ("path", "beat"), [(STREAM, "\n\n\n"), (f"{STREAM}?alt=sse", '"text":""')]
)
async def test_a_stream_is_kept_open_by_what_the_sdks_can_read(
    place: Place, monkeypatch: pytest.MonkeyPatch, path: str, beat: str
) -> None:
    monkeypatch.setattr(streaming, "HEARTBEAT", 0.01)
    asked = asyncio.create_task(place.client.post(path, json=said()))
    await asyncio.sleep(0.2)
    place.house.engine.release(done())
    text = (await asked).text

    assert beat in text
    assert ": still here" not in text
    if path == STREAM:
        assert len(json.loads(text)) >= 3


async def test_who_waits_too_long_can_wait_on(tmp_path: Path) -> None:
    async with gemini_place(tmp_path, patience=0.05) as place:
        answer = await post(place, FILM, said(), idempotency_key="a")
        assert (answer.status_code, answer.json()["error"]["status"]) == (503, "UNAVAILABLE")
        assert answer.headers["retry-after"] == "1"
        place.house.engine.release(done())

        async def again() -> bool:
            answer = await post(place, FILM, said(), idempotency_key="a")
            return answer.status_code == 200

        await until(again)
        assert len(place.house.engine.submissions) == 1


async def test_models_are_listed_page_by_page(place: Place) -> None:
    found: list[str] = []
    rest: str | None = ""
    while rest is not None:
        answer = (
            await place.client.get(MODELS, params={"pageSize": 3, "pageToken": rest})
        ).json()
        found += [model["name"] for model in answer["models"]]
        rest = answer.get("nextPageToken")

    assert found == ["models/free", "models/gpt-image-2", "models/sora", "models/veo/3"]
    one = (await place.client.get(f"{MODELS}/veo/3")).json()
    assert one["supportedGenerationMethods"][-1] == "predictLongRunning"
    assert (await place.client.get(f"{MODELS}/nothing")).status_code == 404


@pytest.mark.parametrize("query", ["pageSize=0", "pageSize=1001", "pageToken=a", "pageSize=٣"])
async def test_a_page_is_counted_in_numbers(place: Place, query: str) -> None:
    answer = await place.client.get(f"{MODELS}?{query}")
    assert answer.json()["error"]["status"] == "INVALID_ARGUMENT"


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (GenerationFailed("No.", code="cancelled"), "CANCELLED", 1),
        (GenerationFailed("No."), "INTERNAL", 13),
        (ContentRejected("x" * 2000), "FAILED_PRECONDITION", 9),
        (StorageUnavailable("No."), "UNAVAILABLE", 14),
        (TooManyRequests("Wait."), "RESOURCE_EXHAUSTED", 13),
    ],
)
def test_an_error_is_told_in_googles_words(error: Any, status: str, code: int) -> None:
    assert envelope.refused(error).error.status == status
    assert envelope.operation_error(error).code == code
    assert len(envelope.refused(error).error.message) <= 1001


def test_a_bug_shows_an_id_alone() -> None:
    response = envelope.bug(None, ValueError("secret"))  # type: ignore[arg-type]

    assert response.status_code == 500
    assert json.loads(bytes(response.body))["error"]["status"] == "INTERNAL"
    assert b"secret" not in response.body


def test_the_envelope_takes_no_other_errors() -> None:
    for handler in (envelope.filmgate_error, envelope.http_error):
        with pytest.raises(TypeError):
            handler(None, ValueError())  # type: ignore[arg-type]
