"""`filmgate serve`: one process that answers, dispatches and drains."""

from __future__ import annotations

import argparse
import asyncio
import gc
import logging
import signal
import sys

from filmgate.bootstrap.serving import running
from filmgate.bootstrap.settings import Settings
from filmgate.cli.settings import settings_from

SWITCH = 0.0005  #: seconds
#: Objects made before the collector looks for those that nobody has, and how often the
#: young ones are looked through before the older ones are.
GARBAGE = (50_000, 20, 100)


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", help="address to listen on (127.0.0.1)")
    parser.add_argument("--port", help="port to listen on (8000); 0: a free one")
    parser.add_argument("--data", help="folder for the database and the films")
    parser.add_argument("--role", help="api, worker or all (all)")


def run(args: argparse.Namespace) -> int:
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    # The thread that writes rows and the event loop take turns many times a
    # millisecond; at Python's 5 ms a turn, creates were a third slower.
    sys.setswitchinterval(SWITCH)
    # Ten thousand films under way are a million objects, looked through again and again:
    # at Python's 700, that was two fifths of what following them cost.
    gc.set_threshold(*GARBAGE)
    asyncio.run(_serve(settings_from(args)))
    return 0


async def _serve(settings: Settings) -> None:
    drain = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(name, drain.set)
        except NotImplementedError:  # Windows
            signal.signal(name, lambda *_: loop.call_soon_threadsafe(drain.set))
    async with running(settings) as gateway:
        if gateway.new_key:
            _say(f"API key, shown only now: {gateway.new_key}")
        if gateway.intake_url:
            _say(f"secrets of accounts may be reported to {gateway.intake_url}")
        _say(f"filmgate listens on {gateway.url}; films go to {settings.data}")
        await drain.wait()
        _say("stopping: films under way are handed back and drawn again at the next start")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
