"""What the inspector says of films and images, good and bad."""

import io
from pathlib import Path

import pytest
from PIL import Image

from filmgate import EngineMisbehaved, InvalidRequest, Size
from filmgate.media.inspector import MediaInspector
from films import image, tiny_film


async def test_a_film_is_probed_and_its_stills_are_drawn(tmp_path: Path) -> None:
    tiny_film(tmp_path / "film.mp4", size=(128, 72), seconds=2)
    found = await MediaInspector().film(tmp_path / "film.mp4", tmp_path)

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
async def test_what_is_no_film_is_the_engines_fault(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "film.mp4").write_bytes(content)
    with pytest.raises(EngineMisbehaved, match="not a playable film"):
        await MediaInspector().film(tmp_path / "film.mp4", tmp_path)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
async def test_an_image_is_known_by_its_bytes(kind: str) -> None:
    found = await MediaInspector().image(io.BytesIO(image((60, 40), kind)), param="p")
    assert (found.media_type, found.size) == (f"image/{kind.lower()}", Size(60, 40))


async def test_a_turned_photo_has_the_size_that_people_see() -> None:
    file = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (60, 40)).save(file, "JPEG", exif=exif)
    found = await MediaInspector().image(file, param="p")
    assert found.size == Size(40, 60)


@pytest.mark.parametrize(
    "content", [b"", b"text", image((60, 40))[:100], image((60, 40), "JPEG")[:300]]
)
async def test_what_is_no_image_is_the_callers_fault(content: bytes) -> None:
    with pytest.raises(InvalidRequest) as refused:
        await MediaInspector().image(io.BytesIO(content), param="input_reference")
    assert refused.value.param == "input_reference"
