"""The same request, sent again, is one request; two that look alike are two."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import httpx
import pytest

import surroundings
from films import image
from servers import KEY, Server
from upstreams.cutting import cutting

CREATES = Path(__file__).with_name("sdk_creates.py")
SDK2 = Path(sys.prefix).parent / ".venv-sdk2" / "bin" / "python"
PYTHONS = [
    pytest.param(Path(sys.executable), id="newest"),
    pytest.param(SDK2, id="oldest"),
]


def all_ids(server: Server) -> list[str]:
    ids: list[str] = []
    while True:
        after = f"&after={ids[-1]}" if ids else ""
        found = server.call("GET", f"/v1/videos?limit=100{after}").json()
        ids += [video["id"] for video in found["data"]]
        if not found["has_more"]:
            return ids


@pytest.mark.parametrize("python", PYTHONS)
async def test_creates_whose_first_answer_is_cut_make_one_film_each(
    python: Path, tmp_path: Path, film: Path
) -> None:
    if not python.exists():
        pytest.skip("`make .venv-sdk2/.done` installs the oldest SDK")
    frame = tmp_path / "first.png"
    frame.write_bytes(image((720, 1280)))
    with Server(tmp_path / "data", film=film) as server:
        async with cutting(server.url) as (url, cut):
            process = await asyncio.create_subprocess_exec(
                *(python, "-W", "ignore", CREATES, url, KEY, frame),
                stdout=asyncio.subprocess.PIPE,
                env=surroundings.environment(),
            )
            said, _ = await asyncio.wait_for(process.communicate(), 120)
        ids = json.loads(said)
        kept = all_ids(server)

    assert cut == [200]
    assert len(set(ids)) == 200
    assert sorted(kept) == sorted(ids)


async def test_a_thousand_creates_with_one_key_make_one_film(server: Server) -> None:
    key = {"authorization": f"Bearer {KEY}", "idempotency-key": "one of a thousand"}
    body = {"prompt": "the only one", "metadata": {"of": "a thousand"}}
    at_once = asyncio.Semaphore(64)
    async with httpx.AsyncClient(base_url=server.url, headers=key, timeout=60) as client:

        async def create() -> httpx.Response:
            async with at_once:
                return await client.post("/v1/videos", json=body)

        answers = await asyncio.gather(*(create() for _ in range(1000)))
        found = await client.get("/v1/videos", params={"metadata[of]": "a thousand"})

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len(found.json()["data"]) == 1


async def test_a_key_holds_for_forms_whatever_their_boundary(server: Server) -> None:
    key = {"authorization": f"Bearer {KEY}", "idempotency-key": "a form"}
    async with httpx.AsyncClient(base_url=server.url, headers=key) as client:
        ids = set()
        for boundary in ("one", "two"):
            answer = await client.post(
                "/v1/videos",
                data={"prompt": "a kite", "size": "720x1280"},
                files={"input_reference": ("a.png", image((720, 1280)))},
                headers={"content-type": f"multipart/form-data; boundary={boundary}"},
            )
            ids.add(answer.json()["id"])
        other = await client.post(
            "/v1/videos",
            data={"prompt": "a kite", "size": "720x1280"},
            files={"input_reference": ("a.png", image((720, 1280), "WEBP"))},
        )
    assert len(ids) == 1
    assert (other.status_code, other.json()["error"]["code"]) == (409, "idempotency_key_reused")
    assert other.headers["x-should-retry"] == "false"
