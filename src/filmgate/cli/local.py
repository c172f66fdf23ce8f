"""A gateway inside this process, for commands that have no server to talk to."""

from __future__ import annotations

import asyncio
import secrets
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import replace

from filmgate.bootstrap import Settings, running
from filmgate.cli.client import Client


@contextmanager
def gateway(settings: Settings) -> Iterator[Client]:
    """
    A gateway on a free loopback port, on its own thread, and a client for it.

    Unless the settings bring an admin key, one is made for *this* run alone and
    forgotten with it.
    """
    key = settings.admin_key or f"fg-{secrets.token_urlsafe(32)}"
    local = replace(settings, host="127.0.0.1", port=0, admin_key=key)
    started: Future[tuple[str, asyncio.AbstractEventLoop, asyncio.Event]] = Future()
    thread = threading.Thread(
        target=lambda: asyncio.run(_serve(local, started)), name="gateway"
    )
    thread.start()
    url, loop, stop = started.result()
    try:
        yield Client(url, key)
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()


async def _serve(
    settings: Settings,
    started: Future[tuple[str, asyncio.AbstractEventLoop, asyncio.Event]],
) -> None:
    stop = asyncio.Event()
    try:
        async with running(settings) as here:
            started.set_result((here.url, asyncio.get_running_loop(), stop))
            await stop.wait()
    except Exception as error:
        if started.done():
            raise
        started.set_exception(error)  # raised again where the gateway was asked for
