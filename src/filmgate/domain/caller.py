"""Callers: whoever an API key stands for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Somebody who presented a key, and what that key may do."""

    id: str
    name: str
    admin: bool  #: the key may manage keys


@dataclass(frozen=True, kw_only=True)
class ApiKey:
    """
    A key as it can be shown: never the key itself.

    Only its SHA-256 is kept. *hint* is its last four characters, unless it is short.
    """

    id: str
    caller: Caller
    hint: str
    created_at: datetime
    revoked_at: datetime | None
