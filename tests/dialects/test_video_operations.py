"""Remix, edit, extend, characters, several at once, cancel, events and links, over HTTP."""

from __future__ import annotations

import json
import time
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from dialects.refusals import refusal
from dialects.wire import Sent, body, create, file, form, get, new_film, new_key, text, wait
from films import image
from servers import KEY, Answer, Server


def post(path: str, **fields: Any) -> Sent:
    return body(json.dumps(fields).encode(), path=path)


def clip_form(path: str, film: Path, *parts: bytes) -> Sent:
    sent = form(*parts, file("video", film.read_bytes(), filename="a.mp4"))
    return Sent(path=path, body=sent.body, headers=sent.headers)


def done(server: Server, answer: Answer) -> dict[str, Any]:
    """The finished object of what was just made."""
    assert answer.status == 200, answer.body
    path = f"/v1/videos/{answer.json()['id']}"
    wait(lambda: bool(get(path).to(server).json()["status"] != "queued"), seconds=20)
    wait(lambda: bool(get(path).to(server).json()["status"] != "in_progress"), seconds=20)
    video: dict[str, Any] = get(path).to(server).json()
    assert video["status"] == "completed", video
    return video


def test_a_remix_names_its_source(server: Server, finished: str) -> None:
    video = done(server, post(f"/v1/videos/{finished}/remix", prompt="at night").to(server))
    assert video["remixed_from_video_id"] == finished
    assert video["filmgate"]["operation"] == "remix"


@pytest.mark.parametrize("form_style", [False, True])
def test_a_film_is_extended_by_its_id(server: Server, finished: str, form_style: bool) -> None:
    sent = post("/v1/videos/extensions", prompt="on", video={"id": finished}, seconds="8")
    if form_style:
        fields = form(text("video[id]", finished), text("seconds", "8"))
        sent = Sent(path=sent.path, body=fields.body, headers=fields.headers)
    assert done(server, sent.to(server))["seconds"] == "12"


def test_a_film_that_is_sent_is_edited_and_extended(server: Server, film: Path) -> None:
    edit = done(server, clip_form("/v1/videos/edits", film).to(server))
    assert (edit["size"], edit["seconds"]) == ("64x64", "1")
    longer = clip_form("/v1/videos/extensions", film, text("seconds", "4")).to(server)
    assert done(server, longer)["seconds"] == "5"


def test_an_edit_may_be_made_by_another_model(server: Server, finished: str) -> None:
    asked = {"prompt": "at night", "video": {"id": finished}, "model": "sora-2-2025-12-08"}
    video = done(server, post("/v1/videos/edits", **asked).to(server))
    assert video["model"] == "sora-2-2025-12-08"


def test_a_film_in_a_file_is_edited_by_the_files_id(server: Server, film: Path) -> None:
    upload = form(text("purpose", "user_data"), file("file", film.read_bytes()))
    kept = body(
        (upload.body or b"").replace(text("prompt", "a kite over the sea"), b""),
        upload.headers["content-type"],
        path="/v1/files",
    ).to(server)
    sent = post("/v1/videos/edits", prompt="at night", video={"file_id": kept.json()["id"]})
    assert done(server, sent.to(server))["filmgate"]["operation"] == "edit"


def test_an_image_in_a_file_is_a_first_frame(server: Server) -> None:
    upload = form(text("purpose", "vision"), file("file", image((720, 1280))))
    kept = body(
        (upload.body or b"").replace(text("prompt", "a kite over the sea"), b""),
        upload.headers["content-type"],
        path="/v1/files",
    ).to(server)
    done(server, create(input_reference={"file_id": kept.json()["id"]}).to(server))


def test_a_character_is_made_found_and_in_a_film(server: Server, film: Path) -> None:
    sent = clip_form("/v1/videos/characters", film)
    sent = Sent(
        path=sent.path,
        headers=sent.headers,
        body=(sent.body or b"").replace(
            text("prompt", "a kite over the sea"), text("name", "Ann")
        ),
    )
    made = sent.to(server).json()
    assert made.keys() == {"id", "object", "name", "created_at"}
    assert get(f"/v1/videos/characters/{made['id']}").to(server).json() == made

    fields = form(text("characters[][id]", made["id"]))
    done(server, fields.to(server))
    done(server, create(characters=[{"id": made["id"]}]).to(server))


def test_several_are_several_films(server: Server) -> None:
    answer = create(n=3, seed=5, metadata={"of": "three"}).to(server).json()
    ids = [variant["id"] for variant in answer["variants"]]
    assert ids[0] == answer["id"]
    assert len(set(ids)) == 3
    seeds = [get(f"/v1/videos/{one}").to(server).json()["filmgate"]["seed"] for one in ids]
    assert seeds == [5, 6, 7]


def test_metadata_comes_back_and_finds_films(server: Server) -> None:
    key = new_key(server)
    pairs = {"project": "spring", "take": "1"}
    made = server.call("POST", "/v1/videos", {"prompt": "a", "metadata": pairs}, key=key).json()
    other = {"prompt": "a", "metadata": {"project": "autumn"}}
    server.call("POST", "/v1/videos", other, key=key)

    assert made["metadata"] == pairs
    query = "metadata%5Bproject%5D=spring&metadata[take]=1"
    found = server.call("GET", f"/v1/videos?{query}", key=key).json()["data"]
    assert [video["id"] for video in found] == [made["id"]]
    nothing = server.call("GET", "/v1/videos?metadata[project]=x", key=key).json()["data"]
    assert nothing == []


def test_a_cancelled_film_is_told_as_failed_at_once(server: Server, unfinished: str) -> None:
    wait(
        lambda: bool(
            get(f"/v1/videos/{unfinished}").to(server).json()["status"] == "in_progress"
        )
    )
    video = post(f"/v1/videos/{unfinished}/cancel").to(server).json()
    assert (video["status"], video["error"]["code"]) == ("failed", "cancelled")
    content = get(f"/v1/videos/{unfinished}/content").to(server)
    assert (content.status, content.json()["error"]["code"]) == (404, "video_failed")


def events_of(server: Server, video_id: str, last: str | None = None) -> list[dict[str, Any]]:
    headers = {"authorization": f"Bearer {KEY}"} | ({"last-event-id": last} if last else {})
    url = f"{server.url}/v1/videos/{video_id}/events"
    with urllib.request.urlopen(
        urllib.request.Request(url, headers=headers), timeout=60
    ) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = answer.read().decode().split("\n\n")
    return [
        dict(part.split(": ", 1) for part in event.splitlines())
        for event in lines
        if event and not event.startswith(":")
    ]


def test_events_end_with_the_object_and_go_on_from_any(server: Server) -> None:
    video_id = create(model="previs-demo", size="128x72", seconds="1").to(server).json()["id"]
    events = events_of(server, video_id)

    assert [event["event"] for event in events][:2] == ["video.queued", "video.in_progress"]
    numbers = [int(event["id"]) for event in events]
    assert numbers == sorted(set(numbers))
    last = json.loads(events[-1]["data"])
    assert (last["type"], last["video"]["id"]) == ("video.completed", video_id)
    assert last["video"]["url"]

    rest = events_of(server, video_id, last=events[0]["id"])
    assert [event["event"] for event in rest] == ["video.in_progress", "video.completed"]
    unknown = events_of(server, video_id, last="999999")
    assert unknown[-1]["id"] == events[-1]["id"]
    again = events_of(server, video_id, last=events[-1]["id"])
    assert [event["event"] for event in again] == ["video.completed"]


def test_events_of_a_film_that_is_deleted_say_so(server: Server, unfinished: str) -> None:
    url = f"{server.url}/v1/videos/{unfinished}/events"
    asked = urllib.request.Request(url, headers={"authorization": f"Bearer {KEY}"})
    with urllib.request.urlopen(asked, timeout=30) as answer:
        answer.readline()
        server.call("DELETE", f"/v1/videos/{unfinished}")
        assert b"event: video.deleted" in answer.read()


def test_a_link_plays_without_a_key(server: Server, finished: str) -> None:
    url = get(f"/v1/videos/{finished}").to(server).json()["url"]
    path = url.removeprefix(server.url)
    whole = server.call("GET", path, key=None)
    assert (whole.status, whole.headers["content-type"]) == (200, "video/mp4")
    part = server.call("GET", path, key=None, headers={"range": "bytes=4-7"})
    assert (part.status, part.body) == (206, b"ftyp")
    head = server.call("HEAD", path, key=None)
    assert (head.status, head.headers["content-length"]) == (200, str(len(whole.body)))

    tampered = server.call("GET", path[:-1] + "0x"[path[-1] == "0"], key=None)
    assert refusal(server, tampered)["code"] == "invalid_link"
    bare = server.call("GET", urlsplit(url).path, key=None)
    assert bare.status == 403


def test_revoking_changes_the_link(server: Server) -> None:
    video_id = new_film(server)
    old = get(f"/v1/videos/{video_id}").to(server).json()["url"]
    new = post(f"/v1/videos/{video_id}/revoke_links").to(server).json()["url"]
    assert server.call("GET", old.removeprefix(server.url), key=None).status == 403
    assert server.call("GET", new.removeprefix(server.url), key=None).status == 200


def test_links_begin_with_the_public_address(tmp_path: Path, film: Path) -> None:
    settings = {
        "FILMGATE_PUBLIC_URL": "https://films.example/",
        "FILMGATE_SECRET_KEY": "k" * 16,
    }
    with Server(tmp_path / "data", film=film, settings=settings) as server:
        video = get(f"/v1/videos/{new_film(server)}").to(server).json()
    assert video["url"].startswith(f"https://films.example/films/{video['id']}.mp4?")
    assert not (tmp_path / "data" / "secret.key").exists()


def test_a_films_own_secret_is_nobody_elses(server: Server) -> None:
    assert (server.data / "secret.key").stat().st_mode & 0o077 == 0


def test_models_say_what_can_be_asked_of_them(server: Server) -> None:
    models = {m["id"]: m for m in get("/v1/videos/models").to(server).json()["data"]}
    sora, previs = models["sora-2"], models["previs-1"]
    assert sora["sizes"][:2] == ["720x1280", "1280x720"]
    assert sora["seconds"] == ["4", "8", "12", "16", "20"]
    assert sora["price_per_second_usd"] == 0.1
    assert previs["sizes"] == {"least": 64, "most": 2560}
    assert sorted(previs["operations"]) == ["create", "edit", "extend", "remix"]
    assert "previs-still" not in models


def test_azures_key_and_prefix_reach_the_same_films(server: Server, finished: str) -> None:
    path = f"/openai/v1/videos/{finished}?api-version=preview"
    answer = server.call("GET", path, key=None, headers={"api-key": KEY})
    assert answer.json()["id"] == finished
    content = f"/openai/v1/videos/{finished}/content"
    assert server.call("GET", content, key=None, headers={"api-key": KEY}).status == 200
    wrong = server.call("GET", path, key=None, headers={"api-key": "wrong-key"})
    assert refusal(server, wrong)["code"] == "invalid_api_key"


def test_a_caller_may_send_so_many_requests_a_minute(tmp_path: Path, film: Path) -> None:
    settings = {"FILMGATE_REQUESTS_PER_MINUTE": "2"}
    with Server(tmp_path / "data", film=film, settings=settings) as server:
        answers = [create().to(server) for _ in range(3)]
        time.sleep(0.1)
        assert get("/v1/videos").to(server).status == 200
    assert [answer.status for answer in answers] == [200, 200, 429]
    assert answers[1].headers["x-ratelimit-limit-requests"] == "2"
    assert answers[1].headers["x-ratelimit-remaining-requests"] == "0"
    error = answers[2].json()["error"]
    assert (error["type"], error["code"]) == ("rate_limit_error", "rate_limit_exceeded")
    assert 1 <= int(answers[2].headers["retry-after"]) <= 60
