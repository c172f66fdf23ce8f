"""A server on loopback that keeps its connections and every byte that came in on them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"


@dataclass
class Wiretap:
    """Answers each request with *page*, and keeps the line open. An async context manager."""

    page: bytes = OK
    hang_up: bool = False  #: after an answer, without a word
    heard: bytearray = field(default_factory=bytearray)
    connections: int = 0
    open: int = 0
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Wiretap:
        self._writers: set[asyncio.StreamWriter] = set()
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        self.hang_up_all()
        await self._server.wait_closed()

    def hang_up_all(self) -> None:
        for writer in self._writers:
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        self.connections += 1
        self.open += 1
        try:
            while data := await reader.read(1 << 16):
                self.heard += data
                if self.heard.endswith((b"\r\n\r\n", b"body")):
                    writer.write(self.page)
                    await writer.drain()
                    if self.hang_up:
                        break
        except ConnectionError:
            pass  # whoever asked has gone
        finally:
            self.open -= 1
            self._writers.discard(writer)
            writer.close()
