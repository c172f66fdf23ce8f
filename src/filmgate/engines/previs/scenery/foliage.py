"""Trees, grass and reeds, in every season."""

from __future__ import annotations

from math import cos, pi, sin
from typing import NamedTuple

import numpy as np

from filmgate.engines.previs.picture.paint import Drawing, Plane
from filmgate.engines.previs.picture.palette import SNOW, Colour, mix
from filmgate.engines.previs.picture.stage import Stage

_BARK: Colour = (92, 68, 56)


class Brush(NamedTuple):
    """What a painter of plants holds: the sheet, the scene, chance, a distance."""

    drawing: Drawing
    stage: Stage
    rng: np.random.Generator
    far: float = 0.0  #: 0 here .. 1 far


def _sunward(stage: Stage) -> float:
    """-1 when the light comes from the left, 1 when from the right."""
    return 1.0 if stage.sun_x > 0.5 else -1.0


def tree(brush: Brush, at: tuple[float, float], height: float) -> None:
    """A broad-leaved tree, its foot *at*; *far* is its distance (0 here .. 1 far)."""
    drawing, stage, rng, far = brush
    if stage.flora.bare:
        bare(brush, at, height)
        return
    x, y = at
    paint = stage.light.paint
    trunk = paint(_BARK, shade=0.6, distance=far)
    thick = height * 0.045
    drawing.polygon(
        [
            (x - thick, y),
            (x + thick, y),
            (x + thick * 0.5, y - height * 0.6),
            (x - thick * 0.5, y - height * 0.6),
        ],
        trunk,
    )
    leaf = mix(stage.flora.leaf, stage.flora.leaf_two, float(rng.random()))
    # The same lumps four times: a dark crown, then smaller and lighter ones towards the sun.
    lumps = [
        (rng.normal(0, 0.17), rng.normal(0, 0.12), 0.15 + 0.09 * rng.random())
        for _ in range(11)
    ]
    side = _sunward(stage)
    for step, shade in enumerate((1.0, 0.62, 0.28, 0.0)):
        shrink = 1 - 0.2 * step
        colour = paint(leaf, shade=shade, distance=far)
        for dx, dy, r in lumps:
            drawing.disc(
                x + (dx + side * 0.03 * step) * height,
                y - (0.68 - dy + 0.028 * step) * height,
                r * height * shrink,
                r * height * shrink * 0.92,
                colour,
            )


def bare(brush: Brush, at: tuple[float, float], height: float) -> None:
    """A tree without leaves, snow on its boughs."""
    drawing, stage, rng, far = brush
    wood = stage.light.paint(_BARK, shade=0.75, distance=far)
    snow = stage.light.paint(SNOW, shade=0.15, distance=far)

    def grow(
        at: tuple[float, float], angle: float, length: float, thick: float, depth: int
    ) -> None:
        x, y = at
        tip = (x + length * sin(angle), y - length * cos(angle))
        drawing.line([(x, y), tip], wood, thick)
        if abs(angle) > 0.45 and thick > 0.8:
            lift = thick * 0.55
            drawing.line([(x, y - lift), (tip[0], tip[1] - lift)], snow, max(0.6, thick * 0.5))
        if depth:
            for turn in (-0.5, 0.12, 0.55):
                spread = angle + turn + float(rng.normal(0, 0.14))
                grow(
                    tip,
                    spread,
                    length * (0.62 + 0.12 * float(rng.random())),
                    thick * 0.6,
                    depth - 1,
                )

    grow(
        at,
        float(rng.normal(0, 0.04)),
        height * 0.34,
        max(1.0, height * 0.05),
        4 if height > 60 else 3,
    )


def conifer(brush: Brush, at: tuple[float, float], height: float) -> None:
    """A fir, with snow on it in winter."""
    drawing, stage, rng, far = brush
    x, y = at
    side = _sunward(stage)
    lit = stage.light.paint(stage.flora.needle, shade=0.15, distance=far)
    dark = stage.light.paint(stage.flora.needle, shade=0.85, distance=far)
    snow = stage.light.paint(SNOW, shade=0.1, distance=far)
    tiers = 5 if height > 40 else 3
    wide = height * (0.2 + 0.05 * float(rng.random()))
    drawing.box(x - height * 0.02, y - height * 0.12, x + height * 0.02, y, dark)
    for tier in range(tiers):
        low = y - height * (0.06 + 0.72 * tier / tiers)
        top = low - height * (0.38 - 0.02 * tier)
        w = wide * (1 - 0.78 * tier / tiers)
        drawing.polygon([(x - w, low), (x, low - height * 0.025), (x + w, low), (x, top)], dark)
        drawing.polygon(
            [(x + side * w, low), (x + side * w * 0.1, low - height * 0.03), (x, top)],
            lit,
        )
        if stage.flora.snow:
            cap = low - (low - top) * 0.45
            half = w * 0.58
            drawing.polygon(
                [
                    (x - half, cap),
                    (x - half * 0.3, cap - w * 0.2),
                    (x + half * 0.3, cap),
                    (x + half, cap),
                    (x, top),
                ],
                snow,
            )


def palm(brush: Brush, at: tuple[float, float], height: float, lean: float) -> None:
    """A coconut palm whose top leans over by *lean* of its height."""
    drawing, stage, rng, _ = brush
    x, y = at
    trunk = stage.light.paint((120, 90, 66), shade=0.75)
    bend = [(x + lean * height * t**1.7, y - height * t) for t in np.linspace(0, 1, 14)]
    for (x0, y0), (x1, y1), t in zip(bend, bend[1:], np.linspace(1, 0.45, 13), strict=False):
        drawing.line([(x0, y0), (x1, y1)], trunk, max(1.5, height * 0.036 * float(t)))
    top = bend[-1]
    dark = stage.light.paint((46, 104, 62), shade=0.9)
    lit = stage.light.paint((84, 150, 74), shade=0.45)
    for number, angle in enumerate(np.linspace(-0.35, pi + 0.35, 11)):
        reach = height * (0.42 + 0.1 * float(rng.random()))
        _frond(drawing, top, float(angle), reach, lit if number % 3 == 1 else dark)
    for dx in (-0.02, 0.015, 0.04):
        drawing.disc(
            top[0] + dx * height,
            top[1] + 0.02 * height,
            height * 0.022,
            height * 0.022,
            trunk,
        )


def _frond(
    drawing: Drawing,
    top: tuple[float, float],
    angle: float,
    reach: float,
    colour: Colour,
) -> None:
    """One leaf: a drooping rib with a comb of leaflets."""
    rib = []
    for t in np.linspace(0, 1, 9):
        drop = 0.62 * t * t * reach
        rib.append(
            (
                top[0] + cos(angle) * reach * t,
                top[1] - sin(angle) * reach * 0.62 * t + drop,
            )
        )
    drawing.line(rib, colour, max(1.0, reach * 0.018))
    for index, (x, y) in enumerate(rib[1:], start=1):
        hang = reach * 0.26 * (1 - 0.75 * index / 9)
        back = cos(angle) * hang * 0.5
        drawing.polygon(
            [(x - hang * 0.16, y), (x + hang * 0.16, y), (x + back, y + hang)], colour
        )
        drawing.polygon(
            [
                (x - hang * 0.1, y),
                (x + hang * 0.1, y),
                (x + back * 1.4, y - hang * 0.35),
            ],
            colour,
        )


def grass(
    brush: Brush, line: Plane, colours: tuple[Colour, Colour], *, height: float, spacing: float
) -> None:
    """Blades along a *line* of y positions."""
    drawing, rng = brush.drawing, brush.rng
    x = 0.0
    while x < len(line):
        y = float(line[int(x)])
        tall = height * (0.35 + 0.65 * float(rng.random()) ** 2)
        lean = tall * float(rng.normal(0.08, 0.28))
        foot = max(0.7, height * 0.035)
        colour = colours[int(rng.random() < 0.4)]
        drawing.polygon([(x - foot, y + 3), (x + foot, y + 3), (x + lean, y - tall)], colour)
        x += spacing * (0.4 + 1.2 * float(rng.random()))


def reeds(brush: Brush, span: tuple[float, float], y: float, height: float) -> None:
    """A clump of bulrushes from *span* to span, growing up from *y*."""
    drawing, stage, rng, _ = brush
    dark = stage.light.paint((74, 96, 52), shade=0.85)
    cob = stage.light.paint((96, 60, 36), shade=0.7)
    count = int((span[1] - span[0]) / max(3.0, height * 0.035))
    for _ in range(count):
        x = span[0] + (span[1] - span[0]) * float(rng.random())
        tall = height * (0.4 + 0.6 * float(rng.random()))
        lean = tall * float(rng.normal(0.04, 0.1))
        tip = (x + lean, y - tall)
        drawing.polygon([(x - height * 0.012, y), (x + height * 0.012, y), tip], dark)
        if rng.random() < 0.3:
            drawing.disc(tip[0], tip[1] + height * 0.05, height * 0.014, height * 0.055, cob)


def flowers(brush: Brush, line: Plane, depth: float, count: int, size: float) -> None:
    """A scatter of blossoms in the *depth* pixels under a *line*."""
    drawing, stage, rng, _ = brush
    kinds: tuple[Colour, ...] = (
        (255, 244, 250),
        (252, 150, 178),
        (255, 214, 84),
        (196, 140, 232),
    )
    for _ in range(count):
        x = float(rng.random()) * (len(line) - 1)
        down = float(rng.random())
        y = float(line[int(x)]) + down * depth
        r = size * (0.4 + 0.8 * down)
        drawing.disc(
            x, y, r, r * 0.8, stage.light.paint(kinds[int(rng.integers(4))], shade=0.1)
        )
