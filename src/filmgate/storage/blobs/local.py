"""Blobs in a folder of this machine."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import nullcontext
from datetime import timedelta
from hashlib import file_digest
from pathlib import Path
from typing import BinaryIO

from filmgate.ports import Stored
from filmgate.storage.blobs.disk import save, writing
from filmgate.system import read_at, sync

CHUNK = 1 << 20  #: bytes that are copied or read at once


class LocalBlobs:
    """
    `ports.Blobs` on a local disk.

    What is on its way lies beside its place, with `.part` behind its name.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder

    async def put(
        self, key: str, source: Path | BinaryIO, *, media_type: str | None = None
    ) -> Stored:
        """Store a file whole, safe from a power cut on return. A path is gone then."""
        del media_type  # a file has none
        digest = await asyncio.to_thread(_digest, source)
        with writing(self._folder):
            size = await asyncio.to_thread(_put, source, self._folder, key)
        return Stored(size=size, sha256=digest)

    async def save(self, chunks: AsyncIterator[bytes], path: Path) -> None:
        """Write what comes in to a file that is not a blob yet."""
        await save(chunks, path)

    async def read(self, key: str) -> bytes:
        """The whole blob."""
        return await asyncio.to_thread((self._folder / key).read_bytes)

    async def size(self, key: str) -> int:
        """Bytes of the blob."""
        return (await asyncio.to_thread((self._folder / key).stat)).st_size

    async def stream(
        self, key: str, start: int = 0, stop: int | None = None
    ) -> AsyncGenerator[bytes]:
        """The bytes from *start* up to *stop*, or all of them, in pieces."""
        path = self._folder / key
        stop = await self.size(key) if stop is None else stop
        file = await asyncio.to_thread(path.open, "rb", buffering=0)
        with file:
            while start < stop:
                size = min(CHUNK, stop - start)
                chunk = await asyncio.to_thread(read_at, file, start, size)
                start += len(chunk)
                yield chunk

    async def get(self, key: str, path: Path) -> None:
        """Write the whole blob to a file of this machine."""
        with writing(path.parent):
            await asyncio.to_thread(_link, self._folder / key, path)

    async def copy(self, key: str, to: str) -> Stored:
        """The same bytes under another key, in no more room: a blob never changes."""
        target = self._folder / to
        with writing(self._folder):
            size = await asyncio.to_thread(_copy, self._folder, key, to)
        return Stored(size=size, sha256=await asyncio.to_thread(_digest, target))

    async def delete(self, keys: Sequence[str]) -> None:
        """Remove blobs, and the folders that this leaves empty."""
        for key in keys:
            await asyncio.to_thread(_remove, self._folder, key)

    def local_path(self, key: str) -> Path | None:
        """Where the blob lies on this machine."""
        return self._folder / key

    async def link(self, key: str, lasts: timedelta) -> str | None:
        """None: only we can read this disk."""
        del key, lasts
        return None

    def room(self) -> int | None:
        """Bytes free on the disk."""
        return shutil.disk_usage(self._folder).free


def _put(source: Path | BinaryIO, folder: Path, key: str) -> int:
    path = folder / key
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        if isinstance(source, Path) and _moved(source, path):
            return _synced(source, path)
        size = _copy_in(source, path)
    except OSError:
        _remove(folder, key)
        raise
    if isinstance(source, Path):
        source.unlink()
    return size


def _moved(source: Path, path: Path) -> bool:
    try:
        source.replace(path)
    except OSError as error:
        if error.errno != errno.EXDEV:  # two disks
            raise
        return False
    return True


def _synced(source: Path, path: Path) -> int:
    try:
        return sync(path)
    except OSError:
        path.replace(source)  # whoever has it may try again
        raise


def _copy_in(source: Path | BinaryIO, path: Path) -> int:
    part = _part(path)
    opened = source.open("rb") if isinstance(source, Path) else nullcontext(source)
    with opened as given, part.open("wb") as file:
        shutil.copyfileobj(given, file, CHUNK)
    sync(part)
    part.replace(path)
    return sync(path)


def _copy(folder: Path, key: str, to: str) -> int:
    source, target = folder / key, folder / to
    if not source.exists():
        raise FileNotFoundError(source)
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        _link(source, target)
        return sync(target)
    except OSError:
        _remove(folder, to)
        raise


def _link(source: Path, target: Path) -> None:
    part = _part(target)
    part.unlink(missing_ok=True)
    try:
        os.link(source, part)
    except FileNotFoundError:
        raise
    except OSError:  # a disk without hard links, or two disks
        try:
            shutil.copyfile(source, part)
        except OSError:
            part.unlink(missing_ok=True)
            raise
    part.replace(target)


def _remove(folder: Path, key: str) -> None:
    path = folder / key
    path.unlink(missing_ok=True)
    _part(path).unlink(missing_ok=True)
    for parent in list(path.relative_to(folder).parents)[:-1]:
        try:
            (folder / parent).rmdir()
        except OSError:
            return  # not empty, or not there


def _part(path: Path) -> Path:
    return path.with_name(f"{path.name}.part")


def _digest(source: Path | BinaryIO) -> str:
    if isinstance(source, Path):
        with source.open("rb") as file:
            return file_digest(file, "sha256").hexdigest()
    digest = file_digest(source, "sha256").hexdigest()  # type: ignore[arg-type]
    source.seek(0)
    return digest
