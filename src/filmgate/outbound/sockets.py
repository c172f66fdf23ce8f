"""Websockets of engines, which are only listened to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

from filmgate.outbound.addresses import NotReached
from filmgate.outbound.calls import MOST_ANSWERED, way_of
from filmgate.outbound.wire import CONNECT, Wire
from filmgate.ports.calls import Call


class Sockets:
    """Those that are open."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._listening: set[asyncio.Task[None]] = set()

    def listen(self, call: Call, heard: Callable[[str], None]) -> asyncio.Task[None]:
        """`ports.Upstreams.listen`."""
        task = asyncio.create_task(self._listen(call, heard))
        self._listening.add(task)
        task.add_done_callback(self._listening.discard)
        return task

    async def close(self) -> None:
        for task in self._listening:
            task.cancel()
        await asyncio.gather(*self._listening, return_exceptions=True)

    async def _listen(self, call: Call, heard: Callable[[str], None]) -> None:
        # Why there is none is nothing that anybody could act on.
        with suppress(NotReached, TimeoutError):
            link = await self._wire.link(call.url)
            way, headers = way_of(call, link, once=True)
            async with asyncio.timeout(CONNECT):
                socket = await self._wire.connect(
                    link, way=way, headers=headers, proxy=call.proxy, most=MOST_ANSWERED
                )
            try:
                async for message in socket:
                    if isinstance(message.data, str):
                        heard(message.data)
            finally:
                await socket.close()
