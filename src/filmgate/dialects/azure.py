"""
`/openai/v1/video/generations`: how Azure OpenAI spoke Sora before it had `/v1/videos`.

Wire format: "Video generation jobs" and "Video generations" of the REST API reference,
https://learn.microsoft.com/azure/ai-foundry/openai/reference-preview-latest.

A job there has up to four videos; each of them is a job here. Ids are the same but for
their beginning, so nothing is kept for the translation's sake: `task_x` and `gen_x` both
mean `video_x`, and the first of several stands for them all. Errors have the envelope of
the OpenAI API, which is Azure's too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Annotated, Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from filmgate.domain.asset import Variant
from filmgate.domain.caller import Caller
from filmgate.domain.errors import FilmgateError, InvalidRequest, NotFound, Unsupported
from filmgate.domain.imported import not_here
from filmgate.domain.job import Job, Status
from filmgate.domain.request import GenerationRequest, Media, Role, Size
from filmgate.gateway.jobs import Gateway
from filmgate.gateway.submission import Given, Submission, Upload
from filmgate.ports import Blobs
from filmgate.web.answers import Page
from filmgate.web.auth import Door
from filmgate.web.endpoint import AFTER, LIMIT, RANGE, endpoint
from filmgate.web.extras import MOST_VARIANTS, Extras, read_int, with_extras
from filmgate.web.field_types import Files, Prompt, const, one_of, says, whole
from filmgate.web.files import file_answer
from filmgate.web.idempotency import identified
from filmgate.web.paging import limit_of, page
from filmgate.web.reading import read, shaped

PATH = "/openai/v1/video/generations"
TASK, GENERATION, OURS = "task_", "gen_", "video_"  #: how ids begin
LARGEST_SIDE = 99_999
LONGEST = 20  #: seconds
LONGEST_ITEMS = 10_000  #: characters of `inpaint_items` in a form

#: Says who made a film: no engine passes for another.
ENGINE = "x-filmgate-engine"

#: The fields of Azure for what the model refuses.
_PARAMS = {"seconds": "n_seconds", "size": "width", "input_reference": "inpaint_items"}


class CropBounds(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    left_fraction: float = 0
    top_fraction: float = 0
    right_fraction: float = 1
    bottom_fraction: float = 1


class InpaintItem(msgspec.Struct, forbid_unknown_fields=True):
    """Where a file of the form belongs in the film."""

    file_name: str
    frame_index: int = 0
    type: str = "image"
    crop_bounds: CropBounds = CropBounds()


class InpaintItems(msgspec.Struct):
    inpaint_items: list[InpaintItem]


_ITEMS = says(type=["string", "array", "null"], items={"type": "object"})
_STATUS = one_of("queued", "preprocessing", "running", "succeeded", "failed", "cancelled")


class JobCreate(Extras, kw_only=True):
    """The body of a create, JSON or form alike."""

    model: str
    prompt: Prompt
    width: Annotated[int | str, whole(1, LARGEST_SIDE)]
    height: Annotated[int | str, whole(1, LARGEST_SIDE)]
    n_seconds: Annotated[int | str | None, whole(1, LONGEST)] = None
    n_variants: Annotated[int | str | None, whole(1, MOST_VARIANTS)] = None
    inpaint_items: Annotated[Any, _ITEMS] = None  # in a form the text of a JSON list
    files: Files = None  # one, or several as files[]


class Generation(msgspec.Struct, kw_only=True):
    object: Annotated[str, const("video.generation")] = "video.generation"
    id: str
    job_id: str
    created_at: int
    width: int
    height: int
    n_seconds: float
    prompt: str


class VideoJob(msgspec.Struct, kw_only=True):
    object: Annotated[str, const("video.generation.job")] = "video.generation.job"
    id: str
    status: Annotated[str, _STATUS]
    created_at: int
    finished_at: int | None
    expires_at: int | None
    generations: list[Generation]
    prompt: str
    model: str
    n_variants: int
    n_seconds: float
    height: int
    width: int
    failure_reason: str | None


class AzureVideos:
    """The endpoints. Each is a parse, a call of the gateway, and a render."""

    def __init__(self, gateway: Gateway, door: Door, blobs: Blobs) -> None:
        self._gateway = gateway
        self._door = door
        self._blobs = blobs

    def routes(self) -> list[Route]:
        one = f"{PATH}/{{generation_id}}"
        return [
            Route(f"{PATH}/jobs", self.create, methods=["POST"]),
            Route(f"{PATH}/jobs", self.list, methods=["GET"]),
            Route(f"{PATH}/jobs/{{job_id}}", self.retrieve, methods=["GET"]),
            Route(f"{PATH}/jobs/{{job_id}}", self.delete, methods=["DELETE"]),
            Route(one, self.generation, methods=["GET"]),
            Route(f"{one}/content/video", self.video, methods=["GET"]),
            Route(f"{one}/content/thumbnail", self.thumbnail, methods=["GET"]),
        ]

    @endpoint(
        "Create a video generation job",
        body=JobCreate,
        answer=VideoJob,
        errors=(503,),
        makes="job_id",
    )
    async def create(self, request: Request) -> Response:
        caller = await self._door.caller(request)
        with _azures_params():
            async with read(request, JobCreate) as body:
                submission = identified(request, self._submission(body), caller)
                job = await self._gateway.submit(submission, caller)
        return _json(render(await self._with_variants(job, caller)))

    @endpoint("List video generation jobs", answer=Page[VideoJob], query=(LIMIT, AFTER))
    async def list(self, request: Request) -> Response:
        """Variants stand in the list as jobs of their own, too."""
        caller = await self._door.caller(request)
        query = request.query_params
        for param in ("before", "statuses"):
            if param in query:
                message = f"'{param}' is not supported here. Leave it out, and use 'after'."
                raise Unsupported(message, param=param)
        after = query.get("after")
        jobs, more = await self._gateway.list(
            caller,
            metadata={},
            after=None if after is None else (await self._job(after, TASK, caller)).id,
            limit=limit_of(query),
            newest_first=True,
        )
        whole = [await self._with_variants(job, caller) for job in jobs]
        listed = page(
            whole, more=more, render=render, id_of=lambda them: _theirs(them[0], TASK)
        )
        return _json(listed)

    @endpoint("Get a video generation job", answer=VideoJob)
    async def retrieve(self, request: Request) -> Response:
        caller = await self._door.caller(request)
        job = await self._job(request.path_params["job_id"], TASK, caller)
        return _json(render(await self._with_variants(job, caller)))

    @endpoint("Delete a video generation job", statuses=(204,))
    async def delete(self, request: Request) -> Response:
        caller = await self._door.caller(request)
        job = await self._job(request.path_params["job_id"], TASK, caller)
        for one in reversed(await self._with_variants(job, caller)):
            await self._gateway.delete(one.id, caller)
        return Response(status_code=204)

    @endpoint("Get a video generation", answer=Generation)
    async def generation(self, request: Request) -> Response:
        caller = await self._door.caller(request)
        generation_id = request.path_params["generation_id"]
        job = await self._job(generation_id, GENERATION, caller)
        if job.shown is not Status.COMPLETED:
            raise _not_found(generation_id)
        return _json(_generation(job, of=job))

    @endpoint("Download a film", media=("video/mp4",), query=(RANGE,), statuses=(200, 206, 302))
    async def video(self, request: Request) -> Response:
        return await self._content(request, Variant.VIDEO, "mp4")

    @endpoint(
        "Download a film's thumbnail",
        media=("image/webp",),
        query=(RANGE,),
        statuses=(200, 206, 302),
    )
    async def thumbnail(self, request: Request) -> Response:
        return await self._content(request, Variant.THUMBNAIL, "webp")

    async def _content(self, request: Request, variant: Variant, extension: str) -> Response:
        caller = await self._door.caller(request)
        generation_id = request.path_params["generation_id"]
        job = await self._job(generation_id, GENERATION, caller)
        _, asset = await self._gateway.output(job.id, variant, caller)
        filename = f"{_theirs(job, GENERATION)}.{extension}"
        response = await file_answer(request, asset, self._blobs, filename=filename)
        response.headers[ENGINE] = job.take.engine
        return response

    def _submission(self, body: JobCreate) -> Submission:
        seconds = body.n_seconds
        request = GenerationRequest(
            model=body.model,
            media=Media.VIDEO,
            prompt=body.prompt,
            size=Size(_side(body.width, "width"), _side(body.height, "height")),
            seconds=None if seconds is None else _number(seconds, LONGEST, "n_seconds"),
        )
        promise, _ = self._gateway.model(body.model)
        submission = with_extras(Submission(request=request, given=_given(body)), body, promise)
        if body.n_variants is None:
            return submission
        count = _number(body.n_variants, MOST_VARIANTS, "n_variants")
        return replace(submission, count=count)

    async def _job(self, given_id: str, prefix: str, caller: Caller) -> Job:
        for job_id in _ours(given_id, prefix):
            with suppress(NotFound):
                return await self._gateway.get(job_id, caller)
        raise not_here(given_id, param="id") if prefix == GENERATION else _not_found(given_id)

    async def _with_variants(self, job: Job, caller: Caller) -> Sequence[Job]:
        """*job* and the others of its request that are still there."""
        jobs = [job]
        for job_id in job.variants:
            with suppress(NotFound):
                jobs.append(await self._gateway.get(job_id, caller))
        return jobs


def render(jobs: Sequence[Job]) -> VideoJob:
    """One request's jobs as Azure's single one."""
    first = jobs[0]
    take = first.take.request
    size = take.size or Size(0, 0)
    ended = [job.finished_at for job in jobs if job.finished_at is not None]
    expires = [job.expires_at for job in jobs if job.expires_at is not None]
    all_ended = len(ended) == len(jobs)
    reasons = [job.failure.code for job in jobs if job.failure is not None]
    return VideoJob(
        id=_theirs(first, TASK),
        status=_status(jobs),
        created_at=int(first.created_at.timestamp()),
        finished_at=int(max(ended).timestamp()) if all_ended else None,
        expires_at=int(min(expires).timestamp()) if expires else None,
        generations=[
            _generation(job, of=first) for job in jobs if job.shown is Status.COMPLETED
        ],
        prompt=take.prompt,
        model=first.request.name,
        n_variants=1 + len(first.variants),
        n_seconds=_seconds(take),
        height=size.height,
        width=size.width,
        failure_reason=reasons[0] if reasons else None,
    )


def _generation(job: Job, *, of: Job) -> Generation:
    take = job.take.request
    size = take.size or Size(0, 0)
    return Generation(
        id=_theirs(job, GENERATION),
        job_id=_theirs(of, TASK),
        created_at=int((job.finished_at or job.created_at).timestamp()),
        width=size.width,
        height=size.height,
        n_seconds=_seconds(take),
        prompt=take.prompt,
    )


def _status(jobs: Sequence[Job]) -> str:
    """Some have a film: it succeeded; Azure's job has as many as could be made."""
    shown = {job.shown for job in jobs}
    match [status for status in Status if status in shown]:
        case [Status.QUEUED]:
            return "queued"
        case [Status.QUEUED | Status.IN_PROGRESS, *_]:
            return "running" if any(job.percent for job in jobs) else "preprocessing"
        case [Status.COMPLETED, *_]:
            return "succeeded"
        case [Status.CANCELLED]:
            return "cancelled"
        case _:
            return "failed"


def _seconds(take: GenerationRequest) -> float:
    """A whole number where it is one: the official clients read no other."""
    seconds = take.total_seconds or 0
    return int(seconds) if seconds == int(seconds) else seconds


def _given(body: JobCreate) -> list[Given]:
    """Each item with the file of its name."""
    files = body.files if isinstance(body.files, list) else [body.files]
    uploads = {file.filename: file for file in files if isinstance(file, Upload)}
    items = _items(body.inpaint_items)
    unused = uploads.keys() - {item.file_name for item in items}
    if unused or len(uploads) < len(items):
        message = "Send each file once in 'files', and one item of 'inpaint_items' for it."
        raise InvalidRequest(message, param="inpaint_items")
    return [_placed(item, uploads) for item in items]


def _items(value: object) -> list[InpaintItem]:
    if value is None:
        return []
    if isinstance(value, str):
        try:
            value = msgspec.json.decode(value[:LONGEST_ITEMS])
        except (msgspec.DecodeError, RecursionError):
            message = (
                "'inpaint_items' is not valid JSON, or has more than "
                f"{LONGEST_ITEMS} characters."
            )
            raise InvalidRequest(message, param="inpaint_items") from None
    return shaped({"inpaint_items": value}, InpaintItems).inpaint_items


def _placed(item: InpaintItem, uploads: Mapping[str, Upload]) -> Given:
    param = "inpaint_items"
    role = {0: Role.FIRST_FRAME, -1: Role.LAST_FRAME}.get(item.frame_index)
    if item.type != "image" or role is None or item.crop_bounds != CropBounds():
        message = (
            "An item of 'inpaint_items' is a whole image, at frame_index 0 or -1. Films go "
            "to /v1/videos/edits and /v1/videos/extensions."
        )
        raise Unsupported(message, param=param)
    return Given(role=role, param=param, upload=uploads[item.file_name])


def _side(value: int | str, param: str) -> int:
    return _number(value, LARGEST_SIDE, param)


def _number(value: int | str, most: int, param: str) -> int:
    return read_int(value, param=param, least=1, most=most)


def _ours(given_id: str, prefix: str) -> Sequence[str]:
    """What it may mean: a film of ours, or one that was imported under an id of its own."""
    if not given_id.startswith(prefix):
        raise _not_found(given_id)
    rest = given_id.removeprefix(prefix)
    return OURS + rest, rest, GENERATION + rest


def _theirs(job: Job, prefix: str) -> str:
    return prefix + job.id.removeprefix(OURS).removeprefix(GENERATION)


def _not_found(given_id: str) -> NotFound:
    return NotFound(f"There is no '{given_id[:80]}' here, or not yet.", param="id")


def _json(content: object) -> Response:
    return Response(msgspec.json.encode(content), media_type="application/json")


@contextmanager
def _azures_params() -> Iterator[None]:
    """Let errors name the fields that Azure's callers know."""
    try:
        yield
    except FilmgateError as error:
        error.param = _PARAMS.get(error.param or "", error.param)
        raise
