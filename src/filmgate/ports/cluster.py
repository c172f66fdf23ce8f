"""What nodes share, so that several do what one does."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Protocol


class Leases(Protocol):
    """The rows of leases: what one holder has for a while, and nobody else meanwhile."""

    async def take(self, name: str, holder: str, *, at: datetime, until: datetime) -> bool:
        """Hold it, or hold it longer; False if it is another's at that time."""
        ...

    async def drop(self, name: str, holder: str) -> None:
        """Let go of it; nothing happens if it is another's."""
        ...

    async def drop_all_but(self, holder: str) -> None:
        """Let everybody else's go: for one machine, where nobody else can be alive."""
        ...

    async def alive(self, *, at: datetime) -> AbstractSet[str]:
        """The names of those that somebody holds at that time."""
        ...


class Counts(Protocol):
    """How often a caller has asked, counted by all nodes together."""

    async def count(self, caller_id: str, minute: int) -> int:
        """Once more in that minute, since 1970; how often that makes."""
        ...

    async def forget(self, *, before: int) -> None:
        """Drop the counts of earlier minutes."""
        ...
