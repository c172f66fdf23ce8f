"""What a disk is good for, and what it is not: it fills up."""

from __future__ import annotations

import io
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from filmgate.domain.errors import StorageUnavailable
from filmgate.storage.blobs.local import LocalBlobs

MB = b"\0" * (1 << 20)


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A disk of 4 MB."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("nobody may mount a disk here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


async def test_what_is_deleted_leaves_no_folder(tmp_path: Path) -> None:
    blobs = LocalBlobs(tmp_path / "films")
    await blobs.put("job/attempt/video", io.BytesIO(MB))
    await blobs.put("job/input", io.BytesIO(MB))
    await blobs.delete(["job/attempt/video", "job/never", "other/never"])
    assert files(tmp_path / "films") == ["job", "job/input"]
    await blobs.delete(["job/input"])
    assert files(tmp_path / "films") == []


async def test_a_path_may_come_from_another_disk(small: Path, tmp_path: Path) -> None:
    blobs, source = LocalBlobs(small / "films"), tmp_path / "film.mp4"
    source.write_bytes(MB)
    stored = await blobs.put("job/video", source)
    assert stored.size == len(MB)
    assert await blobs.read("job/video") == MB
    assert not source.exists()
    await blobs.get("job/video", tmp_path / "here")
    assert (tmp_path / "here").read_bytes() == MB
    assert files(small / "films") == ["job", "job/video"]


@pytest.mark.parametrize("kind", ["a path", "a file"])
async def test_a_full_disk_keeps_no_half(small: Path, tmp_path: Path, kind: str) -> None:
    blobs, source = LocalBlobs(small / "films"), tmp_path / "film.mp4"
    source.write_bytes(MB * 5)
    await blobs.put("job/thumbnail", io.BytesIO(MB))
    with pytest.raises(StorageUnavailable, match="is full") as refused:
        await blobs.put("job/video", source if kind == "a path" else io.BytesIO(MB * 5))
    assert refused.value.code == "storage_full"
    assert files(small / "films") == ["job", "job/thumbnail"]
    assert source.stat().st_size == 5 * len(MB)

    source.write_bytes(MB * 2)
    await blobs.put("job/video", source)
    assert await blobs.read("job/video") == MB * 2


async def test_what_comes_in_says_that_the_disk_is_full(small: Path) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(5):
            yield MB

    with pytest.raises(StorageUnavailable) as refused:
        await LocalBlobs(small / "films").save(chunks(), small / "download")
    assert refused.value.code == "storage_full"


async def test_what_stops_the_chunks_is_not_the_disks_fault(tmp_path: Path) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield MB
        raise ConnectionResetError(104, "cut")

    with pytest.raises(ConnectionResetError):
        await LocalBlobs(tmp_path / "films").save(chunks(), tmp_path / "download")


async def test_there_is_less_room_after_a_film(small: Path) -> None:
    blobs = LocalBlobs(small / "films")
    before = blobs.room()
    await blobs.put("job/video", io.BytesIO(MB))
    after = blobs.room()
    assert before is not None
    assert after is not None
    assert before - after >= len(MB)
    assert before <= 4 * len(MB)
