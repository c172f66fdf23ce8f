"""Stored files as answers: whole or in ranges, never through memory."""

from __future__ import annotations

import re

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.types import Receive, Scope, Send

from filmgate.domain.asset import Asset
from filmgate.domain.errors import NotFound
from filmgate.ports import Blobs

MOST_RANGES = 10  #: of one request

_ONE = r"\d{1,18}-\d{0,18}|-\d{1,18}"
_RANGES = re.compile(rf"bytes= *(?:{_ONE})(?: *, *(?:{_ONE})){{0,{MOST_RANGES - 1}}} *")


class _File(FileResponse):
    chunk_size = 1 << 17  # ranges are read in chunks; a whole file is sent by the server

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A Range that says nothing is ignored, as RFC 9110 (14.2) wants it."""
        if not _means_something(Headers(scope=scope).get("range", "")):
            headers = [header for header in scope["headers"] if header[0] != b"range"]
            scope = {**scope, "headers": headers}
        await super().__call__(scope, receive, send)


def _means_something(ranges: str) -> bool:
    if not _RANGES.fullmatch(ranges):
        return False
    pairs = [pair.partition("-") for pair in ranges.removeprefix("bytes=").split(",")]
    return all(
        int(first) <= int(last) for first, _, last in pairs if first.strip() and last.strip()
    )


def file_answer(request: Request, asset: Asset, blobs: Blobs, *, filename: str) -> Response:
    """200, 206, 304 or 416, with a strong ETag: a stored file never changes."""
    etag = f'"{asset.sha256}"'
    headers = {"etag": etag, "cache-control": "private, max-age=3600"}
    known = request.headers.get("if-none-match", "")
    if etag in known or known.strip() == "*":
        return Response(status_code=304, headers=headers)
    path = blobs.local_path(asset.key)
    if path is None or not path.exists():
        raise NotFound("The file is not in the store any more.", code="file_missing")
    return _File(
        path,
        headers=headers,
        media_type=asset.media_type,
        filename=filename,
        content_disposition_type="inline",
    )
