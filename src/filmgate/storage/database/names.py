"""The rows of what callers' model names mean."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from filmgate.ports.names import Named
from filmgate.storage.database.connection import Connection, Database
from filmgate.storage.database.frozen import (
    freeze_model,
    freeze_settings,
    micros,
    thaw_model,
    thaw_settings,
)

_ALL = "SELECT name, engine, model, settings FROM names ORDER BY name"
_POINT = """
    INSERT INTO names (name, engine, model, settings, pointed_at)
    VALUES (:name, :engine, :model, :settings, :at)
    ON CONFLICT (name) DO UPDATE
    SET engine = excluded.engine, model = excluded.model, settings = excluded.settings,
        pointed_at = excluded.pointed_at
"""
_REMOVE = "DELETE FROM names WHERE name = :name"


class NameRows:
    """`ports.KeptNames` in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> Sequence[Named]:
        return [
            Named(
                name=name,
                engine=engine,
                model=thaw_model(model),
                settings=thaw_settings(settings),
            )
            for name, engine, model, settings in await self._database.rows(_ALL)
        ]

    async def point(self, named: Named, *, at: datetime) -> None:
        values = {
            "name": named.name, "engine": named.engine, "model": freeze_model(named.model),
            "settings": freeze_settings(named.settings), "at": micros(at),
        }  # fmt: skip

        def unit(connection: Connection) -> None:
            connection.execute(_POINT, values)

        await self._database.write(unit)

    async def remove(self, name: str) -> bool:
        def unit(connection: Connection) -> bool:
            return connection.execute(_REMOVE, {"name": name}).rowcount == 1

        return await self._database.write(unit)
