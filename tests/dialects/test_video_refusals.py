"""What cannot be asked of films, beside what test_bad_input.py has: refused by name."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dialects.refusals import bad, refusal
from dialects.wire import Sent, body, create, file, form, get, text
from servers import Server


def post(path: str, **fields: Any) -> Sent:
    return body(json.dumps(fields).encode(), path=path)


X = "x" * 600
REFUSED = [
    bad("n 0", create(n=0), "invalid_value", "n", "from 1 to 4"),
    bad("n 5", create(n=5), "invalid_value", "n", "'5'"),
    bad("n text", form(text("n", "two")), "invalid_value", "n", "'two'"),
    bad("n list", create(n=[1]), "invalid_type", "n", "an array"),
    bad("seed -1", create(seed=-1), "invalid_value", "seed", "'-1'"),
    bad("seed huge", create(seed=2**63), "invalid_value", "seed", str(2**63)),
    bad("seed float", create(seed=1.5), "invalid_type", "seed", "a number"),
    bad("audio", create(audio="loud"), "invalid_value", "audio", "'loud'"),
    bad("audio off", create(audio=False), "unsupported", "audio", "without sound"),
    bad("negative", create(negative_prompt="rain"), "unsupported", "negative_prompt", "sora-2"),
    bad(
        *("last frame", create(last_frame={"image_url": "https://a.example/a.png"})),
        *("unsupported", "last_frame", "sora-2 takes no last frame"),
    ),
    bad("option", create(engine_options={"fps": 24}), "unsupported", "engine_options.fps"),
    bad(
        "metadata 17",
        create(metadata={str(n): "" for n in range(17)}),
        "invalid_value",
        "metadata",
        "17",
    ),
    bad("metadata long", create(metadata={"a": X}), "invalid_value", "metadata.a", "512"),
    bad(
        "metadata name", create(metadata={X: "a"}), "invalid_value", f"metadata.{X[:64]}", "64"
    ),
    bad("metadata type", create(metadata={"a": 1}), "invalid_type", "metadata[...]"),
    bad(
        *("role", create(references=[{"role": "hero", "url": "https://a.example"}])),
        *("invalid_value", "references[0].role", "'hero'"),
    ),
    bad(
        *("type", create(references=[{"role": "subject", "type": "audio", "id": "x"}])),
        *("invalid_value", "references[0].type", "of type image"),
    ),
    bad(
        *("no place", create(references=[{"role": "subject"}])),
        *("invalid_value", "references[0]", "exactly one"),
    ),
    bad(
        *(
            "soundtrack",
            create(references=[{"role": "soundtrack", "type": "audio", "id": "x"}]),
        ),
        *("unsupported", "references", "sora-2 takes no soundtrack"),
    ),
    bad(
        *("too many", create(references=[{"role": "subject", "id": "x"}] * 21)),
        *("invalid_value", "references", "21 items"),
    ),
    bad(
        *("three people", create(characters=[{"id": "char_x"}] * 3)),
        *("unsupported", "characters", "at most 2 character"),
    ),
    bad(
        *("nobody", create(characters=[{"id": "char_x"}])),
        *("character_not_found", "characters[0].id", "char_x"),
        status=404,
    ),
    bad(
        "webhook",
        create(webhook_url="ftp://a"),
        "invalid_value",
        "webhook_url",
        "http or https",
    ),
    bad("webhook port", create(webhook_url="http://a:x"), "invalid_value", "webhook_url"),
    bad("webhook key", create(webhook_url="https://a:b@c"), "invalid_value", "webhook_url"),
    bad(
        *("secret", create(webhook_url="https://a.example", webhook_secret="whsec_é")),
        *("invalid_value", "webhook_secret", "base64 must follow"),
    ),
    bad(
        *("long secret", create(webhook_url="https://a.example", webhook_secret=X)),
        *("string_above_max_length", "webhook_secret", "512"),
    ),
    bad(
        "lone secret",
        create(webhook_secret="s"),
        "invalid_value",
        "webhook_secret",
        "webhook_url",
    ),
    bad(
        "remix of nothing",
        post("/v1/videos/video_x/remix", prompt="a"),
        "not_found",
        "video_id",
        "video_x",
        status=404,
    ),
    bad(
        "edit of nothing",
        post("/v1/videos/edits", prompt="a", video={"id": "video_x"}),
        "not_found",
        "video_id",
        "video_x",
        status=404,
    ),
    bad(
        "edit without",
        post("/v1/videos/edits", prompt="a"),
        "missing_required_parameter",
        "video",
    ),
    bad(
        "edit text",
        post("/v1/videos/edits", prompt="a", video="x"),
        "invalid_type",
        "video",
        "expected a file",
    ),
    bad(
        "edit both",
        post("/v1/videos/edits", prompt="a", video={"id": "a", "file_id": "b"}),
        "invalid_value",
        "video",
        "exactly one",
    ),
    bad(
        "edit null",
        post("/v1/videos/edits", prompt="a", video=None),
        "invalid_type",
        "video",
        "null",
    ),
    bad(
        "extend size",
        post("/v1/videos/extensions", prompt="a", video={"id": "x"}, size="1x1"),
        "unknown_parameter",
        "size",
    ),
    bad(
        "key too long",
        Sent(body=create().body, headers={"idempotency-key": "k" * 256}),
        *("invalid_value", "Idempotency-Key", "255"),
    ),
    bad(
        "events of nothing",
        get("/v1/videos/video_x/events"),
        "not_found",
        "video_id",
        status=404,
    ),
    bad(
        "cancel nothing", post("/v1/videos/video_x/cancel"), "not_found", "video_id", status=404
    ),
    bad(
        "nobody's character",
        get("/v1/videos/characters/char_x"),
        "character_not_found",
        "character_id",
        status=404,
    ),
]


@pytest.mark.parametrize(("sent", "refused", "says"), REFUSED)
def test_what_cannot_be_is_refused_by_name(
    server: Server, sent: Sent, refused: tuple[int, str, str | None], says: str
) -> None:
    answer = sent.to(server)
    error = refusal(server, answer)
    assert (answer.status, error["code"], error["param"]) == refused
    assert says in error["message"]


def test_a_clip_that_is_no_film_is_refused(server: Server) -> None:
    sent = form(file("video", b"not a film"))
    answer = Sent(path="/v1/videos/edits", body=sent.body, headers=sent.headers).to(server)
    assert refusal(server, answer)["code"] == "invalid_video"


def test_events_after_what_is_no_number_are_refused(server: Server, finished: str) -> None:
    answer = server.call("GET", f"/v1/videos/{finished}/events", headers={"last-event-id": "x"})
    assert refusal(server, answer)["param"] == "Last-Event-ID"
