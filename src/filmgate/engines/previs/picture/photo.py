"""A film of one picture: what the caller sent as a reference, seen by a moving camera."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np
from PIL import Image, ImageFilter, ImageOps, UnidentifiedImageError

from filmgate.engines.previs.picture.paint import sheet, smooth
from filmgate.engines.previs.picture.stage import Layer, Stage

_LARGEST = 64_000_000  #: pixels
_FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
_FOOT = 0.16  #: of the height, where captions are
_FAR, _NEAR = 0.6, 0.68  #: depths; further apart, the soft seam between them would show double


class BadReferenceError(Exception):
    """The reference image, or film, cannot be used."""


def load(path: Path, mode: Literal["RGB", "RGBA"] = "RGB") -> Image.Image:
    """The picture at *path*, upright; :class:`BadReferenceError` if it is none."""
    try:
        with Image.open(path, formats=_FORMATS) as image:
            if image.width * image.height > _LARGEST:
                msg = f"The reference image is too large: {image.width}x{image.height}."
                raise BadReferenceError(msg)
            return ImageOps.exif_transpose(image).convert(mode)
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


def held(stage: Stage, picture: Image.Image) -> list[Layer]:
    """*picture*, sharp and pixel for pixel: a film's last frame, before it moves again."""
    margins = ((stage.top, stage.top), (stage.side, stage.side), (0, 0))
    around = np.pad(np.asarray(picture), margins, mode="symmetric").astype(np.float32)
    return [stage.layer(sheet(np.ones(stage.full, np.float32), around), _NEAR)]


def wordless(picture: Image.Image) -> Image.Image:
    """*picture* with what is written along its bottom blurred, to be written on again."""
    bare = picture.copy()
    box = (0, round(picture.height * (1 - _FOOT)), picture.width, picture.height)
    bare.paste(picture.crop(box).filter(ImageFilter.BoxBlur(picture.height * _FOOT / 3)), box)
    return bare


def whole(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    """All of *picture* in *size*; where it has another shape, before a blurred self."""
    inside = ImageOps.contain(picture, size, Image.Resampling.BICUBIC)
    # A pixel or two are nobody's bars.
    if size[0] - inside.width <= 2 and size[1] - inside.height <= 2:
        return ImageOps.fit(picture, size, Image.Resampling.BICUBIC)
    behind = ImageOps.fit(picture, size, Image.Resampling.BICUBIC)
    behind = behind.filter(ImageFilter.GaussianBlur(min(size) * 0.04))
    behind.paste(inside, ((size[0] - inside.width) // 2, (size[1] - inside.height) // 2))
    return behind
