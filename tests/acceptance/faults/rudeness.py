"""Clients that hang up: in the middle of a create, of a stream, of a film."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from urllib.parse import urlsplit

from acceptance.faults.fleet import AUTHORIZED

MOMENT = 0.005  #: seconds: about what a create takes
LONGEST = 10.0  #: seconds that even a rude client waits for bytes


async def create(url: str, body: Mapping[str, str], key: str, *, share: float) -> None:
    """Send that *share* of a create, from 0 to 1, and hang up unanswered after a moment."""
    content = json.dumps(body).encode()
    headers = {
        **AUTHORIZED,
        "content-type": "application/json",
        "content-length": str(len(content)),
        "idempotency-key": key,
    }
    await _hang_up(url, "POST", "/v1/videos", headers, content[: int(len(content) * share)])


async def stream(url: str, job_id: str) -> None:
    """Hang up after the first event."""
    await _hang_up(url, "GET", f"/v1/videos/{job_id}/events", AUTHORIZED, until=b"event: ")


async def download(url: str, job_id: str) -> None:
    """Hang up after the film's first bytes."""
    path = f"/v1/videos/{job_id}/content"
    await _hang_up(url, "GET", path, AUTHORIZED, until=b"ftyp")


async def _hang_up(
    url: str,
    method: str,
    path: str,
    headers: Mapping[str, str],
    body: bytes = b"",
    *,
    until: bytes = b"",
) -> None:
    """Send a request, read until the answer has *until* in it, and abort the line."""
    split = urlsplit(url)
    try:
        reader, writer = await asyncio.open_connection(split.hostname, split.port)
    except OSError:
        return  # the node is dead at the moment
    lines = [f"{method} {path} HTTP/1.1", f"host: {split.netloc}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    try:
        writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        await writer.drain()
        async with asyncio.timeout(LONGEST):
            await (reader.readuntil(until) if until else asyncio.sleep(MOMENT))
    except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        pass
    finally:
        writer.transport.abort()
