"""Backups of a data folder, written and restored."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from filmgate import __version__
from filmgate.bootstrap.folder import DATABASE, SystemClock, make_folder
from filmgate.config import Settings
from filmgate.dialects.openai.batches import JSONLines
from filmgate.domain.errors import CannotStart, SubmissionInterrupted
from filmgate.domain.job import Failure
from filmgate.storage.backup import KEY, BackedUp, Manifest
from filmgate.storage.backup import back_up as write
from filmgate.storage.database.prepare import prepare
from filmgate.storage.database.restored import Ended, end_unfinished
from filmgate.storage.database.source import key_check, reading
from filmgate.storage.restoring import check_empty, installed, unpacked
from filmgate.storage.sealing import VARIABLE, FernetCipher
from filmgate.system import FolderLock, sync

_RESTORED = SubmissionInterrupted(
    "It was unfinished in a backup that was restored, and may have been made and paid for "
    "since. It is not made again: send the request anew if it is wanted.",
    code="restored",
)


@dataclass(frozen=True, kw_only=True)
class Restored:
    manifest: Manifest
    has_key: bool  #: whether the secret key came with it
    ended: Ended | None  #: None: everything goes on


def back_up(settings: Settings, file: Path, *, with_secret_key: bool) -> BackedUp:
    """Write the data folder to *file*, whether a server runs on it or not."""
    _check_here(settings)
    secret = own_key(settings)[0] if with_secret_key else None
    now = SystemClock().now()
    return write(settings.data, file, program=__version__, at=now, secret=secret)


def restore(settings: Settings, file: Path, *, resume: bool) -> Restored:
    """
    Make *file* the content of the data folder, which is new or empty.

    What would be asked of an engine anew is ended, unless it is to *resume*.
    """
    _check_here(settings)
    if not file.is_file():
        message = f"There is no backup {file}."
        raise CannotStart(message)
    folder, ended = settings.data, None
    make_folder(folder)
    check_empty(folder)
    lock = FolderLock(folder)
    try:
        with unpacked(file, folder) as (manifest, work):
            prepare(work / DATABASE)
            if not resume:
                failure = Failure(code=_RESTORED.code, message=_RESTORED.message)
                answer, now = JSONLines().refuse(_RESTORED), SystemClock().now()
                ended = end_unfinished(work / DATABASE, failure, answer, at=now)
            sync(work / DATABASE)
            installed(work, folder)
        return Restored(manifest=manifest, has_key=(folder / KEY).exists(), ended=ended)
    finally:
        lock.release()


def own_key(settings: Settings) -> tuple[str, str]:
    """
    The secret key of the data folder, and where it is from.

    `CannotStart` when there is none, or it is not what the database began with.
    """
    path, secret, at = settings.data / KEY, settings.secret_key, VARIABLE
    if secret is None:
        if not path.exists():
            message = (
                f"There is no {path}, and {VARIABLE} is not set. Set it as the server has it."
            )
            raise CannotStart(message)
        secret, at = path.read_text().strip(), str(path)
    with reading(settings.data / DATABASE) as database:
        kept = key_check(database)
    try:
        if kept:
            FernetCipher(secret).unseal(kept)
    except CannotStart:
        message = (
            f"The secrets in the database were encrypted with another key than that of {at}. "
            f"Set {VARIABLE} as the server has it."
        )
        raise CannotStart(message) from None
    return secret, at


def _check_here(settings: Settings) -> None:
    """Raise `CannotStart` unless rows and films are in the data folder."""
    if settings.database_url:
        message = (
            "The rows are in the PostgreSQL of FILMGATE_DATABASE_URL. Back that up with "
            "pg_dump, and then the films by the versioning of the store of "
            "FILMGATE_STORAGE_URL, in this order: rows first, films after them."
        )
        raise CannotStart(message)
    if settings.storage_url:
        message = (
            "The films are in the store of FILMGATE_STORAGE_URL. Back up the rows with "
            f"`sqlite3 {settings.data / DATABASE} \".backup 'rows.db'\"`, and then the films "
            "by the store's versioning, in this order: rows first, films after them."
        )
        raise CannotStart(message)
