"""A gateway whose films come through a reverse proxy, and all else straight."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from servers import Server
from upstreams.openai_videos import FLAVOURS, OpenAIVideos
from upstreams.reverse import ReverseProxy
from upstreams.standin import Task


@dataclass
class Linking(OpenAIVideos):
    """Links to its films, which are real ones at another port."""

    path: Path = Path()

    def film(self, task: Task) -> bytes:
        del task
        return self.path.read_bytes()


@pytest.mark.parametrize("mode", ["prefix", "replace"])
async def test_films_come_through_the_reverse_proxy(
    tmp_path: Path, film: Path, mode: str
) -> None:
    async with Linking(flavour=FLAVOURS["linking"], path=film) as upstream:
        store = f"127.0.0.1:{upstream.films_port}"
        one = store if mode == "replace" else None
        async with ReverseProxy({store: f"http://{store}"}, one) as proxy:
            settings = {
                "FILMGATE_MODELS": "sora-2=openai_videos/sora-2",
                "FILMGATE_DOWNLOAD_PROXY": f"{proxy.url}/",
                "FILMGATE_DOWNLOAD_PROXY_MODE": mode,
                "FILMGATE_PRIVATE_ADDRESSES": "allow",  # the store's is one
            }
            with Server(tmp_path, settings=settings) as server:
                content = await asyncio.to_thread(_made, server, upstream)
    assert content == film.read_bytes()
    (task,) = upstream.tasks.values()
    place = f"/films/{task.id}.mp4?signature=s3cr3t"
    assert proxy.asked == [place if one else f"/http://{store}{place}"]
    assert upstream.secret not in f"{proxy.headers}"


def _made(server: Server, upstream: OpenAIVideos) -> bytes:
    def call(method: str, path: str, body: Any = None) -> Any:
        answer = server.call(method, path, body)
        assert answer.status == 200, answer.body
        return answer

    account = {
        "engine": "openai_videos",
        "label": "x",
        "base_url": upstream.url,
        "secret": upstream.secret,
    }
    call("POST", "/admin/accounts", account)
    job = call("POST", "/v1/videos", {"model": "sora-2", "prompt": "a kite"}).json()["id"]
    until = time.monotonic() + 60
    while (video := call("GET", f"/v1/videos/{job}").json())["status"] != "completed":
        assert video["status"] != "failed", video
        assert time.monotonic() < until
        time.sleep(0.2)
    return bytes(call("GET", f"/v1/videos/{job}/content").body)
