"""The ledger, as whoever runs the gateway reads it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from filmgate.domain.money import Charge, Usage


class Ledger(Protocol):
    """What callers were charged. Written where jobs are made and ended, and only there."""

    async def charges(
        self,
        *,
        caller: str | None,
        since: datetime | None,
        until: datetime | None,
        after: str | None,
        limit: int,
    ) -> tuple[Sequence[Charge], bool]:
        """
        A page of charges, oldest first, and whether more follow.

        *caller* is a name; *until* is not included. After an unknown id there is nothing.
        """
        ...

    async def usage(
        self, *, caller: str | None, since: datetime | None, until: datetime | None
    ) -> Sequence[Usage]:
        """The sums of every caller that has any, by name."""
        ...
