"""A film of one picture: what the caller sent as a reference, seen by a moving camera."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter, ImageOps, UnidentifiedImageError

from filmgate.engines.previs.picture.paint import sheet, smooth
from filmgate.engines.previs.picture.stage import Layer, Stage

_LARGEST = 64_000_000  #: pixels
_FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
_FAR, _NEAR = 0.6, 0.68  #: depths; further apart, the soft seam between them would show double


class BadReferenceError(Exception):
    """The reference image cannot be used."""


def load(path: Path) -> Image.Image:
    """The picture at *path*, upright, RGB; :class:`BadReferenceError` if it is none."""
    try:
        with Image.open(path, formats=_FORMATS) as image:
            if image.width * image.height > _LARGEST:
                msg = f"The reference image is too large: {image.width}x{image.height}."
                raise BadReferenceError(msg)
            return ImageOps.exif_transpose(image).convert("RGB")
    except (
        UnidentifiedImageError,
        OSError,
        ValueError,
        SyntaxError,
        Image.DecompressionBombError,
    ) as error:
        msg = "The reference image cannot be read: it is not a whole PNG, JPEG, WebP or GIF."
        raise BadReferenceError(msg) from error


def world(stage: Stage, picture: Image.Image) -> list[Layer]:
    """
    *picture*, filling the stage, in two depths: its middle lies a little nearer.

    The edges are out of focus, so that the eye rests where pictures have their subject.
    """
    height, width = stage.full
    whole = ImageOps.fit(picture, (width, height), Image.Resampling.BICUBIC)
    soft = whole.filter(ImageFilter.GaussianBlur(stage.unit * 0.006))
    rows = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    columns = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    away = np.sqrt(rows * rows + columns * columns)
    back = sheet(np.ones(stage.full, np.float32), np.asarray(soft, np.float32))
    middle = sheet(smooth(1.15, 0.6, away), np.asarray(whole, np.float32))
    return [stage.layer(back, _FAR), stage.layer(middle, _NEAR)]
