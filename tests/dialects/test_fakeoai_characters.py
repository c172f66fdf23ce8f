"""`POST /v1/characters`, over HTTP."""

from __future__ import annotations

import asyncio
import base64
from pathlib import Path
from typing import Any

import pytest

from dialects.conversation import answered, said, talking
from dialects.refusals import refusal
from dialects.wire import Sent, create, form, get, new_film, new_key, text, wait
from fakes import done
from filmgate import Role
from filmgate.gateway.submission import Given
from servers import Answer, Server

PATH = "/v1/characters"


def made(server: Server, *, path: str = PATH, **fields: Any) -> Answer:
    key = fields.pop("key", None) or new_key(server)
    return server.call("POST", path, fields, key=key)


@pytest.fixture(scope="module")
def clip(film: Path) -> str:
    """A film of one second, in base64."""
    return base64.b64encode(film.read_bytes()).decode()


@pytest.mark.parametrize("path", [PATH, f"/sora{PATH}"])
def test_a_character_is_made_of_bare_base64(server: Server, clip: str, path: str) -> None:
    key = new_key(server)
    answer = made(server, path=path, key=key, url=clip, timestamps="0,1")
    assert answer.status == 200, answer.body
    profile = answer.json()
    assert profile.keys() == {
        "id", "username", "permalink", "profile_picture_url", "object", "created_at",
    }  # fmt: skip
    assert profile["object"] == "character"
    assert profile["username"] == f"character-{profile['id'][-8:]}"
    head, _, picture = profile["profile_picture_url"].partition(",")
    assert head == "data:image/webp;base64"
    assert base64.b64decode(picture)[8:12] == b"WEBP"

    place = profile["permalink"].removeprefix(server.url)
    found = server.call("GET", place, key=key).json()
    assert (found["id"], found["name"]) == (profile["id"], profile["username"])
    assert server.call("GET", place).status == 404


def test_a_character_is_made_of_a_film_of_ours(server: Server, finished: str) -> None:
    """A form does, and of a film that is shorter than three seconds all is taken."""
    sent = form(text("from_task", finished), text("name", "Ann Lee"))
    body = (sent.body or b"").replace(text("prompt", "a kite over the sea"), b"")
    answer = Sent(path=PATH, headers=sent.headers, body=body).to(server)
    assert answer.status == 200, answer.body
    assert answer.json()["username"] == "ann-lee"


def test_the_same_key_makes_one_character(server: Server, clip: str) -> None:
    key, headers = new_key(server), {"idempotency-key": "one"}
    sent = {"url": f"data:video/mp4;base64,{clip}", "username": "Ann"}
    answers = [server.call("POST", PATH, sent, key=key, headers=headers) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    again = server.call("POST", PATH, sent, key=key)
    error = refusal(server, again)
    assert (again.status, error["param"], error["code"]) == (409, "username", "name_taken")


@pytest.mark.parametrize(
    ("fields", "param", "says"),
    [
        ({}, "url", "made of one film"),
        ({"url": "x", "from_task": "y"}, "from_task", "made of one film"),
        ({"url": "no film"}, "url", "neither a link"),
        ({"url": "bm8gZmlsbQ=="}, "url", "Send the bytes of an MP4 file"),
        ({"from_task": "video_0"}, "from_task", "not found"),
        ({"from_task": "video_0", "timestamps": "0;3"}, "timestamps", "such as '0,3'"),
        ({"from_task": "video_0", "timestamps": "0,3.5"}, "timestamps", "it is 1 to 3 s"),
        ({"from_task": "video_0", "model": "sora_video2"}, "model", "Leave it out"),
        ({"from_task": "video_0", "name": "小明"}, "name", "Send such a 'username'"),
        ({"from_task": "video_0", "username": "-a"}, "username", "no dot or dash"),
        ({"from_task": "video_0", "username": "a", "name": "a"}, "name", "not both"),
        ({"from_task": "video_0", "prompt": "a"}, "prompt", "Unknown parameter"),
    ],
)
def test_what_makes_no_character_is_refused_by_its_field(
    server: Server, fields: dict[str, Any], param: str, says: str
) -> None:
    error = refusal(server, server.call("POST", PATH, fields))
    assert error["param"] == param
    assert says in error["message"]


def test_a_window_that_the_film_does_not_have_is_refused(server: Server, clip: str) -> None:
    error = refusal(server, made(server, url=clip, timestamps="0,3"))
    assert error["param"] == "timestamps"
    assert "the window is 0-3" in error["message"]


async def test_a_conversation_names_a_character(tmp_path: Path) -> None:
    async with talking(tmp_path) as place:
        house = place.house
        house.engine.steps = [done()]
        film = await house.submitted()
        while not (await house.now(film)).status.ended:
            await asyncio.sleep(0.01)
        given = Given(role=Role.SOURCE, param="from_task", job_id=film.id)
        ann = await house.casting.create("ann", given, house.caller, None)
        answer = await answered(place, said("@Ann and @bob fly a kite"))
        [job, _], _ = await house.page()
    assert job.id == answer["filmgate"]["id"]
    assert job.request.prompt == "ann and @bob fly a kite"
    [reference] = job.request.references
    assert (reference.role, reference.name) == (Role.CHARACTER, ann.name)


def test_the_film_of_a_character_may_go(server: Server) -> None:
    video_id = new_film(server)
    profile = server.call("POST", PATH, {"from_task": video_id}).json()
    assert server.call("DELETE", f"/v1/videos/{video_id}").status == 200
    found = get(f"/v1/videos/characters/{profile['id']}").to(server)
    assert found.json()["name"] == profile["username"]


def test_a_film_becomes_a_character(server: Server) -> None:
    """It is there once the film is, and plays in the next one under its name."""
    made = create(character_create=True).to(server).json()
    path = f"/v1/videos/{made['id']}"
    wait(lambda: bool(get(path).to(server).json()["status"] == "completed"))
    found = get(f"/v1/videos/characters/{made['filmgate']['character_id']}").to(server).json()
    assert found["name"] == f"character-{made['id'][-8:]}"
    wish = {"prompt": f"@{found['name']} flies a kite", "model": "sora_video2"}
    played = server.call("POST", "/sora/v1/videos", wish).json()
    assert played["prompt"] == f"{found['name']} flies a kite"
