"""`/v1/images` as server-sent events."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from dialects.in_process import Place, looks, picture
from dialects.stills import EDIT, GENERATE, KITE, SQUARE, base64_of, drawing, jobs
from fakes import Step
from filmgate import ContentRejected


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    async with drawing(tmp_path) as place:
        yield place


Told = list[tuple[str, dict[str, Any]]]


async def told(place: Place, path: str, *steps: Step, **sent: Any) -> Told:
    """The events of a stream: names and data."""
    place.house.engine.steps = [*steps]
    answer = await place.client.post(path, **sent)
    assert answer.headers["content-type"].startswith("text/event-stream")
    events = [piece.split("\n") for piece in answer.text.split("\n\n") if piece]
    return [
        (kind.removeprefix("event: "), json.loads(data.removeprefix("data: ")))
        for kind, data in events
    ]


async def test_a_stream_shows_the_still_on_its_way(place: Place) -> None:
    asked = KITE | {"stream": True, "partial_images": 2, "quality": "low"}
    steps = (looks("one"), looks("one", "two", percent=60), picture())
    events = await told(place, GENERATE, *steps, json=asked)

    [job] = await jobs(place)
    assert [kind for kind, _ in events] == [
        *["image_generation.partial_image"] * 2,
        "image_generation.completed",
    ]
    every = {
        "size": "512x512",
        "quality": "low",
        "background": "opaque",
        "output_format": "png",
    }
    for number, name in enumerate(("one", "two")):
        data = events[number][1]
        assert data.items() >= every.items()
        assert data["type"] == "image_generation.partial_image"
        assert (data["b64_json"], data["partial_image_index"]) == (
            base64_of(f"{name}.png"),
            number,
        )
    last = events[-1][1]
    assert last.items() >= every.items()
    assert (last["type"], last["b64_json"]) == (
        "image_generation.completed",
        base64_of("a.png"),
    )
    assert job.finished_at
    assert last["created_at"] == int(job.finished_at.timestamp())
    assert last["usage"]["total_tokens"] == 0


@pytest.mark.parametrize(("most", "seen"), [(0, 0), (1, 1), (3, 2)])
async def test_a_stream_shows_no_more_than_was_asked_for(
    place: Place, most: int, seen: int
) -> None:
    asked = KITE | {"stream": True, "partial_images": most}
    events = await told(place, GENERATE, looks("one", "two"), picture(), json=asked)
    assert len(events) == seen + 1


async def test_a_stream_of_an_edit_has_names_of_its_own(place: Place) -> None:
    form = KITE | {"stream": "true", "partial_images": "1"}
    events = await told(
        place, EDIT, looks("one"), picture(), data=form, files={"image": ("a.png", SQUARE)}
    )
    assert [kind for kind, _ in events] == ["image_edit.partial_image", "image_edit.completed"]


async def test_what_goes_wrong_in_a_stream_is_an_event(place: Place) -> None:
    asked = KITE | {"stream": True}
    [(kind, data)] = await told(place, GENERATE, ContentRejected("Not this."), json=asked)
    assert kind == "error"
    assert data["error"]["code"] == "moderation_blocked"
    assert data["error"]["type"] == "invalid_request_error"


async def test_a_stream_ends_when_we_stop(place: Place) -> None:
    asked = KITE | {"stream": True}
    waiting = asyncio.create_task(told(place, GENERATE, json=asked))
    while not place.house.engine.submissions:
        await asyncio.sleep(0.001)
    place.house.gateway.close()
    [(kind, data)] = await waiting
    assert (kind, data["error"]["code"]) == ("error", "shutting_down")
