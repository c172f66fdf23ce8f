"""Requests, put together byte by byte where a client library would be too polite."""

from __future__ import annotations

import json
import struct
import zlib
from dataclasses import dataclass, field
from typing import Any

from servers import KEY, Answer, Server

BOUNDARY = "the-boundary"
MULTIPART = f"multipart/form-data; boundary={BOUNDARY}"
URLENCODED = "application/x-www-form-urlencoded"
PROMPT = "a kite over the sea"


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
