"""The rows of characters."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Protocol

from filmgate.domain.character import Character
from filmgate.domain.claim import Claim


class Characters(Protocol):
    """Characters belong to the caller who made them."""

    async def add(
        self, character: Character, claim: Claim | None, *, alone: bool = False
    ) -> str:
        """
        Keep a new one; its id, or of the one that the claim's key has led to before.

        `Conflict` if it is to be *alone*, and its caller has another of that name.
        """
        ...

    async def get(self, character_id: str, *, caller_id: str) -> Character | None:
        """The caller's character of that id, if there is one."""
        ...

    async def named(self, names: Collection[str], *, caller_id: str) -> Mapping[str, Character]:
        """
        The caller's characters of these *names*, which are in lower case, by them.

        Of several that share a name it is the newest.
        """
        ...
