"""A gateway inside this process, for commands that have no server to talk to."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from filmgate.bootstrap.serving import running
from filmgate.bootstrap.settings import Settings
from filmgate.cli.client import Client

CALLER = "this machine"  #: whose films they are
Started = tuple[Client, asyncio.AbstractEventLoop, asyncio.Event]


@contextmanager
def gateway(settings: Settings) -> Iterator[Client]:
    """
    A gateway on a free loopback port, on its own thread, and a client for it.

    Its key is of this run alone, so that a later `serve` still shows its first one.
    """
    local = replace(settings, host="127.0.0.1", port=0)
    started: Future[Started] = Future()
    with ThreadPoolExecutor(1) as thread:
        running_there = thread.submit(asyncio.run, _serve(local, started))
        either: set[Future[Any]] = {started, running_there}
        wait(either, return_when=FIRST_COMPLETED)
        if running_there.done():
            running_there.result()  # raises why it did not start
        client, loop, stop = started.result()
        try:
            yield client
        finally:
            loop.call_soon_threadsafe(stop.set)
            running_there.result()


async def _serve(settings: Settings, started: Future[Started]) -> None:
    stop = asyncio.Event()
    async with running(settings, guest=CALLER) as here:
        client = Client(here.url, here.new_key or "")
        started.set_result((client, asyncio.get_running_loop(), stop))
        await stop.wait()
