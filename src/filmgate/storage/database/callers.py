"""The rows of callers and their API keys."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from filmgate.domain.caller import ApiKey, Caller
from filmgate.storage.database.connection import Connection, Database
from filmgate.storage.database.frozen import micros, moment

_BY_KEY = """
    SELECT callers.id, callers.name, api_keys.admin
    FROM api_keys JOIN callers ON callers.id = api_keys.caller_id
    WHERE api_keys.hash = :hash AND api_keys.revoked_at IS NULL
"""
_INSERT_CALLER = """
    INSERT INTO callers (id, name, created_at) VALUES (:id, :name, :at)
    ON CONFLICT (name) DO NOTHING
"""
_KEYS = """
    SELECT api_keys.id, callers.id, callers.name, api_keys.admin,
           api_keys.hint, api_keys.created_at, api_keys.revoked_at
    FROM api_keys JOIN callers ON callers.id = api_keys.caller_id
    ORDER BY api_keys.created_at, api_keys.id
"""


class CallerRows:
    """`ports.Callers` in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def by_key(self, key_hash: str) -> Caller | None:
        row = await self._database.row(_BY_KEY, hash=key_hash)
        return Caller(id=row[0], name=row[1], admin=bool(row[2])) if row else None

    async def ensure(self, caller_id: str, name: str, *, at: datetime) -> Caller:
        def unit(connection: Connection) -> str:
            values = {"id": caller_id, "name": name, "at": micros(at)}
            connection.execute(_INSERT_CALLER, values)
            found = connection.execute("SELECT id FROM callers WHERE name = :name", values)
            return str(found.fetchone()[0])

        return Caller(id=await self._database.write(unit), name=name, admin=False)

    async def add_key(  # noqa: PLR0913 (the columns)
        self,
        key_id: str,
        name: str,
        *,
        key_hash: str,
        hint: str,
        admin: bool,
        at: datetime,
    ) -> ApiKey | None:
        def unit(connection: Connection) -> bool:
            values = {
                "key": key_id, "id": f"caller_{key_id.removeprefix('key_')}",
                "name": name, "admin": int(admin), "hash": key_hash, "hint": hint,
                "at": micros(at),
            }  # fmt: skip
            connection.execute(_INSERT_CALLER, values)
            made = connection.execute(
                "INSERT INTO api_keys (id, caller_id, hash, hint, admin, created_at) "
                "SELECT :key, id, :hash, :hint, :admin, :at FROM callers WHERE name = :name "
                "ON CONFLICT (hash) DO NOTHING",
                values,
            )
            return made.rowcount == 1

        if not await self._database.write(unit):
            return None
        return next(key for key in await self.keys() if key.id == key_id)

    async def keys(self) -> Sequence[ApiKey]:
        return [
            ApiKey(
                id=key,
                caller=Caller(id=caller, name=name, admin=bool(admin)),
                hint=hint,
                created_at=moment(created),
                revoked_at=moment(revoked) if revoked else None,
            )
            for key, caller, name, admin, hint, created, revoked in await self._database.rows(
                _KEYS
            )
        ]

    async def revoke(self, key_id: str, *, at: datetime) -> bool:
        def unit(connection: Connection) -> bool:
            found = connection.execute(
                "UPDATE api_keys SET revoked_at = coalesce(revoked_at, :at) WHERE id = :id",
                {"id": key_id, "at": micros(at)},
            )
            return found.rowcount == 1

        return await self._database.write(unit)
