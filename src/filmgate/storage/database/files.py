"""The rows of files."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from filmgate.domain.claim import Claim
from filmgate.domain.file import File
from filmgate.storage.database.claims import claim_object
from filmgate.storage.database.connection import Connection, Database
from filmgate.storage.database.frozen import micros, moment

_COLUMNS = "id, caller_id, filename, purpose, key, size, sha256, created_at, expires_at"
# A reserved file is one that will have been deleted, unless somebody shows it.
_RESERVE = """
    INSERT INTO files (id, caller_id, filename, purpose, key, size, sha256, created_at,
        expires_at, deleted_at)
    VALUES (:id, :caller, :filename, :purpose, :key, :size, :sha256, :at, :expires, :until)
"""
_SHOW = """
    UPDATE files SET size = :size, sha256 = :sha256, deleted_at = NULL WHERE id = :id
"""
_THERE = """
    caller_id = :caller AND deleted_at IS NULL AND (expires_at IS NULL OR expires_at > :at)
"""
_GET = f"SELECT {_COLUMNS} FROM files WHERE id = :id AND {_THERE}"
# A page starts after the file of that id, deleted or not. Comparing with NULL is never
# true, so nothing follows one that is not there.
_PAGE = f"""
    SELECT {_COLUMNS} FROM files
    WHERE {_THERE} AND (CAST(:purpose AS TEXT) IS NULL OR purpose = :purpose)
      AND (CAST(:after AS TEXT) IS NULL OR (created_at, id) {{follows}}
           (SELECT created_at, id FROM files WHERE id = :after AND caller_id = :caller))
    ORDER BY {{order}} LIMIT :limit
"""
_DELETE = f"UPDATE files SET deleted_at = :at WHERE id = :id AND {_THERE}"
_GONE = """
    SELECT id, key FROM files WHERE deleted_at <= :at
    UNION SELECT id, key FROM files WHERE expires_at <= :at
    LIMIT :limit
"""


def show_file(connection: Connection, file: File) -> None:
    """Let a reserved file be found, in the transaction of what it belongs to."""
    values = {"id": file.id, "size": file.size, "sha256": file.sha256}
    connection.execute(_SHOW, values)


class FileRows:
    """`ports.KeptFiles` in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def reserve(self, file: File, *, until: datetime) -> None:
        values = {
            "id": file.id, "caller": file.caller_id, "filename": file.filename,
            "purpose": file.purpose, "key": file.key, "size": file.size,
            "sha256": file.sha256, "at": micros(file.created_at),
            "expires": None if file.expires_at is None else micros(file.expires_at),
            "until": micros(until),
        }  # fmt: skip

        def unit(connection: Connection) -> None:
            connection.execute(_RESERVE, values)

        await self._database.write(unit, durable=False)

    async def show(self, file: File, claim: Claim | None) -> str:
        def unit(connection: Connection) -> str:
            standing = claim_object(connection, claim, file.id, file.created_at)
            if standing == file.id:
                show_file(connection, file)
            return standing

        return await self._database.write(unit)

    async def get(self, file_id: str, *, caller_id: str, at: datetime) -> File | None:
        row = await self._database.row(_GET, id=file_id, caller=caller_id, at=micros(at))
        return _file(row) if row else None

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
        sql = _PAGE.format(
            follows="<" if newest_first else ">",
            order="created_at DESC, id DESC" if newest_first else "created_at, id",
        )
        rows = await self._database.rows(
            sql,
            caller=caller_id,
            purpose=purpose,
            after=after,
            limit=limit + 1,
            at=micros(at),
        )
        return [_file(row) for row in rows[:limit]], len(rows) > limit

    async def delete(self, file_id: str, *, caller_id: str, at: datetime) -> bool:
        values = {"id": file_id, "caller": caller_id, "at": micros(at)}
        return await self._database.write(
            lambda connection: connection.execute(_DELETE, values).rowcount == 1
        )

    async def gone(self, *, at: datetime, limit: int) -> Sequence[tuple[str, str]]:
        return await self._database.rows(_GONE, at=micros(at), limit=limit)

    async def forget(self, file_ids: Sequence[str]) -> None:
        values = [{"id": file_id} for file_id in file_ids]

        def unit(connection: Connection) -> None:
            connection.executemany("DELETE FROM files WHERE id = :id", values)

        await self._database.write(unit, durable=False)


def _file(row: tuple[Any, ...]) -> File:
    return File(
        id=row[0],
        caller_id=row[1],
        filename=row[2],
        purpose=row[3],
        key=row[4],
        size=row[5],
        sha256=row[6],
        created_at=moment(row[7]),
        expires_at=None if row[8] is None else moment(row[8]),
    )
