"""What every store of bytes promises."""

from __future__ import annotations

import hashlib
import io
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import timedelta
from pathlib import Path

import pytest

from filmgate.domain.errors import StorageUnavailable
from filmgate.ports import Blobs
from filmgate.storage.blobs.local import LocalBlobs
from filmgate.storage.blobs.remote import PART, RemoteBlobs
from object_store import ObjectStore

CONTENT = bytes(range(256)) * 5000
LARGE = CONTENT * (PART * 2 // len(CONTENT) + 1)  # three parts


@pytest.fixture(params=["local", "s3"])
def blobs(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Blobs:
    if request.param == "local":
        return LocalBlobs(tmp_path / "films")
    return remote(request.getfixturevalue("s3"), monkeypatch, tmp_path.name)


def remote(
    s3: ObjectStore, monkeypatch: pytest.MonkeyPatch, prefix: str, *, links: bool = False
) -> RemoteBlobs:
    for name, value in s3.environment.items():
        monkeypatch.setenv(name, value)
    return RemoteBlobs(f"{s3.url}/{prefix}", links=links)


async def streamed(blobs: Blobs, key: str, *span: int) -> bytes:
    async with aclosing(blobs.stream(key, *span)) as chunks:
        return b"".join([chunk async for chunk in chunks])


def ranged(link: str) -> tuple[int, bytes, str]:
    """What is got with the link alone."""
    request = urllib.request.Request(link, headers={"range": "bytes=10-19"})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read(), answer.headers["content-type"]
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read(), error.headers["content-type"]


async def test_what_is_put_can_be_read(blobs: Blobs) -> None:
    stored = await blobs.put("job/attempt/video", io.BytesIO(CONTENT))
    assert await blobs.read("job/attempt/video") == CONTENT
    assert await blobs.size("job/attempt/video") == len(CONTENT)
    assert (stored.size, stored.sha256) == (
        len(CONTENT),
        hashlib.sha256(CONTENT).hexdigest(),
    )


@pytest.mark.parametrize("content", [b"", CONTENT, LARGE, LARGE[: PART * 2]])
async def test_a_path_is_moved_in(blobs: Blobs, tmp_path: Path, content: bytes) -> None:
    source = tmp_path / "film.mp4"
    source.write_bytes(content)
    stored = await blobs.put("job/video", source, media_type="video/mp4")
    assert await blobs.read("job/video") == content
    assert not source.exists()
    assert (stored.size, stored.sha256) == (len(content), hashlib.sha256(content).hexdigest())


async def test_what_is_put_again_is_the_new(blobs: Blobs) -> None:
    await blobs.put("job/video", io.BytesIO(LARGE))
    await blobs.put("job/video", io.BytesIO(b"short"))
    assert await blobs.read("job/video") == b"short"


async def test_a_part_of_it_can_be_had(blobs: Blobs) -> None:
    await blobs.put("job/video", io.BytesIO(LARGE))
    assert await streamed(blobs, "job/video", 0, len(LARGE)) == LARGE
    assert await streamed(blobs, "job/video") == LARGE
    across = slice(PART - 7, PART + 9)
    assert await streamed(blobs, "job/video", across.start, across.stop) == LARGE[across]


async def test_it_is_written_to_a_file_of_this_machine(blobs: Blobs, tmp_path: Path) -> None:
    await blobs.put("job/video", io.BytesIO(LARGE))
    await blobs.get("job/video", tmp_path / "here")
    await blobs.get("job/video", tmp_path / "here")
    assert (tmp_path / "here").read_bytes() == LARGE


async def test_an_empty_blob_is_a_blob(blobs: Blobs, tmp_path: Path) -> None:
    stored = await blobs.put("job/empty", io.BytesIO(b""))
    assert await blobs.copy("job/empty", "other/empty") == stored
    assert await streamed(blobs, "other/empty") == b""
    await blobs.get("other/empty", tmp_path / "here")
    assert (tmp_path / "here").read_bytes() == b""


async def test_a_copy_outlives_what_it_is_of(blobs: Blobs) -> None:
    await blobs.put("job/video", io.BytesIO(LARGE))
    stored = await blobs.copy("job/video", "other/input")
    assert await blobs.copy("job/video", "other/input") == stored
    await blobs.delete(["job/video"])
    assert await blobs.read("other/input") == LARGE
    assert (stored.size, stored.sha256) == (len(LARGE), hashlib.sha256(LARGE).hexdigest())


async def test_of_what_is_not_there_nothing_is_made(blobs: Blobs, tmp_path: Path) -> None:
    for asking in (
        blobs.read("job/never"),
        blobs.size("job/never"),
        streamed(blobs, "job/never", 0, 5),
        blobs.get("job/never", tmp_path / "here"),
        blobs.copy("job/never", "job/video"),
    ):
        with pytest.raises(FileNotFoundError):
            await asking
    with pytest.raises(FileNotFoundError):
        await blobs.read("job/video")
    assert not list(tmp_path.glob("here*"))


async def test_deleting_minds_nothing_and_nobody_else(blobs: Blobs) -> None:
    await blobs.put("job/attempt/video", io.BytesIO(CONTENT))
    await blobs.put("job/input", io.BytesIO(CONTENT))
    await blobs.delete(["job/attempt/video", "job/never", "other/never"])
    await blobs.delete([])
    with pytest.raises(FileNotFoundError):
        await blobs.read("job/attempt/video")
    assert await blobs.read("job/input") == CONTENT


async def test_what_comes_in_is_saved_beside_the_store(blobs: Blobs, tmp_path: Path) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield CONTENT
        yield CONTENT

    await blobs.save(chunks(), tmp_path / "download")
    assert (tmp_path / "download").read_bytes() == CONTENT * 2


class Breaking(io.BytesIO):
    """A file that cannot be read to its end."""

    def read(self, size: int | None = -1) -> bytes:
        if self.tell() >= PART:
            raise OSError(5, "the disk is broken")
        return super().read(size)


async def test_what_was_cut_off_is_no_blob(blobs: Blobs) -> None:
    with pytest.raises((OSError, StorageUnavailable)):
        await blobs.put("job/video", Breaking(LARGE))
    with pytest.raises(FileNotFoundError):
        await blobs.read("job/video")


async def test_only_a_local_blob_has_a_path_and_only_a_bucket_has_links(
    blobs: Blobs, s3: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await blobs.put("job/video", io.BytesIO(CONTENT), media_type="video/mp4")
    path, room = blobs.local_path("job/video"), blobs.room()
    assert await blobs.link("job/video", timedelta(minutes=5)) is None
    if isinstance(blobs, LocalBlobs):
        assert path is not None
        assert path.read_bytes() == CONTENT
        assert room
        assert room > 0
        return
    assert (path, room) == (None, None)
    linking = remote(s3, monkeypatch, "linked", links=True)
    await linking.put("job/video", io.BytesIO(CONTENT), media_type="video/mp4")
    link = await linking.link("job/video", timedelta(minutes=5))
    assert link is not None
    assert ranged(link) == (206, CONTENT[10:20], "video/mp4")
    assert ranged(link.replace("/job/video", "/job/other"))[0] == 403
