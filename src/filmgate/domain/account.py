"""Accounts: a login at an engine, and how much it takes at once."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Account:
    """One login or key at an engine. previs needs none, so this one has no secret."""

    id: str
    engine: str
    label: str
    seats: int  #: attempts that may be open at once
