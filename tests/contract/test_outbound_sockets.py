"""Websockets of engines: opened as requests are, and never left behind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from aiohttp import WSMsgType, web

from filmgate import Call
from filmgate.outbound import Outbound, sockets
from upstreams.names import Names
from upstreams.proxies import RealProxy
from upstreams.site import Page, Site, answer, moved

SECRET = "sk-very-secret"


class Teller:
    """Tells two texts and a picture, and goes on until it is left."""

    def __init__(self) -> None:
        self.open = 0
        self.headers: list[dict[str, str]] = []
        self.large = 0  #: bytes of something that it says in between

    async def __aenter__(self) -> Teller:
        app = web.Application()
        app.add_routes([web.get("/ws", self.tell)])
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def tell(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.headers.append({name.lower(): value for name, value in request.headers.items()})
        self.open += 1
        try:
            await socket.send_str("one, 风筝")
            await socket.send_bytes(bytes(self.large or 7))
            await socket.send_str("two")
            async for message in socket:
                assert message.type is WSMsgType.CLOSE
        finally:
            self.open -= 1
        return socket


def a_call(home: str, path: str = "/ws") -> Call:
    credentials = {"authorization": f"Bearer {SECRET}"}
    return Call(method="GET", url=f"{home}{path}", home=home, credentials=credentials)


async def until_there_are(heard: list[str], least: int) -> None:
    async with asyncio.timeout(10):
        while len(heard) < least:
            await asyncio.sleep(0.01)


@pytest.fixture
async def teller() -> AsyncIterator[Teller]:
    async with Teller() as running:
        yield running


@pytest.fixture
async def ours() -> AsyncIterator[Outbound]:
    made = Outbound(submit=5)
    yield made
    await made.close()


async def test_texts_are_heard_until_nobody_listens(ours: Outbound, teller: Teller) -> None:
    heard: list[str] = []
    task = ours.listen(a_call(teller.url), heard.append)
    await until_there_are(heard, 2)
    assert heard == ["one, 风筝", "two"]
    assert teller.headers[0]["authorization"] == f"Bearer {SECRET}"
    assert "origin" not in teller.headers[0]
    task.cancel()
    await asyncio.wait([task])
    async with asyncio.timeout(10):
        while teller.open:
            await asyncio.sleep(0.01)


async def test_whoever_still_listens_at_the_end_is_stopped(teller: Teller) -> None:
    ours, heard = Outbound(), list[str]()
    tasks = [ours.listen(a_call(teller.url), heard.append) for _ in range(3)]
    await until_there_are(heard, 6)
    tasks.append(ours.listen(a_call(teller.url), heard.append))  # not begun yet
    await ours.close()
    assert all(task.cancelled() for task in tasks)


async def test_a_message_that_is_too_large_is_the_end(
    ours: Outbound, teller: Teller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "MOST_ANSWERED", 1000)
    teller.large, heard = 1001, list[str]()
    await ours.listen(a_call(teller.url), heard.append)
    assert heard == ["one, 风筝"]


async def hanging(_: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


@pytest.mark.parametrize(
    "page",
    [
        answer(404),
        answer(403, b"<html>No.</html>"),
        answer(200, b"{}"),
        answer(101, headers=["upgrade: websocket", "connection: upgrade"], length=False),
        b"",
        b"not HTTP",
        hanging,
    ],
)
async def test_what_is_no_websocket_says_nothing(
    ours: Outbound, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "CONNECT", 0.3)
    async with Site({"/ws": page}) as site:
        task = ours.listen(a_call(site.url), pytest.fail)
        async with asyncio.timeout(10):
            await task
    assert site.asked


async def test_nobody_is_followed_elsewhere(ours: Outbound, teller: Teller) -> None:
    async with Site({"/ws": moved(f"{teller.url}/ws")}) as site:
        await ours.listen(a_call(site.url), pytest.fail)
    assert teller.headers == []


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/ws", "ftp://x/ws", "http://[", "http://u:p@h/"]
)
async def test_a_place_that_cannot_be_asked_says_nothing(ours: Outbound, url: str) -> None:
    home = "http://127.0.0.1:1"
    await ours.listen(replace(a_call(home), url=url), pytest.fail)


async def test_only_the_engine_itself_may_be_private(
    ours: Outbound, teller: Teller, monkeypatch: pytest.MonkeyPatch
) -> None:
    Names({"engine.example": [["127.0.0.1"]]}).install(monkeypatch)
    call = replace(a_call("https://engine.example"), url=f"{teller.url}/ws")
    await ours.listen(call, pytest.fail)
    named = teller.url.replace("127.0.0.1", "engine.example")
    await ours.listen(replace(call, url=f"{named}/ws"), pytest.fail)
    assert teller.headers == []


@pytest.mark.parametrize("kind", ["http_proxy", "socks_proxy"])
async def test_it_goes_through_the_accounts_own_proxy(
    ours: Outbound, teller: Teller, request: pytest.FixtureRequest, kind: str
) -> None:
    proxy: RealProxy = request.getfixturevalue(kind)
    before, heard = len(proxy.passed), list[str]()
    task = ours.listen(replace(a_call(teller.url), proxy=proxy.url), heard.append)
    await until_there_are(heard, 2)
    task.cancel()
    await asyncio.wait([task])
    passed = await proxy.counted(before + 1)
    assert passed[before:] == [teller.url.removeprefix("http://")]
