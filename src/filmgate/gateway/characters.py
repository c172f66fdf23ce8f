"""Characters: made from a clip or with a film, and found again."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping, Sequence

from filmgate.domain.asset import Asset, Variant
from filmgate.domain.caller import Caller
from filmgate.domain.character import LONGEST_NAME, Character, Window
from filmgate.domain.claim import Claim
from filmgate.domain.errors import Conflict, InvalidRequest, NotFound, StorageUnavailable
from filmgate.domain.job import Owned
from filmgate.gateway.references import References
from filmgate.gateway.submission import Given
from filmgate.ports import Blobs, Characters, Claims, Clock

log = logging.getLogger(__name__)

TAIL = 8  #: letters of an id that a name is made of


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

    async def create(  # noqa: PLR0913 (who it is, and of what)
        self,
        name: str | None,
        given: Given,
        caller: Caller,
        claim: Claim | None,
        *,
        window: Window | None = None,
        alone: str | None = None,
    ) -> Character:
        """
        A character from what *window* shows of a clip; its portrait is a frame of that.

        Without a name it has one that nobody else has. *alone* is the field that errors
        name if the caller has another of its name; None: then there are two.
        """
        if name is not None:
            _check_name(name)
        now = self._clock.now()
        if standing := await self._claims.standing(claim, at=now):
            return await self.get(standing, caller)
        character_id = self._new_id("char_")
        clip, portrait = f"{character_id}/clip", f"{character_id}/portrait"
        await self._references.keep_clip(given, caller, window, clip=clip, still=portrait)
        made = Character(
            id=character_id,
            caller_id=caller.id,
            name=_named_after(character_id) if name is None else name.strip(),
            clip=clip,
            portrait=portrait,
            created_at=now,
        )
        try:
            standing = await self._characters.add(made, claim, alone=alone is not None)
        except Conflict as error:
            await self._blobs.delete([clip, portrait])
            error.param = error.param or alone
            raise
        if standing != made.id:
            await self._blobs.delete([clip, portrait])
        return await self.get(standing, caller)

    async def get(
        self, character_id: str, caller: Caller, *, param: str = "character_id"
    ) -> Character:
        """Raise `NotFound` for another caller's character as for none."""
        found = await self._characters.get(character_id, caller_id=caller.id)
        if found is None:
            message = f"Character with id '{character_id[:80]}' not found."
            raise NotFound(message, param=param, code="character_not_found")
        return found

    async def named(self, names: Collection[str], caller: Caller) -> Mapping[str, Character]:
        """The caller's, by those of the *names* that are theirs; all in lower case."""
        return await self._characters.named(names, caller_id=caller.id)

    async def portrait(self, character: Character) -> bytes:
        """A WebP image."""
        return await self._blobs.read(character.portrait)


class Debuts:
    """
    Characters that films become.

    A character's files lie under its id and the attempt's, so that what an attempt left
    behind can be told from what the next one makes; its row comes with the job's end.
    """

    def __init__(self, blobs: Blobs, clock: Clock) -> None:
        self._blobs = blobs
        self._clock = clock

    async def keep(self, owned: Owned, outputs: Sequence[Asset]) -> Character | None:
        """
        The character that the film of *outputs* becomes, its files stored; may be repeated.

        None if it becomes none, and if they cannot be stored: that is logged, for the film
        is not to be lost over it.
        """
        character_id = owned.job.request.casts
        places = {asset.variant: asset.key for asset in outputs}
        if character_id is None or Variant.VIDEO not in places:
            return None
        clip, portrait = _keys(character_id, owned)
        try:
            await self._blobs.copy(places[Variant.VIDEO], clip)
            await self._blobs.copy(places[Variant.THUMBNAIL], portrait)
        except StorageUnavailable as error:
            log.error(
                "character.lost job=%s character=%s code=%s",
                owned.job.id, character_id, error.code,
            )  # fmt: skip
            return None
        return Character(
            id=character_id,
            caller_id=owned.job.caller_id,
            name=_named_after(owned.job.id),
            clip=clip,
            portrait=portrait,
            created_at=self._clock.now(),
        )

    async def drop(self, owned: Owned) -> None:
        """Remove what an attempt may have stored before it died."""
        if owned.job.request.casts is None:
            return
        try:
            await self._blobs.delete(_keys(owned.job.request.casts, owned))
        except StorageUnavailable as error:
            log.warning("character.left attempt=%s code=%s", owned.attempt.id, error.code)


def _keys(character_id: str, owned: Owned) -> tuple[str, str]:
    folder = f"{character_id}/{owned.attempt.id}"
    return f"{folder}/clip", f"{folder}/portrait"


def _check_name(name: str) -> None:
    if not (name.strip() and name.isprintable() and len(name) <= LONGEST_NAME):
        message = f"A character's name has 1 to {LONGEST_NAME} printable characters."
        raise InvalidRequest(message, param="name")


def _named_after(its_id: str) -> str:
    return f"character-{its_id[-TAIL:]}"
