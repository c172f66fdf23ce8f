"""`/v1/images`: what can be asked for, and what comes back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from dialects.in_process import Place, picture
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
from filmgate import Operation, Role
from filmgate.domain.job import Job


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    async with drawing(tmp_path) as place:
        yield place


# One answer.


async def test_a_still_comes_back_in_the_answer(place: Place) -> None:
    answer = await made(place, GENERATE, picture(), json=KITE)

    [job] = await jobs(place)
    assert job.id.startswith("image_")
    assert answer == {
        "created": int(job.created_at.timestamp()),
        "data": [{"b64_json": base64_of("a.png")}],
        "background": "opaque",
        "output_format": "png",
        "quality": "high",
        "size": "512x512",
        "usage": {
            "input_tokens": 0,
            "output_tokens": 0,
            "total_tokens": 0,
            "input_tokens_details": {"text_tokens": 0, "image_tokens": 0},
        },
    }


async def test_each_of_several_stills_is_a_job(place: Place) -> None:
    answer = await made(place, GENERATE, picture("a"), picture("b"), json=KITE | {"n": 2})

    assert {still["b64_json"] for still in answer["data"]} == {
        base64_of("a.png"),
        base64_of("b.png"),
    }
    assert [job.take.request.seed for job in await jobs(place)] == [0, 1]


async def test_the_answer_says_which_engine_drew_it(place: Place) -> None:
    place.house.engine.steps = [picture()]
    answer = await place.client.post(GENERATE, json=KITE)
    assert answer.headers["x-filmgate-engine"] == "scripted"


async def test_what_is_asked_for_reaches_the_engine(place: Place) -> None:
    asked = {
        "size": "128x64",
        "output_format": "webp",
        "quality": "low",
        "seed": 7,
        "negative_prompt": "birds",
        "engine_options": {"captions": False},
        "metadata": {"scene": "12"},
    }
    answer = await made(place, GENERATE, picture(kind="webp"), json=KITE | asked)

    [job] = await jobs(place)
    take = job.take.request
    assert (str(take.size), take.format, take.seed) == ("128x64", "webp", 7)
    assert (take.negative_prompt, take.engine_options) == ("birds", {"captions": False})
    assert job.metadata == {"scene": "12"}
    assert [answer[name] for name in ("size", "output_format", "quality")] == [
        "128x64",
        "webp",
        "low",
    ]


async def test_a_form_says_the_same_as_json(place: Place) -> None:
    form = KITE | {
        "n": "2",
        "size": "auto",
        "seed": "7",
        "stream": "false",
        "output_compression": "80",
        "partial_images": "1",
        "engine_options[captions]": "true",
        "metadata[scene]": "12",
    }
    fields = [(name, (None, value)) for name, value in form.items()]
    answer = await made(place, GENERATE, picture("a"), picture("b"), files=fields)

    assert len(answer["data"]) == 2
    first, _ = await jobs(place)
    take = first.take.request
    assert (str(take.size), take.seed, take.engine_options) == (
        "512x512",
        7,
        {"captions": True},
    )


async def test_what_only_other_engines_understand_is_passed_over(place: Place) -> None:
    asked = {
        "background": "opaque",
        "complexity": "low",
        "moderation": "low",
        "output_compression": 50,
        "quality": "hd",
        "safety_identifier": "x",
        "style": "vivid",
        "user": "x",
    }
    answer = await made(place, GENERATE, picture(), json=KITE | asked)
    assert answer["quality"] == "high"


@pytest.mark.parametrize(
    "asked",
    [{"response_format": "url"}, {"model": "dall-e-2"}],
    ids=["asked for", "the usual of that name"],
)
async def test_a_link_leads_to_the_still(place: Place, asked: dict[str, str]) -> None:
    answer = await made(place, GENERATE, picture(), json=KITE | asked)
    [job] = await jobs(place)
    [still] = answer["data"]
    assert still == {"url": place.house.gateway.link(job)}
    assert still["url"].startswith(f"https://films.example/films/{job.id}.png?")


async def test_a_name_with_links_gives_the_still_itself_when_asked(place: Place) -> None:
    asked = {"model": "dall-e-2", "response_format": "b64_json"}
    answer = await made(place, GENERATE, picture(), json=KITE | asked)
    assert answer["data"] == [{"b64_json": base64_of("a.png")}]


# Edits and variations.


def roles(job: Job) -> list[tuple[Role, str]]:
    return [(r.role, str(r.size)) for r in job.request.references]


async def test_an_image_is_edited(place: Place) -> None:
    await made(place, EDIT, picture(), data=KITE, files={"image": ("a.png", SQUARE)})

    [job] = await jobs(place)
    assert job.request.operation is Operation.EDIT
    assert roles(job) == [(Role.SOURCE, "64x64")]
    assert place.house.engine.inputs == [SQUARE]


async def test_the_first_image_is_edited_and_the_others_appear_in_it(place: Place) -> None:
    files = [
        ("image[]", ("a.png", SQUARE)),
        ("image[]", ("b.png", b"100x50")),
        ("mask", ("mask.png", SQUARE)),
    ]
    await made(place, EDIT, picture(), data=KITE, files=files)

    [job] = await jobs(place)
    assert roles(job) == [
        (Role.SOURCE, "64x64"),
        (Role.SUBJECT, "100x50"),
        (Role.MASK, "64x64"),
    ]


async def test_an_edit_in_json_holds_its_images(place: Place) -> None:
    images = [{"image_url": data_url()}, {"image_url": data_url(b"100x50")}]
    asked = KITE | {"images": images, "mask": {"image_url": data_url()}}
    await made(place, EDIT, picture(), json=asked | {"input_fidelity": "high"})

    [job] = await jobs(place)
    assert [role for role, _ in roles(job)] == [Role.SOURCE, Role.SUBJECT, Role.MASK]


async def test_a_still_of_ours_is_a_reference_of_the_next(place: Place) -> None:
    await made(place, GENERATE, picture(), json=KITE)
    [first] = await jobs(place)
    asked = KITE | {"references": [{"role": "subject", "id": first.id}]}
    await made(place, GENERATE, picture("b"), json=asked)

    _, second = await jobs(place)
    assert second.request.operation is Operation.CREATE
    assert roles(second) == [(Role.SUBJECT, "512x512")]


async def test_an_image_is_varied_without_a_prompt(place: Place) -> None:
    answer = await made(place, VARY, picture(), files={"image": ("a.png", SQUARE)})

    [job] = await jobs(place)
    assert (job.request.model, job.request.prompt) == ("dall-e-2", "variation")
    assert job.request.operation is Operation.EDIT
    assert "url" in answer["data"][0]


# Refusals.


@pytest.mark.parametrize(
    ("path", "sent", "expected"),
    [
        (GENERATE, {}, ("missing_required_parameter", "prompt")),
        (GENERATE, KITE | {"size": "big"}, ("invalid_value", "size")),
        (GENERATE, KITE | {"size": "8x8"}, ("invalid_value", "size")),
        (GENERATE, KITE | {"n": 11}, ("invalid_value", "n")),
        (GENERATE, KITE | {"quality": "best"}, ("invalid_value", "quality")),
        (GENERATE, KITE | {"background": "transparent"}, ("unsupported", "background")),
        (GENERATE, KITE | {"output_format": "svg"}, ("invalid_value", "output_format")),
        (GENERATE, KITE | {"output_format": "gif"}, ("invalid_value", "output_format")),
        (GENERATE, KITE | {"output_compression": 101}, ("invalid_value", "output_compression")),
        (GENERATE, KITE | {"partial_images": 4}, ("invalid_value", "partial_images")),
        (GENERATE, KITE | {"svg": {"model": "x"}}, ("unsupported", "svg")),
        (GENERATE, KITE | {"frame_count": 3}, ("unsupported", "frame_count")),
        (GENERATE, KITE | {"stream": "maybe"}, ("invalid_value", "stream")),
        (GENERATE, KITE | {"stream": True, "n": 2}, ("invalid_value", "n")),
        (GENERATE, KITE | {"audio": True}, ("unsupported", "audio")),
        (GENERATE, KITE | {"colour": "red"}, ("unknown_parameter", "colour")),
        (GENERATE, KITE | {"image": {"file_id": "x"}}, ("unsupported", "image")),
        (GENERATE, KITE | {"model": "sora"}, ("unsupported", "model")),
        (EDIT, KITE, ("missing_required_parameter", "image")),
        (EDIT, KITE | {"images": []}, ("missing_required_parameter", "images")),
        (EDIT, KITE | {"image": "a.png"}, ("invalid_value", "image")),
        (EDIT, KITE | {"image": 5}, ("invalid_type", "image")),
        (EDIT, KITE | {"images": [{}] * 17}, ("array_above_max_length", "images")),
        (EDIT, KITE | {"images": [{}, {}]}, ("invalid_value", "images[0]")),
        (EDIT, KITE | {"images": [{}], "image": {}}, ("invalid_value", "images")),
        (EDIT, KITE | {"images": [{"x": 1}]}, ("unknown_parameter", "images[0].x")),
        (VARY, {}, ("missing_required_parameter", "image")),
        (VARY, {"stream": True}, ("unsupported", "stream")),
        (VARY, KITE, ("unknown_parameter", "prompt")),
    ],
)
async def test_what_cannot_be_had_is_refused_by_name(
    place: Place, path: str, sent: dict[str, Any], expected: tuple[str, str]
) -> None:
    assert await refused(place, path, json=sent) == (400, *expected)
    assert await jobs(place) == []


async def test_an_unknown_model_is_not_found(place: Place) -> None:
    expected = (404, "model_not_found", "model")
    assert await refused(place, GENERATE, json=KITE | {"model": "x"}) == expected


async def test_what_is_no_image_is_refused(place: Place) -> None:
    expected = (400, "invalid_value", "image")
    answer = await refused(place, VARY, files={"image": ("a.png", b"no image")})
    assert answer == expected
    assert place.house.shelf.blobs == {}
