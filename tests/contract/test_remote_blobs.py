"""An object store that is away, that hangs, that is not there, that refuses us."""

from __future__ import annotations

import asyncio
import io
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import aclosing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO

import pytest

from filmgate.domain.errors import CannotStart, StorageUnavailable
from filmgate.storage.blobs.remote import PART, RemoteBlobs
from object_store import KEY_ID, SECRET, ObjectStore

LARGE = bytes(range(256)) * (PART * 3 // 256 + 1)
NOTICED = 20  #: seconds, of which a busy machine may take the most


@pytest.fixture
def blobs(s3: ObjectStore, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> RemoteBlobs:
    for name, value in s3.environment.items():
        monkeypatch.setenv(name, value)
    return RemoteBlobs(f"{s3.url}/{tmp_path.name}")


@contextmanager
def away(s3: ObjectStore) -> Iterator[None]:
    s3.stop()
    try:
        yield
    finally:
        s3.start()


@contextmanager
def paused(s3: ObjectStore) -> Iterator[None]:
    s3.pause()
    try:
        yield
    finally:
        s3.resume()


class Interrupted(io.BytesIO):
    """A file during whose reading something happens, once."""

    def __init__(self, content: bytes, happen: Callable[[], None]) -> None:
        super().__init__(content)
        self._happen = happen

    def read(self, size: int | None = -1) -> bytes:
        if self.tell() == PART:
            self._happen()
        return super().read(size)


async def refused(asking: Awaitable[object]) -> StorageUnavailable:
    async with asyncio.timeout(NOTICED):
        with pytest.raises(StorageUnavailable) as error:
            await asking
    return error.value


async def put(blobs: RemoteBlobs, content: bytes | BinaryIO = b"a film") -> None:
    file = io.BytesIO(content) if isinstance(content, bytes) else content
    await blobs.put("job/secret-name", file)


async def test_a_store_that_is_away_is_said_to_be_and_comes_back(
    s3: ObjectStore, blobs: RemoteBlobs, tmp_path: Path
) -> None:
    source = tmp_path / "film.mp4"
    source.write_bytes(LARGE)
    await put(blobs)
    with away(s3):
        errors = [
            await refused(blobs.put("job/video", source)),
            await refused(blobs.read("job/secret-name")),
            await refused(blobs.size("job/secret-name")),
            await refused(blobs.get("job/secret-name", tmp_path / "here")),
            await refused(blobs.copy("job/secret-name", "job/copy")),
            await refused(blobs.delete(["job/secret-name"])),
        ]
    for error in errors:
        assert (error.code, error.status) == ("storage_unavailable", 503)
        assert error.retry_after
        said = f"{error!r} {error} {error.__cause__}"
        for hidden in (KEY_ID, SECRET, "secret-name", s3.endpoint):
            assert hidden not in said
    assert await blobs.read("job/secret-name") == b"a film"
    await blobs.put("job/video", source)
    assert await blobs.size("job/video") == len(LARGE)
    assert not source.exists()
    assert not list(tmp_path.glob("here*"))


async def test_a_store_that_hangs_is_noticed(s3: ObjectStore, blobs: RemoteBlobs) -> None:
    await put(blobs)
    with paused(s3):
        began = time.monotonic()
        await refused(blobs.read("job/secret-name"))
        await refused(put(blobs))
        assert time.monotonic() - began > 1  # it was waited for
    assert await blobs.read("job/secret-name") == b"a film"


async def test_a_put_that_the_store_did_not_live_to_see_is_no_blob(
    s3: ObjectStore, blobs: RemoteBlobs
) -> None:
    try:
        await refused(put(blobs, Interrupted(LARGE, s3.stop)))
    finally:
        s3.start()
    with pytest.raises(FileNotFoundError):
        await blobs.size("job/secret-name")
    await put(blobs, LARGE)
    assert await blobs.read("job/secret-name") == LARGE


async def test_a_put_that_is_given_up_is_no_blob(blobs: RemoteBlobs) -> None:
    task: asyncio.Task[None] | None = None
    loop = asyncio.get_running_loop()

    def give_up() -> None:
        assert task is not None
        loop.call_soon_threadsafe(task.cancel)
        time.sleep(0.2)

    task = asyncio.create_task(put(blobs, Interrupted(LARGE, give_up)))
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.sleep(1)  # whatever still goes on has come to its end
    with pytest.raises(FileNotFoundError):
        await blobs.size("job/secret-name")


async def test_a_stream_says_that_it_was_cut_off(s3: ObjectStore, blobs: RemoteBlobs) -> None:
    await put(blobs, LARGE * 2)
    got = 0
    try:
        with pytest.raises(StorageUnavailable):  # noqa: PT012 (it begins well)
            async with aclosing(blobs.stream("job/secret-name")) as chunks:
                async for chunk in chunks:
                    if not got:
                        s3.stop()
                    got += len(chunk)
    finally:
        s3.start()
    assert 0 < got < len(LARGE) * 2


async def test_what_can_be_used_is_found_out_at_the_start(
    s3: ObjectStore, blobs: RemoteBlobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = s3.keys()
    await blobs.check()
    assert s3.keys() == before
    with pytest.raises(CannotStart, match=r"no bucket.*FILMGATE_STORAGE_URL=s3://nobodys"):
        await RemoteBlobs("s3://nobodys").check()
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong-secret")
    with pytest.raises(CannotStart, match=r"FILMGATE_STORAGE_URL=.*refuses us") as error:
        await RemoteBlobs(s3.url).check()
    assert "wrong-secret" not in str(error.value)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    with pytest.raises(CannotStart, match=r"FILMGATE_STORAGE_URL=.*does not answer"):
        await RemoteBlobs(s3.url).check()


@pytest.mark.parametrize(
    "url",
    [
        "films",
        "s3://",
        "ftp://host/films",
        "file:///films",
        "s3://key:hunter2@films",
        "s3://films?secret=hunter2",
        "s3://my films/here",
        "s3://[films",
        "az://films/prefix",
    ],
)
def test_a_url_that_leads_to_no_bucket_is_refused(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AZURE_STORAGE_ACCOUNT_NAME", raising=False)
    with pytest.raises(CannotStart, match="FILMGATE_STORAGE_URL") as error:
        RemoteBlobs(url)
    assert "hunter2" not in str(error.value)


@pytest.mark.parametrize("url", ["gs://films/here", "az://films/here"])
def test_other_clouds_are_opened_by_their_urls(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_NAME", "nobody")
    assert RemoteBlobs(url).room() is None


async def test_a_link_is_signed_without_asking(blobs: RemoteBlobs, s3: ObjectStore) -> None:
    link = await RemoteBlobs(s3.url, links=True).link("job/video", timedelta(minutes=5))
    assert link is not None
    assert link.startswith(f"{s3.endpoint}/films/job/video?")
    assert "X-Amz-Expires=300" in link
    assert await blobs.link("job/video", timedelta(minutes=5)) is None
