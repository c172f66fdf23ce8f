"""Ark's Seedance: what it is sent, and what is made of what it says."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from filmgate import (
    AccountExhausted,
    AccountRejected,
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
from filmgate.engines.ark.models import sold_at
from upstreams.bench import KEY, PICTURE, PROMPT, Bench, bench_of, reference
from upstreams.site import answer

TASKS = "/contents/generations/tasks"
TASK = f"{TASKS}/task-1"
NEWEST, CHINESE = "dreamina-seedance-2-5-260628", "doubao-seedance-2-5-260628"
LARGE, OLD = "dreamina-seedance-2-0-260128", "seedance-1-0-pro-250528"
TEXT = {"type": "text", "text": PROMPT}
PEOPLE = (reference(Role.SUBJECT), reference(Role.CHARACTER, name="Mei"))
FRAMES = (reference(Role.LAST_FRAME), reference(Role.FIRST_FRAME))


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    paths = {"create": TASKS, "poll": TASK, "cancel": TASK}
    created = {"id": "task-1", "status": 7}
    async with bench_of("ark", tmp_path, paths=paths, created=created) as made:
        yield made


def picture(role: str) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": PICTURE}, "role": role}


def body(model: str, resolution: str, ratio: str, **more: Any) -> dict[str, Any]:
    size = {"resolution": resolution, "ratio": ratio}
    return {"model": model, "content": [TEXT], "duration": 5, **size, **more}


BODIES: list[tuple[str, dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    (NEWEST, {}, {"seconds": 30.0}, body(NEWEST, "720p", "16:9", duration=30)),
    (NEWEST, {"endpoint": "ep-1", "watermark": True, "steps": 4}, {"references": FRAMES},
     body("ep-1", "720p", "adaptive", watermark=True,
          content=[TEXT, picture("last_frame"), picture("first_frame")])),
    (LARGE, {}, {"size": Size(3840, 2160), "references": PEOPLE},
     body(LARGE, "4k", "16:9", content=[
         {"type": "text", "text": f"{PROMPT} Image 2 is Mei."},
         *[picture("reference_image")] * 2])),
    (LARGE, {}, {"size": Size(720, 1280), "audio": False, "references": FRAMES[1:]},
     body(LARGE, "720p", "9:16", generate_audio=False,
          content=[TEXT, picture("first_frame")])),
    (OLD, {}, {"seed": (5 << 31) + 7}, body(OLD, "720p", "16:9", seed=7)),
    (OLD, {"watermark": True}, {"watermark": False},
     body(OLD, "720p", "16:9", watermark=False)),
]  # fmt: skip


@pytest.mark.parametrize(("model", "settings", "fields", "expected"), BODIES)
async def test_a_create_says_exactly_what_is_asked_for(
    bench: Bench,
    model: str,
    settings: dict[str, Any],
    fields: dict[str, Any],
    expected: dict[str, Any],
) -> None:
    asked = await bench.sent(model, settings, **fields)
    assert (asked.method, asked.target) == ("POST", TASKS)
    assert asked.headers["authorization"] == f"Bearer {KEY}"
    assert json.loads(asked.body) == expected


IMPOSSIBLE: list[tuple[str, dict[str, Any], str]] = [
    (LARGE, {"references": FRAMES[:1]}, "last_frame"),
    (LARGE, {"references": (FRAMES[1], *PEOPLE)}, "references"),
    ("seedance-of-yore", {"size": Size(1280, 720)}, "size"),
    ("seedance-of-yore", {}, "size"),
]


@pytest.mark.parametrize(("model", "fields", "param"), IMPOSSIBLE)
async def test_what_cannot_be_said_there_is_refused_before_it_is_sent(
    bench: Bench, model: str, fields: dict[str, Any], param: str
) -> None:
    with pytest.raises(Unsupported) as caught:
        await bench.sent(model, **fields)
    assert caught.value.param == param


def said(status: int, code: str) -> bytes:
    error = {"code": code, "message": f"It is so, {KEY}.", "param": "", "type": "x"}
    return answer(status, json.dumps({"error": error}).encode())


FOREIGN = answer(404, b"<html>gone</html>")
REFUSALS: list[tuple[str, bytes, type[FilmgateError] | None]] = [
    ("create", said(403, "OperationDenied.ServiceOverdue"), AccountExhausted),
    ("create", said(403, "OperationDenied.ServiceNotOpen"), AccountRejected),
    ("create", said(404, "ModelNotOpen"), AccountRejected),
    ("create", said(404, "InvalidEndpointOrModel.NotFound"), AccountRejected),
    ("create", said(400, "InvalidEndpoint.ClosedEndpoint"), AccountRejected),
    ("create", said(429, "RateLimitExceeded.EndpointRPMExceeded"), AccountExhausted),
    ("create", said(400, "ContentSecurityDetectionError"), EngineUnavailable),
    ("create", said(400, "InputImageSensitiveContentDetected.PrivacyInformation"),
     ContentRejected),
    ("create", said(400, "InputTextRiskDetection"), ContentRejected),
    ("create", said(400, "InvalidParameter.duration"), InvalidRequest),
    ("create", FOREIGN, EngineMisbehaved),
    ("poll", said(404, "NotFound.id"), TicketLost),
    ("poll", FOREIGN, EngineUnavailable),
    ("poll", said(500, "InternalServiceError"), EngineUnavailable),
    ("cancel", said(409, "InvalidAction.RunningTaskDeletion"), None),
    ("cancel", said(404, "NotFound.id"), None),
    ("cancel", FOREIGN, EngineUnavailable),
    ("cancel", said(401, "AuthenticationError"), AccountRejected),
]  # fmt: skip


@pytest.mark.parametrize(("method", "answered", "kind"), REFUSALS)
async def test_a_refusal_is_read_in_arks_own_words(
    bench: Bench, method: str, answered: bytes, kind: type[FilmgateError] | None
) -> None:
    assert await bench.refusal(method, answered) is kind


FILM = {"video_url": "https://films.example/1.mp4"}
TOKENS = {"completion_tokens": 1_000, "total_tokens": 1_000}
FILMS: list[tuple[dict[str, Any], int | None]] = [
    ({"model": LARGE, "resolution": "1080p", "usage": TOKENS}, 7_700),
    ({"model": LARGE, "resolution": "8k", "usage": TOKENS}, None),
    ({"model": CHINESE, "resolution": "1080p", "usage": TOKENS}, None),
    ({"model": "ep-1", "resolution": "1080p", "usage": TOKENS}, None),
    ({"model": LARGE, "resolution": "1080p"}, None),
]


@pytest.mark.parametrize(("fields", "cost"), FILMS)
async def test_a_film_says_what_its_tokens_cost_if_that_is_known(
    bench: Bench, fields: dict[str, Any], cost: int | None
) -> None:
    made = await bench.polled({"id": "task-1", "status": "succeeded", "content": FILM} | fields)
    (film,) = made.outputs
    assert (film.url, made.percent, made.cost) == (FILM["video_url"], 100, cost)


ENDS: list[tuple[dict[str, Any], type[FilmgateError]]] = [
    ({"status": "cancelled"}, GenerationFailed),
    ({"status": "expired"}, GenerationFailed),
    ({"status": "failed"}, GenerationFailed),
    ({"status": "failed", "error": {"code": "OutputAudioSensitiveContentDetected"}},
     ContentRejected),
    ({"status": "succeeded", "content": {}}, EngineMisbehaved),
    ({"status": "succeeded"}, EngineMisbehaved),
    ({"status": "paused", "content": FILM}, EngineMisbehaved),
]  # fmt: skip


@pytest.mark.parametrize(("task", "kind"), ENDS)
async def test_a_task_without_a_film_says_why(
    bench: Bench, task: dict[str, Any], kind: type[FilmgateError]
) -> None:
    with pytest.raises(FilmgateError) as caught:
        await bench.polled(task)
    assert (type(caught.value), bool(caught.value.message)) == (kind, True)


@pytest.mark.parametrize("status", ["queued", "running"])
async def test_a_task_that_waits_is_asked_for_again_in_ten_seconds(
    bench: Bench, status: str
) -> None:
    made = await bench.polled({"status": status})
    assert (made.done, made.poll_after) == (False, timedelta(seconds=10))


def test_each_platform_has_the_names_that_it_sells() -> None:
    china = {one.name for one in sold_at("https://ark.cn-beijing.volces.com/api/v3")}
    abroad = {one.name for one in sold_at("https://ark.eu-west.bytepluses.com/api/v3")}
    assert (NEWEST in china, CHINESE in china) == (False, True)
    assert (NEWEST in abroad, CHINESE in abroad) == (True, False)
    assert {one.name for one in sold_at("http://127.0.0.1:1/api/v3")} == china | abroad


def test_prices_are_known_where_they_are_in_dollars() -> None:
    rates = {one.name: (one.rate(), one.rate(Size(1920, 1080))) for one in sold_at("")}
    assert (rates[NEWEST], rates[CHINESE]) == ((231_120, 568_620), (0, 0))
