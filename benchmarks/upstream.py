"""
Somebody's /v1/videos that costs next to nothing, for ten thousand films at once.

`upstream.py PORT FILM`. `POST /_change` sets what `_Plan` has, `GET /_state` tells what it
was asked and when which film was done. It reads no more of HTTP than it is sent here.
"""

from __future__ import annotations

import asyncio
import json
import random
import signal
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

_HEAD = "HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {size}\r\n{more}\r\n"


@dataclass
class _Plan:
    """What becomes of the films from now on."""

    poll_after: int = 5000  #: milliseconds
    seconds: float = 0  #: that each new film takes; 0: until it is among the *per_second*
    per_second: float = 0  #: films, picked by chance, that are done a second
    step: float = 0  #: seconds after which a film is a percent further; 0: it stays at none


class _Films:
    def __init__(self, film: bytes) -> None:
        self.film = film
        self.plan = _Plan()
        self.polls = 0
        self.begun: dict[str, float] = {}
        self.done: dict[str, float] = {}
        self._open: list[str] = []
        self._chance = random.Random(1)

    def create(self) -> bytes:
        name = f"video_{len(self.begun):024d}"
        now = time.time()
        self.begun[name] = now
        if self.plan.seconds:
            self.done[name] = now + self.plan.seconds
        else:
            self._open.append(name)
        said = b'{"id":"%s","status":"queued"}' % name.encode()
        return _answer(said, f"openai-poll-after-ms: {self.plan.poll_after}\r\n")

    def poll(self, name: str) -> bytes:
        self.polls += 1
        now, plan = time.time(), self.plan
        if self.done.get(name, now) < now:
            return _answer(b'{"id":"%s","status":"completed"}' % name.encode())
        percent = min(99, int((now - self.begun[name]) / plan.step)) if plan.step else 0
        said = b'{"id":"%s","status":"in_progress","progress":%d}' % (name.encode(), percent)
        return _answer(said, f"openai-poll-after-ms: {plan.poll_after}\r\n")

    def content(self) -> bytes:
        return _answer(self.film, kind="video/mp4")

    def change(self, body: bytes) -> bytes:
        self.plan = _Plan(**(asdict(self.plan) | json.loads(body)))
        return _answer(b"{}")

    def state(self) -> bytes:
        told = {"polls": self.polls, "begun": len(self.begun), "done": self.done}
        return _answer(json.dumps(told).encode())

    async def finish(self) -> None:
        """End films by chance, as many as are planned."""
        while True:
            await asyncio.sleep(1 / self.plan.per_second if self.plan.per_second else 0.1)
            if self.plan.per_second and self._open:
                number = self._chance.randrange(len(self._open))
                self._open[number], self._open[-1] = self._open[-1], self._open[number]
                self.done[self._open.pop()] = time.time()


class _Door(asyncio.Protocol):
    def __init__(self, films: _Films) -> None:
        self._films = films
        self._read = b""

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._read += data
        head, found, body = self._read.partition(b"\r\n\r\n")
        if not found:
            return
        _, _, length = head.lower().partition(b"content-length:")
        if length and len(body) < int(length.split(b"\r\n", 1)[0]):
            return
        self._read = b""
        method, path, _ = head.split(b" ", 2)
        self._transport.write(self._answer(method, path.decode(), body))

    def _answer(self, method: bytes, path: str, body: bytes) -> bytes:
        match method, path.split("/")[1:]:
            case b"POST", ["v1", "videos"]:
                return self._films.create()
            case b"GET", ["v1", "videos", name]:
                return self._films.poll(name)
            case b"GET", ["v1", "videos", _, "content"]:
                return self._films.content()
            case b"POST", ["_change"]:
                return self._films.change(body)
            case _:
                return self._films.state()


def _answer(body: bytes, more: str = "", *, kind: str = "application/json") -> bytes:
    return _HEAD.format(kind=kind, size=len(body), more=more).encode() + body


async def serve(port: int, film: bytes) -> None:
    films, end, loop = _Films(film), asyncio.Event(), asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, end.set)
    server = await loop.create_server(lambda: _Door(films), "127.0.0.1", port, backlog=1024)
    finishing = asyncio.create_task(films.finish())
    await end.wait()
    finishing.cancel()
    server.close()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2]).read_bytes()))
