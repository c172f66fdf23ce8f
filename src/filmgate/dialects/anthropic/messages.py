"""
`/v1/messages`: films and stills for whoever speaks Anthropic's Messages API.

Wire format: https://docs.claude.com/en/api/messages and `…/messages-streaming`. Whoever
asked last says what to film. A client that leaves does not stop the job, which is also
at `/v1/videos`.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from filmgate.dialects.anthropic.envelope import (
    REQUEST_ID,
    MessagesRefused,
    answer,
    filmgate_error,
    refused,
    request_id,
)
from filmgate.dialects.anthropic.message_fields import MessageCreate, Reader, streams
from filmgate.dialects.anthropic.message_objects import (
    BlockDelta,
    BlockPart,
    BlockStart,
    BlockStop,
    MessageDelta,
    MessageObject,
    MessageStart,
    MessageStop,
    Ping,
    ThoughtBlock,
    render,
    said,
    started,
)
from filmgate.domain.caller import Caller
from filmgate.domain.errors import FilmgateError
from filmgate.domain.job import Job
from filmgate.gateway.jobs import Gateway
from filmgate.web.auth import Door
from filmgate.web.endpoint import endpoint
from filmgate.web.idempotency import identified
from filmgate.web.reading import read
from filmgate.web.streaming import EventStream, event
from filmgate.web.waiting import PATIENCE, ended, news, result

PATH = "/v1/messages"
KEY = "x-api-key"  #: the header that the SDKs send a key in
#: Says who made it: no engine passes for another.
ENGINE = "x-filmgate-engine"


class Messages:
    """The endpoint: a parse, a call of the gateway, and a wait or a stream."""

    def __init__(self, gateway: Gateway, door: Door, *, patience: float = PATIENCE) -> None:
        self._gateway = gateway
        self._door = door
        self._reader = Reader(gateway)
        self._patience = patience

    def routes(self) -> list[Route]:
        return [Route(PATH, self.create, methods=["POST"])]

    @endpoint(
        "Make a film or a still by a message",
        body=MessageCreate,
        answer=MessageObject,
        streams=(
            MessageStart,
            Ping,
            BlockStart,
            BlockDelta,
            BlockStop,
            MessageDelta,
            MessageStop,
            MessagesRefused,
        ),
        errors=(502, 503),
        forms=False,
        refused=MessagesRefused,
        keys=(KEY,),
    )
    async def create(self, request: Request) -> Response:
        caller = await self._door.caller(request, header=KEY)
        async with read(request, MessageCreate) as body:
            submission = identified(request, self._reader.read(body), caller)
            stream = streams(body)
            del body  # perhaps 20 MB of text, of no more use
            job = await self._gateway.submit(submission, caller)
        headers = {ENGINE: job.take.engine, REQUEST_ID: request_id(request)}
        if stream:
            events = self._events(request, job, caller)
            return EventStream(events, headers=headers, beat=_event(Ping()))
        [job] = await ended(self._gateway, [job.id], caller, patience=self._patience)
        try:
            message = render(await result(self._gateway, job))
        except FilmgateError as error:
            response = filmgate_error(request, error)
            # An engine's failure has been retried where that helps. The SDKs would take it
            # for an outage and have the same made again.
            response.headers["x-should-retry"] = "false"
            return response
        return answer(message, request, headers=headers)

    async def _events(
        self, request: Request, job: Job, caller: Caller
    ) -> AsyncGenerator[bytes]:
        """What goes wrong is an event too: the status has been sent by then."""
        yield _event(MessageStart(started(job)))
        yield _event(Ping())
        yield _event(BlockStart(0, ThoughtBlock()))
        try:
            async for line in news(self._gateway, job, caller):
                yield _event(BlockDelta(0, BlockPart(type="thinking_delta", thinking=line)))
            made = await result(self._gateway, await self._gateway.ended(job.id, caller))
        except FilmgateError as error:
            yield _event(refused(request, error))
            return
        yield _event(BlockStop(0))
        block = said(made)
        yield _event(BlockStart(1, msgspec.structs.replace(block, text="")))
        yield _event(BlockDelta(1, BlockPart(type="text_delta", text=block.text)))
        yield _event(BlockStop(1))
        yield _event(MessageDelta())
        yield _event(MessageStop())


def _event(data: Any) -> bytes:
    return event(data.type, data)
