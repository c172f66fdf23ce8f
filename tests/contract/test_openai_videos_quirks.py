"""What others have made of the OpenAI Videos API, from a create to its film."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from openai import AsyncOpenAI

from filmgate import (
    AccountRejected,
    EngineMisbehaved,
    EngineUnavailable,
    FilmgateError,
    GenerationFailed,
    Output,
    TicketLost,
)
from filmgate.domain.errors import OutputExpired
from upstreams.openai_videos import FLAVOURS
from upstreams.openai_videos import OpenAIVideos as StandIn
from upstreams.sglang import SGLang
from upstreams.site import Page, Site, answer
from upstreams.videos_bench import ASKED, TASK, Bench, bench_in, said
from upstreams.vllm_omni import VLLMOmni

BYTES = b"\x00\x00\x00\x18ftypmp42 a film"


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with bench_in(tmp_path) as made:
        yield made


@pytest.mark.parametrize("flavour", FLAVOURS)
async def test_every_flavour_makes_a_film(bench: Bench, flavour: str) -> None:
    async with StandIn(flavour=FLAVOURS[flavour], seconds=0.02) as standin:
        there = bench.at(standin.url)
        begun = await there.begun()
        (task,) = standin.tasks.values()
        ended = await there.ended(begun.ticket)
        assert begun.ticket == task.id
        assert await there.fetched(ended.outputs[0]) == standin.film(task)
        await there.engine.cancel(begun.ticket, there.account)
    assert standin.refused == []


@pytest.mark.parametrize("flavour", FLAVOURS)
async def test_every_flavour_says_that_a_task_failed_or_is_lost(
    bench: Bench, flavour: str
) -> None:
    async with StandIn(flavour=FLAVOURS[flavour], seconds=0) as standin:
        there = bench.at(standin.url)
        begun = await there.begun(replace(ASKED, prompt="a kite #fails"))
        failure = await there.error(there.ended(begun.ticket))
        lost = await there.error(there.engine.poll("video_2", there.account))
    assert (type(failure), type(lost)) == (GenerationFailed, TicketLost)
    assert failure.message.startswith("It fails: ***.")


@pytest.mark.parametrize("status", [400, 408, 499, 502, 504])
async def test_a_failure_told_by_a_status_of_something_in_between_is_one(
    bench: Bench, status: int
) -> None:
    failed = said(status, id="video_1", status="failed", error={"message": "It took too long"})
    page = said(status, error={"message": "upstream timed out"})
    for told, kind in ((failed, GenerationFailed), (page, None)):
        async with Site({TASK: told}) as site:
            there = bench.at(f"{site.url}/v1")
            error = await there.error(there.engine.poll("video_1", there.account))
        assert (type(error) is GenerationFailed) == (kind is GenerationFailed)


@pytest.mark.filterwarnings("ignore:The Sora API:DeprecationWarning")
@pytest.mark.parametrize("kind", [StandIn, SGLang, VLLMOmni])
async def test_the_official_client_believes_the_stand_ins(kind: type[StandIn]) -> None:
    async with (
        kind(seconds=0.02) as standin,
        AsyncOpenAI(base_url=standin.url, api_key=standin.secret, max_retries=0) as client,
    ):
        video = await client.videos.create(
            model="sora-2", prompt="a kite", seconds="8", size="1280x720"
        )
        while video.status != "completed":
            video = await client.videos.retrieve(video.id)
        film = (await client.videos.download_content(video.id)).content
    (task,) = standin.tasks.values()
    assert film == standin.film(task)
    assert standin.refused == []


CONTENTS: list[tuple[bytes, bytes, type[FilmgateError]]] = [
    (said(hint="none here"), said(id="video_1", status="completed"), EngineMisbehaved),
    (said(404, detail="Still."), said(id="video_1", status="in_progress"), EngineUnavailable),
    (said(id="video_1"), said(id="video_1", status="in_progress"), EngineUnavailable),
    (said(404, detail="Gone."), said(id="video_1", status="completed"), OutputExpired),
    (said(404, detail="Gone."), said(404, detail="Gone."), OutputExpired),
    (said(502), said(id="video_1", status="completed", url="http://x/"), EngineUnavailable),
    (
        said(403, error={"message": "request blocked"}),
        said(status="completed", metadata={"url": f"http://localhost:3000{TASK}/content"}),
        AccountRejected,
    ),
]


@pytest.mark.parametrize(("content", "task", "kind"), CONTENTS)
async def test_a_film_that_is_not_at_its_place(
    bench: Bench, content: bytes, task: bytes, kind: type[FilmgateError]
) -> None:
    async with Site({TASK: task, f"{TASK}/content": content}) as site:
        there = bench.at(f"{site.url}/v1")
        film = Output("video/mp4", url=f"{site.url}{TASK}/content")
        assert type(await there.error(there.fetched(film))) is kind


async def test_a_film_in_a_bucket_is_fetched_from_there(bench: Bench) -> None:
    async with SGLang(cloud=True, seconds=0) as standin:
        there = bench.at(standin.url)
        ended = await there.ended((await there.begun()).ticket)
        assert await there.fetched(ended.outputs[0])


async def test_a_large_film_is_not_looked_into(bench: Bench) -> None:
    film = b"{" + BYTES * 100_000
    async with Site({f"{TASK}/content": answer(body=film)}) as site:
        there = bench.at(f"{site.url}/v1")
        output = Output("video/mp4", url=f"{site.url}{TASK}/content")
        assert await there.fetched(output) == film


@pytest.mark.parametrize(
    "page",
    [
        answer(405, b"<html>"),
        said(405, detail="Method Not Allowed"),
        answer(501),
        said(409, error={"message": "Cancellation in progress."}),
        said(404, error={"message": "Invalid URL (DELETE /v1/videos/video_1)"}),
    ],
)
async def test_who_cannot_stop_a_task_is_not_asked_again(bench: Bench, page: Page) -> None:
    async with Site({TASK: page}) as site:
        there = bench.at(f"{site.url}/v1")
        await there.engine.cancel("video_1", there.account)


async def test_the_operators_settings_go_along_and_change_nothing_of_the_callers(
    bench: Bench,
) -> None:
    async with Site({"/v1/videos": said(id="video_1")}) as site:
        await bench.at(f"{site.url}/v1").begun(seed=7, size="1x1")
    assert json.loads(site.asked[0].body) == {
        "model": "sora-2",
        "prompt": "a kite",
        "seconds": "8",
        "size": "1280x720",
        "seed": 7,
    }


async def test_what_is_left_open_is_not_sent(bench: Bench) -> None:
    async with Site({"/v1/videos": said(id="video_1")}) as site:
        await bench.at(f"{site.url}/v1").begun(replace(ASKED, seconds=None, size=None))
    assert json.loads(site.asked[0].body) == {"model": "sora-2", "prompt": "a kite"}


async def test_models_by_their_names(bench: Bench) -> None:
    async with StandIn() as standin:
        there = bench.at(standin.url)
        found = await there.engine.discover(there.account)
    assert [model.name for model in found] == ["sora-2", "somebodys-own"]
    assert len(found[0].sizes) < len(found[1].sizes)  # type: ignore[arg-type]
