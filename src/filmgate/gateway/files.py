"""Files: kept for their callers until they are deleted or expire."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from filmgate.domain.caller import Caller
from filmgate.domain.claim import Claim
from filmgate.domain.errors import Conflict, NotFound
from filmgate.domain.file import File, check_filename, check_kept, check_purpose, expiry
from filmgate.gateway.submission import Upload
from filmgate.ports import Blobs, Claims, Clock, KeptFiles

AT_ONCE = 100  #: files that a tidying looks at together
#: Bytes that have been on their way for so long will never be a file.
GIVEN_UP_AFTER = timedelta(hours=6)


class Files:
    """
    What callers send to be used later, and what they are given to fetch.

    The row first, the bytes, then the row is shown; the reverse when a file goes: what a
    crash leaves is tidied up.
    """

    def __init__(
        self,
        files: KeptFiles,
        *,
        claims: Claims,
        blobs: Blobs,
        clock: Clock,
        new_id: Callable[[str], str],
    ) -> None:
        self._files = files
        self._claims = claims
        self._blobs = blobs
        self._clock = clock
        self._new_id = new_id

    async def add(
        self,
        caller: Caller,
        upload: Upload,
        *,
        purpose: str,
        kept: timedelta | None = None,
        claim: Claim | None = None,
    ) -> File:
        """Keep a file that a caller sent, so long or until it is deleted."""
        check_filename(upload.filename, param=upload.param)
        check_purpose(purpose)
        check_kept(kept)
        now = self._clock.now()
        if standing := await self._claims.standing(claim, at=now):
            return await self.get(standing, caller)
        file = await self.reserve(
            caller.id,
            filename=upload.filename,
            purpose=purpose,
            expires_at=expiry(now, purpose, kept),
        )
        return await self._show(await self.fill(file, upload.file), caller, claim)

    async def store(
        self,
        caller_id: str,
        path: Path,
        *,
        filename: str,
        purpose: str,
        expires_at: datetime | None,
    ) -> File:
        """Keep a file that was made here, for its caller to fetch. The path is gone then."""
        file = await self.reserve(
            caller_id, filename=filename, purpose=purpose, expires_at=expires_at
        )
        file = await self.fill(file, path)
        await self._files.show(file, None)
        return file

    async def get(self, file_id: str, caller: Caller, *, param: str = "file_id") -> File:
        """Raise `NotFound`, naming *param*, for another caller's file as for none."""
        found = await self._files.get(file_id, caller_id=caller.id, at=self._clock.now())
        if found is None:
            raise _not_found(file_id, param)
        return found

    async def list(
        self,
        caller: Caller,
        *,
        purpose: str | None,
        after: str | None,
        limit: int,
        newest_first: bool,
    ) -> tuple[Sequence[File], bool]:
        """A page of the caller's files, and whether more follow."""
        return await self._files.list(
            caller_id=caller.id,
            purpose=purpose,
            after=after,
            limit=limit,
            newest_first=newest_first,
            at=self._clock.now(),
        )

    async def delete(self, file_id: str, caller: Caller) -> None:
        """Hide a file at once; `tidy` removes its bytes."""
        now = self._clock.now()
        if not await self._files.delete(file_id, caller_id=caller.id, at=now):
            raise _not_found(file_id, "file_id")

    async def tidy(self, limit: int = AT_ONCE) -> None:
        """Remove the bytes and then the rows of whatever is deleted or has expired."""
        now = self._clock.now()
        while gone := await self._files.gone(at=now, limit=limit):
            await self._blobs.delete([key for _, key in gone])
            await self._files.forget([file_id for file_id, _ in gone])

    async def reserve(
        self, caller_id: str, *, filename: str, purpose: str, expires_at: datetime | None
    ) -> File:
        """A file that nobody finds yet, and whose bytes are to come."""
        now = self._clock.now()
        file_id = self._new_id("file-")
        file = File(
            id=file_id,
            caller_id=caller_id,
            filename=filename,
            purpose=purpose,
            key=f"{file_id}/file",
            size=0,
            sha256="",
            created_at=now,
            expires_at=expires_at,
        )
        await self._files.reserve(file, until=now + GIVEN_UP_AFTER)
        return file

    async def fill(self, file: File, source: Path | BinaryIO) -> File:
        """The same with its bytes, safe on return. A path is gone then."""
        stored = await self._blobs.put(file.key, source)
        return replace(file, size=stored.size, sha256=stored.sha256)

    async def drop(self, file: File) -> None:
        """Remove a reserved file that is not to be."""
        await self._blobs.delete([file.key])
        await self._files.forget([file.id])

    async def _show(self, file: File, caller: Caller, claim: Claim | None) -> File:
        try:
            standing = await self._files.show(file, claim)
        except Conflict:
            await self.drop(file)
            raise
        if standing == file.id:
            return file
        await self.drop(file)
        return await self.get(standing, caller)


def _not_found(file_id: str, param: str) -> NotFound:
    message = f"File with id '{file_id[:80]}' not found."
    return NotFound(message, param=param, code="file_not_found")
