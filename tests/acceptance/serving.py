"""Stand-ins for tests that wait for a command: they answer in a thread of their own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, contextmanager


@contextmanager
def served(upstream: AbstractAsyncContextManager[object]) -> Iterator[None]:
    """*upstream*, until the block ends."""
    ready, loop = threading.Event(), asyncio.new_event_loop()

    async def serve() -> None:
        async with upstream:
            ready.set()
            await ended.wait()

    ended = asyncio.Event()
    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    assert ready.wait(10)
    yield
    loop.call_soon_threadsafe(ended.set)
    thread.join()
    loop.close()
