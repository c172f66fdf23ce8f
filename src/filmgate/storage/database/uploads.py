"""The rows of uploads, and of the parts they come in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from filmgate.domain.claim import Claim
from filmgate.domain.file import File, UploadInParts, UploadPart, UploadStatus
from filmgate.storage.database.claims import claim_object
from filmgate.storage.database.connection import Connection, Database
from filmgate.storage.database.files import show_file
from filmgate.storage.database.frozen import micros, moment

_INSERT = """
    INSERT INTO uploads (id, caller_id, filename, purpose, media_type, size, status,
        created_at, expires_at, keep_seconds)
    VALUES (:id, :caller, :filename, :purpose, :media_type, :size, :status, :at, :expires,
        :kept)
"""
_GET = """
    SELECT id, caller_id, filename, purpose, media_type, size, status, created_at,
        expires_at, keep_seconds, file_id
    FROM uploads WHERE id = :id AND caller_id = :caller
"""
_PENDING = "id = :id AND status = 'pending' AND expires_at > :at"
_END = f"UPDATE uploads SET status = :status, file_id = :file WHERE {_PENDING}"
# A reserved part has no size yet. One whose bytes are gone has no key any more: its row
# stays, because an Idempotency-Key may lead to it.
_RESERVE_PART = """
    INSERT INTO upload_parts (id, upload_id, key, size, created_at)
    VALUES (:id, :upload, :key, -1, :at)
"""
_ADD_PART = "UPDATE upload_parts SET size = :size WHERE id = :id"
_PART = "id, upload_id, key, size, created_at"
_PARTS = f"SELECT {_PART} FROM upload_parts WHERE upload_id = :upload AND size >= 0"
_USELESS = f"""
    SELECT {_PART} FROM upload_parts WHERE key <> '' AND upload_id IN
        (SELECT id FROM uploads WHERE status <> 'pending' OR expires_at <= :at)
    LIMIT :limit
"""
_FORGETTABLE = """
    SELECT id FROM uploads WHERE expires_at <= :before AND NOT EXISTS
        (SELECT 1 FROM upload_parts WHERE upload_id = uploads.id AND key <> '')
    LIMIT :limit
"""


class UploadRows:
    """`ports.KeptUploads` in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, upload: UploadInParts, claim: Claim | None) -> str:
        values = {
            "id": upload.id, "caller": upload.caller_id, "filename": upload.filename,
            "purpose": upload.purpose, "media_type": upload.media_type,
            "size": upload.size, "status": upload.status,
            "at": micros(upload.created_at), "expires": micros(upload.expires_at),
            "kept": None if upload.kept is None else upload.kept // timedelta(seconds=1),
        }  # fmt: skip

        def unit(connection: Connection) -> str:
            standing = claim_object(connection, claim, upload.id, upload.created_at)
            if standing == upload.id:
                connection.execute(_INSERT, values)
            return standing

        return await self._database.write(unit)

    async def get(self, upload_id: str, *, caller_id: str) -> UploadInParts | None:
        row = await self._database.row(_GET, id=upload_id, caller=caller_id)
        return _upload(row) if row else None

    async def reserve_part(self, part: UploadPart) -> None:
        values = {
            "id": part.id, "upload": part.upload_id, "key": part.key,
            "at": micros(part.created_at),
        }  # fmt: skip

        def unit(connection: Connection) -> None:
            connection.execute(_RESERVE_PART, values)

        await self._database.write(unit, durable=False)

    async def add_part(
        self, part: UploadPart, claim: Claim | None, *, at: datetime
    ) -> str | None:
        values = {"id": part.upload_id, "at": micros(at)}

        def unit(connection: Connection) -> str | None:
            connection.lock("uploads", part.upload_id)  # nobody ends it meanwhile
            sql = f"SELECT 1 FROM uploads WHERE {_PENDING}"
            if connection.execute(sql, values).fetchone() is None:
                return None
            standing = claim_object(connection, claim, part.id, at)
            if standing == part.id:
                connection.execute(_ADD_PART, {"id": part.id, "size": part.size})
            return standing

        return await self._database.write(unit)

    async def parts(self, upload_id: str) -> Sequence[UploadPart]:
        return [_part(row) for row in await self._database.rows(_PARTS, upload=upload_id)]

    async def complete(
        self, upload_id: str, file: File, claim: Claim | None, *, at: datetime
    ) -> bool:
        def unit(connection: Connection) -> bool:
            ended = _end(
                connection, upload_id, UploadStatus.COMPLETED, claim, at, file_id=file.id
            )
            if ended:
                show_file(connection, file)
            return ended

        return await self._database.write(unit)

    async def cancel(self, upload_id: str, claim: Claim | None, *, at: datetime) -> bool:
        return await self._database.write(
            lambda connection: _end(connection, upload_id, UploadStatus.CANCELLED, claim, at)
        )

    async def useless(self, *, at: datetime, limit: int) -> Sequence[UploadPart]:
        rows = await self._database.rows(_USELESS, at=micros(at), limit=limit)
        return [_part(row) for row in rows]

    async def drop_parts(self, part_ids: Sequence[str]) -> None:
        values = [{"id": part_id} for part_id in part_ids]

        def unit(connection: Connection) -> None:
            connection.executemany("UPDATE upload_parts SET key = '' WHERE id = :id", values)

        await self._database.write(unit, durable=False)

    async def forget(self, *, before: datetime, limit: int) -> int:
        values = {"before": micros(before), "limit": limit}

        def unit(connection: Connection) -> int:
            rows = connection.execute(_FORGETTABLE, values).fetchall()
            found = [{"id": row[0]} for row in rows]
            connection.executemany("DELETE FROM upload_parts WHERE upload_id = :id", found)
            connection.executemany("DELETE FROM uploads WHERE id = :id", found)
            return len(found)

        return await self._database.write(unit, durable=False)


def _end(  # noqa: PLR0913 (the update)
    connection: Connection,
    upload_id: str,
    status: UploadStatus,
    claim: Claim | None,
    at: datetime,
    *,
    file_id: str | None = None,
) -> bool:
    values = {"id": upload_id, "status": status, "file": file_id, "at": micros(at)}
    if connection.execute(_END, values).rowcount == 0:
        return False
    claim_object(connection, claim, upload_id, at)
    return True


def _upload(row: tuple[Any, ...]) -> UploadInParts:
    return UploadInParts(
        id=row[0],
        caller_id=row[1],
        filename=row[2],
        purpose=row[3],
        media_type=row[4],
        size=row[5],
        status=UploadStatus(row[6]),
        created_at=moment(row[7]),
        expires_at=moment(row[8]),
        kept=None if row[9] is None else timedelta(seconds=row[9]),
        file_id=row[10],
    )


def _part(row: tuple[Any, ...]) -> UploadPart:
    return UploadPart(
        id=row[0], upload_id=row[1], key=row[2], size=row[3], created_at=moment(row[4])
    )
