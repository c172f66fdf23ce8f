"""
`predictLongRunning`: films as operations, which are asked after until they are done.

Wire format: https://ai.google.dev/gemini-api/docs/video. Nothing is kept for the
translation's sake: `operations/x` and `files/x` both mean `video_x`, and the first of
several stands for them all.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Annotated

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from filmgate.dialects.gemini.door import ENGINE, KEYS, MODELS, ROOT, caller_of
from filmgate.dialects.gemini.envelope import (
    GoogleRefused,
    OperationError,
    answer,
    operation_error,
)
from filmgate.dialects.gemini.media import OURS, job_id
from filmgate.dialects.gemini.prediction_fields import Prediction, PredictionReader, naming
from filmgate.domain.asset import Variant
from filmgate.domain.caller import Caller
from filmgate.domain.errors import FilmgateError, NotFound
from filmgate.domain.imported import ELSEWHERE, not_here
from filmgate.domain.job import Job
from filmgate.gateway.jobs import Gateway
from filmgate.ports import Blobs
from filmgate.web.auth import Door
from filmgate.web.endpoint import RANGE, endpoint
from filmgate.web.field_types import const
from filmgate.web.files import file_answer
from filmgate.web.idempotency import identified
from filmgate.web.reading import read
from filmgate.web.waiting import Result, result

_RESPONSE = "type.googleapis.com/google.ai.generativelanguage.v1beta.PredictLongRunningResponse"


class SampleVideo(msgspec.Struct, rename="camel"):
    uri: str  # which needs a key
    mime_type: str
    encoding: str  # the same, as older SDKs read it


class Sample(msgspec.Struct):
    video: SampleVideo


class VideoResponse(msgspec.Struct, rename="camel"):
    generated_samples: Sequence[Sample]


class OperationResponse(msgspec.Struct, rename="camel"):
    generate_video_response: VideoResponse
    kind: Annotated[str, const(_RESPONSE)] = msgspec.field(default=_RESPONSE, name="@type")


class OperationMetadata(msgspec.Struct, rename="camel"):
    """The ids of `/v1/videos`; how far they are; links that need no key."""

    video_ids: Sequence[str]
    progress_percent: int
    links: Sequence[str]


class OperationObject(msgspec.Struct, omit_defaults=True):
    """`response` or `error` once it is done."""

    name: str
    metadata: OperationMetadata
    done: bool = False
    response: OperationResponse | None = None
    error: OperationError | None = None


class Operations:
    """The endpoints. Each is a parse, a call of the gateway, and a render."""

    def __init__(self, gateway: Gateway, door: Door, blobs: Blobs) -> None:
        self._gateway = gateway
        self._door = door
        self._blobs = blobs
        self._reader = PredictionReader(gateway)

    def routes(self) -> list[Route]:
        one = f"{MODELS}/{{model:path}}"
        return [
            Route(f"{one}:predictLongRunning", self.predict, methods=["POST"]),
            Route(
                f"{one}/operations/{{operation_id}}", self.operation_of_model, methods=["GET"]
            ),
            Route(f"{ROOT}/operations/{{operation_id}}", self.operation, methods=["GET"]),
            Route(f"{ROOT}/files/{{name:path}}:download", self.download, methods=["GET"]),
        ]

    @endpoint(
        "Make films: an operation",
        body=Prediction,
        answer=OperationObject,
        errors=(503,),
        forms=False,
        refused=GoogleRefused,
        keys=KEYS,
    )
    async def predict(self, request: Request) -> Response:
        caller = await caller_of(self._door, request)
        async with read(request, Prediction) as body:
            submission = self._reader.read(body, request.path_params["model"])
            del body  # perhaps 20 MB of text, of no more use
            with naming():
                submission = identified(request, submission, caller)
                job = await self._gateway.submit(submission, caller)
        return await self._answer(job, caller)

    @endpoint("Get an operation", answer=OperationObject, refused=GoogleRefused, keys=KEYS)
    async def operation(self, request: Request) -> Response:
        caller = await caller_of(self._door, request)
        job = await self._job(request.path_params["operation_id"], caller)
        return await self._answer(job, caller)

    @endpoint(
        "Get an operation by its whole name",
        answer=OperationObject,
        refused=GoogleRefused,
        keys=KEYS,
    )
    async def operation_of_model(self, request: Request) -> Response:
        return await self.operation(request)

    @endpoint(
        "Download a film",
        media=("video/mp4",),
        query=(RANGE,),
        statuses=(200, 206, 302),
        refused=GoogleRefused,
        keys=KEYS,
    )
    async def download(self, request: Request) -> Response:
        caller = await caller_of(self._door, request)
        # The SDKs cut the name out of https:// links alone, and send others as they are.
        name = request.path_params["name"].rpartition("/")[2]
        found = await self._job(name, caller)
        job, asset = await self._gateway.output(found.id, Variant.VIDEO, caller)
        filename = f"{job.id}.mp4"
        response = await file_answer(request, asset, self._blobs, filename=filename)
        response.headers[ENGINE] = job.take.engine
        return response

    async def _answer(self, job: Job, caller: Caller) -> Response:
        jobs = [job]
        for variant in job.variants:
            with suppress(NotFound):
                jobs.append(await self._gateway.get(variant, caller))
        results, error = await self._ended(jobs)
        operation = render(jobs, results, error)
        return answer(operation, headers={ENGINE: job.take.engine})

    async def _ended(self, jobs: Sequence[Job]) -> tuple[list[Result], FilmgateError | None]:
        """What there is once all have ended, and why there is nothing of the first."""
        if not all(job.status.ended for job in jobs):
            return [], None
        results: list[Result] = []
        errors: list[FilmgateError] = []
        for job in jobs:
            try:
                results.append(await result(self._gateway, job))
            except FilmgateError as error:
                errors.append(error)
        return results, None if results else errors[0]

    async def _job(self, operation_id: str, caller: Caller) -> Job:
        with suppress(NotFound):
            return await self._gateway.get(job_id(operation_id), caller)
        if operation_id.startswith(ELSEWHERE):
            raise not_here(operation_id, param="name")
        message = f"There is no '{operation_id[:80]}' here."
        raise NotFound(message, param="name")


def render(
    jobs: Sequence[Job], results: Sequence[Result], error: FilmgateError | None
) -> OperationObject:
    """One request's jobs as an operation."""
    first = jobs[0]
    percent = sum(job.percent for job in jobs) // len(jobs)
    operation = OperationObject(
        name=f"models/{first.request.name}/operations/{_theirs(first)}",
        metadata=OperationMetadata(
            video_ids=[job.id for job in jobs],
            progress_percent=percent,
            links=[one.link for one in results],
        ),
    )
    if error is not None:
        operation.done, operation.error = True, operation_error(error)
    elif results:
        samples = [Sample(video=_video(one)) for one in results]
        video_response = VideoResponse(generated_samples=samples)
        operation.done, operation.response = True, OperationResponse(video_response)
    return operation


def _video(one: Result) -> SampleVideo:
    base = one.link.rpartition("/films/")[0]
    uri = f"{base}{ROOT}/files/{_theirs(one.job)}:download?alt=media"
    return SampleVideo(uri=uri, mime_type=one.asset.media_type, encoding=one.asset.media_type)


def _theirs(job: Job) -> str:
    return job.id.removeprefix(OURS)
