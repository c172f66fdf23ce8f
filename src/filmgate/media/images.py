"""Images that callers send: recognised by their bytes, and never trusted."""

from __future__ import annotations

import struct
import warnings
from typing import BinaryIO

from PIL import Image as Pillow
from PIL import UnidentifiedImageError

from filmgate.domain.errors import InvalidRequest
from filmgate.domain.request import Size
from filmgate.ports import Image

#: What the OpenAI Videos API takes.
FORMATS = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}

#: Decoded, this many pixels take about 100 MB: an 8K frame.
MOST_PIXELS = 7680 * 4320


#: What Pillow raises for files that are cut off or were made to break it.
_BROKEN = (OSError, SyntaxError, ValueError, EOFError, TypeError, LookupError, struct.error)

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
    file.seek(0)
    with warnings.catch_warnings():
        # Pillow would tell the log what is wrong with a caller's metadata.
        warnings.simplefilter("ignore")
        try:
            image = Pillow.open(file, formats=tuple(FORMATS))
            width, height = image.size
            if width * height > MOST_PIXELS:
                raise _too_many_pixels(width, height, param)
            image.load()
        except UnidentifiedImageError as error:
            what = "is not a JPEG, PNG or WebP image" if file.seek(0, 2) else "is empty"
            message = f"'{param}' {what}. Send the bytes of a JPEG, PNG or WebP file."
            raise InvalidRequest(message, param=param, code="invalid_image") from error
        except _BROKEN as error:
            message = f"'{param}' is an image that is cut off or damaged. Send the whole file."
            raise InvalidRequest(message, param=param, code="invalid_image") from error
        turned = _is_turned(image)
    media_type = FORMATS[str(image.format)]
    size = Size(height, width) if turned else Size(width, height)
    return Image(media_type=media_type, size=size)


def _is_turned(image: Pillow.Image) -> bool:
    try:
        return image.getexif().get(_ORIENTATION) in _TURNED
    except _BROKEN:
        return False  # a good picture with broken metadata is shown as it is


def _too_many_pixels(width: int, height: int, param: str) -> InvalidRequest:
    message = (
        f"'{param}' has {width}x{height} pixels. An image may have {MOST_PIXELS} at "
        "most, as many as 7680x4320. Send a smaller one."
    )
    return InvalidRequest(message, param=param, code="image_too_large")
