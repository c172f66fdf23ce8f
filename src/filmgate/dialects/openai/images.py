"""
`/v1/images`: generations, edits, variations.

Wire format: https://platform.openai.com/docs/api-reference/images. Each still is a job;
the request waits for all of its own. A client that leaves stops none of them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from filmgate.dialects.openai.envelope import answer, render
from filmgate.dialects.openai.image_answers import ImagesAnswer, Stills
from filmgate.dialects.openai.image_fields import (
    ImageEdit,
    ImageGenerate,
    ImageVariation,
    Reader,
    Wanted,
)
from filmgate.dialects.openai.image_stream import PictureEvent, Pictures
from filmgate.domain.caller import Caller
from filmgate.domain.errors import EngineUnavailable, FilmgateError
from filmgate.domain.job import Job
from filmgate.gateway.jobs import Gateway
from filmgate.ports import Blobs
from filmgate.web.answers import Refused
from filmgate.web.auth import Door
from filmgate.web.endpoint import endpoint
from filmgate.web.idempotency import identified
from filmgate.web.reading import read
from filmgate.web.streaming import EventStream

WAITED = (404, 502, 503)  #: what can go wrong while a request waits
PATIENCE = 600.0  #: seconds that a request waits for its stills
#: Says who made a still: no engine passes for another.
ENGINE = "x-filmgate-engine"


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
        ]

    @endpoint(
        "Make stills",
        body=ImageGenerate,
        answer=ImagesAnswer,
        streams=(PictureEvent, Refused),
        errors=WAITED,
    )
    async def generate(self, request: Request) -> Response:
        caller = await self._door.caller(request)
        async with read(request, ImageGenerate) as body:
            wanted = self._reader.generate(body)
            job = await self._submit(wanted, request, caller)
        return await self._answer(job, wanted, caller)

    @endpoint(
        "Edit a still",
        body=ImageEdit,
        answer=ImagesAnswer,
        streams=(PictureEvent, Refused),
        errors=WAITED,
    )
    async def edit(self, request: Request) -> Response:
        caller = await self._door.caller(request)
        async with read(request, ImageEdit) as body:
            wanted = self._reader.edit(body)
            job = await self._submit(wanted, request, caller)
        return await self._answer(job, wanted, caller)

    @endpoint(
        "Make variations of a still", body=ImageVariation, answer=ImagesAnswer, errors=WAITED
    )
    async def vary(self, request: Request) -> Response:
        caller = await self._door.caller(request)
        async with read(request, ImageVariation) as body:
            wanted = self._reader.vary(body)
            job = await self._submit(wanted, request, caller)
        return await self._answer(job, wanted, caller)

    async def _submit(self, wanted: Wanted, request: Request, caller: Caller) -> Job:
        try:
            submission = identified(request, wanted.submission, caller)
            return await self._gateway.submit(submission, caller)
        finally:
            wanted.close()

    async def _answer(self, job: Job, wanted: Wanted, caller: Caller) -> Response:
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


def _still_running(job_ids: Sequence[str]) -> EngineUnavailable:
    # A retry of the official SDKs goes on waiting for the same jobs.
    message = (
        f"The stills take longer than a request may wait; they go on: {', '.join(job_ids)}. "
        "Send the same request with the same Idempotency-Key to wait on."
    )
    return EngineUnavailable(message, code="still_running", retry_after=timedelta(seconds=1))
