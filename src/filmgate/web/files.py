"""Stored files as answers: whole or in ranges, never through memory."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.types import Receive, Scope, Send

from filmgate.domain.asset import Asset
from filmgate.domain.errors import NotFound
from filmgate.ports import Blobs
from filmgate.system import read_at, read_cached

CHUNK = 1 << 17  #: bytes read at once for a range; more costs memory and gains nothing
MOST_RANGES = 10  #: of one request

_ONE = r"\d{1,18}-\d{0,18}|-\d{1,18}"
_RANGES = re.compile(rf"bytes= *(?:{_ONE})(?: *, *(?:{_ONE})){{0,{MOST_RANGES - 1}}} *")


def file_answer(request: Request, asset: Asset, blobs: Blobs, *, filename: str) -> Response:
    """200, 206, 304 or 416, with a strong ETag: a stored file never changes."""
    etag = f'"{asset.sha256}"'
    headers = {
        "etag": etag,
        "cache-control": "private, max-age=3600",
        "content-disposition": f'inline; filename="{filename}"',
    }
    known = request.headers.get("if-none-match", "")
    if etag in known or known.strip() == "*":
        return Response(status_code=304, headers=headers)
    path = blobs.local_path(asset.key)
    if path is None or not path.exists():
        raise NotFound("The file is not in the store any more.", code="file_missing")
    span = _span(request.headers, asset.size, etag)
    if span is not None:
        return _Span(path, span, asset, headers)
    return _Whole(path, headers=headers, media_type=asset.media_type)


class _Whole(FileResponse):
    """The whole file, which the server sends itself; or several ranges of it."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A Range that says nothing is ignored, as RFC 9110 (14.2) wants it."""
        if not _means_something(Headers(scope=scope).get("range", "")):
            headers = [header for header in scope["headers"] if header[0] != b"range"]
            scope = {**scope, "headers": headers}
        await super().__call__(scope, receive, send)


class _Span(Response):
    """
    One range of a file, 206.

    Read on the event loop while the system has it in memory, else in a thread: a
    thread for every chunk took two thirds of the time.
    """

    def __init__(
        self, path: Path, span: tuple[int, int], asset: Asset, headers: dict[str, str]
    ) -> None:
        self._path = path
        self._start, self._stop = span
        of_span = {
            "accept-ranges": "bytes",
            "content-length": str(self._stop - self._start),
            "content-range": f"bytes {self._start}-{self._stop - 1}/{asset.size}",
        }
        super().__init__(None, 206, headers | of_span, media_type=asset.media_type)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        del receive
        start = {"type": "http.response.start", "status": 206, "headers": self.raw_headers}
        await send(start)
        at = self._stop if scope["method"] == "HEAD" else self._start
        with self._path.open("rb", buffering=0) as file:
            while at < self._stop:
                size = min(CHUNK, self._stop - at)
                chunk = read_cached(file, at, size)
                if not chunk:
                    chunk = await asyncio.to_thread(read_at, file, at, size)
                at += len(chunk)
                more = {"type": "http.response.body", "body": chunk, "more_body": True}
                await send(more)
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def _span(headers: Headers, size: int, etag: str) -> tuple[int, int] | None:
    """The one range that is asked for and can be had, as start and stop; else None."""
    ranges = headers.get("range", "")
    if "," in ranges or not _means_something(ranges) or headers.get("if-range", etag) != etag:
        return None
    first, _, last = ranges.removeprefix("bytes=").strip().partition("-")
    start = int(first) if first else max(0, size - int(last))
    stop = min(size, int(last) + 1) if first and last else size
    return (start, stop) if start < stop else None


def _means_something(ranges: str) -> bool:
    if not _RANGES.fullmatch(ranges):
        return False
    pairs = [pair.partition("-") for pair in ranges.removeprefix("bytes=").split(",")]
    return all(
        int(first) <= int(last) for first, _, last in pairs if first.strip() and last.strip()
    )
