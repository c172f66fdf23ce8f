"""
Answers that come little by little, as server-sent events.

https://html.spec.whatwg.org/multipage/server-sent-events.html. Only what an event's data
is matters here: its name, its number and comments are passed over.
"""

from __future__ import annotations

import asyncio
import io
from codecs import getincrementaldecoder
from collections.abc import AsyncGenerator, Iterator
from contextlib import closing
from typing import TYPE_CHECKING

from filmgate.domain.errors import EngineMisbehaved, EngineUnavailable, EngineUnreachable
from filmgate.outbound.addresses import NotReached
from filmgate.outbound.calls import MOST_ANSWERED, way_of, whole
from filmgate.outbound.verdicts import failed
from filmgate.outbound.wire import CHUNK, IDLE, Departure, Wire, reaching
from filmgate.ports.calls import Call, Explain

if TYPE_CHECKING:
    from aiohttp import ClientResponse

STREAM = "text/event-stream"
LONGEST = 600.0  #: seconds until the last event
LARGEST = 1 << 20  #: characters of one event


async def events(
    wire: Wire, call: Call, *, explain: Explain, within: float
) -> AsyncGenerator[str]:
    """`ports.Streams.events`."""
    response = await _begun(wire, call, explain=explain, within=within)
    with closing(response):
        host, reader = str(response.url.raw_host), Reader(str(response.url.raw_host))
        # Of each read, not of all: whoever listens may do so from one task after another.
        until = asyncio.get_running_loop().time() + LONGEST
        while chunk := await _read(response, host, until):
            for data in reader.feed(chunk):
                yield data


async def _begun(wire: Wire, call: Call, *, explain: Explain, within: float) -> ClientResponse:
    """A stream of which nothing is read yet, or an error. Whoever gets it closes it."""
    departure = Departure(None, within)
    try:
        link = await wire.link(call.url)
        host = str(link.raw_host)
        way, headers = way_of(call, link, once=True)
        async with departure.limit:
            response = await wire.request(
                call.method, link, way=way, body=call.body, headers=headers,
                departure=departure, proxy=call.proxy,
            )  # fmt: skip
            if response.status == 200 and response.content_type == STREAM:
                return response
            with closing(response):
                answer = await whole(response)
    except (NotReached, TimeoutError) as error:
        said = str(error) or f"{host} did not answer within {within:g} s."
        if departure.left:
            raise EngineUnavailable(said, unanswered=True) from None
        raise EngineUnreachable(said) from None
    finally:
        departure.over()
    if 200 <= answer.status < 300:
        message = f"{host} answered {answer.status} with what is no stream of events."
        raise EngineMisbehaved(message, unanswered=True)
    raise failed(host, call, answer, explain)


async def _read(response: ClientResponse, host: str, until: float) -> bytes:
    idle = asyncio.get_running_loop().time() + IDLE
    said = f"{host} has not come to an end within {LONGEST:g} s."
    if idle < until:
        said = f"{host} has sent nothing for {IDLE:g} s."
    try:
        async with asyncio.timeout_at(min(idle, until)):
            with reaching(host):
                return await response.content.read(CHUNK)
    except (NotReached, TimeoutError) as error:
        raise EngineUnavailable(str(error) or said, unanswered=True) from None


class Reader:
    """Cuts what comes into events. What an unfinished one has is dropped at the end."""

    def __init__(self, host: str) -> None:
        self._host = host
        text = getincrementaldecoder("utf-8-sig")("replace")
        self._decoder = io.IncrementalNewlineDecoder(text, translate=True)
        self._left = ""  #: of a line
        self._data: list[str] = []
        self._come = 0

    def feed(self, chunk: bytes) -> Iterator[str]:
        """The data of every event that *chunk* ends; `EngineMisbehaved` if it is too much."""
        *lines, self._left = (self._left + self._decoder.decode(chunk)).split("\n")
        self._come += len(chunk)
        if self._come > MOST_ANSWERED or len(self._left) + sum(map(len, self._data)) > LARGEST:
            message = f"{self._host} answered with more than anybody reads."
            raise EngineMisbehaved(message, unanswered=True)
        for line in lines:
            name, _, value = line.partition(":")
            if name == "data":
                self._data.append(value.removeprefix(" "))
            if not line and self._data:
                yield "\n".join(self._data)
                self._data = []
