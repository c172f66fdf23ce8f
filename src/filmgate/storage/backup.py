"""
A data folder in one tar file, made while a server writes to it.

First `manifest.json`, then the database, then every blob that its rows name, at last
`checksums`, as `sha256sum --check` reads them. Without that the file is not whole.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tarfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, Any, BinaryIO

import msgspec

from filmgate.domain.errors import CannotStart
from filmgate.storage.database.source import named, reading, version
from filmgate.system import sync

FORMAT = 1
MANIFEST, CHECKSUMS = "manifest.json", "checksums"
DATABASE, FILMS, KEY = "filmgate.db", "films", "secret.key"
IN_MEMORY = 16 << 20  #: bytes of checksums
LEVEL = 6  #: of gzip; films do not get smaller
TAR = 2048  #: bytes that a member takes beside its content, at most


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What is said of a backup before its content comes."""

    format: int
    program: str
    schema: str
    made_at: datetime
    jobs: int
    blobs: int
    size: int  #: bytes of the content


@dataclass
class BackedUp:
    """What came of it."""

    manifest: Manifest
    left_out: list[str] = field(default_factory=list)  #: keys of blobs without a file
    damaged: list[str] = field(default_factory=list)  #: kept as they are


def back_up(
    folder: Path, file: Path, *, program: str, at: datetime, secret: str | None
) -> BackedUp:
    """
    Write all of *folder* to *file*, which is there whole, or not at all.

    *secret* goes in with it, for whoever has the backup. `CannotStart` says why not.
    """
    file = file.resolve()
    if file.exists():
        message = f"{file} exists. Name a new file."
        raise CannotStart(message)
    if not file.parent.is_dir():
        message = f"There is no folder {file.parent}. Make it, or name another."
        raise CannotStart(message)
    part, copy = (file.with_name(f"{file.name}.{end}") for end in ("part", "db.part"))
    try:
        try:
            with closing(_copied(folder / DATABASE, copy)) as rows:
                manifest = _manifest(folder / FILMS, rows, copy, program=program, at=at)
                room_for(file.parent, manifest.size + TAR * (manifest.blobs + 5))
                with _written(part, gzip=file.suffix in (".gz", ".tgz")) as members:
                    done = _fill(members, folder / FILMS, rows, copy, manifest, secret)
            part.replace(file)
            sync(file)
        finally:
            part.unlink(missing_ok=True)
            _forget(copy)
    except (OSError, sqlite3.Error) as error:
        reason = getattr(error, "strerror", None) or error
        raise CannotStart(f"{file} cannot be written: {reason}.") from error
    return done


def room_for(folder: Path, size: int) -> None:
    """Raise `CannotStart` unless the disk of *folder* has *size* bytes free."""
    free = shutil.disk_usage(folder).free
    if free < size:
        message = (
            f"{folder} has {free >> 20} MB free, and this takes up to {(size >> 20) + 1} MB. "
            "Make room, or name another disk."
        )
        raise CannotStart(message)


def create(path: Path) -> BinaryIO:
    """A new file that only its owner may read; an older one of that name is gone."""
    path.unlink(missing_ok=True)
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b")


def _copied(database: Path, copy: Path) -> sqlite3.Connection:
    """The rows as they are at this moment, in a file of their own."""
    with reading(database) as source:
        # The copy, and then the same in the tar.
        room_for(copy.parent, 2 * database.stat().st_size)
        _forget(copy)
        create(copy).close()
        target = sqlite3.connect(copy)
        source.backup(target)
        target.execute("PRAGMA journal_mode = DELETE")
    return target


def _forget(copy: Path) -> None:
    """Remove a database and what SQLite may have left beside it when it was killed."""
    for end in ("", "-journal", "-wal", "-shm"):
        copy.with_name(copy.name + end).unlink(missing_ok=True)


def _manifest(
    films: Path, rows: sqlite3.Connection, copy: Path, *, program: str, at: datetime
) -> Manifest:
    sizes = [_size(films / blob.key) for blob in named(rows)]
    ((jobs,),) = rows.execute("SELECT count(*) FROM jobs")
    return Manifest(
        format=FORMAT,
        program=program,
        schema=version(rows),
        made_at=at,
        jobs=jobs,
        blobs=len(sizes),
        size=copy.stat().st_size + sum(sizes),
    )


@contextmanager
def _written(part: Path, *, gzip: bool) -> Iterator[_Members]:
    options: dict[str, Any] = {"compresslevel": LEVEL} if gzip else {}
    mode: Any = "w:gz" if gzip else "w"
    with create(part) as file:
        with (
            SpooledTemporaryFile(IN_MEMORY) as checksums,
            tarfile.open(fileobj=file, mode=mode, **options) as archive,
        ):
            members = _Members(archive, checksums)
            yield members
            members.add(CHECKSUMS, checksums)
        file.flush()
        os.fsync(file.fileno())


def _fill(  # noqa: PLR0913, PLR0917 (what goes in)
    members: _Members,
    films: Path,
    rows: sqlite3.Connection,
    copy: Path,
    manifest: Manifest,
    secret: str | None,
) -> BackedUp:
    done = BackedUp(manifest=manifest)
    members.add(MANIFEST, BytesIO(msgspec.json.encode(manifest)))
    with copy.open("rb") as database:
        members.add(DATABASE, database)
    if secret is not None:
        members.add(KEY, BytesIO(secret.encode()))
    for blob in named(rows):
        try:
            film = (films / blob.key).open("rb")
        except FileNotFoundError:
            done.left_out.append(blob.key)
            continue
        with film:
            digest = members.add(f"{FILMS}/{blob.key}", film)
        if blob.sha256 not in (None, digest):
            done.damaged.append(blob.key)
    return done


class _Members:
    """What is in the tar, and the checksums of it."""

    def __init__(self, archive: tarfile.TarFile, checksums: IO[bytes]) -> None:
        self._archive = archive
        self._checksums = checksums

    def add(self, name: str, file: IO[bytes]) -> str:
        """Add a file whole; its SHA-256."""
        member = tarfile.TarInfo(name)
        member.size, member.mode = file.seek(0, os.SEEK_END), 0o600
        member.mtime = int(time.time())
        file.seek(0)
        hashed = Hashed(file)
        self._archive.addfile(member, hashed)
        digest = hashed.digest.hexdigest()
        if name != CHECKSUMS:
            self._checksums.write(line(digest, name))
        return digest


class Hashed:
    """A file that is read once, and what was in it."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.digest = sha256()

    def read(self, size: int = -1) -> bytes:
        chunk = self._file.read(size)
        self.digest.update(chunk)
        return chunk


def line(digest: str, name: str) -> bytes:
    """A line of the checksums."""
    return f"{digest}  {name}\n".encode()


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
