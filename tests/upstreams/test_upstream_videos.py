"""The stand-in keeps its own promises: what is tested against it rests on them."""

import asyncio
import hashlib
import json
import subprocess
import sys
import urllib.request
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import av
import pytest

from upstreams.faults import KINDS, Faults
from upstreams.masters import film_of
from upstreams.videos import KEY, Upstream

BODY = {"prompt": "a kite", "model": "sora-2"}


@pytest.fixture
async def client() -> AsyncIterator[aiohttp.ClientSession]:
    """Somebody with an account."""
    headers = {"authorization": f"Bearer {KEY}"}
    async with aiohttp.ClientSession(headers=headers) as session:
        yield session


async def created(client: aiohttp.ClientSession, upstream: Upstream, key: str = "") -> Any:
    headers = {"idempotency-key": key} if key else {}
    async with client.post(f"{upstream.url}/videos", json=BODY, headers=headers) as answer:
        assert answer.status == 200
        return await answer.json()


async def status(client: aiohttp.ClientSession, method: str, url: str, **asked: Any) -> int:
    async with client.request(method, url, **asked) as answer:
        await answer.read()
        return answer.status


@pytest.mark.parametrize(("mode", "tasks"), [("plain", 2), ("by_id", 1)])
async def test_by_id_a_key_is_one_task(
    client: aiohttp.ClientSession, mode: str, tasks: int
) -> None:
    async with Upstream(mode=mode) as upstream:
        for _ in range(2):
            await created(client, upstream, "attempt_1")
        assert len(upstream.ledger.tasks) == tasks
        assert [one.idempotency_key for one in upstream.ledger.creates] == ["attempt_1"] * 2


async def test_a_film_is_its_tasks_own_and_plays(
    client: aiohttp.ClientSession, tmp_path: Path
) -> None:
    async with Upstream(seconds=0) as upstream:
        video = await created(client, upstream)
        url = f"{upstream.url}/videos/{video['id']}/content"
        async with client.get(url) as answer:
            film = await answer.read()
            assert answer.headers["content-length"] == str(len(film))
        async with client.get(url, headers={"range": "bytes=100-"}) as answer:
            assert answer.status == 206
            assert await answer.read() == film[100:]
        past = {"range": f"bytes={len(film)}-"}
        assert await status(client, "GET", url, headers=past) == 416

    assert film == film_of(video["id"]) != film_of("another")
    assert hashlib.sha256(film).hexdigest() == upstream.ledger.tasks[video["id"]].sha256
    path = tmp_path / "film.mp4"
    path.write_bytes(film)
    with av.open(path) as container:
        assert len(list(container.decode(video=0))) == 24


async def test_open_tasks_are_counted_by_account(client: aiohttp.ClientSession) -> None:
    async with Upstream(seconds=60) as upstream:
        videos = [await created(client, upstream) for _ in range(3)]
        gone = f"{upstream.url}/videos/{videos[0]['id']}"
        assert await status(client, "DELETE", gone) == 200
        assert await status(client, "GET", gone) == 404
        await created(client, upstream)
        assert upstream.ledger.most_open == {KEY: 3}
        assert upstream.ledger.open_tasks(KEY) == 3


@pytest.mark.parametrize("fault", KINDS["create"])
async def test_what_was_read_whole_is_in_the_ledger_whatever_is_answered(
    client: aiohttp.ClientSession, fault: str
) -> None:
    async with Upstream(faults=Faults(script={"create": [fault]})) as upstream:
        form = aiohttp.FormData(BODY)
        form.add_field("input_reference", b"\x89PNG", filename="frame.png")
        gone = (aiohttp.ClientError, TimeoutError)
        answered = 0
        try:
            async with asyncio.timeout(0.5):
                answered = await status(client, "POST", f"{upstream.url}/videos", data=form)
        except gone:
            pass
        (create,) = upstream.ledger.creates

    expected = {
        "accept_504": 504,
        "accept_garbage": 200,
        "refuse_503": 503,
        "refuse_429": 429,
    }
    assert answered == expected.get(fault, 0)
    assert (create.prompt, create.fault) == ("a kite", fault)
    assert len(upstream.ledger.tasks) == fault.startswith("accept")


@pytest.mark.parametrize("fault", KINDS["content"])
async def test_a_film_that_is_spoilt_once_is_whole_the_next_time(
    client: aiohttp.ClientSession, fault: str
) -> None:
    faults = Faults(script={"content": [fault]})
    async with Upstream(seconds=0, faults=faults) as upstream:
        video = await created(client, upstream)
        url = f"{upstream.url}/videos/{video['id']}/content"
        film = b""
        try:
            async with client.get(url) as answer:
                film = await answer.read()
        except aiohttp.ClientError:
            assert fault == "cut"
        async with client.get(url) as answer:
            whole = await answer.read()

    assert (film == whole) is (fault == "slow")
    assert whole == film_of(video["id"])


async def test_nobody_gets_in_without_a_key() -> None:
    async with Upstream() as upstream, aiohttp.ClientSession() as client:
        assert await status(client, "GET", f"{upstream.url}/models") == 401


def test_the_same_seed_breaks_the_same() -> None:
    chances = {"poll": {"500": 0.2, "cut": 0.2}}
    one, other = Faults(chances, seed=7), Faults(chances, seed=7)
    assert [one.next("poll") for _ in range(50)] == [other.next("poll") for _ in range(50)]


def test_it_runs_as_a_process_of_its_own(tmp_path: Path) -> None:
    state = tmp_path / "ledger"
    command = [sys.executable, str(Path(__file__).with_name("videos.py"))]
    with subprocess.Popen(
        [*command, "--state", str(state)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split()[-1]
        headers = {"authorization": f"Bearer {KEY}", "content-type": "application/json"}
        create = urllib.request.Request(f"{url}/videos", json.dumps(BODY).encode(), headers)
        with urllib.request.urlopen(create) as answer:
            assert answer.status == 200
        with urllib.request.urlopen(url.removesuffix("/v1") + "/_ledger") as answer:
            ledger = json.load(answer)
        process.terminate()
    assert [one["prompt"] for one in ledger["creates"]] == ["a kite"]
    assert len(state.read_text().splitlines()) == 2
