"""What every store of bytes promises."""

import hashlib
import io
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from filmgate.storage.blobs.local import LocalBlobs

CONTENT = bytes(range(256)) * 5000


@pytest.fixture
def blobs(tmp_path: Path) -> LocalBlobs:
    return LocalBlobs(tmp_path / "films")


async def test_what_is_put_can_be_read(blobs: LocalBlobs) -> None:
    stored = await blobs.put("job/attempt/video", io.BytesIO(CONTENT))
    assert await blobs.read("job/attempt/video") == CONTENT
    assert (stored.size, stored.sha256) == (
        len(CONTENT),
        hashlib.sha256(CONTENT).hexdigest(),
    )


async def test_a_path_is_moved_in(blobs: LocalBlobs, tmp_path: Path) -> None:
    source = tmp_path / "film.mp4"
    source.write_bytes(CONTENT)
    await blobs.put("job/video", source)
    assert await blobs.read("job/video") == CONTENT
    assert not source.exists()


async def test_deleting_leaves_nothing_and_minds_nothing(
    blobs: LocalBlobs, tmp_path: Path
) -> None:
    await blobs.put("job/attempt/video", io.BytesIO(CONTENT))
    await blobs.put("job/input", io.BytesIO(CONTENT))
    await blobs.delete(["job/attempt/video", "job/never", "other/never"])
    assert await blobs.read("job/input") == CONTENT
    await blobs.delete(["job/input"])
    assert list((tmp_path / "films").rglob("*")) == []
    assert (tmp_path / "films").exists()


async def test_what_comes_in_is_saved_beside_the_store(
    blobs: LocalBlobs, tmp_path: Path
) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield CONTENT
        yield CONTENT

    await blobs.save(chunks(), tmp_path / "download")
    assert (tmp_path / "download").read_bytes() == CONTENT * 2


async def test_a_local_blob_has_a_path(blobs: LocalBlobs) -> None:
    await blobs.put("job/video", io.BytesIO(CONTENT))
    path = blobs.local_path("job/video")
    assert path is not None
    assert path.read_bytes() == CONTENT
