"""Server-sent events: https://html.spec.whatwg.org/multipage/server-sent-events.html."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

import msgspec
from starlette.responses import StreamingResponse

HEARTBEAT = 15.0  #: seconds without an event after which a comment keeps the line open


def event(kind: str, data: object, *, number: int | None = None) -> bytes:
    """One event; *number* is what `Last-Event-ID` resumes from."""
    head = f"id: {number}\n" if number is not None else ""
    return f"{head}event: {kind}\ndata: {msgspec.json.encode(data).decode()}\n\n".encode()


class EventStream(StreamingResponse):
    """The events, and a comment whenever there was none for a while."""

    def __init__(
        self, events: AsyncGenerator[bytes], *, headers: dict[str, str] | None = None
    ) -> None:
        # Proxies that collect an answer before they pass it on are asked not to.
        own = {"cache-control": "no-store", "x-accel-buffering": "no"}
        super().__init__(
            _beating(events), headers=own | (headers or {}), media_type="text/event-stream"
        )


async def _beating(events: AsyncGenerator[bytes]) -> AsyncIterator[bytes]:
    async with aclosing(events):
        while True:
            coming = asyncio.ensure_future(anext(events, None))
            try:
                while not (await asyncio.wait({coming}, timeout=HEARTBEAT))[0]:
                    yield b": still here\n\n"
            finally:
                if not coming.done():
                    coming.cancel()
                    await asyncio.gather(coming, return_exceptions=True)
            piece = coming.result()
            if piece is None:
                return
            yield piece
