"""
`/v1/videos`: create, retrieve, list, delete, content.

Wire format: https://platform.openai.com/docs/api-reference/videos, with the
sizes and seconds that its guide of March 2026 adds.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, cast

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from filmgate.dialects.openai.envelope import answer
from filmgate.domain.asset import Variant
from filmgate.domain.errors import InvalidRequest
from filmgate.domain.job import Job, Status
from filmgate.domain.request import GenerationRequest, Media, Role, Size
from filmgate.gateway.jobs import Gateway, Upload
from filmgate.ports import Blobs
from filmgate.web.auth import Door
from filmgate.web.files import file_answer
from filmgate.web.multipart import IN_MEMORY
from filmgate.web.reading import read, shaped

#: Milliseconds after which the SDKs' poll helpers ask again.
POLL_AFTER = 1000
DEFAULT_MODEL = "sora-2"
#: Says who made a film, beside `engine` in the object: no engine passes for another.
ENGINE = "x-filmgate-engine"
DEFAULT_PAGE, LARGEST_PAGE = 20, 100

_EXTENSIONS = {
    Variant.VIDEO: "mp4",
    Variant.THUMBNAIL: "webp",
    Variant.SPRITESHEET: "jpg",
}


class VideoCreate(msgspec.Struct, forbid_unknown_fields=True):
    """The body of a create, JSON or form alike."""

    prompt: str
    model: str | None = None
    seconds: str | int | float | None = None
    size: str | None = None
    input_reference: Any = None  # a file, or an ImageReference


class ImageReference(msgspec.Struct, forbid_unknown_fields=True):
    """Exactly one of the two."""

    image_url: str | None = None
    file_id: str | None = None


class Failed(msgspec.Struct):
    code: str
    message: str


class Video(msgspec.Struct):
    """The contract's thirteen keys, and who made the film."""

    id: str
    model: str
    status: str
    progress: int
    created_at: int  # seconds since 1970
    completed_at: int | None
    expires_at: int | None
    prompt: str
    size: str
    seconds: str
    remixed_from_video_id: str | None
    error: Failed | None
    engine: str
    object: str = "video"


class Videos:
    """The endpoints. Each is a parse, a call of the gateway, and a render."""

    def __init__(self, gateway: Gateway, door: Door, blobs: Blobs) -> None:
        self._gateway = gateway
        self._door = door
        self._blobs = blobs

    def routes(self) -> list[Route]:
        return [
            Route("/v1/videos", self.create, methods=["POST"]),
            Route("/v1/videos", self.list, methods=["GET"]),
            Route("/v1/videos/{video_id}", self.retrieve, methods=["GET"]),
            Route("/v1/videos/{video_id}", self.delete, methods=["DELETE"]),
            Route("/v1/videos/{video_id}/content", self.content, methods=["GET"]),
        ]

    async def create(self, request: Request) -> Response:
        caller = await self._door.caller(request)
        async with read(request, VideoCreate) as body:
            parsed = parse(body)
            upload = read_reference(body.input_reference)
            if upload is None:
                return _answer(await self._gateway.submit(parsed, caller))
            body.input_reference = None  # perhaps 20 MB of text, of no more use
            with upload.file:
                uploads = {Role.FIRST_FRAME: upload}
                return _answer(await self._gateway.submit_with(parsed, caller, uploads))

    async def retrieve(self, request: Request) -> Response:
        caller = await self._door.caller(request)
        return _answer(await self._gateway.get(request.path_params["video_id"], caller))

    async def list(self, request: Request) -> Response:
        caller = await self._door.caller(request)
        query = request.query_params
        jobs, more = await self._gateway.list(
            caller,
            after=query.get("after"),
            limit=_limit(query),
            newest_first=_newest_first(query),
        )
        return answer(
            {
                "object": "list",
                "data": [render(job) for job in jobs],
                "first_id": jobs[0].id if jobs else None,
                "last_id": jobs[-1].id if jobs else None,
                "has_more": more,
            }
        )

    async def delete(self, request: Request) -> Response:
        caller = await self._door.caller(request)
        video_id = request.path_params["video_id"]
        await self._gateway.delete(video_id, caller)
        return answer({"id": video_id, "object": "video.deleted", "deleted": True})

    async def content(self, request: Request) -> Response:
        caller = await self._door.caller(request)
        video_id = request.path_params["video_id"]
        variant = _variant(request.query_params)
        job, asset = await self._gateway.output(video_id, variant, caller)
        filename = f"{video_id}.{_EXTENSIONS[variant]}"
        response = file_answer(request, asset, self._blobs, filename=filename)
        response.headers[ENGINE] = job.plan.takes[0].engine
        return response


def parse(body: VideoCreate) -> GenerationRequest:
    """Raises `InvalidRequest` naming the field."""
    return GenerationRequest(
        model=DEFAULT_MODEL if body.model is None else body.model,
        media=Media.VIDEO,
        prompt=body.prompt,
        size=None if body.size is None else read_size(body.size),
        seconds=None if body.seconds is None else read_seconds(body.seconds),
    )


def render(job: Job) -> Video:
    take = job.plan.takes[0]
    done = job.status is Status.COMPLETED
    return Video(
        id=job.id,
        model=job.request.model,
        status=_STATUS[job.status],
        progress=job.percent,
        created_at=int(job.created_at.timestamp()),
        completed_at=int(job.finished_at.timestamp()) if done and job.finished_at else None,
        expires_at=int(job.expires_at.timestamp()) if job.expires_at else None,
        prompt=job.request.prompt,
        size=str(take.request.size),
        seconds=f"{take.request.seconds:g}",
        remixed_from_video_id=None,
        error=_failed(job),
        engine=take.engine,
    )


def read_size(text: str) -> Size:
    size = Size.read(text)
    if size is None:
        message = f"Invalid value: '{text[:80]}'. A size is WIDTHxHEIGHT, such as 1280x720."
        raise InvalidRequest(message, param="size")
    return size


def read_seconds(value: str | float) -> float:
    """The contract's string, or the number that many clients send."""
    if not re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,3})?", str(value)):
        message = (
            f"Invalid value: '{str(value)[:80]}'. Seconds are a positive number with up "
            "to three decimals, such as '8'."
        )
        raise InvalidRequest(message, param="seconds")
    return float(value)


def read_reference(value: object) -> Upload | None:
    """A file, `{"image_url": "data:…"}`, or nothing."""
    param = "input_reference"
    if value is None or isinstance(value, Upload):
        return value
    if not isinstance(value, Mapping):
        kind = _KINDS[type(value)]
        message = f"Invalid type for '{param}': expected a file, but got {kind} instead."
        raise InvalidRequest(message, param=param, code="invalid_type")
    reference = shaped(value, ImageReference, at=param)
    if (reference.image_url is None) == (reference.file_id is None):
        message = f"'{param}' needs exactly one of image_url and file_id."
        raise InvalidRequest(message, param=param)
    if reference.file_id is not None:
        message = f"No file with id '{reference.file_id[:80]}' is here. Send the image."
        raise InvalidRequest(message, param=f"{param}.file_id", code="file_not_found")
    return _data_url(reference.image_url or "", param=f"{param}.image_url")


def _data_url(url: str, *, param: str) -> Upload:
    head, comma, data = url.partition(",")
    if not (head.startswith("data:") and head.endswith(";base64") and comma):
        message = (
            f"'{param}' is not a base64 data URL (data:image/png;base64,…), the only "
            "kind of link that is read here so far. Send the image itself."
        )
        raise InvalidRequest(message, param=param)
    try:
        content = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        message = f"'{param}' is not valid base64."
        raise InvalidRequest(message, param=param) from None
    # Onto the disk, because many may wait for their turn to be looked at.
    file = cast("BinaryIO", SpooledTemporaryFile(max_size=IN_MEMORY))  # noqa: SIM115
    file.write(content)
    return Upload(param=param, file=file)


#: Everything in JSON or a form that is neither an object, a file nor null.
_KINDS = {
    str: "a string",
    bool: "a boolean",
    int: "an integer",
    float: "a number",
    list: "an array",
}

#: The dialect has no word for cancelled.
_STATUS = {
    Status.QUEUED: "queued",
    Status.IN_PROGRESS: "in_progress",
    Status.COMPLETED: "completed",
    Status.FAILED: "failed",
    Status.CANCELLED: "failed",
}


def _failed(job: Job) -> Failed | None:
    if job.failure is not None:
        return Failed(code=job.failure.code, message=job.failure.message)
    if job.status is Status.CANCELLED:
        return Failed(code="cancelled", message="The job was cancelled.")
    return None


def _answer(job: Job) -> Response:
    headers = {ENGINE: job.plan.takes[0].engine}
    if not job.status.ended:
        headers["openai-poll-after-ms"] = str(POLL_AFTER)
    return answer(render(job), headers=headers)


def _limit(query: Mapping[str, str]) -> int:
    text = query.get("limit", str(DEFAULT_PAGE))
    if not re.fullmatch("[0-9]{1,3}", text) or int(text) > LARGEST_PAGE:
        message = f"Invalid value: '{text[:80]}'. A limit is from 0 to {LARGEST_PAGE}."
        raise InvalidRequest(message, param="limit")
    return int(text)


def _newest_first(query: Mapping[str, str]) -> bool:
    order = query.get("order", "desc")
    if order not in ("asc", "desc"):
        message = f"Invalid value: '{order[:80]}'. Supported values are: 'asc', and 'desc'."
        raise InvalidRequest(message, param="order")
    return order == "desc"


def _variant(query: Mapping[str, str]) -> Variant:
    text = query.get("variant", "video")
    if text not in ("video", "thumbnail", "spritesheet"):
        message = (
            f"Invalid value: '{text[:80]}'. Supported values are: 'video', "
            "'thumbnail', and 'spritesheet'."
        )
        raise InvalidRequest(message, param="variant")
    return Variant(text)
