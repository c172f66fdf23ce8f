"""`/v1/uploads`: https://platform.openai.com/docs/api-reference/uploads."""

from __future__ import annotations

from typing import Annotated

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from filmgate.dialects.openai.envelope import answer
from filmgate.dialects.openai.files import (
    ExpiresAfter,
    FileObject,
    given_file,
    read_count,
    read_kept,
)
from filmgate.dialects.openai.files import render as render_file
from filmgate.domain.caller import Caller
from filmgate.domain.file import (
    LARGEST_FILE,
    LARGEST_PART,
    LARGEST_UPLOAD,
    LONGEST_NAME,
    PURPOSES,
    UploadInParts,
    UploadStatus,
)
from filmgate.gateway.uploads import Uploads
from filmgate.web.auth import Door
from filmgate.web.endpoint import endpoint
from filmgate.web.field_types import File, const, one_of, says, whole
from filmgate.web.idempotency import claim_of, retry_of
from filmgate.web.reading import read

FORM = 1 << 20  #: bytes of a form around its file


class UploadCreate(msgspec.Struct, forbid_unknown_fields=True):
    bytes: Annotated[int | str, whole(1, LARGEST_UPLOAD)]  # a form has text
    filename: Annotated[str, says(minLength=1, maxLength=LONGEST_NAME)]
    mime_type: Annotated[str, says(minLength=1, maxLength=255)]
    purpose: Annotated[str, one_of(*PURPOSES)]
    expires_after: ExpiresAfter | None = None


class PartCreate(msgspec.Struct, forbid_unknown_fields=True):
    data: File


class UploadComplete(msgspec.Struct, forbid_unknown_fields=True):
    part_ids: list[str]
    md5: str | None = None


class UploadObject(msgspec.Struct):
    """*file* is left out until there is one."""

    id: str
    bytes: int
    created_at: int  # seconds since 1970
    expires_at: int
    filename: str
    purpose: str
    status: UploadStatus
    file: FileObject | msgspec.UnsetType = msgspec.UNSET
    object: Annotated[str, const("upload")] = "upload"


class PartObject(msgspec.Struct):
    id: str
    created_at: int  # seconds since 1970
    upload_id: str
    object: Annotated[str, const("upload.part")] = "upload.part"


class UploadEndpoints:
    """The endpoints. Each is a parse, a call of the gateway, and a render."""

    def __init__(self, uploads: Uploads, door: Door) -> None:
        self._uploads = uploads
        self._door = door

    def routes(self) -> list[Route]:
        return [
            Route("/v1/uploads", self.create, methods=["POST"]),
            Route("/v1/uploads/{upload_id}/parts", self.add_part, methods=["POST"]),
            Route("/v1/uploads/{upload_id}/complete", self.complete, methods=["POST"]),
            Route("/v1/uploads/{upload_id}/cancel", self.cancel, methods=["POST"]),
        ]

    @endpoint(
        "Begin an upload in parts", body=UploadCreate, answer=UploadObject, makes="upload_id"
    )
    async def create(self, request: Request) -> Response:
        caller = await self._door.caller(request)
        async with read(request, UploadCreate) as body:
            upload = await self._uploads.create(
                caller,
                filename=body.filename,
                purpose=body.purpose,
                media_type=body.mime_type,
                size=read_count(body.bytes, param="bytes"),
                kept=read_kept(body.expires_after),
                claim=claim_of(request, caller),
            )
        return await self._answer(upload, caller)

    @endpoint("Add a part to an upload", body=PartCreate, answer=PartObject)
    async def add_part(self, request: Request) -> Response:
        caller = await self._door.caller(request)
        async with read(request, PartCreate, largest_file=LARGEST_PART) as body:
            part = await self._uploads.add_part(
                request.path_params["upload_id"],
                caller,
                given_file(body.data, param="data"),
                claim_of(request, caller),
            )
        made = int(part.created_at.timestamp())
        return answer(PartObject(id=part.id, created_at=made, upload_id=part.upload_id))

    @endpoint(
        "Complete an upload: its parts become a file", body=UploadComplete, answer=UploadObject
    )
    async def complete(self, request: Request) -> Response:
        caller = await self._door.caller(request)
        async with read(request, UploadComplete) as body:
            upload = await self._uploads.complete(
                request.path_params["upload_id"],
                caller,
                body.part_ids,
                md5=body.md5,
                claim=claim_of(request, caller),
                retry=retry_of(request),
            )
        return await self._answer(upload, caller)

    @endpoint("Cancel an upload", answer=UploadObject)
    async def cancel(self, request: Request) -> Response:
        caller = await self._door.caller(request)
        upload = await self._uploads.cancel(
            request.path_params["upload_id"],
            caller,
            claim_of(request, caller),
            retry=retry_of(request),
        )
        return await self._answer(upload, caller)

    async def _answer(self, upload: UploadInParts, caller: Caller) -> Response:
        file = await self._uploads.file_of(upload, caller)
        shown = UploadObject(
            id=upload.id,
            bytes=upload.size,
            created_at=int(upload.created_at.timestamp()),
            expires_at=int(upload.expires_at.timestamp()),
            filename=upload.filename,
            purpose=upload.purpose,
            status=self._uploads.status(upload),
            file=render_file(file) if file else msgspec.UNSET,
        )
        return answer(shown)


def largest_of(path: str) -> int:
    """Bytes of the largest request at a path that takes large files; 0 for the others."""
    if path == "/v1/files":
        return LARGEST_FILE + FORM
    is_part = path.startswith("/v1/uploads/") and path.endswith("/parts")
    return LARGEST_PART + FORM if is_part else 0
