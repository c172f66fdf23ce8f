"""Finished stills, as `/v1/images` gives them."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Annotated

import msgspec

from filmgate.dialects.openai.image_fields import Wanted
from filmgate.domain.asset import Asset, Variant
from filmgate.domain.errors import (
    NotFound,
)
from filmgate.domain.job import Job, Status
from filmgate.gateway.jobs import Gateway
from filmgate.ports import Blobs
from filmgate.web.failures import reason
from filmgate.web.field_types import const


class Image(msgspec.Struct):
    """One of the two: the still itself, or the link to it."""

    url: str | msgspec.UnsetType = msgspec.UNSET
    b64_json: str | msgspec.UnsetType = msgspec.UNSET


class TokenDetails(msgspec.Struct, frozen=True):
    text_tokens: int = 0
    image_tokens: int = 0


class Usage(msgspec.Struct, frozen=True):
    """Nothing is counted in tokens here; the SDKs want the numbers all the same."""

    input_tokens: int = 0
    output_tokens: int = 0
    total_tokens: int = 0
    input_tokens_details: TokenDetails = TokenDetails()


class ImagesAnswer(msgspec.Struct):
    created: int  # seconds since 1970
    data: Sequence[Image]
    output_format: str | None
    quality: str
    size: str
    background: Annotated[str, const("opaque")] = "opaque"
    usage: Usage = Usage()


class Stills:
    """From ended jobs to what a caller gets of them."""

    def __init__(self, gateway: Gateway, blobs: Blobs) -> None:
        self._gateway = gateway
        self._blobs = blobs

    async def answer(self, jobs: Sequence[Job], wanted: Wanted) -> ImagesAnswer:
        """All of them, or the error of the first that has no still."""
        data = [await self._image(job, wanted) for job in jobs]
        request = jobs[0].take.request
        return ImagesAnswer(
            created=int(jobs[0].created_at.timestamp()),
            data=data,
            output_format=request.format,
            quality=wanted.quality,
            size=str(request.size),
        )

    async def still(self, job: Job) -> Asset:
        """What an ended job made; an error in its place if there is nothing."""
        asset, _ = await self._found(job)
        return asset

    async def base64(self, asset: Asset) -> str:
        return base64.b64encode(await self._blobs.read(asset.key)).decode()

    async def _image(self, job: Job, wanted: Wanted) -> Image:
        asset, link = await self._found(job)
        return Image(url=link) if wanted.linked else Image(b64_json=await self.base64(asset))

    async def _found(self, job: Job) -> tuple[Asset, str]:
        if job.status is not Status.COMPLETED:
            raise reason(job)
        asset = (await self._gateway.outputs(job.id)).get(Variant.IMAGE)
        link = self._gateway.link(job, Variant.IMAGE)
        # Of an old job the file may go before its row does.
        if asset is None or link is None:
            raise _expired()
        return asset, link


def _expired() -> NotFound:
    message = "The still has expired: its file is gone. Make it again."
    return NotFound(message, code="image_expired")
