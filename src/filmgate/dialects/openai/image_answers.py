"""Finished stills, as `/v1/images` gives them."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Annotated

import msgspec

from filmgate.dialects.openai.image_fields import Wanted
from filmgate.dialects.openai.video_objects import STATUS, Failed
from filmgate.domain.asset import Asset, Variant
from filmgate.domain.errors import NotFound
from filmgate.domain.job import Job, Status
from filmgate.gateway.jobs import Gateway
from filmgate.ports import Blobs
from filmgate.web.failures import reason
from filmgate.web.field_types import const, one_of, says


class Image(msgspec.Struct):
    """One of the two: the still itself, or the link to it."""

    url: str | msgspec.UnsetType = msgspec.UNSET
    b64_json: str | msgspec.UnsetType = msgspec.UNSET
    revised_prompt: str | msgspec.UnsetType = msgspec.UNSET  # the better one, if it was wanted


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


class ImageTask(msgspec.Struct, kw_only=True):
    """Stills that nobody waits for: how far they are, and all of them in the end."""

    id: str  # of the first of them
    object: Annotated[str, const("image")] = "image"
    status: Annotated[str, one_of("queued", "in_progress", "completed", "failed")]
    progress: Annotated[int, says(minimum=0, maximum=100)]  # of all of them
    created: int  # seconds since 1970
    created_at: int  # the same
    model: str
    data: Sequence[Image]  # empty until they are all done; if some failed, the others
    error: Failed | None


class Stills:
    """From ended jobs to what a caller gets of them."""

    def __init__(self, gateway: Gateway, blobs: Blobs) -> None:
        self._gateway = gateway
        self._blobs = blobs

    async def answer(self, jobs: Sequence[Job], wanted: Wanted) -> ImagesAnswer:
        """All of them, or the error of the first that has no still."""
        data = [await self._image(job, linked=wanted.linked) for job in jobs]
        request = jobs[0].take.request
        return ImagesAnswer(
            created=int(jobs[0].created_at.timestamp()),
            data=data,
            output_format=request.format,
            quality=wanted.quality,
            size=str(request.size),
        )

    async def task(self, jobs: Sequence[Job], *, linked: bool) -> ImageTask:
        """All of them as they are now; `NotFound` if one has expired."""
        first = jobs[0]
        created = int(first.created_at.timestamp())
        status = _status(jobs)
        ended = status in ("completed", "failed")
        done = [job for job in jobs if ended and job.status is Status.COMPLETED]
        failed = next((reason(job) for job in jobs if ended and job not in done), None)
        return ImageTask(
            id=first.id,
            status=status,
            progress=sum(job.percent for job in jobs) // len(jobs),
            created=created,
            created_at=created,
            model=first.request.name,
            data=[await self._image(job, linked=linked) for job in done],
            error=Failed(code=failed.code, message=failed.message) if failed else None,
        )

    async def still(self, job: Job) -> Asset:
        """What an ended job made; an error in its place if there is nothing."""
        asset, _ = await self._found(job)
        return asset

    async def base64(self, asset: Asset) -> str:
        return base64.b64encode(await self._blobs.read(asset.key)).decode()

    async def _image(self, job: Job, *, linked: bool) -> Image:
        asset, link = await self._found(job)
        better = job.request.enhanced or msgspec.UNSET
        if linked:
            return Image(url=link, revised_prompt=better)
        return Image(b64_json=await self.base64(asset), revised_prompt=better)

    async def _found(self, job: Job) -> tuple[Asset, str]:
        if job.status is not Status.COMPLETED:
            raise reason(job)
        asset = (await self._gateway.outputs(job.id)).get(Variant.IMAGE)
        link = self._gateway.link(job, Variant.IMAGE)
        # Of an old job the file may go before its row does.
        if asset is None or link is None:
            raise _expired()
        return asset, link


def _status(jobs: Sequence[Job]) -> str:
    """Of several together: failed once all have ended, if one has failed."""
    found = {STATUS[job.shown] for job in jobs}
    if len(found) == 1:
        return found.pop()
    return "failed" if found <= {"completed", "failed"} else "in_progress"


def _expired() -> NotFound:
    message = "The still has expired: its file is gone. Make it again."
    return NotFound(message, code="image_expired")
