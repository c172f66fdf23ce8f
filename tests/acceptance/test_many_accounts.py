"""
Twenty accounts, of which sixteen are of no use, each in its own way.

`FILMGATE_TEST_JOBS=1000` has it make as many films; otherwise there are fewer.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from servers import Server
from upstreams.faults import Faults
from upstreams.videos import Upstream

JOBS = int(os.environ.get("FILMGATE_TEST_JOBS", "60"))  # noqa: TID251
SEATS = 3
KINDS = ("good", "rejecting", "limiting", "closed", "silent")
EACH = 4
SETTINGS = {
    "FILMGATE_MODELS": "sora-2=openai_videos/sora-2",
    "FILMGATE_SUBMIT_TIMEOUT": "3",
    "FILMGATE_LEAST_FREE": "0",
}


def key(kind: str, number: int) -> str:
    return f"sk-of-{kind}-{number}"


def keys(kind: str) -> list[str]:
    return [key(kind, number) for number in range(EACH)]


@pytest.fixture
async def upstreams() -> AsyncIterator[dict[str, Upstream]]:
    """By kind of account. The good one does not know those that it rejects."""
    limited = Faults(chances={"create": {"refuse_429": 1.0}})
    silent = Faults(chances={"create": {"accept_silent": 1.0}})
    async with AsyncExitStack() as stack:
        good = await stack.enter_async_context(Upstream(keys=keys("good")))
        yield {
            "good": good,
            "rejecting": good,
            "limiting": await stack.enter_async_context(
                Upstream(keys=keys("limiting"), faults=limited)
            ),
            "silent": await stack.enter_async_context(
                Upstream(keys=keys("silent"), faults=silent)
            ),
        }


@pytest.fixture
def closed() -> Iterator[str]:
    """An address where nobody listens, and nobody will."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}/v1"


@pytest.mark.timeout(120 + JOBS)
async def test_jobs_are_made_by_the_accounts_that_can(
    tmp_path: Path, upstreams: dict[str, Upstream], closed: str
) -> None:
    with Server(tmp_path / "data", settings=SETTINGS) as server:

        async def call(method: str, path: str, body: Any = None) -> Any:
            answer = await asyncio.to_thread(server.call, method, path, body)
            assert answer.status == 200, answer.body
            return answer.json()

        for kind in KINDS:
            for number in range(EACH):
                account = {
                    "engine": "openai_videos",
                    "label": f"{kind} {number}",
                    "base_url": closed if kind == "closed" else upstreams[kind].url,
                    "secret": key(kind, number),
                    "seats": SEATS,
                }
                await call("POST", "/admin/accounts", account)
        for number in range(JOBS):
            await call("POST", "/v1/videos", {"model": "sora-2", "prompt": f"kite {number}"})
        jobs = await ended(call)
        accounts = (await call("GET", "/admin/accounts"))["data"]
        assert server.stop() == 0

    told = Counter(job["status"] for job in jobs)
    lost = [job for job in jobs if job["status"] == "failed"]
    assert {job["error"]["code"] for job in lost} <= {"submission_interrupted", "timed_out"}
    accepted = {
        kind: [task.prompt for task in upstreams[kind].ledger.tasks.values()]
        for kind in ("good", "limiting", "silent")
    }
    # What the silent ones took on is lost, and nothing else.
    assert sorted(job["prompt"] for job in lost) == sorted(accepted["silent"])
    assert told["completed"] == JOBS - len(accepted["silent"])
    assert len(accepted["silent"]) <= EACH * SEATS
    everywhere = Counter(prompt for prompts in accepted.values() for prompt in prompts)
    assert set(everywhere.values()) == {1}
    assert len(everywhere) == JOBS
    seated = upstreams["good"].ledger.most_open
    assert set(seated) == set(keys("good"))
    assert max(seated.values()) <= SEATS

    states = {account["label"]: account["state"] for account in accounts}
    assert [states[f"good {number}"] for number in range(EACH)] == ["active"] * EACH
    assert [states[f"rejecting {number}"] for number in range(EACH)] == ["rejected"] * EACH
    for kind in ("closed", "silent"):
        assert [states[f"{kind} {number}"] for number in range(EACH)] == ["resting"] * EACH


async def ended(call: Any) -> list[Any]:
    """All jobs, once none of them goes on."""
    while True:
        jobs: list[Any] = []
        page: dict[str, Any] = {"has_more": True}
        while page["has_more"]:
            after = f"&after={jobs[-1]['id']}" if jobs else ""
            page = await call("GET", f"/v1/videos?limit=100{after}")
            jobs += page["data"]
        if all(job["status"] in ("completed", "failed") for job in jobs):
            return jobs
        await asyncio.sleep(1)
