"""`/sora/v1/videos` as FakeOAI had it, and the guides' `duration`, over HTTP."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from dialects.refusals import refusal
from dialects.wire import Sent, body, file, form, get, text, wait
from films import image
from servers import Answer, Server

#: Two seconds, whatever the model's name says.
SHORT = "[1s]a kite rises [1s]it falls"


def post(path: str, **fields: Any) -> Sent:
    return body(json.dumps({"prompt": SHORT} | fields).encode(), path=path)


def shown(server: Server, video_id: str) -> dict[str, Any]:
    answer = get(f"/sora/v1/videos/{video_id}?detail=true").to(server)
    found: dict[str, Any] = answer.json()
    return found


def done(server: Server, answer: Answer) -> dict[str, Any]:
    assert answer.status == 200, answer.body
    video_id = answer.json()["id"]
    wait(lambda: shown(server, video_id)["status"] not in ("queued", "in_progress"))
    video = shown(server, video_id)
    assert video["status"] == "completed", video
    return video


@pytest.fixture(scope="module")
def made(server: Server) -> dict[str, Any]:
    """A film by its rules, which becomes a character."""
    sent = post("/sora/v1/videos", model="sora_video2-15s", character_create=True)
    return done(server, sent.to(server))


def test_what_is_left_open_is_what_its_rules_say(server: Server, made: dict[str, Any]) -> None:
    asked = (made["model"], made["size"], made["seconds"], made["object"])
    assert asked == ("sora_video2-15s", "720x1280", "2", "video")
    assert [shot["seconds"] for shot in made["detail"]["storyboard"]] == [1, 1]
    assert get(f"/sora/v1/videos/{made['id']}/content").to(server).status == 200
    assert "detail" not in get(f"/v1/videos/{made['id']}").to(server).json()


def test_a_film_becomes_a_character_once_it_is_there(
    server: Server, made: dict[str, Any]
) -> None:
    path = f"/v1/videos/characters/{made['filmgate']['character_id']}"
    assert get(path).to(server).json()["object"] == "character"


def test_several_references_are_fitted(server: Server) -> None:
    parts = (
        text("model", "sora_video2"),
        file("input_reference[]", image((90, 40))),
        file("input_reference[]", image((30, 30))),
    )
    sent = form(*parts)
    prompt = text("prompt", SHORT)
    whole = (sent.body or b"").replace(text("prompt", "a kite over the sea"), prompt)
    answer = body(whole, sent.headers["content-type"], path="/sora/v1/videos").to(server)
    references = done(server, answer)["detail"]["references"]
    assert [(one["role"], one["size"]) for one in references] == [
        ("first_frame", "720x1280"),
        ("subject", "30x30"),
    ]


@pytest.mark.parametrize("way", ["character_url", "character_from_task"])
def test_a_remix_with_a_character_made_for_it(
    server: Server, made: dict[str, Any], film: Path, way: str
) -> None:
    fields = {"character_from_task": made["id"]}
    if way == "character_url":
        clip = base64.b64encode(film.read_bytes()).decode()
        fields = {"character_url": clip, "character_timestamps": "0,1"}
    sent = post(f"/sora/v1/videos/{made['id']}/remix", model="sora_video2", **fields)
    video = done(server, sent.to(server))
    assert video["remixed_from_video_id"] == made["id"]
    assert video["model"] == "sora_video2"
    assert [one["role"] for one in video["detail"]["references"]] == ["source", "character"]


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"model": "sora_video2-pro"}, "model"),
        ({"model": "sora_video2-25s"}, "model"),
        ({"character_timestamps": "0,3"}, "character_timestamps"),
        (
            {"character_url": "https://x.test/a", "character_from_task": "b"},
            "character_from_task",
        ),
        (
            {"character_from_task": "video_0", "character_timestamps": "0,9"},
            "character_timestamps",
        ),
        ({"character_from_task": "video_0"}, "character_from_task"),
        ({"character_create": True, "n": 2}, "character_create"),
        ({"style": "cubist"}, "style"),
        ({"input_reference": []}, "input_reference"),
        ({"tools": []}, "tools"),
    ],
)
def test_what_a_remix_cannot_be_names_the_field(
    server: Server, made: dict[str, Any], fields: dict[str, Any], param: str
) -> None:
    answer = post(f"/sora/v1/videos/{made['id']}/remix", **fields).to(server)
    assert refusal(server, answer)["param"] == param


def test_a_private_film_is_the_callers_alone(server: Server) -> None:
    sent = post("/sora/v1/videos", private=True, size="9x5")
    video = done(server, sent.to(server))
    assert (video["url"], video["size"], video["model"]) == (None, "1280x720", "sora_video2")
    assert get(f"/v1/videos/{video['id']}/content").to(server).status == 200
    remix = post(f"/v1/videos/{video['id']}/remix").to(server)
    error = refusal(server, remix)
    assert (error["code"], error["param"]) == ("video_private", "video_id")


def test_the_guides_words_are_said_back(server: Server) -> None:
    fields = {"duration": 1, "resolution": "480p", "aspect_ratio": "1:1"}
    answer = post("/v1/videos/generations", n=2, metadata={"a": "b"}, **fields).to(server)
    video = done(server, answer)
    assert (video["duration"], video["resolution"], video["aspect_ratio"]) == (1, "480p", "1:1")
    assert video["created"] == video["created_at"]
    assert len(video["variants"]) == 2
    assert video["url"]


def test_a_rate_that_the_model_does_not_make_is_refused(server: Server) -> None:
    answer = post("/v1/videos", fps=30).to(server)
    assert refusal(server, answer)["param"] == "fps"
