"""A room: a large window with the weather in it, a lamp, books, a sofa."""

from __future__ import annotations

import numpy as np

from filmgate.engines.previs.picture.paint import (
    Drawing,
    blur,
    glow,
    gradient,
    noise,
    rgb,
    ridge,
    shape,
    sheet,
)
from filmgate.engines.previs.picture.palette import LAMPLIGHT, Colour, mix, times
from filmgate.engines.previs.picture.stage import Layer, Stage
from filmgate.engines.previs.scene import Time
from filmgate.engines.previs.scenery import foliage, weather
from filmgate.engines.previs.scenery.land import Set, Soil, slope
from filmgate.engines.previs.scenery.sky import sky

_FLOOR = 0.76  #: where the wall ends, as a share of the height
#: A room's corners are always where they are, so variants are told by their walls.
_WALLS: tuple[Colour, ...] = (
    (206, 184, 164),
    (142, 176, 190),
    (170, 190, 142),
    (204, 146, 150),
)
_WOOD: Colour = (138, 92, 62)


class _Room:
    """Its sizes and its light: the window's and, when that is not enough, a lamp's."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.wall = _WALLS[stage.variant % len(_WALLS)]
        unit = stage.unit
        centre = stage.x(0.5 + (0.17 if stage.sun_x > 0.5 else -0.17))
        half = min(unit * 0.38, stage.width * 0.3)
        self.window = (
            centre - half,
            stage.y(0.5) - unit * 0.38,
            centre + half,
            stage.y(0.5) + unit * 0.12,
        )
        self.lamp = stage.x(0.5 + (-0.4 if stage.sun_x > 0.5 else 0.4))
        key = stage.light.key
        day = sum(key) / 3
        self.evening = max(stage.light.lamps, min(1.0, max(0.0, 0.75 - day) * 1.6))
        warm = times(LAMPLIGHT, 1 / 255)
        self.tone = tuple(
            k * (1.02 - 0.46 * self.evening) + w * (0.04 + 0.38 * self.evening)
            for k, w in zip(key, warm, strict=True)
        )

    def paint(self, colour: Colour, shade: float = 0.0) -> Colour:
        """How a thing in the room looks."""
        r, g, b = self.tone
        return times(
            colour,
            (r * (1 - 0.55 * shade), g * (1 - 0.57 * shade), b * (1 - 0.5 * shade)),
        )


def interior(stage: Stage) -> Set:
    """A living room, its window towards the light."""
    room = _Room(stage)
    outside = [*sky(stage, 0.6), *_garden(stage), *weather.air(stage)]
    return Set(
        back=[*outside, _wall(room), _floor(room), _furniture(room), *_glows(room)],
        feet=0.855,
    )


def _garden(stage: Stage) -> list[Layer]:
    """What the window looks out on."""
    rng, light, flora = stage.rng("garden"), stage.light, stage.flora
    line = stage.y(0.53) - ridge(rng, stage.full[1], 3, octaves=3, gain=0.3) * np.float32(
        0.06 * stage.unit
    )
    drawing = Drawing(stage.full, light.paint(flora.leaf, shade=0.5, distance=0.2))
    room = _Room(stage)
    left, _, right, _ = room.window
    for share, tall in ((0.12, 0.34), (0.86, 0.42), (0.6, 0.2)):
        x = left + (right - left) * share
        foliage.tree(
            foliage.Brush(drawing, stage, rng, 0.2),
            (x, float(line[int(x)]) + 8),
            stage.unit * tall,
        )
    ground = slope(
        stage,
        line,
        Soil(
            top=light.paint(flora.grass, shade=0.1, distance=0.3),
            bottom=light.paint(flora.grass, shade=0.6, distance=0.1),
            fade=stage.unit * 0.12,
            depth=0.25,
            grain=0.3,
            name="lawn",
        ),
    )
    return [stage.layer(drawing.pixels(), 0.25), ground]


def _wall(room: _Room) -> Layer:
    """The wall, with a hole where the window is, its frame and its curtains."""
    stage = room.stage
    height, width = stage.full
    left, top, right, bottom = room.window
    shine = glow((height, width), (left + right) / 2, (top + bottom) / 2, stage.unit * 0.75)
    dark, lit = rgb(room.paint(room.wall, 0.6)), rgb(room.paint(room.wall, 0.0))
    colours = dark + (lit - dark) * np.clip(shine * 1.3 + 0.15, 0, 1)[..., None]
    columns = np.arange(width, dtype=np.float32)[None, :]
    stripes = (
        np.sin(columns * np.float32(2 * np.pi / (stage.unit * 0.06))) > 0.2
    ) * np.float32(0.045)
    colours *= 1 - stripes[..., None]
    pixels = sheet(np.ones((height, width), np.float32), colours)
    pixels[int(top) : int(bottom), int(left) : int(right), 3] = 0
    drawing = Drawing(stage.full, room.paint(room.wall, 0.5))
    unit = stage.unit
    white = room.paint((246, 240, 230), 0.15)
    bar = unit * 0.012
    for x in (left, (left * 2 + right) / 3, (left + right * 2) / 3, right):
        drawing.box(x - bar, top - bar, x + bar, bottom + bar, white)
    for y in (top, top + (bottom - top) * 0.42, bottom):
        drawing.box(left - bar, y - bar, right + bar, y + bar, white)
    drawing.box(
        left - unit * 0.04,
        bottom,
        right + unit * 0.04,
        bottom + unit * 0.03,
        room.paint((250, 244, 234)),
    )
    _curtains(drawing, room)
    _pictures(drawing, room)
    frame = drawing.pixels()
    solid = frame[..., 3] > 0
    pixels[solid] = frame[solid]
    return stage.layer(pixels, 0.5)


def _curtains(drawing: Drawing, room: _Room) -> None:
    unit = room.stage.unit
    left, top, right, bottom = room.window
    cloth: Colour = (168, 74, 74)
    y0, y1 = top - unit * 0.06, bottom + unit * 0.2
    drawing.box(
        left - unit * 0.16,
        y0 - unit * 0.012,
        right + unit * 0.16,
        y0,
        room.paint(_WOOD, 0.5),
    )
    for x0, way in ((left - unit * 0.13, 1), (right + unit * 0.13, -1)):
        for fold in range(6):
            a, b = x0 + way * unit * 0.032 * fold, x0 + way * unit * 0.032 * (fold + 1)
            gather = way * unit * 0.008 * fold
            drawing.polygon(
                [(a, y0), (b, y0), (b - gather, y1), (a - gather, y1)],
                room.paint(cloth, 0.75 if fold % 2 else 0.2),
            )


def _pictures(drawing: Drawing, room: _Room) -> None:
    """Two framed pictures between the window and the lamp."""
    unit, stage = room.stage.unit, room.stage
    left, _, right, _ = room.window
    outer = left - unit * 0.16 if stage.sun_x > 0.5 else right + unit * 0.16
    way = -1 if stage.sun_x > 0.5 else 1
    for step, size in ((0.11, 0.075), (0.28, 0.055)):
        x, y = outer + way * unit * step, stage.y(0.5) - unit * 0.2
        drawing.box(
            x - size * unit,
            y - size * unit * 1.3,
            x + size * unit,
            y + size * unit * 1.3,
            room.paint((70, 52, 44), 0.3),
        )
        drawing.box(
            x - size * unit * 0.8,
            y - size * unit * 1.1,
            x + size * unit * 0.8,
            y + size * unit * 1.1,
            room.paint((232, 222, 204), 0.1),
        )
        drawing.polygon(
            [
                (x - size * unit * 0.7, y + size * unit * 0.7),
                (x - size * unit * 0.1, y - size * unit * 0.3),
                (x + size * unit * 0.3, y + size * unit * 0.2),
                (x + size * unit * 0.7, y + size * unit * 0.7),
            ],
            room.paint((92, 122, 132), 0.2),
        )


def _floor(room: _Room) -> Layer:
    """Boards in perspective, and the window's light lying on them."""
    stage = room.stage
    height, width = stage.full
    first = int(stage.y(_FLOOR))
    size = (height - first, width)
    colours = np.repeat(
        gradient(size[0], [(0, room.paint(_WOOD, 0.55)), (1, room.paint(_WOOD, 0.9))])[
            :, None, :
        ],
        width,
        axis=1,
    )
    rows = np.arange(size[0], dtype=np.float32)[:, None]
    away = (np.arange(width, dtype=np.float32)[None, :] - np.float32(stage.x(0.5))) / (
        rows + np.float32(0.22 * stage.unit)
    )
    board = away * np.float32(7)
    tone = np.sin(np.floor(board) * np.float32(12.9)) * np.float32(0.09)
    gap = (np.abs(board - np.round(board)) < 0.02) * np.float32(0.25)
    lumps = (noise(stage.rng("boards"), size, (3, 30), octaves=2) - 0.5) * np.float32(0.12)
    colours *= (1 + tone - gap + lumps)[..., None]
    left, _, right, _ = room.window
    lean = -0.35 if stage.sun_x > 0.5 else 0.35

    def patch(draw: object, k: int) -> None:
        shift = lean * stage.unit
        for a, b in ((0.02, 0.32), (0.35, 0.65), (0.68, 0.98)):
            x0, x1 = left + (right - left) * a, left + (right - left) * b
            quad = [
                (x0 + shift * 0.3, size[0] * 0.12),
                (x1 + shift * 0.3, size[0] * 0.12),
                (x1 + shift * 1.3, size[0] * 0.75),
                (x0 + shift * 1.3, size[0] * 0.75),
            ]
            draw.polygon([(x * k, y * k) for x, y in quad], fill=255)  # type: ignore[attr-defined]

    light = blur(shape(size, patch), stage.unit * 0.008)
    power = 0.65 * stage.light.glow * (0.55 if stage.shot.time is Time.NIGHT else 1.0)
    colours += (rgb(stage.light.sun) * np.float32(0.9) - colours) * (light * np.float32(power))[
        ..., None
    ]
    skirt = max(2, int(stage.unit * 0.022))
    colours[:skirt] = room.paint((236, 226, 212), 0.3)
    return stage.piece(
        sheet(np.ones(size, np.float32), colours), -stage.side, first - stage.top, 0.8
    )


def _furniture(room: _Room) -> Layer:
    stage, unit = room.stage, room.stage.unit
    drawing = Drawing(stage.full, room.paint(_WOOD, 0.7))
    way = 1 if stage.sun_x > 0.5 else -1
    foot = stage.y(0.8)
    _shelf(drawing, room, stage.x(0.5 + way * 0.46), foot)
    x = room.lamp
    iron = room.paint((60, 52, 54), 0.3)
    drawing.disc(x, foot, unit * 0.06, unit * 0.012, iron)
    drawing.box(x - unit * 0.005, foot - unit * 0.42, x + unit * 0.005, foot, iron)
    cloth = mix(room.paint((236, 214, 176), 0.2), LAMPLIGHT, 0.25 + 0.7 * room.evening)
    drawing.polygon(
        [
            (x - unit * 0.05, foot - unit * 0.55),
            (x + unit * 0.05, foot - unit * 0.55),
            (x + unit * 0.095, foot - unit * 0.4),
            (x - unit * 0.095, foot - unit * 0.4),
        ],
        cloth,
    )
    _sofa(drawing, room, stage.x(0.5 - way * 0.2), foot + unit * 0.02)
    return stage.layer(drawing.pixels(), 0.85)


def _shelf(drawing: Drawing, room: _Room, x: float, foot: float) -> None:
    """Books, floor to shoulder."""
    rng, unit = room.stage.rng("books"), room.stage.unit
    half, top = unit * 0.13, foot - unit * 0.62
    drawing.box(x - half, top, x + half, foot, room.paint(_WOOD, 0.75))
    spines: tuple[Colour, ...] = (
        (176, 72, 62),
        (62, 104, 122),
        (214, 172, 92),
        (92, 118, 82),
        (220, 208, 188),
        (116, 78, 110),
    )
    for row in range(4):
        low = foot - unit * (0.03 + 0.148 * row)
        drawing.box(
            x - half * 0.9,
            low - unit * 0.13,
            x + half * 0.9,
            low,
            room.paint((70, 46, 34), 0.8),
        )
        at = x - half * 0.88
        while at < x + half * 0.8:
            wide = unit * (0.012 + 0.014 * float(rng.random()))
            tall = unit * (0.075 + 0.045 * float(rng.random()))
            if rng.random() < 0.9:
                drawing.box(
                    at,
                    low - tall,
                    at + wide * 0.92,
                    low,
                    room.paint(spines[int(rng.integers(6))], 0.25),
                )
            at += wide


def _sofa(drawing: Drawing, room: _Room, x: float, foot: float) -> None:
    unit = room.stage.unit
    cloth: Colour = (74, 108, 112)
    half = unit * 0.3
    back, seat, dark = (room.paint(cloth, s) for s in (0.35, 0.1, 0.85))
    drawing.box(x - half * 0.92, foot - unit * 0.27, x + half * 0.92, foot - unit * 0.05, back)
    drawing.disc(
        x - half * 0.92 + unit * 0.03,
        foot - unit * 0.26,
        unit * 0.03,
        unit * 0.03,
        back,
    )
    drawing.disc(
        x + half * 0.92 - unit * 0.03,
        foot - unit * 0.26,
        unit * 0.03,
        unit * 0.03,
        back,
    )
    drawing.box(x - half * 0.9, foot - unit * 0.145, x - unit * 0.004, foot - unit * 0.07, seat)
    drawing.box(x + unit * 0.004, foot - unit * 0.145, x + half * 0.9, foot - unit * 0.07, seat)
    drawing.box(x - half * 0.9, foot - unit * 0.07, x + half * 0.9, foot - unit * 0.02, dark)
    for side in (-1, 1):
        arm = x + side * half * 0.95
        drawing.box(
            arm - unit * 0.04,
            foot - unit * 0.19,
            arm + unit * 0.04,
            foot - unit * 0.015,
            room.paint(cloth, 0.55),
        )
        drawing.disc(arm, foot - unit * 0.19, unit * 0.04, unit * 0.03, seat)
    drawing.polygon(
        [
            (x + half * 0.3, foot - unit * 0.14),
            (x + half * 0.55, foot - unit * 0.25),
            (x + half * 0.75, foot - unit * 0.15),
            (x + half * 0.5, foot - unit * 0.1),
        ],
        room.paint((226, 164, 86), 0.1),
    )


def _glows(room: _Room) -> list[Layer]:
    """Lamplight, and the glare of the window."""
    stage, unit, out = room.stage, room.stage.unit, []
    left, top, right, bottom = room.window
    bright = glow(stage.full, (left + right) / 2, (top + bottom) / 2, unit * 0.3) * np.float32(
        0.28 * stage.light.glow
    )
    out.append(stage.layer(sheet(np.clip(bright - 0.015, 0, 1), stage.light.sun), 0.85))
    if room.evening > 0.1:
        lamp = glow(stage.full, room.lamp, stage.y(0.8) - unit * 0.46, unit * 0.2)
        out.append(
            stage.layer(
                sheet(
                    np.clip(lamp - 0.015, 0, 1) * np.float32(0.75 * room.evening),
                    LAMPLIGHT,
                ),
                0.85,
            )
        )
    return out
