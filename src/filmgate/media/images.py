"""Images that callers send: recognised by their bytes, and never trusted."""

from __future__ import annotations

import struct
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from PIL import Image as Pillow
from PIL import ImageOps, UnidentifiedImageError

from filmgate.domain.errors import InvalidRequest
from filmgate.domain.request import Fit, Size
from filmgate.ports import Image

#: What the OpenAI Videos API takes.
FORMATS = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}

QUALITY = 95  #: of a JPEG or a WebP that is written

#: Decoded, this many pixels take about 100 MB: an 8K frame.
MOST_PIXELS = 7680 * 4320

#: What Pillow raises for files that are cut off or were made to break it.
BROKEN = (OSError, SyntaxError, ValueError, EOFError, TypeError, LookupError, struct.error)

#: EXIF's tag, and its values for pictures that are shown turned by a quarter.
_ORIENTATION, _TURNED = 0x0112, (5, 6, 7, 8)

# Ours is lower, is checked before a pixel is decoded, and says both numbers.
Pillow.MAX_IMAGE_PIXELS = None


def read(file: BinaryIO, *, param: str) -> Image:
    """
    What the image is. Decodes it whole, so it blocks; from a thread, one at a time.

    Raises `InvalidRequest` naming *param*: no image, a kind that we do not take,
    too many pixels, or cut off in the middle.
    """
    with _opened(file, FORMATS, param=param) as image:
        turned, (width, height) = _is_turned(image), image.size
        media_type = FORMATS[str(image.format)]
    size = Size(height, width) if turned else Size(width, height)
    return Image(media_type=media_type, size=size)


def fit(file: BinaryIO, to: Path, size: Size, how: Fit, *, param: str) -> Image | None:
    """
    Write the image to a file *to*, as large as *size*; None if it is so already.

    A JPEG stays one, everything else becomes a PNG; of what moves the first picture is
    taken. Raises `InvalidRequest` as `read` does.
    """
    if size.width * size.height > MOST_PIXELS:
        message = f"An image cannot be made {size}: 7680x4320 pixels are the most."
        raise InvalidRequest(message, param="size")
    with _opened(file, (*FORMATS, "GIF"), param=param) as image:
        kind = "JPEG" if image.format == "JPEG" else "PNG"
        upright = _upright(image)
        if upright.size == (size.width, size.height) and image.format in FORMATS:
            return None
        # Of other modes it would be another's: they become RGB.
        profile = image.info.get("icc_profile") if image.mode in ("RGB", "RGBA") else None
        made = _fitted(_opaque(upright), size, how)
        made.save(to, kind, quality=QUALITY, icc_profile=profile)
    return Image(media_type=FORMATS[kind], size=size)


def _fitted(image: Pillow.Image, size: Size, how: Fit) -> Pillow.Image:
    width, height = size.width, size.height
    scales = width / image.width, height / image.height
    match how:
        case Fit.CROP:
            seen = width / max(scales), height / max(scales)
            left, top = (image.width - seen[0]) / 2, (image.height - seen[1]) / 2
            box = (left, top, left + seen[0], top + seen[1])
            return image.resize((width, height), Pillow.Resampling.LANCZOS, box=box)
        case Fit.PAD:
            wide = max(1, round(image.width * min(scales)))
            high = max(1, round(image.height * min(scales)))
            made = Pillow.new("RGB", (width, height))
            place = ((width - wide) // 2, (height - high) // 2)
            made.paste(image.resize((wide, high), Pillow.Resampling.LANCZOS), place)
            return made


def _opaque(image: Pillow.Image) -> Pillow.Image:
    """*image* in RGB; what was transparent is black, as in a film."""
    if image.mode.startswith("I"):  # 16 bits of grey, which `convert` would cut off
        image = image.convert("I").point(lambda value: value / 256).convert("L")
    if not image.has_transparency_data:
        return image.convert("RGB")
    layers = image.convert("RGBA")
    made = Pillow.new("RGB", image.size)
    made.paste(layers, mask=layers.getchannel("A"))
    return made


@contextmanager
def _opened(file: BinaryIO, formats: Iterable[str], *, param: str) -> Iterator[Pillow.Image]:
    """The image, decoded."""
    file.seek(0)
    with warnings.catch_warnings():
        # Pillow would tell the log what is wrong with a caller's metadata.
        warnings.simplefilter("ignore")
        try:
            image = Pillow.open(file, formats=tuple(formats))
            width, height = image.size
            if width * height > MOST_PIXELS:
                raise _too_many_pixels(width, height, param)
            image.load()
        except UnidentifiedImageError as error:
            what = "is not a JPEG, PNG or WebP image" if file.seek(0, 2) else "is empty"
            message = f"'{param}' {what}. Send the bytes of a JPEG, PNG or WebP file."
            raise InvalidRequest(message, param=param, code="invalid_image") from error
        except BROKEN as error:
            message = f"'{param}' is an image that is cut off or damaged. Send the whole file."
            raise InvalidRequest(message, param=param, code="invalid_image") from error
        yield image


def _upright(image: Pillow.Image) -> Pillow.Image:
    try:
        return ImageOps.exif_transpose(image)
    except BROKEN:
        return image


def _is_turned(image: Pillow.Image) -> bool:
    try:
        return image.getexif().get(_ORIENTATION) in _TURNED
    except BROKEN:
        return False  # a good picture with broken metadata is shown as it is


def _too_many_pixels(width: int, height: int, param: str) -> InvalidRequest:
    message = (
        f"'{param}' has {width}x{height} pixels. An image may have {MOST_PIXELS} at "
        "most, as many as 7680x4320. Send a smaller one."
    )
    return InvalidRequest(message, param=param, code="image_too_large")
