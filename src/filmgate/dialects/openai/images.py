"""
`/v1/images`: generations, edits, variations.

Wire format: https://platform.openai.com/docs/api-reference/images. Each still is a job;
the request waits for all of its own. A client that leaves stops none of them. FakeOAI's
`?async=true` waits for none: `GET /v1/images/{image_id}` says how far they are.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from filmgate.dialects.openai.envelope import answer, render
from filmgate.dialects.openai.image_answers import ImagesAnswer, ImageTask, Stills
from filmgate.dialects.openai.image_fields import (
    Entrance,
    ImageEdit,
    ImageGenerate,
    ImageVariation,
    Reader,
    Wanted,
)
from filmgate.dialects.openai.image_stream import PictureEvent, Pictures
from filmgate.domain.caller import Caller
from filmgate.domain.errors import (
    EngineUnavailable,
    FilmgateError,
    InvalidRequest,
    NotFound,
)
from filmgate.domain.job import Job
from filmgate.domain.request import Media
from filmgate.gateway.jobs import Gateway
from filmgate.ports import Blobs
from filmgate.web.answers import Refused
from filmgate.web.auth import Door
from filmgate.web.edge import SORA, came_by
from filmgate.web.endpoint import Parameter, endpoint
from filmgate.web.extras import read_bool
from filmgate.web.idempotency import identified
from filmgate.web.reading import read
from filmgate.web.streaming import EventStream

WAITED = (404, 502, 503)  #: what can go wrong while a request waits
PATIENCE = 600.0  #: seconds that a request waits for its stills
#: Says who made a still: no engine passes for another.
ENGINE = "x-filmgate-engine"

ASYNC = Parameter(
    name="async", schema={"type": "string", "enum": ["true", "false"], "default": "false"}
)
FORMS = ("b64_json", "url")
RESPONSE_FORMAT = Parameter(
    name="response_format", schema={"type": "string", "enum": list(FORMS)}
)


class Images:
    """The endpoints. Each is a parse, a call of the gateway, and a wait."""

    def __init__(
        self, gateway: Gateway, door: Door, blobs: Blobs, *, patience: float = PATIENCE
    ) -> None:
        self._gateway = gateway
        self._door = door
        self._reader = Reader(gateway)
        self._stills = Stills(gateway, blobs)
        self._patience = patience

    def routes(self) -> list[Route]:
        return [
            Route("/v1/images/generations", self.generate, methods=["POST"]),
            Route("/v1/images/edits", self.edit, methods=["POST"]),
            Route("/v1/images/variations", self.vary, methods=["POST"]),
            Route("/v1/images/{image_id}", self.retrieve, methods=["GET"]),
        ]

    @endpoint(
        "Make stills",
        body=ImageGenerate,
        answer=ImagesAnswer,
        instead=(ImageTask,),
        streams=(PictureEvent, Refused),
        query=(ASYNC,),
        errors=WAITED,
    )
    async def generate(self, request: Request) -> Response:
        caller = await self._door.caller(request)
        entrance = _entrance(request)
        async with read(request, ImageGenerate) as body:
            wanted = self._reader.generate(body, entrance)
            job = await self._submit(wanted, request, caller)
        return await self._answer(job, wanted, caller)

    @endpoint(
        "Edit a still",
        body=ImageEdit,
        answer=ImagesAnswer,
        instead=(ImageTask,),
        streams=(PictureEvent, Refused),
        query=(ASYNC,),
        errors=WAITED,
    )
    async def edit(self, request: Request) -> Response:
        caller = await self._door.caller(request)
        entrance = _entrance(request)
        async with read(request, ImageEdit) as body:
            wanted = self._reader.edit(body, entrance)
            job = await self._submit(wanted, request, caller)
        return await self._answer(job, wanted, caller)

    @endpoint(
        "Make variations of a still",
        body=ImageVariation,
        answer=ImagesAnswer,
        instead=(ImageTask,),
        query=(ASYNC,),
        errors=WAITED,
    )
    async def vary(self, request: Request) -> Response:
        caller = await self._door.caller(request)
        entrance = _entrance(request)
        async with read(request, ImageVariation) as body:
            wanted = self._reader.vary(body, entrance)
            job = await self._submit(wanted, request, caller)
        return await self._answer(job, wanted, caller)

    @endpoint(
        "Get stills that a request did not wait for",
        answer=ImageTask,
        query=(RESPONSE_FORMAT,),
        ours=True,
    )
    async def retrieve(self, request: Request) -> Response:
        caller = await self._door.caller(request)
        form = _form(request.query_params)
        job = await self._known(request.path_params["image_id"], caller)
        linked = job.request.linked if form is None else form == "url"
        return await self._task(job, caller, linked=linked)

    async def _known(self, image_id: str, caller: Caller) -> Job:
        with suppress(NotFound):
            job = await self._gateway.get(image_id, caller)
            if job.request.media is Media.IMAGE:
                return job
        message = f"Image with id '{image_id[:80]}' not found."
        raise NotFound(message, param="image_id")

    async def _task(self, job: Job, caller: Caller, *, linked: bool) -> Response:
        jobs = [job, *[await self._gateway.get(other, caller) for other in job.variants]]
        content = await self._stills.task(jobs, linked=linked)
        return answer(content, headers={ENGINE: job.take.engine})

    async def _submit(self, wanted: Wanted, request: Request, caller: Caller) -> Job:
        try:
            submission = identified(request, wanted.submission, caller)
            return await self._gateway.submit(submission, caller)
        finally:
            wanted.close()

    async def _answer(self, job: Job, wanted: Wanted, caller: Caller) -> Response:
        if wanted.later:
            return await self._task(job, caller, linked=wanted.linked)
        headers = {ENGINE: job.take.engine}
        if wanted.stream:
            pictures = Pictures(self._gateway, self._stills, wanted)
            return EventStream(pictures.events(job, caller), headers=headers)
        jobs = await self._ended([job.id, *job.variants], caller)
        try:
            return answer(await self._stills.answer(jobs, wanted), headers=headers)
        except FilmgateError as error:
            response = render(error)
        # An engine's failure has been retried where that helps. The SDKs would take it for
        # an outage and have the same still made again.
        response.headers["x-should-retry"] = "false"
        return response

    async def _ended(self, job_ids: Sequence[str], caller: Caller) -> list[Job]:
        try:
            async with asyncio.timeout(self._patience):
                return [await self._gateway.ended(job_id, caller) for job_id in job_ids]
        except TimeoutError:
            raise _still_running(job_ids) from None


def _entrance(request: Request) -> Entrance:
    later = read_bool(request.query_params.get("async", "false"), param="async")
    return Entrance(sora=came_by(request.scope) == SORA, later=later)


def _form(query: Mapping[str, str]) -> str | None:
    form = query.get("response_format")
    if form is not None and form not in FORMS:
        known = " and ".join(f"'{one}'" for one in FORMS)
        message = f"Invalid value: '{form[:80]}'. Supported values are: {known}."
        raise InvalidRequest(message, param="response_format")
    return form


def _still_running(job_ids: Sequence[str]) -> EngineUnavailable:
    # A retry of the official SDKs goes on waiting for the same jobs.
    message = (
        f"The stills take longer than a request may wait; they go on: {', '.join(job_ids)}. "
        "Send the same request with the same Idempotency-Key to wait on."
    )
    return EngineUnavailable(message, code="still_running", retry_after=timedelta(seconds=1))
