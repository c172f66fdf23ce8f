"""Server-sent events: https://html.spec.whatwg.org/multipage/server-sent-events.html."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

import msgspec
from starlette.responses import StreamingResponse

HEARTBEAT = 15.0  #: seconds without an event after which something keeps the line open
COMMENT = b": still here\n\n"


def event(kind: str, data: object, *, number: int | None = None) -> bytes:
    """One event; *number* is what `Last-Event-ID` resumes from."""
    head = f"id: {number}\n" if number is not None else ""
    return f"{head}event: {kind}\ndata: {msgspec.json.encode(data).decode()}\n\n".encode()


class EventStream(StreamingResponse):
    """The events, and a *beat* whenever there was none for a while."""

    def __init__(
        self,
        events: AsyncGenerator[bytes],
        *,
        headers: dict[str, str] | None = None,
        beat: bytes = COMMENT,
        media_type: str = "text/event-stream",
    ) -> None:
        # Proxies that collect an answer before they pass it on are asked not to.
        own = {"cache-control": "no-store", "x-accel-buffering": "no"}
        super().__init__(
            _beating(events, beat), headers=own | (headers or {}), media_type=media_type
        )


async def _beating(events: AsyncGenerator[bytes], beat: bytes) -> AsyncIterator[bytes]:
    async with aclosing(events):
        while True:
            coming = asyncio.ensure_future(anext(events, None))
            try:
                while not (await asyncio.wait({coming}, timeout=HEARTBEAT))[0]:
                    yield beat
            finally:
                if not coming.done():
                    coming.cancel()
                    await asyncio.gather(coming, return_exceptions=True)
            piece = coming.result()
            if piece is None:
                return
            yield piece
