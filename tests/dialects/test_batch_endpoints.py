"""`/v1/batches` on the wire, and as the official SDK calls it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
from openai import AsyncOpenAI
from starlette.applications import Starlette
from starlette.exceptions import HTTPException

from dialects.in_process import OpenDoor
from filmgate.dialects.openai import envelope
from filmgate.dialects.openai.batches import Batches, JSONLines
from filmgate.dialects.openai.files import FileEndpoints
from filmgate.dialects.openai.video_batches import PATH, FilmLines
from filmgate.dialects.openai.videos import Videos
from filmgate.domain.batch import BatchLine, BatchStatus, LineState
from filmgate.domain.errors import FilmgateError, InvalidRequest
from filmgate.web.edge import Edge
from unit.batch_office import VIDEOS, Office, jsonl, line, opened

DAY = 24 * 3600


@dataclass
class Desk:
    """An office behind HTTP, at work."""

    office: Office
    client: httpx2.AsyncClient
    sdk: AsyncOpenAI

    async def call(self, method: str, path: str, body: object = None, **headers: str) -> Any:
        keys = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.client.request(method, path, json=body, headers=keys)

    async def given(self, content: bytes) -> str:
        return (await self.sdk.files.create(file=content, purpose="batch")).id

    async def made(self, content: bytes, **fields: Any) -> dict[str, Any]:
        body = {"endpoint": VIDEOS, "completion_window": "24h"} | fields
        body["input_file_id"] = await self.given(content)
        got = await self.call("POST", "/v1/batches", body)
        assert got.status_code == 200, got.text
        return dict(got.json())

    async def ended(self, batch_id: str) -> dict[str, Any]:
        async with asyncio.timeout(20):
            while True:
                got = (await self.call("GET", f"/v1/batches/{batch_id}")).json()
                if BatchStatus(got["status"]).ended:
                    return dict(got)
                await asyncio.sleep(0.005)

    async def lines(self, file_id: str) -> dict[str, Any]:
        text = (await self.sdk.files.content(file_id)).text
        return {one["custom_id"]: one for one in map(json.loads, text.splitlines())}


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with opened(tmp_path) as first:
        house = first.house
        office = Office(
            house, tmp_path, readers={PATH: FilmLines(house.gateway, new_id=house.new_id)}
        )
        door = OpenDoor(house.caller)
        app = Edge(
            Starlette(
                routes=[
                    *Batches(office.batching, door).routes(),
                    *FileEndpoints(office.files, door, office.blobs).routes(),
                    *Videos(
                        house.gateway, house.casting, door, office.blobs, new_id=house.new_id
                    ).routes(),
                ],
                exception_handlers={
                    FilmgateError: envelope.filmgate_error,
                    HTTPException: envelope.http_error,
                },
            ),
            largest_body=1 << 26,
            render=envelope.render,
        )
        working = asyncio.create_task(_work(office))
        transport = httpx2.ASGITransport(app)
        client = httpx2.AsyncClient(transport=transport, base_url="http://filmgate")
        sdk = AsyncOpenAI(
            api_key="x", base_url="http://filmgate/v1", max_retries=0, http_client=client
        )
        async with client:
            yield Desk(office, client, sdk)
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
        await office.desk.leave()


async def _work(office: Office) -> None:
    while True:
        await office.turn()


def kites(count: int, **fields: Any) -> bytes:
    return jsonl(line(str(number), model="kite-1", **fields) for number in range(count))


async def test_a_new_batch_has_what_is_known_of_it(desk: Desk) -> None:
    now = int(desk.office.house.clock.now().timestamp())
    batch = await desk.made(kites(1), metadata={"film": "kites"})
    assert batch == {
        "id": batch["id"],
        "object": "batch",
        "endpoint": VIDEOS,
        "input_file_id": batch["input_file_id"],
        "completion_window": "24h",
        "status": "validating",
        "created_at": now,
        "expires_at": now + DAY,
        "request_counts": {"total": 0, "completed": 0, "failed": 0},
        "metadata": {"film": "kites"},
    }
    assert batch["id"].startswith("batch_")


async def test_a_batch_that_has_ended_names_its_files(desk: Desk) -> None:
    lines = [*kites(2).splitlines(), *kites(3, seconds="5").splitlines()[2:]]
    ended = await desk.ended((await desk.made(b"\n".join(lines)))["id"])
    now = int(desk.office.house.clock.now().timestamp())
    times = dict.fromkeys(("in_progress_at", "finalizing_at", "completed_at"), now)
    expected = {"status": "completed", "model": "kite-1"} | times
    assert expected.items() <= ended.items()
    assert ended["request_counts"] == {"total": 3, "completed": 2, "failed": 1}
    assert not {"errors", "failed_at", "cancelled_at", "metadata", "usage"} & ended.keys()

    output = await desk.lines(ended["output_file_id"])
    for custom_id, one in output.items():
        assert set(one) == {"id", "custom_id", "response", "error"}
        assert one["id"].startswith("batch_req_")
        response = one["response"]
        assert (response["status_code"], one["error"], custom_id) == (200, None, custom_id)
        assert response["request_id"].startswith("req_")
        video = response["body"]
        got = (await desk.call("GET", f"/v1/videos/{video['id']}")).json()
        assert got == video
        assert (video["object"], video["status"]) == ("video", "completed")
    assert len({one["id"] for one in output.values()}) == 2


async def test_a_refused_request_is_answered_as_its_endpoint_does(desk: Desk) -> None:
    bodies: dict[str, Any] = {
        "seconds": {"model": "kite-1", "prompt": "x", "seconds": "5"},
        "type": {"model": "kite-1", "prompt": 7},
        "unknown": {"model": "kite-1", "prompt": "x", "colour": "red"},
        "model": {"model": "kite-9", "prompt": "x"},
        "missing": {"model": "kite-1"},
        "size": {"model": "kite-1", "prompt": "x", "size": "1x1"},
        "metadata": {"model": "kite-1", "prompt": "x", "metadata": {"a": 1}},
    }
    lines = [{**line(name), "body": body} for name, body in bodies.items()]
    ended = await desk.ended((await desk.made(jsonl(lines)))["id"])
    assert ended["request_counts"] == {"total": 7, "completed": 0, "failed": 7}
    assert "output_file_id" not in ended
    errors = await desk.lines(ended["error_file_id"])
    for name, body in bodies.items():
        direct = await desk.call("POST", "/v1/videos", body)
        response = errors[name]["response"]
        assert (response["status_code"], response["body"]) == (
            direct.status_code,
            direct.json(),
        )
        assert direct.status_code >= 400


async def test_a_line_makes_no_character(desk: Desk) -> None:
    body = {"model": "kite-1", "prompt": "x", "character_from_task": "video_1"}
    ended = await desk.ended((await desk.made(jsonl([{**line("a"), "body": body}])))["id"])
    error = (await desk.lines(ended["error_file_id"]))["a"]["response"]["body"]["error"]
    assert error["param"] == "character_from_task"
    assert "POST /v1/characters" in error["message"]


async def test_a_file_that_cannot_be_used_is_told_line_by_line(desk: Desk) -> None:
    ended = await desk.ended((await desk.made(kites(2) + b"{}\n"))["id"])
    assert ended["status"] == "failed"
    assert ended["errors"] == {
        "object": "list",
        "data": [
            {
                "code": "missing_required_parameter",
                "message": "Missing required parameter: 'custom_id'.",
                "param": "custom_id",
                "line": 3,
            }
        ],
    }
    assert ended["failed_at"] == ended["created_at"]


async def test_the_sdk_makes_finds_lists_and_cancels(desk: Desk) -> None:
    batches = []
    for _ in range(5):
        file_id = await desk.given(kites(2, prompt="endless"))
        made = await desk.sdk.batches.create(
            input_file_id=file_id,
            endpoint="/v1/videos",
            completion_window="24h",
            metadata={"a": "b"},
            output_expires_after={"anchor": "created_at", "seconds": 3600},
        )
        batches.append(made.id)
    found = [batch.id async for batch in desk.sdk.batches.list(limit=2)]
    assert found == batches[::-1]
    page = await desk.sdk.batches.list(after=batches[1])
    assert [batch.id for batch in page.data] == [batches[0]]

    for batch_id in batches:
        cancelled = await desk.sdk.batches.cancel(batch_id)
        assert cancelled.status in ("cancelling", "cancelled")
        await desk.ended(batch_id)
    last = await desk.sdk.batches.retrieve(batches[-1])
    assert (last.status, last.errors, last.usage) == ("cancelled", None, None)


async def test_a_cancelled_line_says_so(desk: Desk) -> None:
    batch = await desk.made(kites(3, prompt="endless"))
    async with asyncio.timeout(20):
        while len(desk.office.jobs()) < 2:
            await asyncio.sleep(0.005)
    await desk.call("POST", f"/v1/batches/{batch['id']}/cancel")
    ended = await desk.ended(batch["id"])
    assert ended["cancelling_at"] <= ended["cancelled_at"]
    errors = await desk.lines(ended["error_file_id"])
    assert [(one["response"], one["error"]) for one in errors.values()] == [
        (
            None,
            {
                "code": "batch_cancelled",
                "message": "This request was not executed before the batch was cancelled.",
            },
        )
    ] * 3


def test_an_expired_line_says_so() -> None:
    one = BatchLine(number=1, custom_id="a", body="{}", state=LineState.EXPIRED)
    text = JSONLines().stopped("batch_1", one)
    assert text.endswith(b"\n")
    assert json.loads(text)["error"]["code"] == "batch_expired"


def test_a_line_has_a_largest_number_of_values() -> None:
    body: dict[str, Any] = {"metadata": [[]] * 50_001}
    with pytest.raises(InvalidRequest, match="more than 100000 values"):
        JSONLines().read(json.dumps({**line("a"), "body": body}).encode(), VIDEOS)


async def test_an_empty_list_has_neither_a_first_nor_a_last(desk: Desk) -> None:
    got = await desk.call("GET", "/v1/batches")
    assert got.json() == {"object": "list", "data": [], "has_more": False}


async def test_the_same_key_makes_the_same_batch(desk: Desk) -> None:
    file_id = await desk.given(kites(1))
    body: dict[str, object] = {
        "input_file_id": file_id,
        "endpoint": VIDEOS,
        "completion_window": "24h",
    }
    answers = [
        await desk.call("POST", "/v1/batches", body, idempotency_key="k") for _ in range(2)
    ]
    assert len({got.json()["id"] for got in answers}) == 1
    body["metadata"] = {"a": "b"}
    other = await desk.call("POST", "/v1/batches", body, idempotency_key="k")
    assert (other.status_code, other.json()["error"]["code"]) == (409, "idempotency_key_reused")


AFTER = "output_expires_after"


@pytest.mark.parametrize(
    ("fields", "param", "status"),
    [
        ({"endpoint": None}, "endpoint", 400),
        ({"endpoint": "/v1/responses"}, "endpoint", 400),
        ({"completion_window": "48h"}, "completion_window", 400),
        ({"input_file_id": "file-none"}, "input_file_id", 404),
        ({"colour": "red"}, "colour", 400),
        ({"metadata": {"a": 1}}, "metadata[...]", 400),
        ({AFTER: {"anchor": "now", "seconds": 3600}}, f"{AFTER}.anchor", 400),
        ({AFTER: {"anchor": "created_at", "seconds": 5}}, f"{AFTER}.seconds", 400),
        ({AFTER: {"anchor": "created_at", "seconds": "1e9"}}, f"{AFTER}.seconds", 400),
        ({AFTER: {"anchor": "created_at", "seconds": -1}}, f"{AFTER}.seconds", 400),
        ({AFTER: {"anchor": "created_at", "seconds": 10**12}}, f"{AFTER}.seconds", 400),
    ],
)
async def test_what_cannot_be_a_batch_is_refused_by_name(
    desk: Desk, fields: dict[str, Any], param: str, status: int
) -> None:
    file_id = await desk.given(kites(1))
    body = {"input_file_id": file_id, "endpoint": VIDEOS, "completion_window": "24h"} | fields
    known = {name: value for name, value in body.items() if value is not None}
    got = await desk.call("POST", "/v1/batches", known)
    assert (got.status_code, got.json()["error"]["param"]) == (status, param)


async def test_an_unknown_batch_is_not_found(desk: Desk) -> None:
    for method, path in (("GET", ""), ("POST", "/cancel")):
        got = await desk.call(method, f"/v1/batches/batch_none{path}")
        error = got.json()["error"]
        assert (got.status_code, error["code"]) == (404, "batch_not_found")
        assert error["message"] == "No batch found with id 'batch_none'."
