"""The ten styles: what each does to every colour."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

import numpy as np
from PIL import Image, ImageFilter

from filmgate.engines.previs.picture.paint import Pixels, Plane, rgb
from filmgate.engines.previs.picture.stage import Layer
from filmgate.engines.previs.scene import Style

_GRID = 17  #: steps of each channel in a table of colours
_INK = (22, 16, 28)
_FLATS = 6  #: tones of each channel that a comic is printed with


def grey(c: Plane) -> Plane:
    return (c @ rgb((0.3, 0.59, 0.11)))[:, None]


def vivid(c: Plane, amount: float) -> Plane:
    return grey(c) + (c - grey(c)) * np.float32(amount)


def punch(c: Plane, amount: float) -> Plane:
    """More contrast around the middle."""
    c = np.clip(c, 0, 1)
    return c + np.float32(amount) * (c * c * (3 - 2 * c) - c)


def _festive(c: Plane) -> Plane:
    warm = vivid(punch(c, 0.3), 1.25) * rgb((1.08, 0.97, 0.9))
    return warm + rgb((0.03, 0.0, 0.01))


def _kakalaka(c: Plane) -> Plane:
    bright = grey(c)
    split = rgb((0.12, -0.1, 0.26)) * (1 - bright) + rgb((0.12, 0.0, -0.02)) * bright
    return vivid(punch(c, 0.9), 1.7) + split


def _news(c: Plane) -> Plane:
    return vivid(punch(c, 0.45), 0.72) * rgb((0.96, 1.0, 1.08))


def _selfie(c: Plane) -> Plane:
    return np.clip(c, 0, 1) ** np.float32(0.8) * rgb((1.05, 1.0, 0.98)) + np.float32(0.01)


def _handheld(c: Plane) -> Plane:
    return vivid(c, 0.62) * rgb((0.94, 1.0, 0.95)) + np.float32(0.015)


def _golden(c: Plane) -> Plane:
    gold = grey(c) * rgb((1.24, 0.92, 0.46)) + rgb((0.05, 0.02, 0.0))
    return punch(c * np.float32(0.42) + gold * np.float32(0.62), 0.3)


def _anime(c: Plane) -> Plane:
    lifted = np.clip(c, 0, 1) ** np.float32(0.85)
    cool = (1 - grey(c)) * rgb((-0.02, 0.02, 0.07))
    return vivid(punch(lifted, 0.25), 1.55) + cool


def _retro(c: Plane) -> Plane:
    # Dark, but for what shines: a low sun must be seen without its colour.
    bright = punch(np.clip(grey(c), 0, 1) ** np.float32(1.45), 0.6) * np.float32(1.06)
    sepia = bright * rgb((1.04, 0.86, 0.62)) + rgb((0.05, 0.03, 0.02))
    return c * np.float32(0.12) + sepia * np.float32(0.88)


def _nostalgic(c: Plane) -> Plane:
    faded = vivid(c, 0.6) * np.float32(0.74) + rgb((0.22, 0.16, 0.11))
    return faded * rgb((1.04, 0.98, 0.88))


def _comic(c: Plane) -> Plane:
    return vivid(punch(c, 0.45), 1.22)


_GRADES: Mapping[Style, Callable[[Plane], Plane]] = MappingProxyType(
    {
        Style.FESTIVE: _festive,
        Style.KAKALAKA: _kakalaka,
        Style.NEWS: _news,
        Style.SELFIE: _selfie,
        Style.HANDHELD: _handheld,
        Style.GOLDEN: _golden,
        Style.ANIME: _anime,
        Style.RETRO: _retro,
        Style.NOSTALGIC: _nostalgic,
        Style.COMIC: _comic,
    }
)


def graded(layers: list[Layer], style: Style | None) -> list[Layer]:
    """The *layers* in the colours of *style*. Once a shot, so it costs nothing a frame."""
    if style is None:
        return layers
    through = table(_GRADES[style])
    return [
        replace(layer, cells=tuple(_apply(cell, through, style) for cell in layer.cells))
        for layer in layers
    ]


def toned(style: Style, colours: Plane) -> Plane:
    """*colours*, rows of 0..1, as *style* has them."""
    return _GRADES[style](colours)


def table(grade: Callable[[Plane], Plane]) -> ImageFilter.Color3DLUT:
    """What Pillow needs to put every colour of a picture through *grade*."""
    steps = np.linspace(0, 1, _GRID, dtype=np.float32)
    blue, green, red = np.meshgrid(steps, steps, steps, indexing="ij")
    colours = np.stack([red, green, blue], axis=-1).reshape(-1, 3)
    graded = np.clip(grade(colours), 0, 1).astype(np.float32)
    return ImageFilter.Color3DLUT(_GRID, graded.reshape(-1).tolist())


def _apply(cell: Pixels, through: ImageFilter.Color3DLUT, style: Style) -> Pixels:
    out = np.array(Image.fromarray(np.ascontiguousarray(cell)).filter(through))
    return _inked(out) if style is Style.COMIC else out


def _inked(pixels: Pixels) -> Pixels:
    """Few flat colours, black lines where they meet."""
    solid = pixels[..., 3] > 140
    if not solid.any():
        return pixels
    grey = np.asarray(Image.fromarray(pixels).convert("L"), np.int16)
    grey = np.where(solid, grey, -120)
    edge = np.zeros(solid.shape, bool)
    edge[1:] |= np.abs(grey[1:] - grey[:-1]) > 26
    edge[:, 1:] |= np.abs(grey[:, 1:] - grey[:, :-1]) > 26
    edge[:-1] |= edge[1:]
    edge &= solid
    flat = pixels[..., :3].astype(np.uint16) * _FLATS // 256 * 255 // (_FLATS - 1)
    pixels[..., :3] = flat.astype(np.uint8)
    pixels[edge, :3] = _INK
    return pixels
