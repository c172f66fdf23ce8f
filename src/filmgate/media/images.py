"""Images that callers send: recognised by their bytes, and never trusted."""

from __future__ import annotations

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


def read(file: BinaryIO, *, param: str) -> Image:
    """
    What the image is. Decodes it whole, so it blocks; from a thread, one at a time.

    Raises `InvalidRequest` naming *param*: no image, a kind that we do not take,
    too many pixels, or cut off in the middle.
    """
    file.seek(0)
    with warnings.catch_warnings():
        # Pillow warns of large images; the limit here is lower than its own.
        warnings.simplefilter("ignore", Pillow.DecompressionBombWarning)
        try:
            image = Pillow.open(file, formats=tuple(FORMATS))
            width, height = image.size
            if width * height > MOST_PIXELS:
                raise _too_many_pixels(width, height, param)
            image.load()
        except Pillow.DecompressionBombError as error:
            raise _too_many_pixels(0, 0, param) from error
        except UnidentifiedImageError as error:
            message = f"{param} is not a JPEG, PNG or WebP image."
            raise InvalidRequest(message, param=param, code="invalid_image") from error
        except (OSError, SyntaxError, ValueError, EOFError) as error:
            message = f"{param} is an image that cannot be decoded: {error}."
            raise InvalidRequest(message, param=param, code="invalid_image") from error
    media_type = FORMATS[str(image.format)]
    if image.getexif().get(0x0112, 1) >= 5:  # turned by a quarter when shown
        width, height = height, width
    return Image(media_type=media_type, size=Size(width, height))


def _too_many_pixels(width: int, height: int, param: str) -> InvalidRequest:
    shown = f"{width}x{height}" if width else "far too large"
    message = f"{param} is {shown}; an image may have {MOST_PIXELS} pixels at most."
    return InvalidRequest(message, param=param, code="image_too_large")
