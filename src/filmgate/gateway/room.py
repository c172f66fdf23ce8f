"""Whether there is room for one more film."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from filmgate.domain.errors import StorageUnavailable

COME_BACK = timedelta(seconds=60)


class Room:
    """Keeps *least* bytes of the films' disk for what is under way already."""

    def __init__(self, left: Callable[[], int | None], *, least: int) -> None:
        self._left = left  #: bytes; None if nobody knows
        self._least = least

    def check(self) -> None:
        """Raise `StorageUnavailable` (`storage_full`) when no more jobs should be taken."""
        left = self._left()
        if left is not None and left < self._least:
            message = (
                f"The disk for films has {left >> 20} MB left, and {self._least >> 20} MB are "
                "kept for the films that are being made. Delete films, or wait until some "
                "expire."
            )
            raise StorageUnavailable(message, code="storage_full", retry_after=COME_BACK)
