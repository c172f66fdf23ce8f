"""A proxy on loopback that hands a request on and cuts the line before its first answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

FIRST = b"x-stainless-retry-count: 0"


@asynccontextmanager
async def cutting(url: str) -> AsyncIterator[tuple[str, list[int]]]:
    """Its address, and how many first answers it has cut so far."""
    target = urlsplit(url)
    cut = [0]

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            body = await reader.readexactly(_length(head))
            answer = await _asked(str(target.hostname), target.port or 80, head, body)
            if head.startswith(b"POST ") and FIRST in head.lower():
                cut[0] += 1
            else:
                writer.write(answer)
                await writer.drain()
        except asyncio.IncompleteReadError:
            pass  # a connection that was opened and not used
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, backlog=256, limit=1 << 20)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", cut


async def _asked(host: str, port: int, head: bytes, body: bytes) -> bytes:
    """The whole answer: whatever the request did is done and committed."""
    reader, writer = await asyncio.open_connection(host, port)
    lines = [
        line for line in head.split(b"\r\n") if not line.lower().startswith(b"connection:")
    ]
    writer.write(b"\r\n".join([lines[0], b"connection: close", *lines[1:]]) + body)
    await writer.drain()
    answer = await reader.read()
    writer.close()
    return answer


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    return 0
