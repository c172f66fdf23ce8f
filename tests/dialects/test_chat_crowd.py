"""
Many conversations at once, on five accounts of three seats.

`FILMGATE_TEST_STREAMS=300` has as many; otherwise there are fewer.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections import Counter
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest

from servers import KEY, Server
from upstreams.videos import Upstream

STREAMS = int(os.environ.get("FILMGATE_TEST_STREAMS", "30"))  # noqa: TID251
ACCOUNTS, SEATS = 5, 3
SETTINGS = {
    "FILMGATE_MODELS": "sora-2=openai_videos/sora-2",
    "FILMGATE_LEAST_FREE": "0",
}


async def talk(client: httpx.AsyncClient, number: int) -> str:
    """The id of the film that a stream ended with."""
    body = {
        "model": "sora-2",
        "stream": True,
        "messages": [{"role": "user", "content": f"kite {number}"}],
    }
    found, last = "", ""
    async with client.stream("POST", "/v1/chat/completions", json=body) as answer:
        assert answer.status_code == 200
        async for line in answer.aiter_lines():
            last = line or last
            if '"content":"```html' in line:
                found = json.loads(line.removeprefix("data: "))["filmgate"]["id"]
    assert last == "data: [DONE]"
    return found


@pytest.mark.timeout(120 + 2 * STREAMS)
async def test_everybody_gets_a_film_and_no_seat_is_lost(tmp_path: Path) -> None:
    keys = [f"sk-of-account-{number}" for number in range(ACCOUNTS)]
    async with AsyncExitStack() as stack:
        upstream = await stack.enter_async_context(Upstream(keys=keys))
        server = stack.enter_context(Server(tmp_path / "data", settings=SETTINGS))
        client = await stack.enter_async_context(
            httpx.AsyncClient(
                base_url=server.url,
                headers={"authorization": f"Bearer {KEY}"},
                timeout=httpx.Timeout(60 + STREAMS),
                limits=httpx.Limits(max_connections=None),
            )
        )
        for number, key in enumerate(keys):
            account = {
                "engine": "openai_videos",
                "label": f"account {number}",
                "base_url": upstream.url,
                "secret": key,
                "seats": SEATS,
            }
            answer = await client.post("/admin/accounts", json=account)
            assert answer.status_code == 200, answer.text

        films = await asyncio.gather(*(talk(client, number) for number in range(STREAMS)))
        # A second time: a seat that was lost by the first would be missed by these.
        again = await asyncio.gather(*(talk(client, number) for number in range(15)))
        accounts = (await client.get("/admin/accounts")).json()["data"]

    assert len({*films, *again} - {""}) == STREAMS + 15
    ours = [account for account in accounts if account["engine"] == "openai_videos"]
    assert [account["state"] for account in ours] == ["active"] * ACCOUNTS
    prompts = Counter(task.prompt for task in upstream.ledger.tasks.values())
    assert sum(prompts.values()) == STREAMS + 15
    assert set(upstream.ledger.most_open) == set(keys)
    assert max(upstream.ledger.most_open.values()) <= SEATS
