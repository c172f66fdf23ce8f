"""The names of FakeOAI and sora2api mean the same film in every dialect."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dialects.in_process import STILL, OpenDoor, Place, opened, picture
from dialects.talks import job, until
from fakes import KITE, Scripted, done
from filmgate import Media, Model, Role, Size
from filmgate.dialects.anthropic.messages import Messages
from filmgate.dialects.gemini.content import ContentEndpoints
from filmgate.dialects.gemini.operations import Operations
from filmgate.dialects.openai.videos import Videos
from filmgate.domain.model import SecondsRange
from filmgate.domain.request import Dialect, GenerationRequest
from house import open_house

PROMPT = "{anime}[2s]a kite [3s]it falls"


class Studio(Scripted):
    """Has what the names lead to."""

    def models(self) -> Iterable[Model]:
        film = replace(
            KITE,
            name="sora-2-pro",
            sizes=(Size(1792, 1024), Size(1280, 720), Size(720, 1280)),
            seconds=SecondsRange(least=1, most=60),
            storyboards=True,
        )
        return (film, STILL)


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    house = await open_house(tmp_path, Studio())
    door = OpenDoor(house.caller)
    routes = [
        *Videos(house.gateway, house.casting, door, house.shelf, new_id=house.new_id).routes(),
        *Messages(house.gateway, door).routes(),
        *ContentEndpoints(house.gateway, door, house.shelf).routes(),
        *Operations(house.gateway, door, house.shelf).routes(),
    ]
    async with opened(house, routes) as found:
        yield found


async def ended(place: Place) -> bool:
    return (await job(place)).status.ended


def bodies(name: str) -> dict[str, dict[str, Any]]:
    """The same wish, by the path that it is sent to."""
    contents = [{"parts": [{"text": PROMPT}]}]
    return {
        "/v1/videos": {"model": name, "prompt": PROMPT},
        "/v1/messages": {"model": name, "messages": [{"role": "user", "content": PROMPT}]},
        f"/v1beta/models/{name}:generateContent": {"contents": contents},
        f"/v1beta/models/{name}:predictLongRunning": {"instances": [{"prompt": PROMPT}]},
    }


@pytest.mark.parametrize("name", ["sora_video2-landscape-pro-hd", "sora2pro-hd-landscape-15s"])
async def test_a_film_by_its_name(place: Place, name: str) -> None:
    asked: list[GenerationRequest] = []
    for path, body in bodies(name).items():
        place.house.engine.steps = [done()]
        answer = await place.client.post(f"/sora{path}", json=body)
        assert answer.status_code == 200, answer.text
        asked.append((await job(place)).request)
        await until(lambda: ended(place))
    film = asked[0]
    assert (film.model, film.name, film.dialect) == ("sora-2-pro", name, Dialect.FAKEOAI)
    assert (film.size, film.seconds) == (Size(1792, 1024), 5)
    assert [shot.prompt for shot in film.storyboard] == ["a kite", "it falls"]
    assert asked == [film] * 4


async def test_a_still_by_its_name(place: Place) -> None:
    place.house.engine.steps = [picture()]
    wish = {"messages": [{"role": "user", "content": "a kite"}]}
    answer = await place.client.post("/v1/messages", json={"model": "gpt-image", **wish})
    assert answer.status_code == 200, answer.text
    request = (await job(place, Media.IMAGE)).request
    assert (request.model, request.name, request.size) == (
        "gpt-image-2",
        "gpt-image",
        Size(360, 360),
    )
    assert [one.role for one in request.references] == list[Role]()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("sora_video2-10s-15s", "参数 '10s' 和 '15s' 不能同时使用"),
        ("avatar-create", "/v1/characters"),
        ("prompt-enhance-long-10s", "/v1/chat/completions"),
    ],
)
async def test_what_a_name_cannot_mean_is_told(place: Place, name: str, words: str) -> None:
    wish = {"messages": [{"role": "user", "content": "a kite"}]}
    answer = await place.client.post("/v1/messages", json={"model": name, **wish})
    assert answer.status_code == 400
    assert words in answer.json()["error"]["message"]
