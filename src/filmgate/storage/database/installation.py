"""What is true of the whole installation, whatever machine asks."""

from __future__ import annotations

from filmgate.storage.database.connection import Connection, Database

_KEEP = """
    INSERT INTO installation (name, value) VALUES (:name, :value)
    ON CONFLICT (name) DO NOTHING
"""
_VALUE = "SELECT value FROM installation WHERE name = :name"


class InstallationRows:
    """Values by their names. The first one that is kept stands."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def first(self, name: str, value: str) -> str:
        """The value of that *name*: *value* if there was none."""

        def unit(connection: Connection) -> str:
            connection.execute(_KEEP, {"name": name, "value": value})
            return str(connection.execute(_VALUE, {"name": name}).fetchone()[0])

        return await self._database.write(unit)
