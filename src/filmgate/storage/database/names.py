"""The rows of what callers' model names mean."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from filmgate.domain.model import Pick
from filmgate.ports.names import Candidate, Named
from filmgate.storage.database.connection import Connection, Database
from filmgate.storage.database.frozen import (
    freeze,
    freeze_model,
    freeze_settings,
    micros,
    thaw_model,
    thaw_names,
    thaw_settings,
)

_COLUMNS = "engine, model, settings, weight, plans"
_MEANT = f"""
    SELECT name, pick, 0 AS place, {_COLUMNS} FROM names
    UNION ALL
    SELECT fallbacks.name, names.pick, place,
           {", ".join(f"fallbacks.{column}" for column in _COLUMNS.split(", "))}
    FROM fallbacks JOIN names ON names.name = fallbacks.name
"""
_ALL = f"SELECT * FROM ({_MEANT}) AS meant ORDER BY name, place"
_ONE = f"SELECT * FROM ({_MEANT}) AS meant WHERE name = :name ORDER BY place"
# Whoever changes the row holds it: the next one reads what has become of it.
_HOLD = "UPDATE names SET pointed_at = :at WHERE name = :name"
_POINT = f"""
    INSERT INTO names (name, pick, {_COLUMNS}, pointed_at)
    VALUES (:name, :pick, :engine, :model, :settings, :weight, :plans, :at)
    ON CONFLICT (name) DO UPDATE
    SET engine = excluded.engine, model = excluded.model, settings = excluded.settings,
        weight = excluded.weight, plans = excluded.plans, pick = excluded.pick,
        pointed_at = excluded.pointed_at
"""
_FALL_BACK = f"""
    INSERT INTO fallbacks (name, place, {_COLUMNS})
    VALUES (:name, :place, :engine, :model, :settings, :weight, :plans)
"""
_DROP = "DELETE FROM fallbacks WHERE name = :name"
_REMOVE = "DELETE FROM names WHERE name = :name"


class NameRows:
    """`ports.KeptNames` in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> Sequence[Named]:
        return _named(await self._database.rows(_ALL))

    async def point(
        self, name: str, meant: Callable[[Named | None], Named], *, at: datetime
    ) -> Named:
        row = {"name": name, "at": micros(at)}

        def unit(connection: Connection) -> Named:
            connection.execute(_HOLD, row)
            before = _named(connection.execute(_ONE, row).fetchall())
            named = meant(before[0] if before else None)
            first, *others = map(_columns, named.candidates)
            connection.execute(_POINT, {**row, "pick": named.pick, **first})
            connection.execute(_DROP, row)
            for place, other in enumerate(others, 1):
                connection.execute(_FALL_BACK, {"name": name, "place": place, **other})
            return named

        return await self._database.write(unit)

    async def remove(self, name: str) -> bool:
        def unit(connection: Connection) -> bool:
            connection.execute(_DROP, {"name": name})
            return connection.execute(_REMOVE, {"name": name}).rowcount == 1

        return await self._database.write(unit)


def _named(rows: Iterable[Sequence[Any]]) -> Sequence[Named]:
    """The names of *rows*, which are in their order."""
    found: dict[str, Named] = {}
    for name, pick, _, *columns in rows:
        before = found[name].candidates if name in found else ()
        candidates = (*before, _candidate(*columns))
        found[name] = Named(name=name, candidates=candidates, pick=Pick(pick))
    return list(found.values())


def _columns(candidate: Candidate) -> dict[str, object]:
    return {
        "engine": candidate.engine,
        "model": freeze_model(candidate.model),
        "settings": freeze_settings(candidate.settings),
        "weight": candidate.weight,
        "plans": freeze(candidate.plans),
    }


def _candidate(engine: str, model: str, settings: str, weight: int, plans: str) -> Candidate:
    return Candidate(
        engine=engine,
        model=thaw_model(model),
        settings=thaw_settings(settings),
        weight=weight,
        plans=thaw_names(plans),
    )
