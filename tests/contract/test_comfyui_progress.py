"""How far a film is: heard over one socket a server, which may as well not be there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from filmgate import Account, Call, Media, Size, Take, Workshop
from filmgate.domain.request import GenerationRequest
from filmgate.engines.comfyui import ComfyUI, listening
from filmgate.engines.comfyui.listening import Listener
from filmgate.engines.comfyui.slots import Node
from filmgate.outbound import Outbound
from filmgate.ports.engine import Frees
from upstreams.comfyui import ComfyUI as Server
from upstreams.comfyui import Free
from upstreams.standin import Task

REQUEST = GenerationRequest(
    model="test-card", media=Media.VIDEO, prompt="a kite", size=Size(640, 368), seconds=2.0
)
WAN = {
    "text": Node(class_type="CLIPTextEncode"),
    "with": Node(class_type="KSamplerSelect"),
    "high": Node(class_type="KSamplerAdvanced"),
    "low": Node(class_type="SamplerCustomAdvanced"),
}


class Inputs:
    async def read(self, reference: object) -> bytes:
        raise NotImplementedError

    async def save(self, reference: object, path: Path) -> None:
        raise NotImplementedError


@dataclass
class Bench:
    engine: ComfyUI
    server: Server
    account: Account
    outbound: Outbound

    async def begun(self, attempt: str = "attempt_1") -> tuple[str, Task]:
        async def sending() -> None:
            """Nothing to write down here."""

        begun = await self.engine.submit(
            Take(engine="comfyui", model="test-card", request=REQUEST),
            self.account,
            attempt_id=attempt,
            inputs=Inputs(),
            sending=sending,
        )
        return begun.ticket, self.server.tasks[begun.ticket.partition("@")[0]]

    async def percent(self, ticket: str) -> int:
        return (await self.engine.poll(ticket, self.account)).percent

    @property
    def tries(self) -> int:
        return sum(one.path.startswith("/api/ws?clientId=") for one in self.server.asked)

    def call(self, client_id: str) -> Call:
        return Call(
            method="GET",
            url=f"{self.server.url}/api/ws?clientId={client_id}",
            home=self.server.url,
            credentials={"authorization": f"Bearer {self.server.secret}"},
        )


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    outbound = Outbound(submit=5)
    engine = ComfyUI(Workshop(folder=tmp_path, cores=1, outbound=outbound))
    async with Server(seconds=60) as server:
        account = Account(
            id="account_1", engine="comfyui", label="x", seats=2,
            base_url=server.url, secret=server.secret,
        )  # fmt: skip
        yield Bench(engine, server, account, outbound)
        await outbound.close()
        assert not listeners()


def listeners() -> int:
    """Tasks that listen."""
    names = [getattr(task.get_coro(), "__qualname__", "") for task in asyncio.all_tasks()]
    return names.count("Sockets._listen")


async def until(met: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not met():
            await asyncio.sleep(0.01)


async def opened(bench: Bench, ticket: str) -> None:
    """Asked for until it is listened for, of which nothing has been told."""
    async with asyncio.timeout(10):
        while not bench.server.sockets:
            assert await bench.percent(ticket) == 1


async def heard(bench: Bench, ticket: str, percent: int) -> None:
    async with asyncio.timeout(10):
        while await bench.percent(ticket) != percent:
            await asyncio.sleep(0.01)


async def test_a_film_of_the_engine_is_as_far_as_its_nodes_are(bench: Bench) -> None:
    ticket, task = await bench.begun()
    await opened(bench, ticket)
    nodes = {node: {"value": 1, "max": 1, "state": "finished"} for node in task.body["prompt"]}
    half = dict(list(nodes.items())[: len(nodes) // 2])
    await bench.server.tell(task, "progress_state", nodes=half)
    share = 100 * len(half) // len(nodes)
    await heard(bench, ticket, share)
    await bench.server.tell(task, "progress_state", nodes=nodes)
    await heard(bench, ticket, 99)
    task.ready_at = 0
    assert await bench.percent(ticket) == 100
    assert bench.tries == 1


@pytest.mark.parametrize(
    ("kind", "data", "percent"),
    [
        ("progress", {"node": "high", "value": 5, "max": 10}, 25),
        ("progress", {"node": "low", "value": 12.5, "max": 10}, 50),
        ("progress_state", {"nodes": {"high": {"value": 10, "max": 10, "state": "x"}}}, 50),
        ("progress", {"node": "text", "value": 1, "max": 1}, 1),
        ("progress", {"node": "with", "value": 1, "max": 1}, 1),
        ("progress", {"node": "high", "value": 1, "max": 0}, 1),
        ("progress", {"node": "high", "value": None, "max": 10}, 1),
        ("progress", {"node": "high", "value": 5, "max": 10, "prompt_id": "another"}, 1),
        ("progress", {"node": "high", "value": 5, "max": 10, "prompt_id": None}, 1),
        ("somebodys.own", {"node": "high", "value": 5, "max": 10}, 1),
        ("executing", {"node": "high"}, 1),
    ],
)
async def test_a_film_is_as_far_as_the_nodes_that_take_long(
    bench: Bench, kind: str, data: dict[str, Any], percent: int
) -> None:
    listener = Listener(bench.outbound)
    call, sent = bench.call(listener.client_id), {"client_id": listener.client_id}
    listener.expect("film_1", WAN)
    listener.expect("film_2", WAN)
    assert listener.percent("film_1", call) == 1
    await until(lambda: len(bench.server.sockets) == 1)
    film = Task("film_1", sent, at=0, ready_at=0)
    await bench.server.sockets[listener.client_id].send_str("no JSON")
    await bench.server.tell(film, kind, **data)
    # What comes after it has been heard, so it has been heard.
    await bench.server.tell(
        replace(film, id="film_2"), "progress", node="high", value=10, max=10
    )
    await until(lambda: listener.percent("film_2", call) == 50)
    assert listener.percent("film_1", call) == percent
    await bench.server.tell(film, "progress", node="high", value=0, max=10)
    await bench.server.tell(replace(film, id="film_2"), "progress", node="low", value=1, max=1)
    await until(lambda: listener.percent("film_2", call) == 99)
    assert listener.percent("film_1", call) == percent  # it never goes back


async def test_all_films_of_a_server_share_a_socket(bench: Bench) -> None:
    films = [await bench.begun(f"attempt_{number}") for number in range(3)]
    other = replace(bench.account, id="account_2", label="y")
    for ticket, _ in films:
        await bench.engine.poll(ticket, other)
        await bench.percent(ticket)
    await until(lambda: len(bench.server.sockets) == 1)
    assert (bench.tries, listeners()) == (1, 1)


async def test_who_waits_or_has_been_sent_by_another_process_is_not_listened_for(
    bench: Bench, tmp_path: Path
) -> None:
    ticket, _ = await bench.begun()
    bench.server.waits = True
    assert await bench.percent(ticket) == 0
    bench.server.waits = False
    workshop = Workshop(folder=tmp_path, cores=1, outbound=bench.outbound)
    assert (await ComfyUI(workshop).poll(ticket, bench.account)).percent == 1
    assert (bench.tries, listeners()) == (0, 0)


async def test_a_film_of_long_ago_is_forgotten(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "MOST", 2)
    first, *_ = [(await bench.begun(f"attempt_{number}"))[0] for number in range(3)]
    assert await bench.percent(first) == 1
    assert listeners() == 0


async def test_nobody_asks_any_more_so_nobody_listens(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "IDLE", 1.0)
    monkeypatch.setattr(listening, "AGAIN", 0.0)
    ticket, _ = await bench.begun()
    await opened(bench, ticket)
    monkeypatch.setattr(listening, "IDLE", 60.0)
    await bench.percent(ticket)
    await asyncio.sleep(1.2)
    assert (bench.tries, listeners()) == (1, 1)
    monkeypatch.setattr(listening, "IDLE", 0.1)
    await bench.percent(ticket)
    await until(lambda: not bench.server.sockets)
    await until(lambda: not listeners())
    await opened(bench, ticket)
    assert bench.tries == 2


async def test_a_socket_that_cannot_be_opened_is_tried_again_later(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "AGAIN", 0.2)
    bench.server.deaf = True
    ticket, task = await bench.begun()
    begun = asyncio.get_running_loop().time()
    while bench.tries < 3:
        assert await bench.percent(ticket) == 1
    assert asyncio.get_running_loop().time() - begun >= 0.2 + 0.4
    bench.server.deaf = False
    await opened(bench, ticket)
    await bench.server.tell(task, "progress", node="saved", value=1, max=1)
    await heard(bench, ticket, 100 // len(task.body["prompt"]))


async def test_a_socket_that_breaks_is_opened_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "AGAIN", 0.0)
    ticket, _ = await bench.begun()
    await opened(bench, ticket)
    for tries in (2, 3):
        (socket,) = bench.server.sockets.values()
        await socket.close()
        await until(lambda: not bench.server.sockets)
        await opened(bench, ticket)
        assert bench.tries == tries
    task = bench.server.tasks[ticket.partition("@")[0]]
    task.ready_at = 0
    assert await bench.percent(ticket) == 100


async def test_a_server_is_told_to_free_its_memory(bench: Bench) -> None:
    assert isinstance(bench.engine, Frees)
    assert bench.engine.free_of_charge
    await bench.engine.free(bench.account)
    assert bench.server.freed == [Free(unload_models=True, free_memory=True)]
