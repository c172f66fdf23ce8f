"""A gateway inside this process, for commands that have no server to talk to."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import replace

from filmgate.bootstrap import Settings, running
from filmgate.cli.client import Client

CALLER = "this machine"  #: whose films they are


@contextmanager
def gateway(settings: Settings) -> Iterator[Client]:
    """
    A gateway on a free loopback port, on its own thread, and a client for it.

    Its key is of this run alone, so that a later `serve` still shows its first one.
    """
    local = replace(settings, host="127.0.0.1", port=0)
    started: Future[tuple[Client, asyncio.AbstractEventLoop, asyncio.Event]] = Future()
    thread = threading.Thread(
        target=lambda: asyncio.run(_serve(local, started)), name="gateway"
    )
    thread.start()
    client, loop, stop = started.result()
    try:
        yield client
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()


async def _serve(
    settings: Settings,
    started: Future[tuple[Client, asyncio.AbstractEventLoop, asyncio.Event]],
) -> None:
    stop = asyncio.Event()
    try:
        async with running(settings, guest=CALLER) as here:
            client = Client(here.url, here.new_key or "")
            started.set_result((client, asyncio.get_running_loop(), stop))
            await stop.wait()
    except Exception as error:
        if started.done():
            raise
        started.set_exception(error)  # raised again where the gateway was asked for
