"""What `/v1/videos` says by each of the rules, written down."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dialects.in_process import OpenDoor, Place, opened
from dialects.talks import check_transcript
from fakes import KITE, Scripted, done
from filmgate import Model, Size
from filmgate.dialects.openai.videos import Videos
from filmgate.domain.model import Option, SecondsRange
from house import open_house


class Studio(Scripted):
    """Makes films under the names that all of these lead to."""

    def models(self) -> Iterable[Model]:
        film = replace(
            KITE,
            name="sora-2",
            sizes=(Size(1280, 720), Size(720, 1280), Size(2560, 1080)),
            seconds=SecondsRange(least=1, most=60),
            storyboards=True,
            options={"fps": Option(int, "Frames a second.", choices=(24, 30))},
        )
        return (film, replace(film, name="sora-2-pro"))


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    house = await open_house(tmp_path, Studio())
    door = OpenDoor(house.caller)
    videos = Videos(house.gateway, house.casting, door, house.shelf, new_id=house.new_id)
    async with opened(house, videos.routes()) as found:
        yield found


@pytest.mark.parametrize(
    ("name", "path", "body"),
    [
        ("video-film", "/v1/videos", {"model": "sora-2", "seconds": "8"}),
        (
            "fakeoai-film",
            "/sora/v1/videos",
            {"model": "sora_video2-15s", "size": "16x9", "style": "anime", "private": True},
        ),
        ("fakeoai-refused", "/sora/v1/videos", {"model": "sora_video2-10s-15s"}),
        ("guide-film", "/v1/videos/generations", {"duration": 20, "aspect_ratio": "21:9"}),
        ("guide-too-long", "/v1/videos", {"duration": 90, "aspect_ratio": "21:9"}),
        ("guide-no-such-shape", "/v1/videos/generations", {"aspect_ratio": "1:1"}),
        ("guide-refused", "/v1/videos", {"duration": 10, "resolution": "4k"}),
    ],
)
async def test_what_is_said_is_what_was_written_down(
    place: Place, name: str, path: str, body: dict[str, Any]
) -> None:
    body = {"prompt": "a kite"} | body
    place.house.engine.steps = [done()]
    answer = await place.client.post(path, json=body)
    check_transcript(name, path, body, answer)


async def test_the_finished_film_by_fakeoais_rules(place: Place) -> None:
    place.house.engine.steps = [done()]
    body = {"prompt": "{anime}[2s]a kite [3s]it falls", "model": "sora_video2-pro"}
    made = (await place.client.post("/sora/v1/videos", json=body)).json()
    path = f"/sora/v1/videos/{made['id']}?detail=true"
    while (answer := await place.client.get(path)).json()["status"] != "completed":
        await asyncio.sleep(0.002)
    check_transcript("fakeoai-finished", path, None, answer)
    remix = {"prompt": "at night", "model": "sora_video2-pro"}
    again = await place.client.post(f"/v1/videos/{made['id']}/remix", json=remix)
    assert (again.status_code, again.json()["model"]) == (200, "sora_video2-pro")


async def test_a_rate_is_an_option_of_the_model(place: Place) -> None:
    body = {"prompt": "a kite", "duration": 4, "aspect_ratio": "9:16", "resolution": "720p"}
    made = (await place.client.post("/v1/videos", json=body | {"fps": "30"})).json()
    path = f"/v1/videos/{made['id']}?detail=true"
    assert (await place.client.get(path)).json()["detail"]["engine_options"] == {"fps": 30}
    refused = await place.client.post("/v1/videos", json=body | {"fps": 25})
    assert refused.json()["error"]["message"] == (
        "'sora-2' makes 24 or 30 frames a second: leave 'fps' out."
    )
