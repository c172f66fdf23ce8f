"""Blobs in a bucket, through obstore: S3 and what speaks like it, Google's, Azure's."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import aclosing, contextmanager
from datetime import timedelta
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import urlsplit

from obstore import sign_async
from obstore.exceptions import (
    BaseError,
    NotFoundError,
    PermissionDeniedError,
    UnauthenticatedError,
)
from obstore.store import AzureStore, GCSStore, S3Store, from_url

from filmgate.domain.errors import CannotStart, StorageUnavailable
from filmgate.ports import Stored
from filmgate.storage.blobs.disk import save

if TYPE_CHECKING:
    from obstore import GetOptions
    from obstore.store import ClientConfig, RetryConfig

SETTING = "FILMGATE_STORAGE_URL"
#: By scheme: what the provider's own tools read, and so do we.
VARIABLES = {
    "s3": "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION and AWS_ENDPOINT_URL",
    "gs": "GOOGLE_APPLICATION_CREDENTIALS",
    "az": "AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY",
}
UNKNOWN_MEDIA = "application/octet-stream"
CHUNK = 1 << 18  #: bytes that are handed on at once
PART = 8 << 20  #: bytes of one request of a large put; S3 takes 10,000 of them
PARTS_AT_ONCE = 3  #: of one put, in memory
SMALL = 1 << 20  #: bytes that any line carries before a silent store is given up
TRY_AGAIN = timedelta(seconds=5)

# Three tries, within about five seconds, and whoever asked is told.
_RETRIES: RetryConfig = {
    "max_retries": 3,
    "retry_timeout": timedelta(seconds=4),
    "backoff": {
        "init_backoff": timedelta(milliseconds=100),
        "max_backoff": timedelta(seconds=1),
        "base": 2,
    },
}
# A read may take as long as its reader does, while something comes. Whoever writes much
# hears nothing until a part has arrived, or a copy is made.
_QUICK: ClientConfig = {
    "allow_http": True,  # where the endpoint says http://
    "connect_timeout": timedelta(seconds=2),
    "read_timeout": timedelta(seconds=5),
    "timeout": timedelta(days=1),
}
_PATIENT: ClientConfig = {
    "allow_http": True,
    "connect_timeout": timedelta(seconds=2),
    "timeout": timedelta(seconds=60),
}

Store = S3Store | GCSStore | AzureStore

log = logging.getLogger(__name__)


class RemoteBlobs:
    """
    `ports.Blobs` under `s3://bucket/prefix`, `gs://…` or `az://…`.

    Who we are there stands in the provider's usual environment variables. With *links* it
    hands out links to blobs; the store must be where clients can reach it then.
    """

    def __init__(self, url: str, *, links: bool = False) -> None:
        """Raise `CannotStart` for a URL that leads to no bucket. Nothing is asked yet."""
        self._name = _checked(url)
        self._quick = _opened(url, _QUICK)
        self._patient = _opened(url, _PATIENT)
        self._links = links

    async def check(self) -> None:
        """Put, read and delete a small blob; `CannotStart` if that cannot be done."""
        key, content = f"probe-{secrets.token_hex(8)}", secrets.token_bytes(16)
        try:
            await self.put(key, BytesIO(content))
            same = await self.read(key) == content
            await self.delete([key])
        except FileNotFoundError:
            message = f"There is no bucket of {SETTING}={self._name}. Make it, or name another."
            raise CannotStart(message) from None
        except StorageUnavailable as error:
            raise CannotStart(f"{SETTING}={self._name} cannot be used. {error}") from None
        if not same:
            message = f"{SETTING}={self._name} does not give back what is put there."
            raise CannotStart(message)

    async def put(
        self, key: str, source: Path | BinaryIO, *, media_type: str | None = None
    ) -> Stored:
        """Store a file whole; it is there for all nodes on return. A path is gone then."""
        media_type = media_type or UNKNOWN_MEDIA
        if not isinstance(source, Path):
            return await self._put(key, _Hashed(source), media_type)
        with await asyncio.to_thread(source.open, "rb") as file:
            stored = await self._put(key, _Hashed(file), media_type)
        await asyncio.to_thread(source.unlink)
        return stored

    async def save(self, chunks: AsyncIterator[bytes], path: Path) -> None:
        """Write what comes in to a file that is not a blob yet."""
        await save(chunks, path)

    async def read(self, key: str) -> bytes:
        """The whole blob."""
        with self._answering(key):
            answer = await self._quick.get_async(key)
            return bytes(await answer.bytes_async())

    async def size(self, key: str) -> int:
        """Bytes of the blob."""
        with self._answering(key):
            return (await self._quick.head_async(key))["size"]

    async def stream(
        self, key: str, start: int = 0, stop: int | None = None
    ) -> AsyncGenerator[bytes]:
        """The bytes from *start* up to *stop*, or all of them, in pieces."""
        with self._answering(key):
            options: GetOptions = {}  # an empty blob has no range, so none is asked for
            if start or stop is not None:
                options["range"] = {"offset": start} if stop is None else (start, stop)
            answer = await self._quick.get_async(key, options=options)
            async for chunk in answer.stream(min_chunk_size=CHUNK):
                yield bytes(chunk)

    async def get(self, key: str, path: Path) -> None:
        """Write the whole blob to a file of this machine; nothing is left of a part of it."""
        part = path.with_name(f"{path.name}.part")
        try:
            async with aclosing(self.stream(key)) as chunks:
                await save(chunks, part)
            await asyncio.to_thread(part.replace, path)
        finally:
            await asyncio.to_thread(part.unlink, missing_ok=True)

    async def copy(self, key: str, to: str) -> Stored:
        """The same bytes under another key, copied by the store, and read to be hashed."""
        with self._answering(key):
            await self._patient.copy_async(key, to)
        digest, size = sha256(), 0
        async with aclosing(self.stream(to)) as chunks:
            async for chunk in chunks:
                digest.update(chunk)
                size += len(chunk)
        return Stored(size=size, sha256=digest.hexdigest())

    async def delete(self, keys: Sequence[str]) -> None:
        """Remove blobs; those that are not there are fine."""
        if not keys:
            return
        try:
            with self._answering(keys[0]):
                await self._patient.delete_async(list(keys))
        except FileNotFoundError:
            # Google's and Azure's mind a missing one, and may have stopped there.
            for key in keys:
                await self._delete(key)

    def local_path(self, key: str) -> Path | None:
        """Nowhere on this machine."""
        del key
        return None

    async def link(self, key: str, lasts: timedelta) -> str | None:
        """Signed by the store's own rules, for GET; None without *links*."""
        if not self._links:
            return None
        with self._answering(key):
            return await sign_async(self._quick, "GET", key, lasts)

    def room(self) -> int | None:
        """A bucket has no end."""
        return None

    async def _put(self, key: str, file: _Hashed, media_type: str) -> Stored:
        first = await file.read()
        store = self._quick if len(first) < SMALL else self._patient
        with self._answering(key):
            await store.put_async(
                key,
                first if len(first) < PART else file.after(first),
                attributes={"Content-Type": media_type},
                chunk_size=PART,
                max_concurrency=PARTS_AT_ONCE,
            )
        return Stored(size=file.size, sha256=file.digest.hexdigest())

    async def _delete(self, key: str) -> None:
        try:
            with self._answering(key):
                await self._patient.delete_async(key)
        except FileNotFoundError:
            return

    @contextmanager
    def _answering(self, key: str) -> Iterator[None]:
        # What obstore says has addresses in it, and what the store said of our keys.
        try:
            yield
        except (FileNotFoundError, NotFoundError):
            raise FileNotFoundError(key) from None
        except (PermissionDeniedError, UnauthenticatedError):
            message = f"The object store {self._name} refuses us. Check our keys for it."
            raise StorageUnavailable(message) from None
        except BaseError as error:
            log.warning("store.failed store=%s kind=%s", self._name, type(error).__name__)
            message = f"The object store {self._name} does not answer as it should."
            raise StorageUnavailable(message, retry_after=TRY_AGAIN) from None


class _Hashed:
    """A file that is read once, and what was in it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.digest = sha256()
        self.size = 0

    async def read(self) -> bytes:
        return await asyncio.to_thread(self._read)

    async def after(self, first: bytes) -> AsyncIterator[bytes]:
        chunk = first
        while chunk:
            yield chunk
            chunk = await self.read()

    def _read(self) -> bytes:
        chunk = self._file.read(PART)
        self.digest.update(chunk)
        self.size += len(chunk)
        return chunk


def _checked(url: str) -> str:
    """The URL, once nothing secret can be in it."""
    try:
        parts = urlsplit(url)
        bucket = parts.hostname
    except ValueError:
        message = f"{SETTING} is no URL. It is s3://bucket/prefix, gs://… or az://…."
        raise CannotStart(message) from None
    if parts.scheme not in VARIABLES or not bucket:
        shown = f"={parts.scheme}://…" if parts.scheme else ""
        message = (
            f"{SETTING}{shown} is not s3://bucket/prefix, gs://bucket/prefix or "
            "az://container/prefix."
        )
        raise CannotStart(message)
    if "@" in parts.netloc or parts.query or parts.fragment:
        message = (
            f"{SETTING} has more than a bucket and a prefix. Keys and the like belong into "
            f"the environment: {VARIABLES[parts.scheme]}."
        )
        raise CannotStart(message)
    return url


def _opened(url: str, client: ClientConfig) -> Store:
    try:
        store = from_url(url, client_options=client, retry_config=_RETRIES)
    except (BaseError, ValueError):
        scheme = url.partition(":")[0]
        message = (
            f"{SETTING}={url} cannot be opened. Check it, and what the environment says of "
            f"the store: {VARIABLES[scheme]}."
        )
        raise CannotStart(message) from None
    if not isinstance(store, S3Store | GCSStore | AzureStore):
        raise TypeError(store)
    return store
