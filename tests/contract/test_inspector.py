"""What the inspector says of films and images, good and bad."""

import asyncio
import io
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image

from filmgate import EngineMisbehaved, InvalidRequest, Size
from filmgate.media.inspector import MediaInspector
from films import image, tiny_film


@pytest.fixture
async def inspector() -> AsyncIterator[MediaInspector]:
    inspector = MediaInspector()
    yield inspector
    await inspector.close()


async def test_a_film_is_probed_and_its_stills_are_drawn(
    inspector: MediaInspector, tmp_path: Path
) -> None:
    tiny_film(tmp_path / "film.mp4", size=(128, 72), seconds=2)
    found = await inspector.film(tmp_path / "film.mp4", tmp_path)

    assert (found.size, found.fps) == (Size(128, 72), 24)
    assert found.codecs == ("h264", "aac")
    assert abs(found.seconds - 2) < 0.1
    with Image.open(found.thumbnail) as thumbnail, Image.open(found.spritesheet) as sheet:
        assert (thumbnail.format, thumbnail.size) == ("WEBP", (128, 72))
        assert (sheet.format, sheet.size) == ("JPEG", (5 * 256, 5 * 144))
        cells = {
            sheet.getpixel((x, y)) for x in range(9, 1280, 256) for y in range(9, 720, 144)
        }
        assert len(cells) > 12  # the noise differs from sprite to sprite


@pytest.mark.parametrize("content", [b"", b"no film", b"\0\0\0\x18ftypmp42" + b"\0" * 500])
async def test_what_is_no_film_is_the_engines_fault(
    inspector: MediaInspector, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "film.mp4").write_bytes(content)
    with pytest.raises(EngineMisbehaved, match="not a playable film"):
        await inspector.film(tmp_path / "film.mp4", tmp_path)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
async def test_an_image_is_known_by_its_bytes(inspector: MediaInspector, kind: str) -> None:
    found = await inspector.image(io.BytesIO(image((60, 40), kind)), param="p")
    assert (found.media_type, found.size) == (f"image/{kind.lower()}", Size(60, 40))


async def test_a_turned_photo_has_the_size_that_people_see(inspector: MediaInspector) -> None:
    file = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (60, 40)).save(file, "JPEG", exif=exif)
    found = await inspector.image(file, param="p")
    assert found.size == Size(40, 60)


@pytest.mark.parametrize(
    "content", [b"", b"text", image((60, 40))[:100], image((60, 40), "JPEG")[:300]]
)
async def test_what_is_no_image_is_the_callers_fault(
    inspector: MediaInspector, content: bytes
) -> None:
    with pytest.raises(InvalidRequest) as refused:
        await inspector.image(io.BytesIO(content), param="input_reference")
    assert refused.value.param == "input_reference"


async def test_one_child_looks_into_one_film_after_another(
    inspector: MediaInspector, tmp_path: Path
) -> None:
    tiny_film(tmp_path / "film.mp4")
    for _ in range(3):
        await inspector.film(tmp_path / "film.mp4", tmp_path)
    assert len(inspector._children._idle) == 1


async def test_a_child_ends_when_there_is_no_film_for_a_while(
    inspector: MediaInspector, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("filmgate.media.children.IDLE", 0.01)
    tiny_film(tmp_path / "film.mp4")
    await inspector.film(tmp_path / "film.mp4", tmp_path)
    ((child, _),) = inspector._children._idle
    await asyncio.wait_for(child.wait(), 10)
    assert inspector._children._idle == []
    await inspector.film(tmp_path / "film.mp4", tmp_path)


async def test_a_child_that_died_while_it_waited_is_replaced(
    inspector: MediaInspector, tmp_path: Path
) -> None:
    tiny_film(tmp_path / "film.mp4")
    await inspector.film(tmp_path / "film.mp4", tmp_path)
    ((child, _),) = inspector._children._idle
    child.kill()
    await child.wait()
    assert (await inspector.film(tmp_path / "film.mp4", tmp_path)).size == Size(64, 64)


async def test_a_film_that_kills_its_child_is_unreadable(
    inspector: MediaInspector, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def mortal() -> Process:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", "input(); raise SystemExit(9)"), stdin=PIPE, stdout=PIPE
        )

    monkeypatch.setattr("filmgate.media.children._start", mortal)
    with pytest.raises(EngineMisbehaved, match="breaks whoever reads it"):
        await inspector.film(tmp_path / "film.mp4", tmp_path)


async def test_a_clip_that_takes_too_long_is_refused(
    inspector: MediaInspector, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("filmgate.media.inspector.LONGEST_LOOK", 0.001)
    tiny_film(tmp_path / "film.mp4")
    with pytest.raises(InvalidRequest, match="too much to decode"):
        await inspector.clip(tmp_path / "film.mp4", tmp_path, param="video")


async def test_a_clip_that_is_too_long_is_refused(
    inspector: MediaInspector, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("filmgate.media.inspector.LONGEST_CLIP", 0.5)
    tiny_film(tmp_path / "film.mp4")
    with pytest.raises(InvalidRequest, match="Send a shorter one") as refused:
        await inspector.clip(tmp_path / "film.mp4", tmp_path, param="video")
    assert refused.value.code == "video_too_long"


@pytest.mark.parametrize("missing", [1, 40])
async def test_a_film_whose_file_breaks_off_is_no_film(
    inspector: MediaInspector, tmp_path: Path, missing: int
) -> None:
    path = tmp_path / "film.mp4"
    tiny_film(path)
    whole = path.read_bytes()
    path.write_bytes(whole[:-missing])
    with pytest.raises(EngineMisbehaved, match="breaks off"):
        await inspector.film(path, tmp_path)


@pytest.mark.parametrize(
    "more", [b"xyz", bytes(64), b"\0\0\0\1free\0\0\0\0\0\0\0\x18" + bytes(8)]
)
async def test_what_follows_a_film_in_its_file_does_no_harm(
    inspector: MediaInspector, tmp_path: Path, more: bytes
) -> None:
    path = tmp_path / "film.mp4"
    tiny_film(path)
    with path.open("ab") as file:
        file.write(more)
    assert (await inspector.film(path, tmp_path)).seconds > 0
