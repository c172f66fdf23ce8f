"""The rows of callers, their keys and claims."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from filmgate.domain.caller import ApiKey, Caller
from filmgate.domain.claim import Claim


class Callers(Protocol):
    """The rows of callers and their API keys, found by the key's hash."""

    async def by_key(self, key_hash: str) -> Caller | None:
        """Who presents this key, unless it is unknown or revoked."""
        ...

    async def ensure(self, caller_id: str, name: str, *, at: datetime) -> Caller:
        """The caller of that name, made if new; no admin."""
        ...

    async def add_key(  # noqa: PLR0913 (the columns)
        self,
        key_id: str,
        name: str,
        *,
        key_hash: str,
        hint: str,
        admin: bool,
        at: datetime,
    ) -> ApiKey | None:
        """A new key for the caller of that name, made if new; None if the key exists."""
        ...

    async def keys(self) -> Sequence[ApiKey]:
        """Every key, oldest first."""
        ...

    async def revoke(self, key_id: str, *, at: datetime) -> bool:
        """Refuse a key from now on; False if there is none."""
        ...


class Claims(Protocol):
    """The rows of claims. They are made where the objects are, in the same transaction."""

    async def standing(self, claim: Claim | None, *, at: datetime) -> str | None:
        """The id that the key has led to; `Conflict` if that was another request."""
        ...

    async def forget(self, *, before: datetime) -> None:
        """Drop older ones."""
        ...
