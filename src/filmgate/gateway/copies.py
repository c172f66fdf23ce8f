"""Copies of rows that are asked for much more often than they change."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from filmgate.ports import Clock

T = TypeVar("T")

KEPT = timedelta(seconds=2)  #: how old a copy of the rows may be


class Copies(Generic[T]):
    """What was read lately, so that thousands of jobs do not each ask the rows."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._reading = asyncio.Lock()
        self._changes = 0
        self._kept: dict[str, tuple[datetime, T]] = {}

    async def get(self, key: str, read: Callable[[], Awaitable[T]]) -> T:
        """The copy of *key*, or what *read* finds: it is called once for all who wait."""
        if (kept := self._fresh(key)) is not None:
            return kept
        async with self._reading:
            if (kept := self._fresh(key)) is not None:
                return kept
            before, at = self._changes, self._clock.now()
            found = await read()
            if before == self._changes:  # else it may be older than the change
                self._kept[key] = (at, found)
            return found

    def _fresh(self, key: str) -> T | None:
        at, found = self._kept.get(key, (None, None))
        fresh = at is not None and timedelta() <= self._clock.now() - at < KEPT
        return found if fresh else None

    def forget(self) -> None:
        self._changes += 1
        self._kept.clear()
