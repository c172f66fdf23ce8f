"""`/v1/files`: https://platform.openai.com/docs/api-reference/files."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated
from urllib.parse import quote

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from filmgate.dialects.openai.envelope import answer
from filmgate.domain.asset import Asset, Variant
from filmgate.domain.errors import InvalidRequest
from filmgate.domain.file import (
    BATCH_OUTPUT,
    LARGEST_FILE,
    LONGEST_KEPT,
    PURPOSES,
    SHORTEST_KEPT,
    File,
)
from filmgate.gateway.files import Files
from filmgate.gateway.submission import Upload
from filmgate.ports import Blobs
from filmgate.web.answers import Deleted, Page
from filmgate.web.auth import Door
from filmgate.web.endpoint import AFTER, ORDER, RANGE, Parameter, endpoint
from filmgate.web.field_types import File as FileField
from filmgate.web.field_types import const, one_of, says, whole
from filmgate.web.files import file_answer
from filmgate.web.idempotency import claim_of
from filmgate.web.paging import limit_of, newest_first, page
from filmgate.web.reading import read

LARGEST_PAGE = 10_000  #: and what a page has unless told
LIMIT = Parameter(
    name="limit",
    schema={"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE, "default": LARGEST_PAGE},
)
PURPOSE = Parameter(name="purpose", schema={"type": "string"})
_SHORTEST, _LONGEST = (int(kept.total_seconds()) for kept in (SHORTEST_KEPT, LONGEST_KEPT))
FILE = "file_id"  #: what a file's id is called in paths


class ExpiresAfter(msgspec.Struct, forbid_unknown_fields=True):
    """How long a file is kept, counted from *anchor*."""

    anchor: Annotated[str, const("created_at")]
    seconds: Annotated[int | str, whole(_SHORTEST, _LONGEST)]  # a form has text


class FileCreate(msgspec.Struct, forbid_unknown_fields=True):
    file: FileField
    purpose: Annotated[str, one_of(*PURPOSES)]
    expires_after: ExpiresAfter | None = None


class FileObject(msgspec.Struct):
    """The contract has no null here: what a file has not is left out."""

    id: str
    bytes: Annotated[int, says(minimum=0)]
    created_at: int  # seconds since 1970
    filename: str
    purpose: Annotated[str, one_of(*PURPOSES, BATCH_OUTPUT)]
    expires_at: int | msgspec.UnsetType = msgspec.UNSET
    object: Annotated[str, const("file")] = "file"
    status: Annotated[str, const("processed")] = "processed"


class FileEndpoints:
    """The endpoints. Each is a parse, a call of the gateway, and a render."""

    def __init__(self, files: Files, door: Door, blobs: Blobs) -> None:
        self._files = files
        self._door = door
        self._blobs = blobs

    def routes(self) -> list[Route]:
        return [
            Route("/v1/files", self.create, methods=["POST"]),
            Route("/v1/files", self.list, methods=["GET"]),
            Route("/v1/files/{file_id}", self.retrieve, methods=["GET"]),
            Route("/v1/files/{file_id}", self.delete, methods=["DELETE"]),
            Route("/v1/files/{file_id}/content", self.content, methods=["GET"]),
        ]

    @endpoint("Upload a file", body=FileCreate, answer=FileObject, makes=FILE)
    async def create(self, request: Request) -> Response:
        caller = await self._door.caller(request)
        async with read(request, FileCreate, largest_file=LARGEST_FILE) as body:
            file = await self._files.add(
                caller,
                given_file(body.file, param="file"),
                purpose=body.purpose,
                kept=read_kept(body.expires_after),
                claim=claim_of(request, caller),
            )
        return answer(render(file))

    @endpoint("List files", answer=Page[FileObject], query=(PURPOSE, LIMIT, AFTER, ORDER))
    async def list(self, request: Request) -> Response:
        caller = await self._door.caller(request)
        query = request.query_params
        files, more = await self._files.list(
            caller,
            purpose=query.get("purpose"),
            after=query.get("after"),
            limit=_limit(query),
            newest_first=newest_first(query),
        )
        shown = page(files, more=more, render=render, id_of=lambda file: file.id)
        if not files:
            shown |= {"first_id": "", "last_id": ""}  # the contract has no null here either
        return answer(shown)

    @endpoint("Get a file", answer=FileObject)
    async def retrieve(self, request: Request) -> Response:
        caller = await self._door.caller(request)
        return answer(render(await self._files.get(request.path_params["file_id"], caller)))

    @endpoint("Delete a file", answer=Deleted)
    async def delete(self, request: Request) -> Response:
        caller = await self._door.caller(request)
        file_id = request.path_params["file_id"]
        await self._files.delete(file_id, caller)
        return answer(Deleted(id=file_id, object="file"))

    @endpoint("Download a file", media=("*/*",), query=(RANGE,), statuses=(200, 206, 302))
    async def content(self, request: Request) -> Response:
        """The bytes as they came, to be saved and never shown: who knows what is in them."""
        caller = await self._door.caller(request)
        file = await self._files.get(request.path_params["file_id"], caller)
        asset = Asset(
            id=file.id,
            job_id=file.id,  # files belong to none
            variant=Variant.INPUT,
            media_type=media_type(file.filename),
            key=file.key,
            size=file.size,
            sha256=file.sha256,
        )
        response = await file_answer(request, asset, self._blobs, filename=file.id)
        response.headers["content-disposition"] = disposition(file.filename)
        response.headers["x-content-type-options"] = "nosniff"
        if "content-type" in response.headers:
            # Starlette adds a charset to text; which one it has nobody knows.
            response.headers["content-type"] = asset.media_type
        return response


def render(file: File) -> FileObject:
    return FileObject(
        id=file.id,
        bytes=file.size,
        created_at=int(file.created_at.timestamp()),
        filename=file.filename,
        purpose=file.purpose,
        expires_at=int(file.expires_at.timestamp()) if file.expires_at else msgspec.UNSET,
    )


def given_file(value: object, *, param: str) -> Upload:
    """The file of a form; anything else is refused by name."""
    if isinstance(value, Upload):
        return value
    message = f"'{param}' must be a file. Send it as multipart/form-data, with a filename."
    raise InvalidRequest(message, param=param, code="invalid_type")


def read_kept(expires_after: ExpiresAfter | None) -> timedelta | None:
    """How long a file is kept; None if nothing is said of it."""
    if expires_after is None:
        return None
    if expires_after.anchor != "created_at":
        message = (
            f"Invalid value: '{expires_after.anchor[:80]}'. Supported values are: 'created_at'."
        )
        raise InvalidRequest(message, param="expires_after.anchor")
    return timedelta(seconds=read_count(expires_after.seconds, param="expires_after.seconds"))


def read_count(value: int | str, *, param: str) -> int:
    """A whole number of JSON, or the same as a form's text."""
    if not re.fullmatch(r"[0-9]{1,12}", str(value)):
        message = f"Invalid value: '{str(value)[:80]}'. '{param}' is a whole number."
        raise InvalidRequest(message, param=param)
    return int(value)


def media_type(filename: str) -> str:
    """What a file of that name most likely is."""
    kind, packed = mimetypes.guess_type(filename)
    return kind if kind and not packed else "application/octet-stream"


def disposition(filename: str) -> str:
    """A Content-Disposition (RFC 6266) that names a file and can be nothing else."""
    name = re.sub(r"[/\\]", "_", filename)
    plain = re.sub(r"[^A-Za-z0-9._ -]", "_", name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _limit(query: Mapping[str, str]) -> int:
    limit = limit_of(query, default=LARGEST_PAGE, most=LARGEST_PAGE)
    if limit == 0:
        message = f"Invalid value: '0'. A limit of files is from 1 to {LARGEST_PAGE}."
        raise InvalidRequest(message, param="limit")
    return limit
