"""Requests, put together byte by byte where a client library would be too polite."""

from __future__ import annotations

import json
import struct
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from servers import KEY, Answer, Server

BOUNDARY = "the-boundary"
MULTIPART = f"multipart/form-data; boundary={BOUNDARY}"
URLENCODED = "application/x-www-form-urlencoded"
PROMPT = "a kite over the sea"

#: A real WebP of 16383 by 16383 pixels, the most that the format can say: all black.
WEBP_BOMB = bytes.fromhex(
    "524946461a000000574542505650384c0e0000002ffebfff0f071011fd0f4444ff03"
)


@dataclass(frozen=True, kw_only=True)
class Sent:
    """One request, whole."""

    method: str = "POST"
    path: str = "/v1/videos"
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    key: str | None = KEY

    def to(self, server: Server) -> Answer:
        return server.call(
            self.method, self.path, self.body, key=self.key, headers=self.headers
        )


def body(content: bytes, kind: str = "application/json", **more: Any) -> Sent:
    """A create with that body."""
    return Sent(body=content, headers={"content-type": kind}, **more)


def create(**fields: Any) -> Sent:
    """A create in JSON, with a good prompt unless one is given."""
    return body(json.dumps({"prompt": PROMPT} | fields).encode())


def form(
    *parts: bytes, end: bytes = f"--{BOUNDARY}--\r\n".encode(), kind: str = MULTIPART
) -> Sent:
    """A create as a multipart form, with a good prompt."""
    return body(b"".join([text("prompt", PROMPT), *parts, end]), kind)


def text(name: str, value: str | bytes) -> bytes:
    """A field of a form."""
    content = value if isinstance(value, bytes) else value.encode()
    return part(f'form-data; name="{name}"', content)


def file(name: str, content: bytes, *, filename: str = "image.png") -> bytes:
    """A file of a form."""
    return part(f'form-data; name="{name}"; filename="{filename}"', content)


def part(disposition: str, content: bytes) -> bytes:
    head = f"--{BOUNDARY}\r\nContent-Disposition: {disposition}\r\n\r\n"
    return head.encode() + content + b"\r\n"


def urlencoded(content: bytes) -> Sent:
    return body(content, URLENCODED)


def get(path: str) -> Sent:
    return Sent(method="GET", path=path)


def png_bomb(side: int = 20_000) -> bytes:
    """A real PNG of *side* by *side* pixels in a few kilobytes: one bit each, all black."""
    line = bytes(1 + side // 8)
    packer = zlib.compressobj(9)
    rows = b"".join([*(packer.compress(line) for _ in range(side)), packer.flush()])
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", rows), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*chunk) for chunk in chunks)


def _chunk(kind: bytes, content: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(kind + content))
    return struct.pack(">I", len(content)) + kind + content + check


def new_key(server: Server) -> str:
    """A key of a caller who has no films yet and may not manage keys."""
    made = server.call("POST", "/admin/keys", {"name": f"caller {uuid4().hex}"})
    return str(made.json()["key"])


def new_film(server: Server) -> str:
    """The id of a finished film."""
    video_id = str(create().to(server).json()["id"])
    wait(lambda: bool(get(f"/v1/videos/{video_id}").to(server).json()["status"] == "completed"))
    return video_id


def wait(until: Callable[[], bool], *, seconds: float = 60) -> None:
    """Return once *until* says so; it is an error if that takes too long."""
    end = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.02)
