"""Stored files as answers: whole or in ranges, never through memory."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Coroutine
from contextlib import aclosing
from datetime import timedelta
from pathlib import Path

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.types import Receive, Scope, Send

from filmgate.domain.asset import Asset
from filmgate.domain.errors import NotFound
from filmgate.ports import Blobs
from filmgate.system import read_at, read_cached

CHUNK = 1 << 17  #: bytes read at once for a range; more costs memory and gains nothing
MOST_RANGES = 10  #: of one request
LINK_LASTS = timedelta(minutes=5)  #: long enough to follow it at once

_ONE = r"\d{1,18}-\d{0,18}|-\d{1,18}"
_RANGES = re.compile(rf"bytes= *(?:{_ONE})(?: *, *(?:{_ONE})){{0,{MOST_RANGES - 1}}} *")

Span = tuple[int, int]  # start and stop


async def file_answer(
    request: Request, asset: Asset, blobs: Blobs, *, filename: str
) -> Response:
    """
    200, 206, 304 or 416, with a strong ETag: a stored file never changes.

    302 where the store hands out links. Clients leave our key away when they follow it to
    another host, as they must: S3 refuses a request that has both a signature and a key.
    """
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
    if path is not None and not path.exists():
        raise _missing()
    spans = _spans(request.headers, asset.size, etag)
    if path is not None:
        return _local(path, spans, asset, headers)
    if request.method == "HEAD":
        await _check(asset, blobs)  # a link is for GET alone
    elif link := await blobs.link(asset.key, LINK_LASTS):
        return RedirectResponse(link, 302, headers={"cache-control": "no-store"})
    return _remote(blobs, spans, asset, headers)


def _local(path: Path, spans: list[Span], asset: Asset, headers: dict[str, str]) -> Response:
    if len(spans) != 1:
        return _Whole(path, spans, headers=headers, media_type=asset.media_type)
    start, stop = spans[0]
    return _Pieces(_read(path, start, stop), spans[0], asset, headers)


def _remote(blobs: Blobs, spans: list[Span], asset: Asset, headers: dict[str, str]) -> Response:
    # RFC 9110 (14.2): a range may be ignored, and several are.
    span = spans[0] if len(spans) == 1 else None
    start, stop = span or (0, asset.size)
    pieces = blobs.stream(asset.key, start, stop) if stop else _nothing()
    return _Pieces(pieces, span, asset, headers)


class _Whole(FileResponse):
    """The whole file, which the server sends itself; or several ranges of it."""

    def __init__(
        self, path: Path, spans: list[Span], *, headers: dict[str, str], media_type: str
    ) -> None:
        self._spans = spans
        super().__init__(path, headers=headers, media_type=media_type)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A Range that says nothing is ignored, as RFC 9110 (14.2) wants it."""
        headers = [header for header in scope["headers"] if header[0] != b"range"]
        if self._spans:
            ranges = ",".join(f"{start}-{stop - 1}" for start, stop in self._spans)
            headers.append((b"range", f"bytes={ranges}".encode()))
        await super().__call__({**scope, "headers": headers}, receive, send)


class _Pieces(Response):
    """
    A file, or one range of it, piece by piece.

    The first is there before anything is answered. When the client leaves, whatever the
    pieces come from is closed.
    """

    def __init__(
        self,
        pieces: AsyncGenerator[bytes],
        span: Span | None,
        asset: Asset,
        headers: dict[str, str],
    ) -> None:
        self._pieces = pieces
        start, stop = span or (0, asset.size)
        of_span = {"accept-ranges": "bytes", "content-length": str(stop - start)}
        if span:
            of_span["content-range"] = f"bytes {start}-{stop - 1}/{asset.size}"
        status = 206 if span else 200
        super().__init__(None, status, headers | of_span, media_type=asset.media_type)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] == "HEAD":
            await self._start(send)
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            return
        await _while_there(self._send(send), receive)

    async def _send(self, send: Send) -> None:
        async with aclosing(self._pieces) as pieces:
            try:
                piece = await anext(pieces, b"")
            except FileNotFoundError:
                raise _missing() from None
            await self._start(send)
            while piece:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
                piece = await anext(pieces, b"")
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _start(self, send: Send) -> None:
        await send(
            {
                "type": "http.response.start",
                "status": self.status_code,
                "headers": self.raw_headers,
            }
        )


async def _read(path: Path, at: int, stop: int) -> AsyncGenerator[bytes]:
    """
    A range of a file of this machine.

    Read on the event loop while the system has it in memory, else in a thread: a
    thread for every chunk took two thirds of the time.
    """
    with path.open("rb", buffering=0) as file:
        while at < stop:
            size = min(CHUNK, stop - at)
            chunk = read_cached(file, at, size)
            if not chunk:
                chunk = await asyncio.to_thread(read_at, file, at, size)
            at += len(chunk)
            yield chunk


async def _nothing() -> AsyncGenerator[bytes]:
    """An empty file has no range that a store could be asked for."""
    yield b""


async def _while_there(answering: Coroutine[None, None, None], receive: Receive) -> None:
    """Answer until that is done or the client has gone; nothing of it goes on after that."""
    answer, end = asyncio.ensure_future(answering), asyncio.ensure_future(_gone(receive))
    try:
        await asyncio.wait((answer, end), return_when=asyncio.FIRST_COMPLETED)
    finally:
        answer.cancel()
        end.cancel()
        await asyncio.gather(answer, end, return_exceptions=True)
    if not answer.cancelled():
        answer.result()


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue


async def _check(asset: Asset, blobs: Blobs) -> None:
    try:
        await blobs.size(asset.key)
    except FileNotFoundError:
        raise _missing() from None


def _missing() -> NotFound:
    return NotFound("The file is not in the store any more.", code="file_missing")


def _spans(headers: Headers, size: int, etag: str) -> list[Span]:
    """The ranges that are asked for and can be had; 416 if there are none of these."""
    ranges = headers.get("range", "")
    if not _means_something(ranges) or headers.get("if-range", etag) != etag:
        return []
    asked = [_span(one, size) for one in ranges.removeprefix("bytes=").split(",")]
    spans = [(start, stop) for start, stop in asked if start < stop]
    if not spans:
        message = f"The file has {size} bytes, and none of the Range '{ranges[:80]}'"
        raise HTTPException(416, message, headers={"content-range": f"bytes */{size}"})
    return spans


def _span(one: str, size: int) -> Span:
    first, _, last = one.strip().partition("-")
    if not first:
        return max(0, size - int(last)), size
    return int(first), min(size, int(last) + 1) if last else size


def _means_something(ranges: str) -> bool:
    if not _RANGES.fullmatch(ranges):
        return False
    pairs = [pair.partition("-") for pair in ranges.removeprefix("bytes=").split(",")]
    return all(
        int(first) <= int(last) for first, _, last in pairs if first.strip() and last.strip()
    )
