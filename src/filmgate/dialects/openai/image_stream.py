"""Stills as server-sent events: what they look like on the way, then what they are."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from datetime import datetime
from typing import Annotated

import msgspec

from filmgate.dialects.openai.envelope import render
from filmgate.dialects.openai.image_answers import Stills, Usage
from filmgate.dialects.openai.image_fields import Wanted
from filmgate.domain.asset import Asset
from filmgate.domain.caller import Caller
from filmgate.domain.errors import FilmgateError
from filmgate.domain.job import Job
from filmgate.gateway.jobs import Gateway
from filmgate.web.field_types import const, says
from filmgate.web.streaming import event


class PictureEvent(msgspec.Struct):
    """A look on the way has a number, the still itself a usage."""

    type: Annotated[str, says(pattern=r"^image_(generation|edit)\.(partial_image|completed)$")]
    b64_json: str
    created_at: int  # seconds since 1970
    size: str
    quality: str
    output_format: str
    background: Annotated[str, const("opaque")] = "opaque"
    partial_image_index: int | msgspec.UnsetType = msgspec.UNSET
    usage: Usage | msgspec.UnsetType = msgspec.UNSET


class Pictures:
    """The events of one still, whole."""

    def __init__(self, gateway: Gateway, stills: Stills, wanted: Wanted) -> None:
        self._gateway = gateway
        self._stills = stills
        self._wanted = wanted

    async def events(self, job: Job, caller: Caller) -> AsyncGenerator[bytes]:
        """What goes wrong is an event too: the status has been sent by then."""
        try:
            async for look in self._on_the_way(job, caller):
                yield look
            job = await self._gateway.ended(job.id, caller)
            asset = await self._stills.still(job)
            at = job.finished_at or job.created_at
            yield await self._event(job, asset, at)
        except FilmgateError as error:
            yield event("error", msgspec.Raw(bytes(render(error).body)))

    async def _on_the_way(self, job: Job, caller: Caller) -> AsyncIterator[bytes]:
        shown = 0
        async for news in self._gateway.watch(job.id, caller):
            previews = await self._gateway.previews(job.id)
            for preview in previews[shown : self._wanted.partial]:
                yield await self._event(job, preview, news.at, number=shown)
                shown += 1

    async def _event(
        self, job: Job, asset: Asset, at: datetime, *, number: int | None = None
    ) -> bytes:
        """A look on the way if it has a *number*, else the still."""
        kind = f"{self._wanted.kind}.{'completed' if number is None else 'partial_image'}"
        content = PictureEvent(
            type=kind,
            b64_json=await self._stills.base64(asset),
            created_at=int(at.timestamp()),
            size=str(job.take.request.size),
            quality=self._wanted.quality,
            output_format=asset.media_type.removeprefix("image/"),
            partial_image_index=msgspec.UNSET if number is None else number,
            usage=Usage() if number is None else msgspec.UNSET,
        )
        return event(kind, content)
