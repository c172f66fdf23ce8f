"""Secrets that we must be able to read again."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Cipher(Protocol):
    """Encrypts what a row may hold of somebody's secrets."""

    def seal(self, text: str) -> str:
        """*text*, unreadable without the gateway's own key."""
        ...

    def unseal(self, sealed: str) -> str:
        """The reverse of `seal`."""
        ...

    def sealed_at(self, sealed: str) -> datetime:
        """When that was, to the second."""
        ...
