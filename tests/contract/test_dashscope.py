"""DashScope's Wan: what each generation is sent, and what is made of the answers."""

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
from upstreams.bench import KEY, PICTURE, PROMPT, Bench, bench_of, reference
from upstreams.site import answer

CREATE = "/services/aigc/video-generation/video-synthesis"
FIRST, LAST = reference(Role.FIRST_FRAME), reference(Role.LAST_FRAME)
SUBJECT = reference(Role.SUBJECT)


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    paths = {"create": CREATE, "poll": "/tasks/task-1", "cancel": "/tasks/task-1/cancel"}
    created = {"output": {"task_id": "task-1", "task_status": 7}}
    async with bench_of("dashscope", tmp_path, paths=paths, created=created) as made:
        yield made


def media(*types: str) -> dict[str, Any]:
    return {"media": [{"type": one, "url": PICTURE} for one in types]}


def tier(resolution: str, ratio: str) -> dict[str, Any]:
    return {"resolution": resolution, "ratio": ratio}


#: Model, settings and request; what is sent, beside the usual.
BODIES: list[tuple[str, dict[str, Any], dict[str, Any], tuple[str, Any, Any]]] = [
    ("wan3.0-video", {}, {"size": Size(480, 832), "audio": False, "seed": (5 << 31) + 7},
     ("wan3.0-video", {}, {**tier("480P", "9:16"), "audio": False, "seed": 7})),
    ("wan3.0-video-prime", {}, {"references": (FIRST, LAST)},
     ("wan3.0-video-prime", media("first_frame", "last_frame"), tier("720P", "adaptive"))),
    ("wan3.0-video", {}, {"references": (SUBJECT,), "size": Size(1920, 1080)},
     ("wan3.0-video", media("reference_image"), tier("1080P", "16:9"))),
    ("wan2.7", {"watermark": True, "steps": 4}, {"negative_prompt": "rain", "audio": True},
     ("wan2.7-t2v", {"negative_prompt": "rain"},
      {**tier("720P", "16:9"), "watermark": True})),
    ("wan2.7", {}, {"references": (FIRST,)},
     ("wan2.7-i2v", media("first_frame"), {"resolution": "720P"})),
    ("wan2.7", {}, {"references": (SUBJECT, reference(Role.CHARACTER, name="Mei"))},
     ("wan2.7-r2v",
      {"prompt": f"{PROMPT} Image 2 is Mei.", **media("reference_image", "reference_image")},
      tier("720P", "16:9"))),
    ("wan2.6", {}, {"watermark": False},
     ("wan2.6-t2v", {}, {"size": "1280*720", "watermark": False})),
    ("wan2.6", {}, {"references": (FIRST,)},
     ("wan2.6-i2v", {"img_url": PICTURE}, {"resolution": "720P"})),
]  # fmt: skip


@pytest.mark.parametrize(("model", "settings", "fields", "expected"), BODIES)
async def test_each_generation_is_asked_in_its_own_way(
    bench: Bench,
    model: str,
    settings: dict[str, Any],
    fields: dict[str, Any],
    expected: tuple[str, Any, Any],
) -> None:
    asked = await bench.sent(model, settings, **fields)
    assert (asked.method, asked.target) == ("POST", CREATE)
    assert asked.headers["authorization"] == f"Bearer {KEY}"
    assert asked.headers["x-dashscope-async"] == "enable"
    named, more, given = expected
    assert json.loads(asked.body) == {
        "model": named,
        "input": {"prompt": PROMPT, **more},
        "parameters": {"duration": 5, **given},
    }


IMPOSSIBLE: list[tuple[str, dict[str, Any], str]] = [
    ("wan2.7", {"references": (LAST,)}, "last_frame"),
    ("wan2.7", {"references": (FIRST, SUBJECT)}, "references"),
    ("wan1.0", {"size": Size(1280, 720)}, "size"),
    ("wan1.0", {}, "size"),
]


@pytest.mark.parametrize(("model", "fields", "param"), IMPOSSIBLE)
async def test_what_cannot_be_said_there_is_refused_before_it_is_sent(
    bench: Bench, model: str, fields: dict[str, Any], param: str
) -> None:
    with pytest.raises(Unsupported) as caught:
        await bench.sent(model, **fields)
    assert caught.value.param == param


def said(status: int, code: str) -> bytes:
    words = {"code": code, "message": f"It is so, {KEY}.", "request_id": "x"}
    return answer(status, json.dumps(words).encode())


FOREIGN = answer(404, b"<html>gone</html>")
REFUSALS: list[tuple[str, bytes, type[FilmgateError] | None]] = [
    ("create", said(400, "Throttling.AllocationQuota"), AccountExhausted),
    ("create", said(403, "AllocationQuota.FreeTierOnly"), AccountExhausted),
    ("create", said(403, "AccessDenied.Unpurchased"), AccountRejected),
    ("create", said(404, "ModelNotFound"), AccountRejected),
    ("create", said(400, "IPInfringementSuspect"), ContentRejected),
    ("create", said(400, "InvalidParameter.DataInspection"), InvalidRequest),
    ("create", FOREIGN, EngineMisbehaved),
    ("poll", said(404, "NotFound"), TicketLost),
    ("poll", said(400, "Throttling"), AccountExhausted),
    ("poll", FOREIGN, EngineUnavailable),
    ("cancel", said(400, "UnsupportedOperation"), None),
    ("cancel", said(500, "InternalError"), EngineUnavailable),
]


@pytest.mark.parametrize(("method", "answered", "kind"), REFUSALS)
async def test_a_refusal_is_read_in_dashscopes_own_words(
    bench: Bench, method: str, answered: bytes, kind: type[FilmgateError] | None
) -> None:
    assert await bench.refusal(method, answered) is kind


FILM = "https://films.example/1.mp4"
ENDS: list[tuple[dict[str, Any], type[FilmgateError]]] = [
    ({"task_status": "CANCELED"}, GenerationFailed),
    ({"task_status": "UNKNOWN"}, TicketLost),
    ({"task_status": "FAILED"}, GenerationFailed),
    ({"task_status": "FAILED", "code": "InternalError.Timeout"}, GenerationFailed),
    ({"task_status": "FAILED", "code": "DataInspectionFailed"}, ContentRejected),
    ({"task_status": "SUCCEEDED"}, EngineMisbehaved),
    ({"task_status": "PAUSED", "video_url": FILM}, EngineMisbehaved),
]


@pytest.mark.parametrize(("output", "kind"), ENDS)
async def test_a_task_without_a_film_says_why(
    bench: Bench, output: dict[str, Any], kind: type[FilmgateError]
) -> None:
    with pytest.raises(FilmgateError) as caught:
        await bench.polled({"output": output})
    assert (type(caught.value), bool(caught.value.message)) == (kind, True)


@pytest.mark.parametrize("status", ["PENDING", "RUNNING"])
async def test_a_task_that_waits_is_asked_for_again_in_fifteen_seconds(
    bench: Bench, status: str
) -> None:
    made = await bench.polled({"output": {"task_status": status}})
    assert (made.done, made.poll_after) == (False, timedelta(seconds=15))


async def test_a_film_lies_where_the_task_says(bench: Bench) -> None:
    made = await bench.polled({"output": {"task_status": "SUCCEEDED", "video_url": FILM}})
    (film,) = made.outputs
    assert (film.url, made.percent, made.cost) == (FILM, 100, None)
