"""A city: its skyline, seen across the water."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from filmgate.engines.previs.cast import subjects
from filmgate.engines.previs.picture.paint import Drawing
from filmgate.engines.previs.picture.palette import LAMPLIGHT, SNOW, Colour, mix
from filmgate.engines.previs.picture.stage import Layer, Stage
from filmgate.engines.previs.scenery.lamps import lamplit, street_lamp
from filmgate.engines.previs.scenery.land import Relief, Set, Soil, slope
from filmgate.engines.previs.scenery.sky import sky
from filmgate.engines.previs.scenery.water import mirror

WALLS: tuple[Colour, ...] = (
    (206, 178, 150),
    (186, 146, 126),
    (160, 158, 166),
    (214, 196, 172),
    (150, 130, 128),
)


class Block(NamedTuple):
    x: float
    foot: float
    wide: float
    high: float
    tint: Colour
    far: float


def city(stage: Stage) -> Set:
    """A skyline across the water, a promenade in front."""
    light = stage.light
    shore = 0.68
    back = sky(stage, shore)
    for number, (tall, far, depth) in enumerate(
        ((0.36, 0.75, 0.08), (0.46, 0.36, 0.16), (0.24, 0.12, 0.28))
    ):
        back.append(skyline(stage, Relief(number, shore, tall, far, depth)))
    back.extend(mirror(stage, back, (shore, 0.82), depth=0.5, clear=0.74))
    width = stage.full[1]
    line = np.full(width, stage.y(0.79), np.float32)
    stone: Colour = SNOW if stage.flora.snow else (150, 146, 150)
    quay = [
        slope(
            stage,
            line,
            Soil(
                top=light.paint(stone, shade=0.35),
                bottom=light.paint(mix(stone, (70, 70, 84), 0.4), shade=0.95),
                fade=stage.unit * 0.16,
                depth=1.0,
                grain=0.25,
                name="quay",
            ),
        ),
        _railing(stage),
    ]
    # Boats lie behind the quay; who walks does so in front of its rail.
    if subjects.walks(stage.shot.subjects):
        return Set(back=[*back, *quay], feet=0.85, waterline=0.755)
    return Set(back=back, front=quay, waterline=0.775)


def skyline(stage: Stage, row: Relief) -> Layer:
    number, shore, tall, far, depth = row
    rng, light = stage.rng(f"skyline{number}"), stage.light
    wall: Colour = (92, 104, 128)
    drawing = Drawing(stage.full, light.paint(wall, shade=0.6, distance=far))
    unit, foot = stage.unit, stage.y(shore)
    x = -unit * 0.05
    while x < stage.full[1]:
        wide = unit * (0.05 + 0.07 * float(rng.random()))
        centre = abs((x - stage.side) / stage.width - 0.5)
        high = unit * tall * (0.35 + 0.65 * float(rng.random()) ** 1.4) * (1.15 - 0.7 * centre)
        tint = mix(wall, WALLS[int(rng.integers(5))], 0.35 * float(rng.random()))
        _tower(drawing, stage, rng, Block(x, foot, wide, high, tint, far))
        x += wide + unit * 0.016 * float(rng.random()) * (number + 1)
    return stage.layer(drawing.pixels(), depth)


def _tower(drawing: Drawing, stage: Stage, rng: np.random.Generator, block: Block) -> None:
    """A block with a lit and a shaded face, something on its roof, and windows."""
    x, foot, wide, high, tint, far = block
    paint, unit = stage.light.paint, stage.unit
    lit, dark = (
        paint(tint, shade=0.2, distance=far),
        paint(tint, shade=0.75, distance=far),
    )
    top, split = foot - high, 0.34 if stage.sun_x > 0.5 else 0.66
    left, right = (dark, lit) if stage.sun_x > 0.5 else (lit, dark)
    drawing.box(x, top, x + wide * split, foot, left)
    drawing.box(x + wide * split, top, x + wide, foot, right)
    kind = int(rng.integers(5))
    if kind == 0:
        drawing.box(x + wide * 0.2, top - wide * 0.35, x + wide * 0.8, top, dark)
        drawing.line(
            [(x + wide / 2, top - wide * 0.3), (x + wide / 2, top - wide * 1.3)],
            dark,
            unit * 0.003,
        )
    elif kind == 1:
        drawing.polygon([(x, top), (x + wide, top), (x + wide * split, top - wide * 0.7)], lit)
    elif kind == 2:
        drawing.box(x + wide * 0.15, top - wide * 0.14, x + wide * 0.5, top, dark)
    if stage.flora.snow:
        drawing.box(
            x,
            top - unit * 0.004,
            x + wide,
            top + unit * 0.004,
            paint(SNOW, shade=0.1, distance=far),
        )
    step, pane = unit * 0.0185, unit * 0.0085
    lamp = mix(LAMPLIGHT, stage.light.haze, min(0.7, far * 0.8))
    cool = mix((190, 222, 255), stage.light.haze, min(0.7, far * 0.8))
    glass = paint(mix(tint, (60, 80, 110), 0.5), shade=0.6, distance=far)
    share = 0.58 * stage.light.lamps
    columns = max(1, int((wide - pane) / step))
    inset = (wide - columns * step + (step - pane)) / 2
    for row in range(int((high - step * 0.6) / step)):
        y = top + step * (row + 0.6)
        for column in range(columns):
            chance = float(rng.random())
            colour = (lamp if chance < share * 0.8 else cool) if chance < share else glass
            wx = x + inset + column * step
            drawing.box(wx, y, wx + pane, y + pane * 1.1, colour)


def _railing(stage: Stage) -> Layer:
    """The quay's rail, and its lamps."""
    light, unit = stage.light, stage.unit
    iron = mix(light.ink, light.haze, 0.12)
    drawing = Drawing(stage.full, iron)
    foot, top = stage.y(0.8), stage.y(0.8) - unit * 0.07
    drawing.box(0, top, stage.full[1], top + unit * 0.007, iron)
    drawing.box(0, top + unit * 0.024, stage.full[1], top + unit * 0.028, iron)
    x = unit * 0.02
    while x < stage.full[1]:
        drawing.box(x, top, x + unit * 0.005, foot, iron)
        x += unit * 0.045
    shine = np.zeros(stage.full, np.float32)
    for share in (-0.06, 0.16, 0.84, 1.06):
        street_lamp(drawing, stage, shine, (stage.x(share), foot), unit * 0.36)
    return lamplit(stage, drawing, shine, 1.0)
