"""The rows of characters."""

from __future__ import annotations

from typing import Protocol

from filmgate.domain.character import Character
from filmgate.domain.claim import Claim


class Characters(Protocol):
    """Characters belong to the caller who made them."""

    async def add(self, character: Character, claim: Claim | None) -> str:
        """Keep a new one; its id, or of the one that the claim's key has led to before."""
        ...

    async def get(self, character_id: str, *, caller_id: str) -> Character | None:
        """The caller's character of that id, if there is one."""
        ...
