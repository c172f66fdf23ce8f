"""Blobs in a folder of this machine, through obstore."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Sequence
from hashlib import file_digest
from pathlib import Path
from typing import BinaryIO

from obstore.store import LocalStore

from filmgate.ports import Stored
from filmgate.system import sync


class LocalBlobs:
    """`ports.Blobs` on a local disk."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._store = LocalStore(folder)

    async def put(self, key: str, source: Path | BinaryIO) -> Stored:
        """Store a file whole, safe from a power cut on return. A path is gone then."""
        digest = await asyncio.to_thread(_digest, source)
        path = self._folder / key
        if isinstance(source, Path):
            await asyncio.to_thread(_move, source, path)
        else:
            await self._store.put_async(key, source, max_concurrency=1)
        # A finished file is renamed into place; when its bytes reach the disk is left
        # to the system unless somebody asks.
        size = await asyncio.to_thread(sync, path)
        return Stored(size=size, sha256=digest)

    async def save(self, chunks: AsyncIterator[bytes], path: Path) -> None:
        """Write what comes in to a file that is not a blob yet."""
        file = await asyncio.to_thread(path.open, "wb")
        try:
            async for chunk in chunks:
                await asyncio.to_thread(file.write, chunk)
        finally:
            await asyncio.to_thread(file.close)

    async def read(self, key: str) -> bytes:
        """The whole blob."""
        answer = await self._store.get_async(key)
        return bytes(await answer.bytes_async())

    async def get(self, key: str, path: Path) -> None:
        """Write the whole blob to a file of this machine."""
        await asyncio.to_thread(_link, self._folder / key, path)

    async def copy(self, key: str, to: str) -> Stored:
        """The same bytes under another key, in no more room: a blob never changes."""
        target = self._folder / to
        await asyncio.to_thread(target.parent.mkdir, parents=True, exist_ok=True)
        await asyncio.to_thread(_link, self._folder / key, target)
        size = await asyncio.to_thread(sync, target)
        return Stored(size=size, sha256=await asyncio.to_thread(_digest, target))

    async def delete(self, keys: Sequence[str]) -> None:
        """Remove blobs, and the folders that this leaves empty."""
        for key in keys:
            await asyncio.to_thread(_remove, self._folder, key)

    def local_path(self, key: str) -> Path | None:
        """Where the blob lies on this machine."""
        return self._folder / key


def _move(source: Path, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    source.replace(path)  # the same disk: nothing is copied


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # a disk without hard links, or two disks
        shutil.copyfile(source, target)


def _remove(folder: Path, key: str) -> None:
    path = folder / key
    path.unlink(missing_ok=True)
    for parent in list(path.relative_to(folder).parents)[:-1]:
        try:
            (folder / parent).rmdir()
        except OSError:
            return  # not empty, or not there


def _digest(source: Path | BinaryIO) -> str:
    if isinstance(source, Path):
        with source.open("rb") as file:
            return file_digest(file, "sha256").hexdigest()
    digest = file_digest(source, "sha256").hexdigest()  # type: ignore[arg-type]
    source.seek(0)
    return digest
