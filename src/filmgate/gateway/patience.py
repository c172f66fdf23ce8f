"""What must be written is written, however long our own database takes to come back."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from filmgate.domain.errors import StorageUnavailable
from filmgate.ports import Clock

T = TypeVar("T")

log = logging.getLogger(__name__)

FIRST, LONGEST = 0.2, 5.0  #: seconds between two tries


async def surely(write: Callable[[], Awaitable[T]], clock: Clock) -> T:
    """
    Again and again until it is done.

    A write whose answer was lost is made again, so it must be one that may be: by a key
    that it brings along, or fenced, so that the second one finds that it is too late.
    """
    pause = FIRST
    while True:
        try:
            return await write()
        except StorageUnavailable as error:
            log.warning("storage.waiting code=%s %s", error.code, error.message)
        await clock.sleep(pause)
        pause = min(pause * 2, LONGEST)
