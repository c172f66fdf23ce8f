"""The rows of leases: which node is alive, and which one does what one is enough for."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from datetime import datetime

from filmgate.storage.database.connection import Connection, Database
from filmgate.storage.database.frozen import micros

# One statement, so that of two who want it at once one finds the other's row.
_TAKE = """
    INSERT INTO leases (name, holder, until) VALUES (:name, :holder, :until)
    ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
    WHERE leases.holder = excluded.holder OR leases.until <= :at
"""


class LeaseRows:
    """
    `ports.Leases` in a database.

    A lease that the machine's death undoes is one that has ended a little early; who
    holds one allows for that, so none of these waits for a disk.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def take(self, name: str, holder: str, *, at: datetime, until: datetime) -> bool:
        values = {"name": name, "holder": holder, "at": micros(at), "until": micros(until)}

        def unit(connection: Connection) -> bool:
            return connection.execute(_TAKE, values).rowcount == 1

        return await self._database.write(unit, durable=False)

    async def drop(self, name: str, holder: str) -> None:
        def unit(connection: Connection) -> None:
            sql = "DELETE FROM leases WHERE name = :name AND holder = :holder"
            connection.execute(sql, {"name": name, "holder": holder})

        await self._database.write(unit, durable=False)

    async def drop_all_but(self, holder: str) -> None:
        def unit(connection: Connection) -> None:
            connection.execute("DELETE FROM leases WHERE holder <> :holder", {"holder": holder})

        await self._database.write(unit, durable=False)

    async def alive(self, *, at: datetime) -> AbstractSet[str]:
        rows = await self._database.rows(
            "SELECT name FROM leases WHERE until > :at", at=micros(at)
        )
        return {name for (name,) in rows}
