"""Files of this machine, on a disk that may be full."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

from filmgate.domain.errors import StorageUnavailable

_FULL = (errno.ENOSPC, errno.EDQUOT)


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Raise `StorageUnavailable` for a disk that does not take what is written."""
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        if error.errno in _FULL:
            message = f"The disk of {folder} is full. Make room on it; then it goes on."
            raise StorageUnavailable(message, code="storage_full") from error
        message = f"{folder} cannot be written to: {error.strerror}."
        raise StorageUnavailable(message) from error


async def save(chunks: AsyncIterator[bytes], path: Path) -> None:
    """Write *chunks* to *path*. What stops them is not the disk's fault, and passes."""
    with writing(path.parent):
        file = await asyncio.to_thread(path.open, "wb")
    try:
        async for chunk in chunks:
            with writing(path.parent):
                await asyncio.to_thread(file.write, chunk)
    finally:
        with writing(path.parent):
            await asyncio.to_thread(file.close)
