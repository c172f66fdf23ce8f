"""Stored files as answers: whole or in ranges, never through memory."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import FileResponse, Response

from filmgate.domain.asset import Asset
from filmgate.domain.errors import NotFound
from filmgate.ports import Blobs


class _File(FileResponse):
    chunk_size = 1 << 17  # ranges are read in chunks; a whole file is sent by the server


def file_answer(request: Request, asset: Asset, blobs: Blobs, *, filename: str) -> Response:
    """200, 206, 304 or 416, with a strong ETag: a stored file never changes."""
    etag = f'"{asset.sha256}"'
    headers = {"etag": etag, "cache-control": "private, max-age=3600"}
    if etag in request.headers.get("if-none-match", ""):
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
