"""Characters: made from a clip, and found again."""

from __future__ import annotations

from collections.abc import Callable

from filmgate.domain.caller import Caller
from filmgate.domain.character import LONGEST_NAME, Character
from filmgate.domain.claim import Claim
from filmgate.domain.errors import InvalidRequest, NotFound
from filmgate.gateway.references import References
from filmgate.gateway.submission import Given
from filmgate.ports import Blobs, Characters, Claims, Clock


class Casting:
    """Who can be in a caller's films."""

    def __init__(  # noqa: PLR0913 (wired in one place)
        self,
        characters: Characters,
        *,
        claims: Claims,
        references: References,
        blobs: Blobs,
        clock: Clock,
        new_id: Callable[[str], str],
    ) -> None:
        self._characters = characters
        self._claims = claims
        self._references = references
        self._blobs = blobs
        self._clock = clock
        self._new_id = new_id

    async def create(
        self, name: str, given: Given, caller: Caller, claim: Claim | None
    ) -> Character:
        """A character from a clip; its portrait is a frame of that."""
        if not (name.strip() and name.isprintable() and len(name) <= LONGEST_NAME):
            message = f"A character's name has 1 to {LONGEST_NAME} printable characters."
            raise InvalidRequest(message, param="name")
        now = self._clock.now()
        if standing := await self._claims.standing(claim, at=now):
            return await self.get(standing, caller)
        character_id = self._new_id("char_")
        clip, portrait = f"{character_id}/clip", f"{character_id}/portrait"
        await self._references.keep_clip(given, caller, clip=clip, still=portrait)
        made = Character(
            id=character_id,
            caller_id=caller.id,
            name=name.strip(),
            clip=clip,
            portrait=portrait,
            created_at=now,
        )
        standing = await self._characters.add(made, claim)
        if standing != made.id:
            await self._blobs.delete([clip, portrait])
        return await self.get(standing, caller)

    async def get(self, character_id: str, caller: Caller) -> Character:
        """Raise `NotFound` for another caller's character as for none."""
        found = await self._characters.get(character_id, caller_id=caller.id)
        if found is None:
            message = f"Character with id '{character_id[:80]}' not found."
            raise NotFound(message, param="character_id", code="character_not_found")
        return found
