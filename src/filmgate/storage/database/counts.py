"""The rows of requests, counted by caller and minute."""

from __future__ import annotations

from filmgate.storage.database.connection import Connection, Database

_COUNT = """
    INSERT INTO request_counts (caller_id, minute, count) VALUES (:caller, :minute, 1)
    ON CONFLICT (caller_id, minute) DO UPDATE SET count = request_counts.count + 1
    RETURNING count
"""


class CountRows:
    """`ports.Counts` in a database. What the machine's death undoes was not worth a disk."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def count(self, caller_id: str, minute: int) -> int:
        values = {"caller": caller_id, "minute": minute}

        def unit(connection: Connection) -> int:
            return int(connection.execute(_COUNT, values).fetchone()[0])

        return await self._database.write(unit, durable=False)

    async def forget(self, *, before: int) -> None:
        def unit(connection: Connection) -> None:
            sql = "DELETE FROM request_counts WHERE minute < :before"
            connection.execute(sql, {"before": before})

        await self._database.write(unit, durable=False)
