"""A backup, unpacked into an empty folder once every byte of it was compared."""

from __future__ import annotations

import os
import shutil
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO

import msgspec

from filmgate.domain.errors import CannotStart
from filmgate.storage.backup import (
    CHECKSUMS,
    DATABASE,
    FILMS,
    FORMAT,
    IN_MEMORY,
    KEY,
    MANIFEST,
    Hashed,
    Manifest,
    create,
    line,
    room_for,
)
from filmgate.storage.database.prepare import HEAD
from filmgate.system import sync

WORK = "restoring"  #: what a restore that did not end has left
CHUNK = 1 << 20  #: bytes
LARGEST_MANIFEST = 1 << 20  #: bytes
#: What an empty folder may have: a lock that nobody holds, and what disks come with.
_NOTHING = frozenset({"lock", "lost+found"})
_OURS = frozenset({WORK, FILMS, KEY})


def check_empty(folder: Path) -> None:
    """Raise `CannotStart` unless *folder* is empty, or holds a restore that did not end."""
    names = {path.name for path in folder.iterdir()} - _NOTHING
    if names and not (WORK in names and names <= _OURS):
        message = (
            f"{folder} is not empty: it has {min(names)}. A backup is restored into a new "
            "or empty folder; name one with --data."
        )
        raise CannotStart(message)


@contextmanager
def unpacked(file: Path, folder: Path) -> Iterator[tuple[Manifest, Path]]:
    """
    The content of the backup *file* in a folder within *folder*, compared and synced.

    `installed` makes it the folder's own. `CannotStart` when *file* is no backup, or not
    as it was written; then, and after any other error, *folder* is empty again.
    """
    clear(folder)
    work = folder / WORK
    work.mkdir(mode=0o700)
    try:
        yield _unpack(file, work), work
    except OSError as error:
        message = f"{file} cannot be restored: {error.strerror or error}."
        raise CannotStart(message) from error
    except (tarfile.TarError, EOFError, zlib.error) as error:
        message = f"{file} is no backup, or damaged: {error}."
        raise CannotStart(message) from error
    finally:
        if not (folder / DATABASE).exists():
            clear(folder)


def installed(work: Path, folder: Path) -> None:
    """Move what was unpacked into *folder*, the database last: without it there is nothing."""
    for name in (FILMS, KEY, DATABASE):
        if (work / name).exists():
            (work / name).rename(folder / name)
    sync(folder / DATABASE)
    shutil.rmtree(work)


def clear(folder: Path) -> None:
    """Remove what an unfinished restore has left."""
    if (folder / WORK).exists():
        shutil.rmtree(folder / FILMS, ignore_errors=True)
        (folder / KEY).unlink(missing_ok=True)
        shutil.rmtree(folder / WORK)


def _unpack(file: Path, work: Path) -> Manifest:
    # Read from the beginning to the end, once: it may come through a pipe.
    with tarfile.open(file, "r|*") as archive, SpooledTemporaryFile(IN_MEMORY) as checksums:
        members = iter(archive)
        manifest = _manifest(file, archive, next(members, None), checksums)
        room_for(work, manifest.size)
        (work / FILMS).mkdir(mode=0o700)
        whole = False
        for member in members:
            content = _content(file, archive, member, work)
            if whole := member.name == CHECKSUMS:
                _compare(file, content, checksums)
                break
            digest = _written(content, work / member.name)
            checksums.write(line(digest, member.name))
        if not (whole and (work / DATABASE).exists()):
            message = f"{file} ends before the backup does. Take another."
            raise CannotStart(message)
    return manifest


def _manifest(
    file: Path, archive: tarfile.TarFile, member: tarfile.TarInfo | None, checksums: IO[bytes]
) -> Manifest:
    content = archive.extractfile(member) if member and member.name == MANIFEST else None
    if content is None:
        message = f"{file} is no backup of filmgate."
        raise CannotStart(message)
    hashed = Hashed(content)
    try:
        manifest = msgspec.json.decode(hashed.read(LARGEST_MANIFEST), type=Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        message = f"The manifest of {file} cannot be read: {error}."
        raise CannotStart(message) from error
    if manifest.format > FORMAT or manifest.schema > HEAD:
        message = (
            f"{file} was made by filmgate {manifest.program}, with schema {manifest.schema}, "
            f"and this program knows {HEAD}. Restore it with that one or a newer one."
        )
        raise CannotStart(message)
    checksums.write(line(hashed.digest.hexdigest(), MANIFEST))
    return manifest


def _content(
    file: Path, archive: tarfile.TarFile, member: tarfile.TarInfo, work: Path
) -> IO[bytes]:
    """What is in a member, if that is a file of a data folder."""
    ours = member.name in (DATABASE, KEY, CHECKSUMS) or member.name.startswith(f"{FILMS}/")
    safe = ours and tarfile.data_filter(member, str(work)).name == member.name
    content = archive.extractfile(member) if safe and member.isreg() else None
    if content is None or ".." in member.name.split("/"):
        message = f"{file} has {member.name!r}, which is not of a backup. Nothing is restored."
        raise CannotStart(message)
    return content


def _written(content: IO[bytes], path: Path) -> str:
    """Write a new file for its owner only, synced; its SHA-256."""
    path.parent.mkdir(parents=True, exist_ok=True)
    hashed = Hashed(content)
    with create(path) as file:
        shutil.copyfileobj(hashed, file, CHUNK)
    sync(path)
    return hashed.digest.hexdigest()


def _compare(file: Path, content: IO[bytes], checksums: IO[bytes]) -> None:
    checksums.seek(0, os.SEEK_SET)
    for found in checksums:
        expected = content.readline()
        if found != expected:
            name = found.decode().rstrip("\n").partition("  ")[2]
            message = f"{file} is damaged: {name} is not as it was written. Take another."
            raise CannotStart(message)
    if content.readline():
        message = f"{file} is damaged: something is missing in it. Take another."
        raise CannotStart(message)
