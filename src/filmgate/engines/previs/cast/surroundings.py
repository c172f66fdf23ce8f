"""What comes with a subject: its lamps, its steam, the rails or the path that it needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

import numpy as np

from filmgate.engines.previs.picture.paint import Drawing, blur, glow, grown, sheet, smooth
from filmgate.engines.previs.picture.palette import LAMPLIGHT, SNOW, Colour, mix
from filmgate.engines.previs.picture.stage import Layer, Stage
from filmgate.engines.previs.scene import Setting, Subject

#: Where a subject's lamps are, as shares of its width and height, and how large they are, as a
#: share of its height.
_LAMPS: Mapping[Subject, tuple[tuple[float, float, float], ...]] = MappingProxyType(
    {
        Subject.BOAT: ((0.505, 0.1, 0.045), (0.06, 0.73, 0.05)),
        Subject.SHIP: ((0.2, 0.05, 0.06), (0.785, 0.02, 0.06), (0.99, 0.58, 0.05)),
        Subject.CAR: ((0.96, 0.53, 0.16),),
        Subject.TRAIN: ((0.965, 0.49, 0.14),),
        Subject.LIGHTHOUSE: ((0.495, 0.155, 0.07),),
        Subject.BICYCLE: ((0.72, 0.23, 0.05),),
    }
)
_SOIL = frozenset(
    {Setting.PLAINS, Setting.MOUNTAINS, Setting.DESERT, Setting.VILLAGE, Setting.FOREST}
)
_CHIMNEY = 0.9  #: of a train's length, where its steam comes out
_PUFFS, _CELLS = 10, 6


def lamps(stage: Stage, subject: Subject, layer: Layer, pad: int) -> list[Layer]:
    """The lights of the *subject* drawn on *layer*, when it is dark enough to light them."""
    strength = stage.light.lamps
    if strength < 0.4 or subject not in _LAMPS:
        return []
    tall = layer.cells[0].shape[0] - 2 * pad
    wide = layer.cells[0].shape[1] - 2 * pad
    out = []
    for across, down, share in _LAMPS[subject]:
        radius = max(1.5, tall * share)
        reach = 2 * int(radius * 2.5)
        shine = glow((2 * reach, 2 * reach), reach, reach, radius * 0.8) - np.float32(0.045)
        alpha = np.clip(shine * np.float32(1.5), 0, 1) * np.float32(0.55 + 0.45 * strength)
        x, y = layer.x + pad + wide * across - reach, layer.y + pad + tall * down - reach
        cell = sheet(alpha, mix(LAMPLIGHT, (255, 246, 220), 0.35))
        out.append(replace(layer, cells=(cell,), x=x, y=y, rate=0.0))
    return out


def under(stage: Stage, subject: Subject, layer: Layer, pad: int) -> list[Layer]:
    """What lies on the ground for the *subject* drawn on *layer*."""
    feet = layer.y + layer.cells[0].shape[0] - pad
    wide = layer.cells[0].shape[1] - 2 * pad
    if subject is Subject.TRAIN:
        return [_rails(stage, feet, layer.depth)]
    if subject in {Subject.CASTLE, Subject.HOUSE} and stage.shot.setting in _SOIL:
        door, share = (0.5, 0.075) if subject is Subject.CASTLE else (0.37, 0.06)
        return [_path(stage, (layer.x + pad + wide * door, feet), wide * share, layer.depth)]
    return []


def _rails(stage: Stage, feet: float, depth: float) -> Layer:
    """Ballast, sleepers and two rails, from one side of the picture to the other."""
    unit, light = stage.unit, stage.light
    width, high = stage.full[1], int(unit * 0.075)
    stone = light.paint((146, 138, 132), shade=0.7)
    drawing = Drawing((high, width), stone)
    top = unit * 0.02  # where the wheels stand
    rng = stage.rng("ballast")
    edge = [
        (width * n / 90, high - unit * (0.012 + 0.012 * float(rng.random()))) for n in range(91)
    ]
    drawing.polygon([(0, top - unit * 0.012), *edge, (width, top - unit * 0.012)], stone)
    wood = light.paint((92, 70, 56), shade=0.85)
    step, middle = unit * 0.034, width / 2
    x = -step
    while x < width + step:
        lean = (x - middle) * 0.035
        drawing.polygon(
            [
                (x - unit * 0.005, top - unit * 0.007),
                (x + unit * 0.005, top - unit * 0.007),
                (x + lean + unit * 0.008, top + unit * 0.026),
                (x + lean - unit * 0.008, top + unit * 0.026),
            ],
            wood,
        )
        x += step
    steel, shine = mix(light.ink, light.haze, 0.15), mix(light.rim, light.haze, 0.4)
    for y, thick in ((top - unit * 0.003, 0.004), (top + unit * 0.016, 0.006)):
        drawing.box(0, y, width, y + unit * thick, steel)
        drawing.box(0, y, width, y + unit * thick * 0.4, shine)
    return stage.piece(drawing.pixels(), -stage.side, feet - top, depth)


def _path(stage: Stage, door: tuple[float, float], half: float, depth: float) -> Layer:
    """A trodden way from a *door* towards us."""
    earth: Colour = mix((196, 168, 130), SNOW, 0.5 if stage.flora.snow else 0.0)
    x, feet = door[0] + stage.side, door[1] + stage.top
    drawing = Drawing(stage.full, stage.light.paint(earth, shade=0.35, distance=0.12))
    end = stage.full[0]
    away = (1 if stage.hero_x < 0.5 else -1) * stage.unit * 0.16
    left, right = [], []
    for t in np.linspace(0, 1, 20):
        middle, spread = x + away * float(t) ** 1.6, half * (1 + 2.2 * float(t))
        y = feet - 1 + (end - feet) * float(t)
        left.append((middle - spread, y))
        right.append((middle + spread, y))
    tint = stage.light.paint(earth, shade=0.35, distance=0.12)
    drawing.polygon([*left, *reversed(right)], tint)
    pixels = drawing.pixels()
    first = max(0, int(feet) - 4)
    soft = blur(pixels[first:, :, 3].astype(np.float32) / 255, stage.unit * 0.006)
    pixels[first:, :, 3] = (soft * 150).astype(np.uint8)
    return stage.layer(pixels, depth)


def steam(stage: Stage, subject: Subject, layer: Layer, pad: int) -> list[Layer]:
    """Puffs that a train on *layer* leaves behind; they grow and thin out as they rise."""
    if subject is not Subject.TRAIN:
        return []
    tall = layer.cells[0].shape[0] - 2 * pad
    wide = layer.cells[0].shape[1] - 2 * pad
    full = (int(tall * 1.5), int(wide * 0.62))
    size = (max(4, full[0] // 2), max(4, full[1] // 2))
    scale = np.float32(tall / 2)
    rows = np.arange(size[0], dtype=np.float32)[:, None]
    columns = np.arange(size[1], dtype=np.float32)[None, :]
    bumps = stage.rng("steam").normal(size=(_PUFFS, 4, 2))
    pale = mix(stage.light.rim, (255, 255, 255), 0.6)
    lit = mix(stage.light.paint((252, 250, 248)), pale, 0.6)
    dull = mix(stage.light.paint((200, 200, 210), shade=0.6), pale, 0.3)
    cells = []
    for cell in range(_CELLS):
        alpha = np.zeros(size, np.float32)
        for puff in range(_PUFFS):
            age = (puff + cell / _CELLS) / _PUFFS
            x = size[1] - scale * 0.12 - (size[1] - scale * 0.5) * age**0.85
            y = size[0] - scale * 0.06 - (size[0] - scale * 0.5) * age**0.6
            radius = scale * (0.11 + 0.27 * age)
            for dx, dy in bumps[puff] * radius * 0.42:
                away = np.sqrt((columns - x - dx) ** 2 + (rows - y - dy * 0.7) ** 2) / radius
                strength = np.float32(0.9 * (1 - age) ** 0.7 * min(1, age * 24))
                np.maximum(alpha, smooth(1.0, 0.45, away) * strength, out=alpha)
        height = np.linspace(0, 1, size[0], dtype=np.float32)[:, None]
        colours = np.array(lit, np.float32) * (1 - height) + np.array(dull) * height
        cells.append(grown(sheet(alpha, colours), full))
    x = layer.x + pad + wide * _CHIMNEY - full[1] + tall * 0.12
    y = layer.y + pad - full[0] + tall * 0.06
    return [replace(layer, cells=tuple(cells), x=x, y=y, rate=9.0)]
