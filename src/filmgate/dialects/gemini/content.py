"""
`generateContent` and `streamGenerateContent`: films and stills as answers of a chat.

Wire format: https://ai.google.dev/api/generate-content. Whoever asked last says what to
film. A client that leaves does not stop the job, which is also at `/v1/videos`.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from filmgate.dialects.gemini.content_fields import ContentCreate, ContentReader, naming
from filmgate.dialects.gemini.content_objects import ContentAnswer, render, thought
from filmgate.dialects.gemini.door import ALT, ENGINE, KEYS, MODELS, caller_of, wants_events
from filmgate.dialects.gemini.envelope import GoogleRefused, answer, refused
from filmgate.domain.caller import Caller
from filmgate.domain.errors import FilmgateError, Unsupported
from filmgate.domain.job import Job
from filmgate.gateway.jobs import Gateway
from filmgate.ports import Blobs
from filmgate.web.auth import Door
from filmgate.web.endpoint import endpoint
from filmgate.web.idempotency import identified
from filmgate.web.reading import read
from filmgate.web.streaming import EventStream
from filmgate.web.waiting import PATIENCE, ended, news, result

ARRAY_BEAT = b"\n"  #: between the parts of a JSON array anything blank may stand


class ContentEndpoints:
    """The endpoints: a parse, a call of the gateway, and a wait or a stream."""

    def __init__(
        self, gateway: Gateway, door: Door, blobs: Blobs, *, patience: float = PATIENCE
    ) -> None:
        self._gateway = gateway
        self._door = door
        self._blobs = blobs
        self._reader = ContentReader(gateway)
        self._patience = patience

    def routes(self) -> list[Route]:
        one = f"{MODELS}/{{model:path}}"
        return [
            Route(f"{one}:generateContent", self.generate, methods=["POST"]),
            Route(f"{one}:streamGenerateContent", self.stream, methods=["POST"]),
        ]

    @endpoint(
        "Make a film or stills by a message",
        body=ContentCreate,
        answer=ContentAnswer,
        errors=(502, 503),
        forms=False,
        refused=GoogleRefused,
        keys=KEYS,
    )
    async def generate(self, request: Request) -> Response:
        caller = await caller_of(self._door, request)
        job = await self._submit(request, caller)
        ids = [job.id, *job.variants]
        jobs = await ended(self._gateway, ids, caller, patience=self._patience)
        made = [await result(self._gateway, one) for one in jobs]
        return answer(await render(made, self._blobs), headers={ENGINE: job.take.engine})

    @endpoint(
        "Make a film or a still by a message, and tell how far it is",
        body=ContentCreate,
        answer=list[ContentAnswer],
        streams=(ContentAnswer, GoogleRefused),
        named=False,
        query=(ALT,),
        forms=False,
        refused=GoogleRefused,
        keys=KEYS,
    )
    async def stream(self, request: Request) -> Response:
        caller = await caller_of(self._door, request)
        events = wants_events(request)
        job = await self._submit(request, caller, streamed=True)
        parts = self._parts(job, caller)
        headers = {ENGINE: job.take.engine}
        if events:
            # The SDKs take a comment for a broken answer.
            beat = _event(thought(job, ""))
            return EventStream(_framed(parts, _event), headers=headers, beat=beat)
        return EventStream(
            _array(parts), headers=headers, beat=ARRAY_BEAT, media_type="application/json"
        )

    async def _submit(self, request: Request, caller: Caller, *, streamed: bool = False) -> Job:
        async with read(request, dict[str, Any]) as body:
            submission = self._reader.read(body, request.path_params["model"])
            del body  # perhaps 20 MB of text, of no more use
            if streamed and submission.count > 1:
                message = "A stream has one candidate. Leave it out, or do not stream."
                raise Unsupported(message, param="generationConfig.candidateCount")
            with naming():
                submission = identified(request, submission, caller)
                return await self._gateway.submit(submission, caller)

    async def _parts(self, job: Job, caller: Caller) -> AsyncGenerator[object]:
        """What goes wrong is a part too: the status has been sent by then."""
        try:
            async for line in news(self._gateway, job, caller):
                yield thought(job, line)
            made = await result(self._gateway, await self._gateway.ended(job.id, caller))
            yield await render([made], self._blobs)
        except FilmgateError as error:
            yield refused(error)


def _event(part: object) -> bytes:
    return b"data: " + msgspec.json.encode(part) + b"\r\n\r\n"


async def _framed(
    parts: AsyncGenerator[object], frame: Callable[[object], bytes]
) -> AsyncGenerator[bytes]:
    async with aclosing(parts):
        async for part in parts:
            yield frame(part)


async def _array(parts: AsyncGenerator[object]) -> AsyncGenerator[bytes]:
    """The parts as one JSON array, each as soon as it is there."""
    before = b"["
    async for part in _framed(parts, msgspec.json.encode):
        yield before + part
        before = b",\r\n"
    yield b"]"
