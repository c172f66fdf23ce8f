"""The rows of characters."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from filmgate.domain.character import Character
from filmgate.domain.claim import Claim
from filmgate.domain.errors import Conflict
from filmgate.storage.database.claims import claim_object
from filmgate.storage.database.connection import Connection, Database
from filmgate.storage.database.frozen import micros, moment

_INSERT = """
    INSERT INTO characters (id, caller_id, name, clip, portrait, created_at)
    VALUES (:id, :caller, :name, :clip, :portrait, :at)
    ON CONFLICT (id) DO NOTHING
"""
_COLUMNS = "id, caller_id, name, clip, portrait, created_at"
_GET = f"SELECT {_COLUMNS} FROM characters WHERE id = :id AND caller_id = :caller"
_NAMED = f"""
    SELECT {_COLUMNS} FROM characters
    WHERE caller_id = :caller AND lower(name) IN (%s) ORDER BY created_at, id
"""
_SAME_NAME = """
    SELECT 1 FROM characters WHERE caller_id = :caller AND lower(name) = lower(:name)
"""


def insert_character(connection: Connection, character: Character) -> None:
    """Keep one in the transaction that makes it."""
    connection.execute(_INSERT, _values(character))


class CharacterRows:
    """`ports.Characters` in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(
        self, character: Character, claim: Claim | None, *, alone: bool = False
    ) -> str:
        def unit(connection: Connection) -> str:
            standing = claim_object(connection, claim, character.id, character.created_at)
            if standing == character.id:
                if alone:
                    _check_alone(connection, character)
                insert_character(connection, character)
            return standing

        return await self._database.write(unit)

    async def get(self, character_id: str, *, caller_id: str) -> Character | None:
        row = await self._database.row(_GET, id=character_id, caller=caller_id)
        return None if row is None else _character(row)

    async def named(self, names: Collection[str], *, caller_id: str) -> Mapping[str, Character]:
        if not names:
            return {}
        values = {f"name{number}": name for number, name in enumerate(names)}
        sql = _NAMED % ", ".join(f":{name}" for name in values)
        rows = await self._database.rows(sql, caller=caller_id, **values)
        return {row[2].lower(): _character(row) for row in rows}


def _check_alone(connection: Connection, character: Character) -> None:
    # Of two that come at once, one waits here and then finds the other's.
    connection.lock("callers", character.caller_id)
    if connection.execute(_SAME_NAME, _values(character)).fetchone() is not None:
        message = f"You have a character named '{character.name}' already. Send another name."
        raise Conflict(message, code="name_taken")


def _values(character: Character) -> dict[str, object]:
    return {
        "id": character.id, "caller": character.caller_id, "name": character.name,
        "clip": character.clip, "portrait": character.portrait,
        "at": micros(character.created_at),
    }  # fmt: skip


def _character(row: tuple[Any, ...]) -> Character:
    return Character(
        id=row[0],
        caller_id=row[1],
        name=row[2],
        clip=row[3],
        portrait=row[4],
        created_at=moment(row[5]),
    )
