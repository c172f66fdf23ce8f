"""What falls through the air, drifts in it, or flashes: rain, snow, fog, lightning, leaves."""

from __future__ import annotations

from dataclasses import replace
from math import ceil, cos, pi, sin

import numpy as np
from PIL import Image, ImageDraw

from filmgate.engines.previs.picture.paint import (
    FINE,
    Drawing,
    Pixels,
    blur,
    glow,
    grown,
    noise,
    rgb,
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
            out += [_rain(stage, n, lean=0.08) for n in range(2)]
        case Weather.STORM:
            out += [*(_rain(stage, n, lean=0.34) for n in range(2)), *_lightning(stage)]
        case Weather.SNOW:
            out += [_snow(stage, n) for n in range(3)]
        case Weather.FOG:
            out.append(_fog(stage, 1))
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
        (size[0] / stage.unit * 34, size[1] / stage.unit * 4),
        octaves=2,
    )
    rows = np.linspace(0, 1, size[0], dtype=np.float32)[:, None]
    alpha = smooth(0.52, 0.66, lumps) * smooth(0.0, 0.25, rows) * np.float32(0.34)
    tint = mix(stage.light.horizon, stage.light.rim, 0.45)
    if stage.shot.setting in _LIT:
        tint = mix(tint, LAMPLIGHT, 0.55 * stage.light.lamps)
    return [stage.piece(sheet(alpha, tint), -stage.side, first - stage.top, 0.95)]


def banks(stage: Stage) -> list[Layer]:
    """What hangs in the air behind the cast."""
    return [_fog(stage, 0)] if stage.shot.weather is Weather.FOG else []


def _tiled(
    stage: Stage, tile: Pixels, speed: tuple[float, float], sway: tuple[float, float] = (0, 0)
) -> Layer:
    """A layer of a *tile* that repeats for ever in both directions."""
    height, width = tile.shape[:2]
    side = 2 * ceil(sway[0] / 2)
    down, across = stage.height + height, stage.width + width + 2 * side
    pixels = np.tile(tile, (-(-down // height), -(-across // width), 1))[:down, :across]
    return Layer(
        cells=(pixels,),
        x=-side,
        motion=Motion(speed=speed, wrap=(width, height), sway=sway, period=5.3),
        smooth=False,
    )


def _size(stage: Stage, down: float, across: float) -> tuple[int, int]:
    """(height, width) of a tile, given as shares of the frame's; even."""
    return 2 * max(8, int(stage.height * down / 2)), 2 * max(8, int(stage.width * across / 2))


def _ends(at: float, reach: float, size: int) -> list[float]:
    """Where in a tile to draw something: at the other end too, if it reaches beyond one."""
    out = [at]
    if at < reach:
        out.append(at + size)
    if at > size - reach:
        out.append(at - size)
    return out


def _rain(stage: Stage, near: int, *, lean: float) -> Layer:
    rng, unit = stage.rng(f"rain{near}"), stage.unit
    # Nearly as large as the frame, and of sizes that never meet: no pattern is to be seen.
    height, width = _size(stage, (0.93, 1.07)[near], (0.87, 0.79)[near])
    image = Image.new("L", (width * FINE, height * FINE))
    pen = ImageDraw.Draw(image)
    count = int((78, 26)[near] * width * height / (unit * unit * 0.4)) + 4
    long = unit * (0.045, 0.1)[near]
    thick = max(1, round(unit * (0.0014, 0.0024)[near] * FINE))
    for x, y, size, bright in rng.random((count, 4)).tolist():
        length = long * (0.45 + 1.1 * size)
        shade = int(255 * (0.25 + 0.6 * bright * bright))
        for u in _ends(x * width, long, width):
            for v in _ends(y * height, 2 * long, height):
                end = ((u - lean * length) * FINE, (v + length) * FINE)
                pen.line([(u * FINE, v * FINE), end], fill=shade, width=thick)
    drops = np.asarray(image.reduce(FINE), np.float32) / np.float32(255)
    fall = unit * (1.5, 2.1)[near]
    tint = mix(stage.light.horizon, (255, 255, 255), 0.45)
    tile = sheet(drops * np.float32((0.55, 0.68)[near]), tint)
    return _tiled(stage, tile, (-lean * fall, fall))


def _snow(stage: Stage, near: int) -> Layer:
    rng, unit = stage.rng(f"snow{near}"), stage.unit
    height, width = _size(stage, (0.91, 1.03, 1.13)[near], (0.83, 0.95, 0.73)[near])
    image = Image.new("L", (width * FINE, height * FINE))
    pen = ImageDraw.Draw(image)
    count = int((100, 46, 11)[near] * width * height / (unit * unit * 0.4)) + 3
    for x, y, size, bright in rng.random((count, 4)).tolist():
        r = max(0.5, unit * (0.0013, 0.0024, 0.005)[near] * (1 + 1.9 * size**3))
        shade = int(255 * (0.35 + 0.6 * bright))
        for u in _ends(x * width, r, width):
            for v in _ends(y * height, r, height):
                box = [(u - r) * FINE, (v - r) * FINE, (u + r) * FINE, (v + r) * FINE]
                pen.ellipse(box, fill=shade)
    flakes = np.asarray(image.reduce(FINE), np.float32) / np.float32(255)
    if near == 2:
        flakes = blur(flakes, unit * 0.0022)
    fall = unit * (0.07, 0.12, 0.2)[near]
    tile = sheet(flakes, mix(SNOW, stage.light.horizon, 0.1))
    drift = unit * (0.004, 0.008, 0.014)[near]
    return _tiled(stage, tile, (fall * (0.22, 0.3, 0.36)[near], fall), (drift, 0))


def _leaves(stage: Stage, colour: Colour) -> Layer:
    """Leaves or petals on the wind."""
    rng, unit = stage.rng("falling"), stage.unit
    height, width = _size(stage, 1.0, 1.0)
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
    fall = unit * 0.085
    return _tiled(stage, drawing.pixels(), (fall * 0.9, fall))


def _fog(stage: Stage, near: int) -> Layer:
    """A bank that drifts; it is thick near the ground, and warm where the sun is."""
    height, width = stage.height + 2 * stage.top, int(stage.full[1] * 1.35)
    rng = stage.rng(f"fog{near}")
    size = (max(4, height // 4), max(4, width // 4))
    lumps = noise(rng, size, (5, 4 + 2 * near), octaves=4, gain=0.5)
    rows = np.linspace(0, 1, size[0], dtype=np.float32)[:, None]
    middle, spread = ((0.62, 0.26), (0.97, 0.24))[near]
    thick = np.exp(-(((rows - np.float32(middle)) / np.float32(spread)) ** 2))
    alpha = smooth(0.2, 0.75, lumps) * thick * np.float32((0.66, 0.58)[near])
    travel = width - stage.full[1]
    light = stage.light
    x = (stage.x(stage.sun_x) + travel * 0.6) / 4
    warm = glow(size, x, stage.y(0.5) / 4, stage.unit * 0.12) * np.float32(0.8 * light.glow)
    haze = rgb(mix(light.haze, (255, 255, 255), 0.1))
    colours = haze + (rgb(mix(light.horizon, light.sun, 0.4)) - haze) * warm[..., None]
    pace = min(stage.width * (0.012 + 0.014 * near), travel * 0.9 / max(stage.shot.move, 0.1))
    pixels = grown(sheet(alpha, colours), (height, width))
    if more := 2 * ceil(pace * (stage.shot.seconds - stage.shot.move) / 2):
        pixels = np.pad(pixels, ((0, 0), (more, 0), (0, 0)), mode="symmetric")
    layer = Layer(cells=(pixels,), x=-stage.side - travel * 0.95 - more, y=-stage.top)
    return replace(layer, motion=Motion(speed=(pace, 0)))


def _lightning(stage: Stage) -> list[Layer]:
    """A bolt, and the whole sky alight, at moments that only the seed knows."""
    rng = stage.rng("lightning")
    flashes, moment = [], 0.5 + 0.6 * float(rng.random())
    while moment < stage.shot.move:
        flashes += [moment, moment + 0.17]
        moment += 1.6 + 2.2 * float(rng.random())
    later = stage.rng("lightning later")
    while moment < stage.shot.seconds:
        flashes += [moment, moment + 0.17]
        moment += 1.6 + 2.2 * float(later.random())
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
