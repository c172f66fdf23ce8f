"""What happens on the line when an engine is asked: `sending`, kept lines, and new ones."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import pytest

from filmgate import Answer, Call, EngineUnavailable
from filmgate.domain.errors import OwnershipLost
from filmgate.outbound import Outbound, sessions
from upstreams.site import Site, answer
from upstreams.wiretap import Wiretap


@dataclass
class Counted:
    """A `sending` that is counted, and may do something."""

    then: Callable[[], Awaitable[None]] | None = None
    times: int = 0

    async def __call__(self) -> None:
        self.times += 1
        if self.then:
            await self.then()


def explain(_: Answer[bytes]) -> None:
    """No words of its own."""


def a_call(home: str, method: str = "POST") -> Call:
    return Call(
        method=method,
        url=f"{home}/v1/things",
        home=home,
        body=b"a body" if method == "POST" else None,
    )


@pytest.fixture
async def ours() -> AsyncIterator[Outbound]:
    made = Outbound(submit=5)
    yield made
    await made.close()


async def test_sending_comes_once_when_the_line_stands_and_no_byte_has_left(
    ours: Outbound,
) -> None:
    async with Wiretap() as tap:
        seen = []

        async def look() -> None:
            await asyncio.sleep(0.05)  # whatever had been written would be here by now
            seen.append((tap.connections, bytes(tap.heard)))

        sending = Counted(look)
        got = await ours.ask(a_call(tap.url), bytes, explain=explain, sending=sending)
        assert (got.body, sending.times) == (b"{}", 1)
        assert seen == [(1, b"")]
        assert tap.heard.startswith(b"POST /v1/things ")


async def test_sending_comes_once_through_a_proxy_too() -> None:
    async with Site() as proxy:
        seen = []

        async def look() -> None:
            await asyncio.sleep(0.05)
            seen.append(len(proxy.asked))

        proxy.pages["http://engine.example/v1/things"] = answer(body=b'{"id": "thing_1"}')
        ours = Outbound(proxy=proxy.url)
        call, sending = a_call("http://engine.example"), Counted(look)
        await ours.ask(call, bytes, explain=explain, sending=sending)
        await ours.close()
        assert (seen, sending.times, len(proxy.asked)) == ([0], 1, 1)


@pytest.mark.parametrize(
    "error",
    [OwnershipLost("Another has it."), OSError("disk"), TimeoutError("late"), ValueError("x")],
    ids=lambda error: type(error).__name__,
)
async def test_what_sending_raises_comes_out_and_nothing_leaves(
    ours: Outbound, error: Exception
) -> None:
    async def refuse() -> None:
        raise error

    async with Wiretap() as tap:
        with pytest.raises(type(error)) as caught:
            await ours.ask(a_call(tap.url), bytes, explain=explain, sending=Counted(refuse))
        assert caught.value is error
        async with asyncio.timeout(5):
            while tap.open:
                await asyncio.sleep(0.01)
        assert (tap.connections, bytes(tap.heard)) == (1, b"")


async def test_who_stops_waiting_while_it_is_written_down_sends_nothing(
    ours: Outbound,
) -> None:
    begun = asyncio.Event()

    async def slow() -> None:
        begun.set()
        await asyncio.Event().wait()

    async with Wiretap() as tap:
        asking = asyncio.create_task(
            ours.ask(a_call(tap.url), bytes, explain=explain, sending=slow)
        )
        await begun.wait()
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        assert bytes(tap.heard) == b""


async def test_the_time_for_an_answer_begins_when_the_request_leaves(ours: Outbound) -> None:
    async def slow() -> None:
        await asyncio.sleep(0.5)

    async with Wiretap() as tap:
        call, sending = a_call(tap.url), Counted(slow)
        got = await ours.ask(call, bytes, explain=explain, sending=sending, within=0.4)
        assert got.body == b"{}"


async def test_polls_share_a_line_and_what_may_cost_has_its_own(ours: Outbound) -> None:
    async with Wiretap() as tap:
        for _ in range(10):
            await ours.ask(a_call(tap.url, "GET"), bytes, explain=explain)
        assert (tap.connections, tap.open) == (1, 1)
        for sending in (None, Counted(), Counted()):
            await ours.ask(a_call(tap.url), bytes, explain=explain, sending=sending)
        assert tap.connections == 4
        put = replace(a_call(tap.url), method="PUT")
        await ours.ask(put, bytes, explain=explain, sending=Counted())
        assert tap.connections == 5


async def test_a_line_that_was_hung_up_meanwhile_is_no_lost_poll(ours: Outbound) -> None:
    async with Wiretap() as tap:
        await ours.ask(a_call(tap.url, "GET"), bytes, explain=explain)
        tap.hang_up_all()
        await ours.ask(a_call(tap.url, "GET"), bytes, explain=explain)
        assert tap.connections == 2


async def test_what_may_cost_is_not_sent_again_by_the_library(ours: Outbound) -> None:
    async with Wiretap(page=b"", hang_up=True) as tap:
        for method in ("POST", "PUT", "GET"):
            sending = Counted()
            call = replace(a_call(tap.url), method=method)
            with pytest.raises(EngineUnavailable) as lost:
                await ours.ask(call, bytes, explain=explain, sending=sending)
            assert (lost.value.unanswered, sending.times) == (True, 1)
            assert tap.heard.count(method.encode() + b" ") == 1


async def test_many_polls_at_once_share_a_few_hundred_lines(
    ours: Outbound, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "CONNECTIONS", 8)
    async with Wiretap() as tap:
        polls = (ours.ask(a_call(tap.url, "GET"), bytes, explain=explain) for _ in range(200))
        got = await asyncio.gather(*polls)
        assert {one.status for one in got} == {200}
        assert tap.connections <= 8


async def test_an_answer_that_came_while_we_were_paused_is_read() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    received = threading.Event()

    def engine() -> None:
        line, _ = listener.accept()
        with line:
            line.recv(65536)
            received.set()
            time.sleep(0.1)
            line.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")

    with listener, ThreadPoolExecutor(1) as pool:
        answering = pool.submit(engine)
        ours = Outbound(submit=0.3)
        home = f"http://127.0.0.1:{listener.getsockname()[1]}"
        asking = asyncio.create_task(
            ours.ask(a_call(home), bytes, explain=explain, sending=Counted())
        )
        while not received.is_set():
            await asyncio.sleep(0.01)
        time.sleep(0.6)  # noqa: ASYNC251 (nothing of this process goes on meanwhile)
        assert (await asking).body == b"{}"
        answering.result()
        await ours.close()
