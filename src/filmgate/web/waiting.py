"""Until a job has ended: what to tell meanwhile, and what it made."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from filmgate.domain.asset import Asset, Variant
from filmgate.domain.caller import Caller
from filmgate.domain.errors import EngineUnavailable, NotFound
from filmgate.domain.events import EventKind
from filmgate.domain.job import Job
from filmgate.domain.request import Media
from filmgate.gateway.jobs import Gateway
from filmgate.gateway.links import main_variant
from filmgate.web.failures import link_to

PATIENCE = 600.0  #: seconds that a request waits for what it asked for
_NEWS = {
    EventKind.CREATED: "Queued.",
    EventKind.STARTED: "Started.",
    EventKind.INTERRUPTED: "Queued again.",
    EventKind.RETRIED: "Queued again.",
}


@dataclass(frozen=True, kw_only=True)
class Result:
    """What a completed job made: the film or the still, and links to all of its files."""

    job: Job
    asset: Asset
    links: Mapping[Variant, str]

    @property
    def link(self) -> str:
        return self.links[main_variant(self.job)]

    @property
    def markdown(self) -> str:
        """The film as a fenced player and a link; the still as an image."""
        if self.job.request.media is Media.IMAGE:
            return f"![{self.job.id}]({self.link})"
        player = f"```html\n<video src='{self.link}' controls></video>\n```"
        return f"{player}\n\n[{self.job.id}]({self.link})"


async def news(gateway: Gateway, job: Job, caller: Caller) -> AsyncIterator[str]:
    """A line for everything that happens to *job* on its way."""
    async for one in gateway.watch(job.id, caller):
        if one.kind is EventKind.PROGRESS:
            yield f"{one.percent} %\n"
        elif one.kind in _NEWS:
            yield f"{_NEWS[one.kind]}\n"


async def ended(
    gateway: Gateway, job_ids: Sequence[str], caller: Caller, *, patience: float = PATIENCE
) -> list[Job]:
    """All of them; `EngineUnavailable` when that takes more than *patience* seconds."""
    try:
        async with asyncio.timeout(patience):
            return [await gateway.ended(job_id, caller) for job_id in job_ids]
    except TimeoutError:
        # A retry of the official SDKs goes on waiting for the same jobs.
        message = (
            f"It takes longer than a request may wait, and goes on: {', '.join(job_ids)}. "
            "Send the same request with the same Idempotency-Key to wait on."
        )
        again = timedelta(seconds=1)
        raise EngineUnavailable(message, code="still_running", retry_after=again) from None


async def result(gateway: Gateway, job: Job) -> Result:
    """What an ended job made; an error in its place if there is nothing."""
    link = link_to(gateway, job)
    assets = await gateway.outputs(job.id)
    variant = main_variant(job)
    if variant not in assets:
        # Of an old job the file may go before its row does.
        message = f"What '{job.id}' made has expired: its file is gone. Make it again."
        raise NotFound(message, code="video_expired")
    links = {one: gateway.link(job, one) or link for one in assets}
    return Result(job=job, asset=assets[variant], links=links)
