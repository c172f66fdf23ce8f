"""Light after dark: street lamps, and the glow around whatever shines."""

from __future__ import annotations

import numpy as np

from filmgate.engines.previs.picture.paint import Drawing, Plane, glow, rgb, sheet
from filmgate.engines.previs.picture.palette import LAMPLIGHT, mix
from filmgate.engines.previs.picture.stage import Layer, Stage


def street_lamp(
    drawing: Drawing, stage: Stage, shine: Plane, at: tuple[float, float], tall: float
) -> None:
    """A street lamp; what it gives off is added to *shine*."""
    x, foot = at
    light = stage.light
    iron = mix(light.ink, light.haze, 0.08)
    thick = tall * 0.016
    drawing.polygon(
        [
            (x - thick * 1.8, foot),
            (x + thick * 1.8, foot),
            (x + thick, foot - tall),
            (x - thick, foot - tall),
        ],
        iron,
    )
    head = tall * 0.05
    y = foot - tall
    glass = (
        mix((210, 220, 226), LAMPLIGHT, light.lamps)
        if light.lamps > 0.1
        else light.paint((226, 230, 232))
    )
    drawing.polygon(
        [
            (x - head * 0.7, y),
            (x + head * 0.7, y),
            (x + head, y - head * 1.7),
            (x - head, y - head * 1.7),
        ],
        glass,
    )
    drawing.polygon(
        [
            (x - head * 1.3, y - head * 1.7),
            (x + head * 1.3, y - head * 1.7),
            (x, y - head * 2.7),
        ],
        iron,
    )
    if light.lamps > 0.1:
        add_glow(shine, (x, y - head), tall * 0.2, light.lamps)


def add_glow(shine: Plane, at: tuple[float, float], radius: float, strength: float) -> None:
    """Add a glow to a plane; only the part near it is touched."""
    x, y = at
    reach = int(radius * 4)
    left, top = int(x) - reach, int(y) - reach
    rows = slice(max(0, top), max(0, min(shine.shape[0], top + 2 * reach)))
    columns = slice(max(0, left), max(0, min(shine.shape[1], left + 2 * reach)))
    if rows.start >= rows.stop or columns.start >= columns.stop:
        return
    size = (rows.stop - rows.start, columns.stop - columns.start)
    light = glow(size, x - columns.start, y - rows.start, radius)
    part = shine[rows, columns]
    np.maximum(part, (light - np.float32(0.02)) * np.float32(strength), out=part)


def lamplit(stage: Stage, drawing: Drawing, shine: Plane, depth: float) -> Layer:
    """The drawing with lamplight laid over it."""
    pixels = drawing.pixels()
    used = np.flatnonzero(pixels[..., 3].any(axis=1) | (shine > 0).any(axis=1))
    if not len(used):
        return stage.layer(pixels, depth)
    first, last = int(used[0]), int(used[-1]) + 1
    pixels, shine = pixels[first:last], shine[first:last]
    solid = pixels[..., 3].astype(np.float32) / 255
    light = np.clip(shine, 0, 1) * np.float32(0.9)
    share = light[..., None]
    colour = pixels[..., :3] + (rgb(LAMPLIGHT) - pixels[..., :3]) * np.where(
        solid[..., None] > 0, share * 0.8, 1
    )
    lit = sheet(
        np.maximum(solid, light), np.where(share + solid[..., None] > 0, colour, LAMPLIGHT)
    )
    return stage.piece(lit, -stage.side, first - stage.top, depth)
