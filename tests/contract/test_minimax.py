"""MiniMax H3: what it is sent, and what is made of what it says."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from filmgate import (
    AccountExhausted,
    ContentRejected,
    EngineMisbehaved,
    EngineUnavailable,
    FilmgateError,
    GenerationFailed,
    InvalidRequest,
    Role,
    Size,
    TicketLost,
)
from filmgate.domain.errors import Unsupported
from filmgate.engines.ark.minimax import sold_at
from upstreams.bench import KEY, PICTURE, PROMPT, Bench, bench_of, reference
from upstreams.site import answer

CREATE = "/v2/video_generation"
MEI = reference(Role.CHARACTER, name="Mei")
PICTURED = {"type": "image_url", "image_url": {"url": PICTURE}, "role": "reference_image"}
TEXT = {"type": "text", "text": PROMPT}


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    query, task = "/v2/query/video_generation/task-1", f"{CREATE}/task-1"
    paths = {"create": CREATE, "poll": query, "cancel": task}
    created = {"task_id": "task-1", "status": 7}
    async with bench_of("minimax", tmp_path, paths=paths, created=created) as made:
        yield made


def body(resolution: str, ratio: str, *roles: str, **more: Any) -> dict[str, Any]:
    pictures = [
        {"type": "image_url", "image_url": {"url": PICTURE}, "role": role} for role in roles
    ]
    size = {"resolution": resolution, "ratio": ratio}
    said = {"model": "MiniMax-H3", "content": [TEXT, *pictures], "duration": 5}
    return {**said, **size, **more}


BODIES: list[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    ({"aigc_watermark": True, "steps": 4}, {"seconds": 15.0},
     body("768P", "16:9", duration=15, aigc_watermark=True)),
    ({"aigc_watermark": False}, {"watermark": True}, body("768P", "16:9", aigc_watermark=True)),
    ({}, {"references": (reference(Role.LAST_FRAME),)}, body("768P", "adaptive", "last_frame")),
    ({}, {"size": Size(1024, 1792), "audio": True, "references": (MEI,)},
     body("2K", "9:16", "reference_image", content=[
         {"type": "text", "text": f"{PROMPT} Image 1 is Mei."}, PICTURED])),
]  # fmt: skip


@pytest.mark.parametrize(("settings", "fields", "expected"), BODIES)
async def test_a_create_says_exactly_what_is_asked_for(
    bench: Bench, settings: dict[str, Any], fields: dict[str, Any], expected: dict[str, Any]
) -> None:
    asked = await bench.sent("MiniMax-H3", settings, **fields)
    assert (asked.method, asked.target) == ("POST", CREATE)
    assert asked.headers["authorization"] == f"Bearer {KEY}"
    assert json.loads(asked.body) == expected


async def test_what_cannot_be_said_there_is_refused_before_it_is_sent(bench: Bench) -> None:
    mixed = (reference(Role.FIRST_FRAME), reference(Role.SUBJECT))
    with pytest.raises(Unsupported, match="not from both"):
        await bench.sent("MiniMax-H3", references=mixed)
    with pytest.raises(Unsupported, match="does not make 1280x720"):
        await bench.sent("MiniMax-H2", size=Size(1280, 720))


def said(status: int, kind: str) -> bytes:
    error = {"type": kind, "message": f"It is so, {KEY} (1).", "http_code": str(status)}
    return answer(status, json.dumps({"type": "error", "error": error}).encode())


REFUSALS: list[tuple[str, bytes, type[FilmgateError] | None]] = [
    ("create", said(400, "bad_request_error"), InvalidRequest),
    ("create", said(500, "server_error"), EngineUnavailable),
    ("create", answer(404, b"<html>gone</html>"), EngineMisbehaved),
    ("poll", said(400, "bad_request_error"), TicketLost),
    ("poll", answer(400, b"<html>gone</html>"), EngineMisbehaved),
    ("poll", said(429, "rate_limit_error"), AccountExhausted),
    ("cancel", said(400, "bad_request_error"), None),
    ("cancel", said(529, "overloaded_error"), EngineUnavailable),
]


@pytest.mark.parametrize(("method", "answered", "kind"), REFUSALS)
async def test_a_refusal_is_read_in_minimaxs_own_words(
    bench: Bench, method: str, answered: bytes, kind: type[FilmgateError] | None
) -> None:
    assert await bench.refusal(method, answered) is kind


FILM = {"url": "https://films.example/1.mp4"}
USAGE = {"total_seconds": 10, "output_seconds": 10, "input_image_count": 7}
FILMS: list[tuple[dict[str, Any], int | None]] = [
    ({"model": "MiniMax-H3", "resolution": "2K", "usage": USAGE}, 1_380_000),
    ({"model": "MiniMax-H3-Max", "resolution": "768P", "usage": USAGE}, None),
    ({"model": "MiniMax-H3", "resolution": "2K"}, None),
]


@pytest.mark.parametrize(("fields", "cost"), FILMS)
async def test_a_film_says_what_its_seconds_cost_if_that_is_known(
    bench: Bench, fields: dict[str, Any], cost: int | None
) -> None:
    task = {"id": "task-1", "status": "succeeded", "content": FILM} | fields
    made = await bench.polled({"task": task})
    (film,) = made.outputs
    assert (film.url, made.percent, made.cost) == (FILM["url"], 100, cost)


ENDS: list[tuple[dict[str, Any], type[FilmgateError]]] = [
    ({"status": "cancelled"}, GenerationFailed),
    ({"status": "expired"}, GenerationFailed),
    ({"status": "failed"}, GenerationFailed),
    ({"status": "failed", "error": {"code": "1026", "message": "Sensitive."}}, ContentRejected),
    ({"status": "succeeded", "content": {}}, EngineMisbehaved),
    ({"status": "paused", "content": FILM}, EngineMisbehaved),
]


@pytest.mark.parametrize(("task", "kind"), ENDS)
async def test_a_task_without_a_film_says_why(
    bench: Bench, task: dict[str, Any], kind: type[FilmgateError]
) -> None:
    with pytest.raises(FilmgateError) as caught:
        await bench.polled({"task": task})
    assert (type(caught.value), bool(caught.value.message)) == (kind, True)


@pytest.mark.parametrize("status", ["queued", "running"])
async def test_a_task_that_waits_is_asked_for_again_in_ten_seconds(
    bench: Bench, status: str
) -> None:
    made = await bench.polled({"task": {"status": status}})
    assert (made.done, made.poll_after) == (False, timedelta(seconds=10))


def test_prices_in_yuan_are_not_known() -> None:
    abroad = {one.name: one.rate(Size(1920, 1080)) for one in sold_at("https://api.minimax.io")}
    assert abroad == {"MiniMax-H3": 130_000, "MiniMax-H3-Max": 0}
    for url in ("https://api.minimaxi.com", "https://api.minimax.cn/"):
        assert not any(
            one.rate(size) for one in sold_at(url) for size in (None, Size(1920, 1080))
        )
