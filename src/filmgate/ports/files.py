"""The rows of files, and of uploads that become files."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from filmgate.domain.claim import Claim
from filmgate.domain.file import File, UploadInParts, UploadPart


class KeptFiles(Protocol):
    """
    The rows of files.

    A row is there before its bytes are, so that a crash leaves none that nobody knows of.
    """

    async def reserve(self, file: File, *, until: datetime) -> None:
        """Say where a file will lie. It is `gone` at *until* unless it is shown before."""
        ...

    async def show(self, file: File, claim: Claim | None) -> str:
        """
        The file is whole: from now on it is found.

        The id of what stands: *claim* may have led to another one before.
        """
        ...

    async def get(self, file_id: str, *, caller_id: str, at: datetime) -> File | None:
        """The caller's file of that id, unless it is deleted or has expired."""
        ...

    async def list(  # noqa: PLR0913 (the query)
        self,
        *,
        caller_id: str,
        purpose: str | None,
        after: str | None,
        limit: int,
        newest_first: bool,
        at: datetime,
    ) -> tuple[Sequence[File], bool]:
        """A page of them, and whether more follow. Unknown *after*: none."""
        ...

    async def delete(self, file_id: str, *, caller_id: str, at: datetime) -> bool:
        """Hide it for good; False if there is none."""
        ...

    async def gone(self, *, at: datetime, limit: int) -> Sequence[tuple[str, str]]:
        """Ids and keys of those that were deleted, have expired or were given up."""
        ...

    async def forget(self, file_ids: Sequence[str]) -> None:
        """Drop the rows; the bytes are gone."""
        ...


class KeptUploads(Protocol):
    """The rows of uploads and their parts."""

    async def add(self, upload: UploadInParts, claim: Claim | None) -> str:
        """Keep a new one; its id, or of the one that the claim's key has led to before."""
        ...

    async def get(self, upload_id: str, *, caller_id: str) -> UploadInParts | None:
        """The caller's upload of that id, whatever its status."""
        ...

    async def reserve_part(self, part: UploadPart) -> None:
        """Say where a part will lie. It goes with the upload unless it is dropped before."""
        ...

    async def add_part(
        self, part: UploadPart, claim: Claim | None, *, at: datetime
    ) -> str | None:
        """
        The part is whole: from now on it is found. None if the upload takes no more.

        The id of what stands: *claim* may have led to another one before.
        """
        ...

    async def parts(self, upload_id: str) -> Sequence[UploadPart]:
        """All of its parts that are whole, or were."""
        ...

    async def complete(
        self, upload_id: str, file: File, claim: Claim | None, *, at: datetime
    ) -> bool:
        """End a pending upload, and show what it has become; False if it has ended."""
        ...

    async def cancel(self, upload_id: str, claim: Claim | None, *, at: datetime) -> bool:
        """End a pending upload; False if it has ended."""
        ...

    async def useless(self, *, at: datetime, limit: int) -> Sequence[UploadPart]:
        """Parts that have bytes and whose upload has ended."""
        ...

    async def drop_parts(self, part_ids: Sequence[str]) -> None:
        """The bytes of these parts are gone."""
        ...

    async def forget(self, *, before: datetime, limit: int) -> int:
        """Drop uploads whose hour ended earlier and whose bytes are gone; how many."""
        ...
