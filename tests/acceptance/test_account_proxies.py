"""A gateway whose accounts have proxies of their own: real ones carry theirs, and no more."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from servers import Server
from upstreams.proxies import PASSWORD, HttpProxy, SocksProxy
from upstreams.videos import Upstream

NAMES = ("http", "socks5", "none")
FILMS = 9


@pytest.fixture
async def upstreams() -> AsyncIterator[dict[str, Upstream]]:
    """One for each account, so that it shows whose a connection is."""
    async with AsyncExitStack() as stack:
        yield {
            name: await stack.enter_async_context(Upstream(keys=(f"sk-of-{name}",)))
            for name in NAMES
        }


async def finished(server: Server, job: str) -> str:
    async with asyncio.timeout(120):
        while True:
            video = (await asyncio.to_thread(server.call, "GET", f"/v1/videos/{job}")).json()
            if video["status"] in ("completed", "failed"):
                return str(video["status"])
            await asyncio.sleep(0.2)


async def test_exactly_the_accounts_that_name_a_proxy_go_through_it(
    tmp_path: Path, upstreams: dict[str, Upstream]
) -> None:
    models = {"FILMGATE_MODELS": "sora-2=openai_videos/sora-2"}
    with (
        HttpProxy(tmp_path) as http,
        SocksProxy(tmp_path) as socks,
        Server(tmp_path / "data", settings=models) as server,
    ):

        async def call(method: str, path: str, body: Any) -> Any:
            answer = await asyncio.to_thread(server.call, method, path, body)
            assert answer.status == 200, answer.body
            return answer.json()

        proxies = {"http": http.url, "socks5": socks.url, "none": "none"}
        shown = {"http": http.shown, "socks5": socks.shown, "none": "none"}
        for name, upstream in upstreams.items():
            account = {
                "engine": "openai_videos",
                "label": name,
                "base_url": upstream.url,
                "secret": f"sk-of-{name}",
                "proxy": proxies[name],
            }
            assert (await call("POST", "/admin/accounts", account))["proxy"] == shown[name]
        wanted = {"model": "sora-2", "prompt": "a kite"}
        jobs = [(await call("POST", "/v1/videos", wanted))["id"] for _ in range(FILMS)]
        assert [await finished(server, job) for job in jobs] == ["completed"] * FILMS

        films = {name: len(one.ledger.tasks) for name, one in upstreams.items()}
        assert sum(films.values()) == FILMS
        assert all(films.values())
        assert server.stop() == 0
        # A submission and a download have connections of their own, polls share others.
        for proxy, name in ((http, "http"), (socks, "socks5")):
            passed = await proxy.counted(2 * films[name])
            assert set(passed) == {f"127.0.0.1:{upstreams[name].port}"}

    kept = b"".join(p.read_bytes() for p in (tmp_path / "data").rglob("*") if p.is_file())
    assert PASSWORD.encode() not in kept
