"""The engine diffusers, with a child process of the test's choice."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import psutil

from filmgate import Account, Media, Progress, Reference, Take, Workshop
from filmgate.domain.request import GenerationRequest
from filmgate.engines.diffusers import Diffusers
from filmgate.outbound import Outbound

ACCOUNT = Account(id="account_1", engine="diffusers", label="x", seats=1, per_node=True)


@dataclass
class Inputs:
    content: bytes

    async def read(self, reference: Reference) -> bytes:
        del reference
        return self.content

    async def save(self, reference: Reference, path: Path) -> None:
        path.write_bytes(await self.read(reference))


async def sending() -> None:
    """Nothing to write down here."""


@dataclass
class Studio:
    engine: Diffusers
    folder: Path
    heard: list[int] = field(default_factory=list)  #: percentages
    before: set[psutil.Process] = field(default_factory=lambda: set(_children()))
    numbers: count[int] = field(default_factory=lambda: count(1))

    def children(self) -> set[psutil.Process]:
        """That live, and were not there before."""
        return set(_children()) - self.before

    async def begun(
        self, model: str, settings: Mapping[str, Any], content: bytes = b"", **fields: Any
    ) -> Progress:
        meant = self.engine.model_of(model, settings)
        request = GenerationRequest(
            model=model, media=Media.VIDEO, **{"prompt": "a kite", **fields}
        )
        meant.check(request)
        take = Take(
            engine="diffusers", model=model, request=meant.fill(request), settings=settings
        )
        return await self.engine.submit(
            take,
            ACCOUNT,
            attempt_id=f"attempt_{next(self.numbers)}",
            inputs=Inputs(content),
            sending=sending,
        )

    async def ended(self, progress: Progress) -> Progress:
        async with asyncio.timeout(120):
            while not progress.done:
                progress = await self.engine.poll(progress.ticket, ACCOUNT)
                self.heard.append(progress.percent)
        return progress

    async def film(
        self, model: str, settings: Mapping[str, Any], content: bytes = b"", **fields: Any
    ) -> Path:
        progress = await self.begun(model, settings, content, **fields)
        (output,) = (await self.ended(progress)).outputs
        assert output.path is not None
        return output.path


def _children() -> list[psutil.Process]:
    return psutil.Process().children()


@asynccontextmanager
async def studio_of(folder: Path, *command: str | Path) -> AsyncIterator[Studio]:
    """With *command* instead of the child that needs torch."""

    class Ours(Diffusers):
        needs = ()

    Ours.command = [str(part) for part in command] or [sys.executable]
    outbound = Outbound()
    engine = Ours(Workshop(folder=folder, cores=1, outbound=outbound))
    try:
        yield Studio(engine, folder)
    finally:
        await engine.free(ACCOUNT)
        await outbound.close()
