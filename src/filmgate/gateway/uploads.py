"""Uploads: files that come in parts, in any order and several at a time."""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from weakref import WeakValueDictionary

from filmgate.domain.caller import Caller
from filmgate.domain.claim import KEPT, Claim
from filmgate.domain.errors import Conflict, FilmgateError, InvalidRequest, NotFound
from filmgate.domain.file import (
    LARGEST_UPLOAD,
    UPLOAD_LASTS,
    File,
    UploadInParts,
    UploadPart,
    UploadStatus,
    check_announced,
    expiry,
)
from filmgate.gateway.files import AT_ONCE, Files
from filmgate.gateway.submission import Upload
from filmgate.ports import Blobs, Claims, Clock, KeptUploads

CHUNK = 1 << 20  #: bytes that are joined at once
#: How long joining may go on after an upload's hour, on another node.
JOINING = timedelta(minutes=10)


class Uploads:
    """
    What comes in parts, until it is a file.

    Of a process, one at a time ends an upload, so that nobody's parts are removed while
    they are being joined. Of several nodes, the one whose row is written first does, and
    to the others it is as if they had come later.
    """

    def __init__(  # noqa: PLR0913 (wired in one place)
        self,
        uploads: KeptUploads,
        *,
        files: Files,
        claims: Claims,
        blobs: Blobs,
        folder: Path,
        clock: Clock,
        new_id: Callable[[str], str],
    ) -> None:
        self._uploads = uploads
        self._files = files
        self._claims = claims
        self._blobs = blobs
        self._folder = folder
        self._clock = clock
        self._new_id = new_id
        self._ending: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def create(  # noqa: PLR0913 (the body)
        self,
        caller: Caller,
        *,
        filename: str,
        purpose: str,
        media_type: str,
        size: int,
        kept: timedelta | None = None,
        claim: Claim | None = None,
    ) -> UploadInParts:
        """An upload that takes parts for an hour."""
        now = self._clock.now()
        upload = UploadInParts(
            id=self._new_id("upload_"),
            caller_id=caller.id,
            filename=filename,
            purpose=purpose,
            media_type=media_type,
            size=size,
            status=UploadStatus.PENDING,
            created_at=now,
            expires_at=now + UPLOAD_LASTS,
            kept=kept,
        )
        check_announced(upload)
        standing = await self._uploads.add(upload, claim)
        return upload if standing == upload.id else await self._get(standing, caller)

    async def add_part(
        self, upload_id: str, caller: Caller, data: Upload, claim: Claim | None = None
    ) -> UploadPart:
        """One piece more. Which place it has is said when the upload is completed."""
        now = self._clock.now()
        upload = await self._get(upload_id, caller)
        if standing := await self._claims.standing(claim, at=now):
            return await self._part(upload, standing)
        self._check_pending(upload)
        size = data.file.seek(0, 2)
        data.file.seek(0)
        await self._check_room(upload, size, param=data.param)
        part_id = self._new_id("part_")
        part = UploadPart(
            id=part_id,
            upload_id=upload.id,
            # A folder of its own: removing a neighbour must not remove the folder.
            key=f"{part_id}/part",
            size=size,
            created_at=now,
        )
        await self._uploads.reserve_part(part)
        await self._blobs.put(part.key, data.file)
        try:
            added = await self._uploads.add_part(part, claim, at=self._clock.now())
        except Conflict:
            await self._drop([part])
            raise
        if added == part.id:
            return part
        await self._drop([part])
        upload = await self._get(upload_id, caller)
        if added is None:
            raise self._ended(upload)
        return await self._part(upload, added)

    async def complete(  # noqa: PLR0913 (the body)
        self,
        upload_id: str,
        caller: Caller,
        part_ids: Sequence[str],
        *,
        md5: str | None = None,
        claim: Claim | None = None,
        retry: int = 0,
    ) -> UploadInParts:
        """Join the parts, in this order, into a file. *retry* counts tries before this."""
        async with self._alone(upload_id):
            upload = await self._get(upload_id, caller)
            if await self._said_before(upload, UploadStatus.COMPLETED, claim, retry):
                return upload
            self._check_pending(upload)
            began = self._clock.now()
            parts = _in_order(upload, part_ids, await self._uploads.parts(upload.id))
            done = await self._made(upload, parts, md5, claim, at=began)
            upload = await self._get(upload_id, caller)
            if done:
                await self._drop(await self._uploads.parts(upload.id))
            elif not await self._said_before(upload, UploadStatus.COMPLETED, claim, retry):
                raise self._ended(upload)
            return upload

    async def cancel(
        self, upload_id: str, caller: Caller, claim: Claim | None = None, *, retry: int = 0
    ) -> UploadInParts:
        """No more parts; those that are there are removed. *retry* counts tries before."""
        async with self._alone(upload_id):
            upload = await self._get(upload_id, caller)
            if await self._said_before(upload, UploadStatus.CANCELLED, claim, retry):
                return upload
            self._check_pending(upload)
            done = await self._uploads.cancel(upload.id, claim, at=self._clock.now())
            upload = await self._get(upload_id, caller)
            if done:
                await self._drop(await self._uploads.parts(upload.id))
            elif not await self._said_before(upload, UploadStatus.CANCELLED, claim, retry):
                raise self._ended(upload)
            return upload

    async def file_of(self, upload: UploadInParts, caller: Caller) -> File | None:
        """What a completed upload has become, unless that is deleted."""
        if upload.file_id is None:
            return None
        try:
            return await self._files.get(upload.file_id, caller)
        except NotFound:
            return None

    def status(self, upload: UploadInParts) -> UploadStatus:
        """Its status by now."""
        return upload.at(self._clock.now())

    async def tidy(self, limit: int = AT_ONCE) -> None:
        """Remove what no upload needs any more, and then the uploads."""
        now = self._clock.now()
        while useless := await self._uploads.useless(at=now - JOINING, limit=limit):
            ended = [part for part in useless if part.upload_id not in self._ending]
            if not ended:
                break  # all of them are being joined
            await self._drop(ended)
        # An Idempotency-Key may lead to one for so long.
        while await self._uploads.forget(before=now - KEPT, limit=limit):
            pass

    def _alone(self, upload_id: str) -> asyncio.Lock:
        return self._ending.setdefault(upload_id, asyncio.Lock())

    async def _get(self, upload_id: str, caller: Caller) -> UploadInParts:
        found = await self._uploads.get(upload_id, caller_id=caller.id)
        if found is None:
            message = f"Upload with id '{upload_id[:80]}' not found."
            raise NotFound(message, param="upload_id", code="upload_not_found")
        return found

    async def _part(self, upload: UploadInParts, part_id: str) -> UploadPart:
        parts = await self._uploads.parts(upload.id)
        return next(part for part in parts if part.id == part_id)

    async def _said_before(
        self, upload: UploadInParts, status: UploadStatus, claim: Claim | None, retry: int
    ) -> bool:
        """Whether this is a request that was answered before, and the answer was lost."""
        if await self._claims.standing(claim, at=self._clock.now()):
            return True
        return claim is None and retry > 0 and upload.status is status

    def _check_pending(self, upload: UploadInParts) -> None:
        if self.status(upload) is not UploadStatus.PENDING:
            raise self._ended(upload)

    def _ended(self, upload: UploadInParts) -> FilmgateError:
        message = (
            f"Upload '{upload.id}' is {self.status(upload)}. Only a pending one can be added "
            "to, completed or cancelled: create another."
        )
        return InvalidRequest(message, param="upload_id", code="upload_not_pending")

    async def _check_room(self, upload: UploadInParts, size: int, *, param: str) -> None:
        if size > upload.size:
            message = (
                f"The part has {size} bytes, more than the {upload.size} of the whole "
                "upload. Create an upload with the size of the file."
            )
            raise InvalidRequest(message, param=param, code="upload_too_large")
        there = sum(part.size for part in await self._uploads.parts(upload.id))
        if there + size > LARGEST_UPLOAD:
            message = (
                f"The parts of this upload have {there} bytes already; with this one they "
                f"would have more than {LARGEST_UPLOAD}. Create another upload."
            )
            raise InvalidRequest(message, param=param, code="upload_too_large")

    async def _made(
        self,
        upload: UploadInParts,
        parts: Sequence[UploadPart],
        md5: str | None,
        claim: Claim | None,
        *,
        at: datetime,
    ) -> bool:
        """Whether we made it a file; False if somebody has ended it meanwhile."""
        try:
            file = await self._joined(upload, parts, md5)
        except FileNotFoundError:
            # Another node has ended it, and has removed the parts.
            now = await self._uploads.get(upload.id, caller_id=upload.caller_id)
            if now and now.status is UploadStatus.PENDING:
                raise
            return False
        try:
            done = await self._uploads.complete(upload.id, file, claim, at=at)
        except Conflict:
            await self._files.drop(file)
            raise
        if not done:
            await self._files.drop(file)
        return done

    async def _joined(
        self, upload: UploadInParts, parts: Sequence[UploadPart], md5: str | None
    ) -> File:
        path = self._folder / self._new_id("joined_")
        try:
            found = await self._join(parts, path)
            if md5 is not None and md5.strip().lower() != found:
                message = (
                    f"The md5 of the parts in this order is {found}, not '{md5[:80]}'. Name "
                    "them in the file's order, or send them again."
                )
                raise InvalidRequest(message, param="md5", code="md5_mismatch")
            file = await self._files.reserve(
                upload.caller_id,
                filename=upload.filename,
                purpose=upload.purpose,
                expires_at=expiry(self._clock.now(), upload.purpose, upload.kept),
            )
            return await self._files.fill(file, path)
        finally:
            path.unlink(missing_ok=True)

    async def _join(self, parts: Sequence[UploadPart], path: Path) -> str:
        """Write the parts to *path*, one after the other; the MD5 of the whole."""
        digest = hashlib.md5(usedforsecurity=False)
        for part in parts:
            piece = self._folder / self._new_id("piece_")
            try:
                await self._blobs.get(part.key, piece)
                await asyncio.to_thread(_append, piece, path, digest.update)
            finally:
                piece.unlink(missing_ok=True)
        return digest.hexdigest()

    async def _drop(self, parts: Sequence[UploadPart]) -> None:
        await self._blobs.delete([part.key for part in parts if part.key])
        await self._uploads.drop_parts([part.id for part in parts])


def _in_order(
    upload: UploadInParts, part_ids: Sequence[str], parts: Sequence[UploadPart]
) -> list[UploadPart]:
    """The parts of those ids; `InvalidRequest` unless they are the announced file."""
    twice = [part_id for part_id, times in Counter(part_ids).items() if times > 1]
    if twice:
        message = f"'part_ids' names '{twice[0][:80]}' twice. Name each part once."
        raise InvalidRequest(message, param="part_ids")
    known = {part.id: part for part in parts}
    for part_id in part_ids:
        if part_id not in known:
            message = f"Upload '{upload.id}' has no part with id '{part_id[:80]}'."
            raise InvalidRequest(message, param="part_ids", code="part_not_found")
    ordered = [known[part_id] for part_id in part_ids]
    if (size := sum(part.size for part in ordered)) != upload.size:
        message = (
            f"The parts have {size} bytes together, but the upload was created for "
            f"{upload.size}. Name every part of the file."
        )
        raise InvalidRequest(message, param="part_ids", code="upload_size_mismatch")
    return ordered


def _append(piece: Path, path: Path, update: Callable[[bytes], object]) -> None:
    with piece.open("rb") as source, path.open("ab") as target:
        while chunk := source.read(CHUNK):
            update(chunk)
            target.write(chunk)
