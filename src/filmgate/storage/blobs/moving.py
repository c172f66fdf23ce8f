"""Blobs of this machine, copied to another store and compared with what came of them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import aclosing
from dataclasses import dataclass, field
from hashlib import file_digest, sha256
from pathlib import Path

from filmgate.domain.errors import StorageUnavailable
from filmgate.ports import Blobs
from filmgate.storage.database.source import Named

AT_ONCE = 4  #: blobs under way


@dataclass
class Moved:
    """What became of the blobs. Every one that is counted lies there in its size."""

    count: int = 0
    size: int = 0  #: bytes
    there: int = 0  #: of them, those that an earlier run had brought
    missing: list[str] = field(default_factory=list)  #: keys without a file
    damaged: list[str] = field(default_factory=list)  #: copied as they are


async def move_blobs(blobs: Iterable[Named], folder: Path, target: Blobs) -> Moved:
    """
    Copy *blobs* from *folder* to *target*, which may have some already.

    The files stay. `StorageUnavailable` when *target* takes one not, or otherwise.
    """
    moved, waiting = Moved(), iter(blobs)

    async def some() -> None:
        for blob in waiting:
            await _move(blob, folder / blob.key, target, moved)

    await asyncio.gather(*(some() for _ in range(AT_ONCE)))
    return moved


async def _move(blob: Named, path: Path, target: Blobs, moved: Moved) -> None:
    there = await _size(target, blob.key)
    try:
        size = (await asyncio.to_thread(path.stat)).st_size
    except FileNotFoundError:
        if there is None or blob.size not in (None, there):
            moved.missing.append(blob.key)
        else:  # they never were in the folder
            _count(moved, there, found=True)
        return
    digest = await asyncio.to_thread(_digest, path)
    if blob.sha256 not in (None, digest):
        moved.damaged.append(blob.key)
    found = there == size and await _digest_there(target, blob.key) == digest
    if not found:
        with await asyncio.to_thread(path.open, "rb") as file:
            stored = await target.put(blob.key, file, media_type=blob.media_type)
        if stored.sha256 != digest or await target.size(blob.key) != size:
            message = f"{blob.key} is not in the object store as it is in {path.parent}."
            raise StorageUnavailable(message)
    _count(moved, size, found=found)


def _count(moved: Moved, size: int, *, found: bool) -> None:
    moved.count += 1
    moved.size += size
    moved.there += found


async def _size(target: Blobs, key: str) -> int | None:
    try:
        return await target.size(key)
    except FileNotFoundError:
        return None


async def _digest_there(target: Blobs, key: str) -> str:
    digest = sha256()
    async with aclosing(target.stream(key)) as chunks:
        async for chunk in chunks:
            digest.update(chunk)
    return digest.hexdigest()


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
