"""A one-machine installation, copied to what a cluster works on."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any

from filmgate.bootstrap.backups import own_key
from filmgate.bootstrap.folder import DATABASE
from filmgate.config import Settings, read_settings, variable
from filmgate.domain.errors import CannotStart
from filmgate.storage.blobs.moving import Moved, move_blobs
from filmgate.storage.blobs.remote import RemoteBlobs
from filmgate.storage.database.prepare import HEAD
from filmgate.storage.database.source import named, reading, version
from filmgate.system import FolderLock

FILMS = "films"


@dataclass(frozen=True, kw_only=True)
class Migrated:
    rows: Mapping[str, int]  #: by table
    films: Moved | None  #: None: they stay in the data folder
    secret_at: str  #: where the key is that the nodes need


def target_settings(options: Mapping[str, str], *, url_in: str | None = None) -> Settings:
    """
    The settings with *options* over them.

    *url_in* names the variable with the PostgreSQL's URL, if that is not
    `FILMGATE_DATABASE_URL`.
    """
    if url_in is None:
        return read_settings(options=options)
    url = variable(url_in)
    if not url:
        message = f"{url_in} is not set. It is to hold the URL of the PostgreSQL."
        raise CannotStart(message)
    return read_settings(options={**options, "database_url": url})


async def migrate(settings: Settings) -> Migrated:
    """
    Copy the data folder to the PostgreSQL and the store of *settings*.

    The films come first, and then all rows or none: one that was interrupted is done by
    running it again. The folder stays as it is.
    """
    url, here = settings.database_url, replace(settings, database_url=None, storage_url=None)
    if url is None:
        message = (
            "Where to? Set FILMGATE_DATABASE_URL to the URL of an empty PostgreSQL, or name "
            "the variable that holds it with --to-env."
        )
        raise CannotStart(message)
    database = here.data / DATABASE
    with reading(database) as source:
        if version(source) < HEAD:
            message = (
                f"{database} is of an older filmgate. Start and stop this one on it first."
            )
            raise CannotStart(message)
    lock = FolderLock(here.data)
    try:
        _, secret_at = own_key(here)
        rows = await asyncio.to_thread(_postgres)
        await asyncio.to_thread(rows.prepare_postgres, url)
        await asyncio.to_thread(rows.check_empty, url)
        films = None
        with reading(database) as source:
            if settings.storage_url:
                store = RemoteBlobs(settings.storage_url)
                await store.check()
                films = await move_blobs(named(source), here.data / FILMS, store)
            counts = rows.move_rows(source, url)
        return Migrated(rows=counts, films=films, secret_at=secret_at)
    finally:
        lock.release()


def _postgres() -> Any:
    try:
        return import_module("filmgate.storage.database.moving")
    except ImportError:
        message = "PostgreSQL needs its libraries: install filmgate[postgres]."
        raise CannotStart(message) from None
