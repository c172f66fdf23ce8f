"""How those who stand in the picture are lit: dark, with an edge of light, and a shadow."""

from __future__ import annotations

from dataclasses import replace
from math import ceil

import numpy as np
from PIL import Image, ImageFilter

from filmgate.engines.previs.picture.paint import Pixels, Plane, blur, rgb, sheet, smooth
from filmgate.engines.previs.picture.palette import LAMPLIGHT, mix
from filmgate.engines.previs.picture.stage import Layer, Stage


def cells(
    stage: Stage, masks: list[Image.Image], *, windows: bool = False
) -> tuple[Pixels, ...]:
    """The masks as dark, rim-lit figures, in sheets of one size; *windows* shine at night."""
    tall = masks[0].height
    wide = max(mask.width for mask in masks)
    pad = 2 * ceil(tall * 0.02)
    light = stage.light
    side = 1 if stage.sun_x > stage.hero_x else -1
    # In the dark the edge of light is all that one sees of many a thing.
    step = max(1, round(tall * (0.012 if light.lamps > 0.5 else 0.009)))
    out = []
    for mask in masks:
        body = np.zeros((tall + 2 * pad, wide + 2 * pad), np.float32)
        left = pad + (wide - mask.width) // 2
        body[pad : pad + tall, left : left + mask.width] = np.asarray(mask, np.float32) / 255
        shadow = np.roll(np.roll(body, -side * step, axis=1), step, axis=0)
        rim = np.clip(body - shadow, 0, 1)
        rim = np.maximum(rim, blur(rim, step) * 0.7)
        rows = np.linspace(0, 1, body.shape[0], dtype=np.float32)[:, None, None]
        ink = rgb(light.ink)
        tint = ink + (rgb(mix(light.ink, light.haze, 0.12)) - ink) * rows
        tint = tint + (rgb(light.rim) - tint) * (rim[..., None] * np.float32(0.9))
        tint = np.broadcast_to(tint, (*body.shape, 3))
        if windows and light.lamps > 0.4:
            lit = _panes(body)[..., None] * np.float32(min(1.0, light.lamps * 1.1))
            tint = tint + (rgb(LAMPLIGHT) - tint) * lit
            body = np.maximum(body, lit[..., 0])
        out.append(sheet(body, tint))
    return tuple(out)


def _panes(body: Plane) -> Plane:
    """Where a silhouette has windows: evenly clear places, which its soft edges are not."""
    found = ((body > 0.24) & (body < 0.32)).astype(np.uint8) * 255
    image = Image.fromarray(found).filter(ImageFilter.MinFilter(3))
    return np.asarray(image.filter(ImageFilter.MaxFilter(3)), np.float32) / np.float32(255)


def halo(stage: Stage, layer: Layer) -> Layer:
    """A little lit air behind a figure, which lifts it from the scenery."""
    body = layer.cells[0][..., 3].astype(np.float32) / 255
    reach = max(4, body.shape[0] // 6)
    wide = np.pad(body, reach)
    alpha = blur(wide, reach * 0.5) * np.float32(0.4)
    # Of two airs the brighter one: a dark halo would be a smudge.
    air = max(stage.light.haze, stage.light.horizon, key=sum)
    tint = mix(air, stage.light.sun, 0.3)
    return replace(
        layer, cells=(sheet(alpha, tint),), x=layer.x - reach, y=layer.y - reach, rate=0
    )


def contact(
    stage: Stage, at: tuple[float, float], wide: float, depth: float, *, pinned: bool
) -> Layer:
    """The soft shadow where a figure touches the ground."""
    x, feet = at
    across, down = (
        max(6, int(wide * 0.62)),
        max(4, int(wide * 0.07 + stage.unit * 0.01)),
    )
    rows = np.linspace(-1, 1, 2 * down, dtype=np.float32)[:, None]
    columns = np.linspace(-1, 1, 2 * across, dtype=np.float32)[None, :]
    alpha = smooth(1.0, 0.1, np.sqrt(rows * rows + columns * columns)) * np.float32(0.62)
    tint = mix(stage.light.ink, (0, 0, 0), 0.3)
    return Layer(
        cells=(sheet(alpha, tint),),
        x=x - across,
        y=feet - down,
        depth=depth,
        pinned=pinned,
    )
