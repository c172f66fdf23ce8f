"""Servers on a machine that others use too: how their memory is freed, and had again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from filmgate import (
    Account,
    AccountRejected,
    EngineMisbehaved,
    EngineUnavailable,
    FilmgateError,
    GenerationFailed,
    Media,
    Progress,
    Size,
    Take,
    Workshop,
)
from filmgate.domain.request import GenerationRequest
from filmgate.engines.openai_videos import SGLang, VLLMOmni
from filmgate.engines.openai_videos.own import OwnServer
from filmgate.outbound import Outbound
from filmgate.ports.engine import Frees
from upstreams.sglang import SGLang as SGLangStandIn
from upstreams.site import Site, answer
from upstreams.vllm_omni import VLLMOmni as VLLMOmniStandIn

KEY = "key-of-nobody-0123456789"
REQUEST = GenerationRequest(
    model="served", media=Media.VIDEO, prompt="a kite", size=Size(1280, 720), seconds=5.0
)
ENGINES: list[type[OwnServer]] = [SGLang, VLLMOmni]


class Inputs:
    async def read(self, reference: object) -> bytes:
        raise NotImplementedError

    async def save(self, reference: object, path: Path) -> None:
        raise NotImplementedError


@dataclass
class Bench:
    """Engines, and what they have said was to cost something."""

    outbound: Outbound
    folder: Path
    paid: list[str] = field(default_factory=list)

    def engine(self, kind: type[OwnServer]) -> OwnServer:
        return kind(Workshop(folder=self.folder, cores=1, outbound=self.outbound))

    async def begun(self, engine: OwnServer, account: Account) -> Progress:
        async def sending() -> None:
            self.paid.append(engine.name)

        take = Take(engine=engine.name, model="served", request=REQUEST)
        return await engine.submit(
            take, account, attempt_id="attempt_1", inputs=Inputs(), sending=sending
        )

    async def film(self, engine: OwnServer, account: Account) -> Progress:
        progress = await self.begun(engine, account)
        while not progress.done:
            progress = await engine.poll(progress.ticket, account)
        return progress


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    outbound = Outbound(submit=5)
    yield Bench(outbound, tmp_path)
    await outbound.close()


def account_at(url: str, machine: str | None = "den") -> Account:
    return Account(
        id="account_1", engine="x", label="x", seats=1, base_url=url, secret=KEY,
        machine=machine,
    )  # fmt: skip


@pytest.mark.parametrize("kind", ENGINES)
async def test_its_own_machine_is_free_of_charge_and_can_be_freed(
    bench: Bench, kind: type[OwnServer]
) -> None:
    engine = bench.engine(kind)
    assert isinstance(engine, Frees)
    assert engine.free_of_charge


async def test_sglang_has_its_memory_again_for_the_next_film(bench: Bench) -> None:
    engine = bench.engine(SGLang)
    async with SGLangStandIn() as server:
        ours, alone = account_at(server.url), account_at(server.url, machine=None)
        for _ in range(2):
            await engine.free(ours)
        assert server.sleeping
        failing = await bench.begun(engine, alone)
        server.tasks[failing.ticket].ready_at = 0
        with pytest.raises(GenerationFailed, match="Call resume_memory_occupation first"):
            await engine.poll(failing.ticket, alone)
        assert (await bench.film(engine, ours)).percent == 100
        assert not server.sleeping
        assert (await bench.film(engine, ours)).percent == 100
        asked = [one.path for one in server.asked if one.method == "POST"]
    free, again = "/release_memory_occupation", "/resume_memory_occupation"
    create = "/v1/videos"
    assert asked == [free, free, create, again, create, again, create]
    assert bench.paid == ["sglang"] * 3


async def test_vllm_omni_is_woken_for_the_next_film(bench: Bench) -> None:
    engine = bench.engine(VLLMOmni)
    async with VLLMOmniStandIn() as server:
        ours, alone = account_at(f"{server.url}/"), account_at(server.url, machine=None)
        await engine.free(ours)
        assert server.level == 1
        waits = await bench.begun(engine, alone)
        assert not (await engine.poll(waits.ticket, alone)).done
        assert (await bench.film(engine, ours)).percent == 100
        assert (await bench.film(engine, ours)).percent == 100
        asked = [one.path for one in server.asked if one.method == "POST"]
    wake, create = "/v1/omni/wakeup", "/v1/videos"
    assert asked == ["/v1/omni/sleep", create, wake, create, wake, create]


@pytest.mark.parametrize("page", [answer(404), answer(501, b'{"detail": "No."}'), b""])
async def test_a_server_that_cannot_be_woken_is_awake(bench: Bench, page: bytes) -> None:
    paths = ("/resume_memory_occupation", "/v1/omni/wakeup")
    taken = answer(body=b'{"id": "video_1", "status": "queued"}')
    async with Site({**dict.fromkeys(paths, page), "/v1/videos": taken}) as site:
        for kind in ENGINES:
            engine = bench.engine(kind)
            begun = await bench.begun(engine, account_at(f"{site.url}/v1"))
            assert begun.ticket == "video_1"


#: What goes wrong at a stand-in, and whose fault that is in which words.
KEPT: list[tuple[type[OwnServer], dict[str, Any], type[FilmgateError], str]] = [
    (SGLang, {"why_not": (400, "pipeline not initialized")}, EngineMisbehaved, "pipeline not"),
    (SGLang, {"why_not": (500, "no FSDP")}, EngineUnavailable, "no FSDP"),
    (SGLang, {"resumes": False}, EngineMisbehaved, "answered 404."),
    (SGLang, {"secret": "another"}, AccountRejected, "answered 401."),
    (VLLMOmni, {"workers": 2}, EngineMisbehaved, "api-server-count"),
    (VLLMOmni, {"why_not": f"CUDA {KEY}"}, EngineMisbehaved, "keeps its memory: CUDA ***"),
    (VLLMOmni, {"why_not": ""}, EngineMisbehaved, "gives no reason"),
]


@pytest.mark.parametrize(("kind", "state", "error", "words"), KEPT)
async def test_who_keeps_its_memory_is_to_blame(
    bench: Bench,
    kind: type[OwnServer],
    state: dict[str, Any],
    error: type[FilmgateError],
    words: str,
) -> None:
    stand_in = SGLangStandIn if kind is SGLang else VLLMOmniStandIn
    async with stand_in(**state) as server:
        with pytest.raises(FilmgateError) as caught:
            await bench.engine(kind).free(account_at(server.url))
    assert type(caught.value) is error
    assert words in caught.value.message
    assert KEY not in caught.value.message
