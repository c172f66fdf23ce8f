"""The HTTP server with more clients than wait to be taken at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from filmgate.web import server
from filmgate.web.server import HTTPServer
from filmgate.web.streaming import EventStream

LISTENERS = 140  #: more than the least backlog that granian has, 128


async def streams(_: Request) -> Response:
    async def events() -> AsyncGenerator[bytes]:
        yield b"data: here\n\n"
        await asyncio.Event().wait()

    return EventStream(events())


async def answers(_: Request) -> Response:
    return PlainTextResponse("here")


async def asked(address: tuple[str, int], path: str, stack: AsyncExitStack) -> bytes:
    """The first line of what comes back; the connection stays until the stack ends."""
    reader, writer = await asyncio.open_connection(*address)
    stack.callback(writer.close)
    writer.write(f"GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n".encode())
    return await reader.readline()


async def test_whoever_listens_keeps_nobody_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "BACKLOG", 1)
    app = Starlette(routes=[Route("/streams", streams), Route("/", answers)])
    http = HTTPServer(app, host="127.0.0.1", port=0)
    running = asyncio.create_task(http.run())
    try:
        await http.started()
        async with asyncio.timeout(30), AsyncExitStack() as stack:
            for path in [*["/streams"] * LISTENERS, "/"]:
                said = await asked(("127.0.0.1", http.port), path, stack)
                assert said == b"HTTP/1.1 200 OK\r\n"
    finally:
        http.stop()
        await asyncio.wait({running}, timeout=10)
