"""What falls through the air, drifts in it, or flashes: rain, snow, fog, lightning, leaves."""

from __future__ import annotations

from dataclasses import replace
from math import cos, pi, sin

import numpy as np
from PIL import Image, ImageDraw

from filmgate.engines.previs.picture.paint import (
    FINE,
    Drawing,
    Plane,
    blur,
    noise,
    sheet,
    smooth,
)
from filmgate.engines.previs.picture.palette import LAMPLIGHT, SNOW, Colour, mix
from filmgate.engines.previs.picture.stage import Layer, Motion, Stage
from filmgate.engines.previs.scene import Setting, Weather

_LIT = frozenset({Setting.CITY, Setting.STREET, Setting.VILLAGE})
_NO_LEAVES = frozenset({Setting.SEA, Setting.DESERT, Setting.SPACE, Setting.INTERIOR})


def air(stage: Stage) -> list[Layer]:
    """Everything between the scene and the lens."""
    out: list[Layer] = []
    match stage.shot.weather:
        case Weather.CLEAR | Weather.CLOUDY:
            pass
        case Weather.RAIN:
            out += [_rain(stage, 0, lean=0.08), _rain(stage, 1, lean=0.08)]
        case Weather.STORM:
            out += [_rain(stage, 0, lean=0.34), _rain(stage, 1, lean=0.34), *_lightning(stage)]
        case Weather.SNOW:
            out += [_snow(stage, n) for n in range(3)]
        case Weather.FOG:
            out += [_fog(stage, n) for n in range(2)]
    if stage.flora.falling and stage.shot.setting not in _NO_LEAVES:
        out.append(_leaves(stage, stage.flora.falling))
    return out


def sheen(stage: Stage, top: float) -> list[Layer]:
    """Wet ground from *top* (share of the height) down: it shines in streaks."""
    if stage.shot.weather not in {Weather.RAIN, Weather.STORM}:
        return []
    first = int(stage.y(top))
    size = (stage.full[0] - first, stage.full[1])
    lumps = noise(
        stage.rng("puddles"),
        size,
        (size[0] / stage.unit * 26, size[1] / stage.unit * 3),
        octaves=2,
    )
    rows = np.linspace(0, 1, size[0], dtype=np.float32)[:, None]
    alpha = smooth(0.52, 0.66, lumps) * smooth(0.0, 0.25, rows) * np.float32(0.5)
    tint = mix(stage.light.horizon, stage.light.rim, 0.45)
    if stage.shot.setting in _LIT:
        tint = mix(tint, LAMPLIGHT, 0.55 * stage.light.lamps)
    return [stage.piece(sheet(alpha, tint), -stage.side, first - stage.top, 0.95)]


def _tiled(
    stage: Stage,
    tile: Plane,
    colour: Colour,
    speed: tuple[float, float],
) -> Layer:
    """A layer of a *tile* that repeats for ever in both directions."""
    height, width = tile.shape
    down, across = -(-stage.height // height) + 1, -(-stage.width // width) + 1
    pixels = sheet(np.tile(tile, (down, across)), colour)
    return Layer(
        cells=(pixels,),
        depth=0.0,
        motion=Motion(speed=speed, wrap=(width, height)),
        smooth=False,
    )


def _size(stage: Stage) -> tuple[int, int]:
    """(height, width) of a tile: half the frame, even."""
    return 2 * max(8, stage.height // 4), 2 * max(8, stage.width // 4)


def _rain(stage: Stage, near: int, *, lean: float) -> Layer:
    rng, unit = stage.rng(f"rain{near}"), stage.unit
    height, width = _size(stage)
    image = Image.new("L", (width * FINE, height * FINE))
    pen = ImageDraw.Draw(image)
    count = int((70, 26)[near] * width * height / (unit * unit * 0.4)) + 4
    long = unit * (0.05, 0.1)[near]
    thick = max(1, round(unit * (0.0014, 0.0024)[near] * FINE))
    for _ in range(count):
        x, y = float(rng.random()) * width, float(rng.random()) * height
        length = long * (0.6 + 0.8 * float(rng.random()))
        shade = int(255 * (0.45 + 0.4 * float(rng.random())))
        for dx in (0, width):
            for dy in (0, height):
                a = ((x - dx) * FINE, (y - dy) * FINE)
                b = ((x - dx - lean * length) * FINE, (y - dy + length) * FINE)
                pen.line([a, b], fill=shade, width=thick)
    tile = (
        np.asarray(image.reduce(FINE), np.float32)
        / np.float32(255)
        * np.float32((0.5, 0.62)[near])
    )
    fall = unit * (1.5, 2.1)[near]
    tint = mix(stage.light.horizon, (255, 255, 255), 0.45)
    return _tiled(stage, tile, tint, (-lean * fall, fall))


def _snow(stage: Stage, near: int) -> Layer:
    rng, unit = stage.rng(f"snow{near}"), stage.unit
    height, width = _size(stage)
    image = Image.new("L", (width * FINE, height * FINE))
    pen = ImageDraw.Draw(image)
    count = int((90, 44, 13)[near] * width * height / (unit * unit * 0.4)) + 3
    for _ in range(count):
        x, y = float(rng.random()) * width, float(rng.random()) * height
        r = max(0.6, unit * (0.0022, 0.004, 0.0075)[near] * (0.7 + 0.6 * float(rng.random())))
        for dx in (-width, 0, width):
            for dy in (-height, 0, height):
                pen.ellipse(
                    [
                        (x + dx - r) * FINE,
                        (y + dy - r) * FINE,
                        (x + dx + r) * FINE,
                        (y + dy + r) * FINE,
                    ],
                    fill=235,
                )
    tile = np.asarray(image.reduce(FINE), np.float32) / np.float32(255)
    if near == 2:
        tile = blur(tile, unit * 0.002)
    fall = unit * (0.07, 0.12, 0.2)[near]
    return _tiled(
        stage, tile * np.float32(0.9), mix(SNOW, stage.light.horizon, 0.15), (fall * 0.3, fall)
    )


def _leaves(stage: Stage, colour: Colour) -> Layer:
    """Leaves or petals on the wind."""
    rng, unit = stage.rng("falling"), stage.unit
    height, width = _size(stage)
    height, width = height * 2, width * 2
    drawing = Drawing((height, width), stage.light.paint(colour, shade=0.2))
    for _ in range(int(26 * width * height / (unit * unit * 1.6)) + 3):
        x, y, turn = (
            float(rng.random()) * width,
            float(rng.random()) * height,
            float(rng.random()) * pi,
        )
        size = unit * (0.006 + 0.008 * float(rng.random()))
        tint = stage.light.paint(
            mix(colour, stage.flora.leaf_two, float(rng.random())),
            shade=0.35 * float(rng.random()),
        )
        u, v = (
            (cos(turn) * size, sin(turn) * size),
            (-sin(turn) * size * 0.42, cos(turn) * size * 0.42),
        )
        x, y = min(max(x, 2 * size), width - 2 * size), min(max(y, 2 * size), height - 2 * size)
        drawing.polygon(
            [
                (x + u[0], y + u[1]),
                (x + v[0], y + v[1]),
                (x - u[0], y - u[1]),
                (x - v[0], y - v[1]),
            ],
            tint,
        )
    pixels = np.tile(drawing.pixels(), (2, 2, 1))
    fall = unit * 0.085
    return Layer(
        cells=(pixels,),
        motion=Motion(speed=(fall * 0.9, fall), wrap=(width, height)),
        smooth=False,
    )


def _fog(stage: Stage, near: int) -> Layer:
    """A bank that drifts; it is thick near the ground."""
    height, width = stage.height, int(stage.width * 1.35)
    rng = stage.rng(f"fog{near}")
    small = noise(
        rng, (max(4, height // 4), max(4, width // 4)), (5, 4 + 2 * near), octaves=4, gain=0.5
    )
    image = Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC)
    lumps = np.asarray(image, np.float32)
    rows = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    thick = np.exp(
        -(((rows - np.float32((0.62, 0.95)[near])) / np.float32((0.26, 0.3)[near])) ** 2)
    )
    alpha = smooth(0.2, 0.75, lumps) * thick * np.float32((0.62, 0.75)[near])
    travel = width - stage.width
    tint = mix(stage.light.haze, (255, 255, 255), 0.12)
    pace = min(
        stage.width * (0.012 + 0.014 * near), travel * 0.9 / max(stage.shot.seconds, 0.1)
    )
    layer = Layer(cells=(sheet(alpha, tint),), x=-travel * 0.95)
    return replace(layer, motion=Motion(speed=(pace, 0)))


def _lightning(stage: Stage) -> list[Layer]:
    """A bolt, and the whole sky alight, at moments that only the seed knows."""
    rng = stage.rng("lightning")
    flashes, moment = [], 0.5 + 0.6 * float(rng.random())
    while moment < stage.shot.seconds:
        flashes += [moment, moment + 0.17]
        moment += 1.6 + 2.2 * float(rng.random())
    motion = Motion(flashes=tuple(flashes))
    size = (stage.height, stage.width)
    drawing = Drawing(size, (236, 240, 255))
    x, y = stage.width * stage.sun_x, 0.0
    points = [(x, y)]
    while y < stage.height * 0.56:
        x += stage.unit * 0.05 * float(rng.normal())
        y += stage.unit * (0.02 + 0.04 * float(rng.random()))
        points.append((x, y))
        if rng.random() < 0.3:
            fork = [(x, y)]
            for _ in range(4):
                fork.append(
                    (
                        fork[-1][0] + stage.unit * 0.03 * float(rng.normal()),
                        fork[-1][1] + stage.unit * 0.025,
                    )
                )
            drawing.line(fork, (226, 232, 255), stage.unit * 0.002)
    drawing.line(points, (250, 250, 255), stage.unit * 0.006)
    bolt = drawing.pixels()
    core = bolt[..., 3].astype(np.float32) / 255
    bolt[..., 3] = (np.clip(core + blur(core, stage.unit * 0.02) * 2.2, 0, 1) * 255).astype(
        np.uint8
    )
    rows = np.linspace(1, 0.55, size[0], dtype=np.float32)[:, None]
    white = sheet(np.broadcast_to(rows * np.float32(0.55), size), (222, 230, 255))
    return [
        Layer(cells=(white,), motion=motion, smooth=False),
        Layer(cells=(bolt,), motion=motion, smooth=False),
    ]
