"""The rows of characters."""

from __future__ import annotations

from filmgate.domain.character import Character
from filmgate.domain.claim import Claim
from filmgate.storage.database.claims import claim_object
from filmgate.storage.database.connection import Connection, Database
from filmgate.storage.database.frozen import micros, moment

_INSERT = """
    INSERT INTO characters (id, caller_id, name, clip, portrait, created_at)
    VALUES (:id, :caller, :name, :clip, :portrait, :at)
"""
_GET = """
    SELECT id, caller_id, name, clip, portrait, created_at
    FROM characters WHERE id = :id AND caller_id = :caller
"""


class CharacterRows:
    """`ports.Characters` in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, character: Character, claim: Claim | None) -> str:
        values = {
            "id": character.id, "caller": character.caller_id, "name": character.name,
            "clip": character.clip, "portrait": character.portrait,
            "at": micros(character.created_at),
        }  # fmt: skip

        def unit(connection: Connection) -> str:
            standing = claim_object(connection, claim, character.id, character.created_at)
            if standing == character.id:
                connection.execute(_INSERT, values)
            return standing

        return await self._database.write(unit)

    async def get(self, character_id: str, *, caller_id: str) -> Character | None:
        row = await self._database.row(_GET, id=character_id, caller=caller_id)
        if row is None:
            return None
        return Character(
            id=row[0],
            caller_id=row[1],
            name=row[2],
            clip=row[3],
            portrait=row[4],
            created_at=moment(row[5]),
        )
