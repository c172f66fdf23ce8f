"""Images that become as large as the film, pixel by pixel."""

import io
from pathlib import Path

import pytest
from PIL import Image

from filmgate import InvalidRequest, Size
from filmgate.domain.request import Fit
from filmgate.media.images import fit

RED, GREEN, BLUE, BLACK = (255, 0, 0), (0, 255, 0), (0, 0, 255), (0, 0, 0)
SIZE = Size(64, 36)


def stripes(size: tuple[int, int], kind: str = "PNG", mode: str = "RGB") -> io.BytesIO:
    """Red, green and blue from left to right, a third each."""
    image = Image.new("RGB", size, GREEN)
    image.paste(RED, (0, 0, size[0] // 3, size[1]))
    image.paste(BLUE, (size[0] - size[0] // 3, 0, size[0], size[1]))
    file = io.BytesIO()
    image.convert(mode).save(file, kind)
    return file


def near(one: object, other: tuple[int, ...]) -> bool:
    assert isinstance(one, tuple)
    return all(abs(a - b) < 12 for a, b in zip(one, other, strict=True))


def fitted(file: io.BytesIO, to: Path, how: Fit) -> Image.Image:
    found = fit(file, to, SIZE, how, param="input_reference")
    assert found is not None
    with Image.open(to) as image:
        image.load()
    assert (found.size, found.media_type) == (SIZE, image.get_format_mimetype())
    assert (image.size, image.mode) == ((64, 36), "RGB")
    return image


@pytest.mark.parametrize(
    ("size", "left", "middle", "right"),
    [
        ((360, 36), GREEN, GREEN, GREEN),
        ((32, 18), RED, GREEN, BLUE),
        ((9, 90), RED, GREEN, BLUE),
    ],
)
def test_a_cropped_image_fills_the_frame(
    tmp_path: Path,
    size: tuple[int, int],
    left: tuple[int, ...],
    middle: tuple[int, ...],
    right: tuple[int, ...],
) -> None:
    image = fitted(stripes(size), tmp_path / "made", Fit.CROP)
    for at, colour in ((1, left), (32, middle), (62, right)):
        assert all(near(image.getpixel((at, y)), colour) for y in (0, 18, 35))


@pytest.mark.parametrize(
    ("size", "black", "seen"),
    [((36, 36), [(1, 18), (62, 18)], (16, 18)), ((128, 36), [(32, 1), (32, 34)], (2, 18))],
)
def test_a_padded_image_is_seen_whole_on_black(
    tmp_path: Path, size: tuple[int, int], black: list[tuple[int, int]], seen: tuple[int, int]
) -> None:
    image = fitted(stripes(size), tmp_path / "made", Fit.PAD)
    assert [image.getpixel(at) for at in black] == [BLACK, BLACK]
    assert near(image.getpixel(seen), RED)
    assert near(image.getpixel((63 - seen[0], seen[1])), BLUE)


@pytest.mark.parametrize(
    ("kind", "mode", "made"),
    [
        ("JPEG", "RGB", "JPEG"),
        ("JPEG", "CMYK", "JPEG"),
        ("WEBP", "RGB", "PNG"),
        ("GIF", "P", "PNG"),
        ("PNG", "P", "PNG"),
        ("PNG", "L", "PNG"),
    ],
)
def test_every_kind_of_image_can_be_fitted(
    tmp_path: Path, kind: str, mode: str, made: str
) -> None:
    image = fitted(stripes((128, 72), kind, mode), tmp_path / "made", Fit.CROP)
    assert image.format == made


def test_of_a_moving_image_the_first_picture_is_taken(tmp_path: Path) -> None:
    file = io.BytesIO()
    first, second = (Image.new("RGB", (64, 36), colour) for colour in (RED, BLUE))
    first.save(file, "GIF", save_all=True, append_images=[second])
    assert near(fitted(file, tmp_path / "made", Fit.PAD).getpixel((9, 9)), RED)


def test_what_is_transparent_is_black(tmp_path: Path) -> None:
    file = io.BytesIO()
    Image.new("RGBA", (90, 90), (255, 255, 255, 0)).save(file, "PNG")
    assert fitted(file, tmp_path / "made", Fit.CROP).getpixel((9, 9)) == BLACK


def test_sixteen_bits_of_grey_stay_grey(tmp_path: Path) -> None:
    file = io.BytesIO()
    Image.new("I;16", (90, 90), 0x8000).save(file, "PNG")
    image = fitted(file, tmp_path / "made", Fit.CROP)
    assert near(image.getpixel((9, 9)), (128, 128, 128))


def test_a_turned_photo_is_fitted_as_people_see_it(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise: what was left is on top
    file = io.BytesIO()
    with Image.open(stripes((72, 128))) as upright:
        upright.save(file, "JPEG", exif=exif)
    image = fitted(file, tmp_path / "made", Fit.CROP)
    assert image.getexif().get(0x0112) is None
    assert [
        near(image.getpixel((32, y)), c) for y, c in ((1, RED), (18, GREEN), (34, BLUE))
    ] == [True] * 3


def test_an_image_of_that_size_stays_as_it_is(tmp_path: Path) -> None:
    made = tmp_path / "made"
    assert fit(stripes((64, 36)), made, SIZE, Fit.CROP, param="p") is None
    assert not made.exists()


@pytest.mark.parametrize(
    ("content", "size", "param"),
    [
        (b"no image", SIZE, "input_reference"),
        (stripes((64, 64)).getvalue()[:90], SIZE, "input_reference"),
        (stripes((64, 64)).getvalue(), Size(99999, 99999), "size"),
    ],
)
def test_what_cannot_be_fitted_is_refused(
    tmp_path: Path, content: bytes, size: Size, param: str
) -> None:
    with pytest.raises(InvalidRequest) as refused:
        fit(io.BytesIO(content), tmp_path / "made", size, Fit.CROP, param="input_reference")
    assert refused.value.param == param
