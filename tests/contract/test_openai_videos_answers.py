"""What others make of the OpenAI Videos API, read answer by answer."""

from __future__ import annotations

from collections.abc import AsyncIterator
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
    TicketLost,
)
from filmgate.domain.errors import OutputExpired
from upstreams.site import Site, answer
from upstreams.videos_bench import Bench, bench_in, said


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with bench_in(tmp_path) as made:
        yield made


CREATES: list[tuple[bytes, str]] = [
    (said(id="a", task_id="b", data={"id": "c"}), "a"),
    (said(id="", task_id="b"), "b"),
    (said(id=17, task_id="b"), "b"),
    (said(code="success", data={"id": 17, "task_id": "b"}), "b"),
    (said(data=[{"status": "submitted", "id": "c"}]), "c"),
    (said(id=17), "17"),
    (said(id="sora-2:task_1", status="failed", error="odd"), "sora-2:task_1"),
]


@pytest.mark.parametrize(("page", "ticket"), CREATES)
async def test_a_ticket_is_found_under_any_of_its_names(
    bench: Bench, page: bytes, ticket: str
) -> None:
    async with Site({"/v1/videos": page}) as site:
        assert (await bench.at(f"{site.url}/v1").begun()).ticket == ticket


REFUSALS: list[tuple[bytes, type[FilmgateError], str]] = [
    (said(detail="Invalid request body: …"), InvalidRequest, "Invalid request body: …"),
    (
        said(detail=[{"loc": ["body", "seconds"], "msg": "not a number", "type": "x"}]),
        InvalidRequest,
        "body.seconds: not a number",
    ),
    (said(detail=[]), InvalidRequest, ": None"),
    (said(code="invalid_request", message="No.", data=None), InvalidRequest, "No."),
    (said(error="No."), InvalidRequest, "No."),
    (said(error={"message": True}), InvalidRequest, "answered 400"),
    (
        said(error={"message": "Over.", "type": "budget_exceeded", "code": "400"}),
        AccountExhausted,
        "Over.",
    ),
    (said(code="insufficient_user_quota", message="0"), AccountExhausted, "0"),
    (said(error={"message": "No.", "code": "sentinel_block"}), ContentRejected, "No."),
]
DOUBTS = [
    said(error={"message": "litellm.InternalServerError", "code": "500"}),
    said(code="do_request_failed", message="no luck", data=None),
    said(detail="It broke."),
    said(error="It broke."),
    said(error={"message": "It broke."}, id="video_1"),
    said(error={"message": "It broke."}, task_id="video_1"),
    said(error={"message": "Internal Server Error"}),
    said(status=500, error="Internal Server Error"),
]


async def test_an_answer_that_names_no_task_may_have_begun_one(bench: Bench) -> None:
    async with Site({"/v1/videos": said(id=None, data={"task": 3})}) as site:
        there = bench.at(f"{site.url}/v1")
        error = await there.error(there.begun())
    assert (type(error), error.unanswered) == (EngineMisbehaved, True)


@pytest.mark.parametrize(("page", "kind", "message"), REFUSALS)
async def test_a_refusal_is_read_in_any_format(
    bench: Bench, page: bytes, kind: type[FilmgateError], message: str
) -> None:
    async with Site({"/v1/videos": page.replace(b" 200 ", b" 400 ", 1)}) as site:
        there = bench.at(f"{site.url}/v1")
        error = await there.error(there.begun())
    assert (type(error), error.unanswered) == (kind, False)
    assert message in error.message


@pytest.mark.parametrize("page", DOUBTS)
async def test_a_create_that_broke_behind_a_proxy_may_have_been_taken(
    bench: Bench, page: bytes
) -> None:
    async with Site({"/v1/videos": page.replace(b" 200 ", b" 500 ", 1)}) as site:
        there = bench.at(f"{site.url}/v1")
        error = await there.error(there.begun())
    assert (type(error), error.unanswered) == (EngineUnavailable, True)


async def test_a_path_that_is_not_there_is_not_the_callers_fault(bench: Bench) -> None:
    async with Site({"/v1/videos": said(404, detail="Not Found")}) as site:
        there = bench.at(f"{site.url}/v1")
        assert type(await there.error(there.begun())) is EngineMisbehaved


@pytest.mark.parametrize(
    ("fields", "percent"),
    [
        ({"progress": "30%"}, 30),
        ({"progress": 240}, 100),
        ({"progress": "soon"}, 0),
        ({"progress": None}, 0),
        ({"progress": 7, "data": {"status": "failed"}}, 7),
        ({"status": None, "data": {"status": "running", "progress": 9}}, 9),
    ],
)
async def test_progress_is_read_as_far_as_it_can_be(
    bench: Bench, fields: dict[str, Any], percent: int
) -> None:
    polled = await bench.polled(said(**{"id": "video_1", "status": "Processing", **fields}))
    assert (polled.percent, polled.done) == (percent, False)


FAILURES: list[tuple[bytes, type[FilmgateError], str]] = [
    (said(status="cancelled"), GenerationFailed, "The upstream gives no reason."),
    (said(status="expired", error={"message": "Late."}), OutputExpired, "Late."),
    (said(status="failed", error="", fail_reason="Broke."), GenerationFailed, "Broke."),
    (said(status="failed", error={"message": "G.", "code": 3}), GenerationFailed, "G. (3)"),
    (said(422, id="video_1", status="failed"), GenerationFailed, "answered 422: The upstream"),
    (said(422, task_id="video_1", status="failed", error="No."), GenerationFailed, ": No."),
    (
        said(400, id="video_1", status="failed", error={"message": "By a guardrail."}),
        ContentRejected,
        "By a guardrail.",
    ),
    (said(500, id="video_2", status="failed", error="Odd."), EngineUnavailable, ": Odd."),
    (said(500, status="fail", message="Odd."), EngineUnavailable, "answered 500"),
    (said(400, id="video_1", status="queued", detail="Odd."), EngineMisbehaved, "Odd."),
    (said(404, detail="Not Found"), EngineUnavailable, "answered 404"),
    (said(404, error="No such application."), EngineUnavailable, "answered 404"),
    (said(404, detail="Video not found"), TicketLost, "Video not found"),
    (said(400, code="task_not_exist", message="Odd."), TicketLost, "Odd."),
    (answer(500, b"[1]"), EngineUnavailable, "answered 500"),
    (answer(799, b'{"error": "Odd."}'), EngineUnavailable, "799: Odd."),
]


@pytest.mark.parametrize(("page", "kind", "message"), FAILURES)
async def test_a_task_failed_only_if_an_answer_names_it(
    bench: Bench, page: bytes, kind: type[FilmgateError], message: str
) -> None:
    error = await bench.error(bench.polled(page))
    assert type(error) is kind
    assert message in error.message
