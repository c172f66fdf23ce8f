"""The mark that everybody sees, in the lower right corner; and stills that bear it."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, ImageOps

from filmgate.media.images import BROKEN, FORMATS, QUALITY

TEXT = "AI · filmgate"
PART = 18  #: times that a letter fits into the height of the picture
WIDEST = 0.4  #: of the picture's width
SMALLEST = 12  #: pixels of a letter that can be read
RAISED = 9  #: of the height, that is left free below: captions stand there
OPACITY = 0.7


def drawn(width: int, height: int) -> Image.Image:
    """The mark for a picture of that size, with what is free beside and below; even sides."""
    size = max(SMALLEST, round(height / PART))
    size = max(SMALLEST, min(size, int(size * width * WIDEST / _length(TEXT, size))))
    edge = max(1, round(size / 14))
    wide, high = round(_length(TEXT, size)) + 2 * edge, round(size * 1.3) + 2 * edge
    box = (_even(min(width, wide + size // 2)), _even(min(height, high + height // RAISED)))
    image = Image.new("RGBA", box, (0, 0, 0, 0))
    ImageDraw.Draw(image).text(
        (edge, edge),
        TEXT,
        font=_font(size),
        fill="white",
        stroke_width=edge,
        stroke_fill="#101010",
    )
    image.putalpha(image.getchannel("A").point(lambda a: a * OPACITY))
    return image


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


def _length(text: str, size: int) -> float:
    return _font(size).getlength(text)


def _even(number: int) -> int:
    return number - number % 2


def mark_still(path: Path, to: Path) -> None:
    """
    Write the image at *path* to a file *to*, marked: a PNG, JPEG or WebP, as it was.

    Of what its file says beside the picture, EXIF and the colour profile stay. Raises
    `ValueError` when it is no image.
    """
    with _opened(path) as image:
        upright, profile = ImageOps.exif_transpose(image), image.info.get("icc_profile")
        layers = "RGBA" if image.has_transparency_data else "RGB"
        made = upright if upright.mode == layers else upright.convert(layers)
        text = drawn(*made.size)
        place = (made.width - text.width, made.height - text.height)
        made.paste(text.convert("RGB"), place, text.getchannel("A"))
        exif = upright.getexif()
        made.save(to, image.format, quality=QUALITY, icc_profile=profile, exif=exif)


def _opened(path: Path) -> Image.Image:
    try:
        image = Image.open(path, formats=tuple(FORMATS))
        image.load()
    except BROKEN as error:
        raise ValueError("not a JPEG, PNG or WebP image, or a damaged one") from error
    return image
