"""An engine for the OpenAI Videos API, and whoever it is to be pointed at."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from filmgate import (
    Account,
    FilmgateError,
    Media,
    Output,
    Progress,
    Size,
    Take,
    Workshop,
)
from filmgate.domain.request import GenerationRequest
from filmgate.engines.openai_videos import OpenAIVideos
from filmgate.outbound import Outbound
from upstreams.site import Site, answer

SECRET = "key-of-nobody-0123456789"
TASK = "/v1/videos/video_1"

ASKED = GenerationRequest(
    model="sora-2", media=Media.VIDEO, prompt="a kite", size=Size(1280, 720), seconds=8.0
)


@dataclass
class Bench:
    engine: OpenAIVideos
    account: Account
    path: Path

    def at(self, url: str) -> Bench:
        return replace(self, account=replace(self.account, base_url=url))

    async def begun(self, request: GenerationRequest = ASKED, **settings: Any) -> Progress:
        take = Take(engine="x", model="sora-2", request=request, settings=settings)

        async def sending() -> None:
            """Nothing to write down here."""

        return await self.engine.submit(
            take, self.account, attempt_id="attempt_1", inputs=self, sending=sending
        )

    async def read(self, _: object) -> bytes:
        raise NotImplementedError

    async def save(self, _: object, __: Path) -> None:
        raise NotImplementedError

    async def ended(self, ticket: str) -> Progress:
        progress = await self.engine.poll(ticket, self.account)
        while not progress.done:
            progress = await self.engine.poll(ticket, self.account)
        return progress

    async def fetched(self, output: Output) -> bytes:
        await self.engine.fetch(output, self.account, self.path)
        return self.path.read_bytes()

    async def error(self, doing: Any) -> FilmgateError:
        with pytest.raises(FilmgateError) as caught:
            await doing
        assert SECRET not in f"{caught.value!r} {caught.value.message}"
        return caught.value

    async def polled(self, page: bytes) -> Any:
        async with Site({TASK: page}) as site:
            there = self.at(f"{site.url}/v1")
            return await there.engine.poll("video_1", there.account)


@asynccontextmanager
async def bench_in(folder: Path) -> AsyncIterator[Bench]:
    outbound = Outbound(private=True, submit=0.5)
    engine = OpenAIVideos(Workshop(folder=folder, cores=1, outbound=outbound))
    account = Account(id="account_1", engine="x", label="x", seats=1, secret=SECRET)
    yield Bench(engine, account, folder / "film.mp4")
    await outbound.close()


def said(http: int = 200, /, **fields: Any) -> bytes:
    return answer(http, json.dumps(fields).encode())
