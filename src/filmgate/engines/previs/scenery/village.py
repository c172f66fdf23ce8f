"""A village: gabled houses round a church, among hills."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from filmgate.engines.previs.picture.paint import Drawing, Plane, noise, ridge, sheet, smooth
from filmgate.engines.previs.picture.palette import LAMPLIGHT, SNOW, Colour, mix
from filmgate.engines.previs.picture.stage import Layer, Motion, Stage
from filmgate.engines.previs.scenery import foliage
from filmgate.engines.previs.scenery.city import WALLS, Block
from filmgate.engines.previs.scenery.lamps import add_glow, lamplit
from filmgate.engines.previs.scenery.land import Relief, Set, Soil, slope
from filmgate.engines.previs.scenery.sky import sky


def village(stage: Stage) -> Set:
    """Gabled houses around a church among hills; smoke from the chimneys."""
    light, flora = stage.light, stage.flora
    horizon = 0.6
    back = sky(stage, horizon)
    width = stage.full[1]
    for number, (base, tall, far, depth) in enumerate(
        ((0.58, 0.13, 0.8, 0.1), (0.66, 0.1, 0.4, 0.22))
    ):
        rng = stage.rng(f"hill{number}")
        line = stage.y(base) - ridge(rng, width, 2.4, octaves=3, gain=0.3) * np.float32(
            tall * stage.unit
        )
        back.append(
            slope(
                stage,
                line,
                Soil(
                    top=light.paint(flora.grass, distance=far),
                    bottom=light.paint(flora.grass, shade=0.5, distance=far),
                    fade=stage.unit * 0.15,
                    depth=depth,
                    grain=0.3,
                    name=f"field{number}",
                ),
            )
        )
    back.extend(_houses(stage, Relief(0, 0.7, 0.15, 0.26, 0.3), church=True))
    back.extend(_houses(stage, Relief(1, 0.79, 0.24, 0.08, 0.55), church=False))
    line = np.full(width, stage.y(0.79), np.float32)
    line -= ridge(stage.rng("green"), width, 2, octaves=2, gain=0.3) * np.float32(
        0.02 * stage.unit
    )
    back.append(
        slope(
            stage,
            line,
            Soil(
                top=light.paint(flora.grass, shade=0.15),
                bottom=light.paint(mix(flora.grass, flora.needle, 0.35), shade=0.85),
                fade=stage.unit * 0.24,
                depth=0.9,
                grain=0.5,
                name="green",
            ),
        )
    )
    back.append(_path(stage))
    return Set(back=back, front=[_fence(stage)], feet=0.84)


def _houses(stage: Stage, place: Relief, *, church: bool) -> list[Layer]:
    row, level, size, far, depth = place
    rng, unit = stage.rng(f"houses{row}"), stage.unit
    drawing = Drawing(stage.full, stage.light.paint((200, 180, 160), shade=0.5, distance=far))
    shine = np.zeros(stage.full, np.float32)
    foot = stage.y(level) + unit * 0.02
    smoke: list[tuple[float, float]] = []
    x, away = -unit * 0.1, stage.x(stage.hero_x)
    # Nothing is built where the church stands, nor before it.
    nave = stage.x(1 - stage.hero_x) + unit * 0.06
    while x < stage.full[1]:
        wide = unit * size * (0.75 + 0.5 * float(rng.random()))
        middle = x + wide * 0.55
        if row and abs(middle - away) < unit * 0.26:
            x += wide * 0.5
            continue
        if abs(middle - nave) < unit * 0.125 + wide * 0.6:
            x += wide * 0.3
            continue
        _cottage(
            foliage.Brush(drawing, stage, rng),
            Block(
                x,
                foot,
                wide,
                unit * size * (0.5 + 0.2 * float(rng.random())),
                WALLS[int(rng.integers(5))],
                far,
            ),
            shine,
            smoke,
        )
        if rng.random() < 0.6 and abs(x + wide * 1.12 - nave) > unit * 0.2:
            foliage.tree(
                foliage.Brush(drawing, stage, rng, far),
                (x + wide * 1.12, foot),
                unit * size * 0.8,
            )
        x += wide * (1.15 + 0.5 * float(rng.random()))
    if church:
        _church(drawing, stage, (stage.x(1 - stage.hero_x), foot), unit * 0.36, far * 0.7)
    return [
        lamplit(stage, drawing, shine, depth),
        *(_smoke(stage, place, depth, n) for n, place in enumerate(smoke[:4])),
    ]


def _cottage(
    brush: foliage.Brush, block: Block, shine: Plane, smoke: list[tuple[float, float]]
) -> None:
    """A gabled house; the top of its chimney is added to *smoke*."""
    drawing, stage, rng, _ = brush
    x, foot, wide, high, tint, far = block
    paint = stage.light.paint
    tile: Colour = (
        SNOW
        if stage.flora.snow
        else ((168, 84, 62), (132, 78, 70), (112, 96, 100))[int(rng.integers(3))]
    )
    lit, dark = (0.15, 0.7) if stage.sun_x < 0.5 else (0.7, 0.15)
    gable, top = wide * 0.42, foot - high
    peak = top - high * 0.75
    drawing.box(x + gable, top, x + wide, foot, paint(tint, shade=dark, distance=far))
    drawing.box(x, top, x + gable, foot, paint(tint, shade=lit, distance=far))
    chimney = x + wide * 0.78
    drawing.box(
        chimney,
        peak - high * 0.18,
        chimney + wide * 0.08,
        top,
        paint((140, 96, 86), shade=dark, distance=far),
    )
    smoke.append((chimney + wide * 0.04, peak - high * 0.18))
    drawing.polygon(
        [(x, top), (x + gable / 2, peak), (x + gable, top)],
        paint(tint, shade=lit, distance=far),
    )
    eave = wide * 0.04
    drawing.polygon(
        [
            (x + gable / 2, peak),
            (x + wide - gable * 0.3, peak),
            (x + wide + eave, top + eave),
            (x + gable - eave * 0.3, top + eave),
        ],
        paint(tile, shade=dark * 0.8, distance=far),
    )
    drawing.line(
        [(x - eave, top + eave), (x + gable / 2, peak)],
        paint(tile, shade=lit, distance=far),
        max(1.0, high * 0.06),
    )
    _openings(drawing, stage, block, shine)


def _openings(drawing: Drawing, stage: Stage, block: Block, shine: Plane) -> None:
    """A cottage's windows and door."""
    x, foot, wide, high, _, far = block
    paint, lamps = stage.light.paint, stage.light.lamps
    gable, top = wide * 0.42, foot - high
    warm = mix(
        paint((96, 110, 130), shade=0.5, distance=far),
        mix(LAMPLIGHT, stage.light.haze, far * 0.5),
        min(1.0, lamps * 1.2),
    )
    pane = high * 0.26
    for wx, wy in (
        (x + gable * 0.5, top - high * 0.05),
        (x + gable + wide * 0.14, foot - high * 0.66),
        (x + gable + wide * 0.36, foot - high * 0.66),
    ):
        drawing.box(wx - pane / 2, wy, wx + pane / 2, wy + pane * 1.15, warm)
        drawing.box(
            wx - pane * 0.04,
            wy,
            wx + pane * 0.04,
            wy + pane * 1.15,
            paint((70, 58, 56), shade=0.5, distance=far),
        )
        if lamps > 0.3:
            add_glow(shine, (wx, wy + pane / 2), pane * 0.9, 0.5 * lamps)
    drawing.box(
        x + gable * 0.3,
        foot - high * 0.5,
        x + gable * 0.62,
        foot,
        paint((96, 66, 54), shade=0.5, distance=far),
    )


def _church(
    drawing: Drawing, stage: Stage, at: tuple[float, float], tall: float, far: float
) -> None:
    x, foot = at
    paint = stage.light.paint
    wall, roof = (226, 216, 204), (SNOW if stage.flora.snow else (96, 84, 96))
    half = tall * 0.075
    drawing.box(
        x,
        foot - tall * 0.34,
        x + tall * 0.5,
        foot,
        paint(wall, shade=0.5, distance=far),
    )
    drawing.polygon(
        [
            (x, foot - tall * 0.34),
            (x + tall * 0.06, foot - tall * 0.5),
            (x + tall * 0.44, foot - tall * 0.5),
            (x + tall * 0.52, foot - tall * 0.34),
        ],
        paint(roof, shade=0.5, distance=far),
    )
    drawing.box(
        x - half,
        foot - tall * 0.62,
        x + half,
        foot,
        paint(wall, shade=0.25, distance=far),
    )
    drawing.polygon(
        [
            (x - half * 1.2, foot - tall * 0.62),
            (x + half * 1.2, foot - tall * 0.62),
            (x, foot - tall),
        ],
        paint(roof, shade=0.35, distance=far),
    )
    lamp = mix(paint((90, 100, 120), distance=far), LAMPLIGHT, stage.light.lamps * 0.9)
    drawing.disc(x, foot - tall * 0.5, half * 0.35, half * 0.55, lamp)
    for share in (0.17, 0.28, 0.39):
        wx, top, wide = x + tall * share, foot - tall * 0.24, tall * 0.022
        drawing.box(wx - wide, top, wx + wide, foot - tall * 0.1, lamp)
        drawing.disc(wx, top, wide, wide * 1.5, lamp)


def _smoke(stage: Stage, place: tuple[float, float], depth: float, number: int) -> Layer:
    """A plume, leaning with the wind."""
    high, wide = int(stage.unit * 0.16), int(stage.unit * 0.1)
    lumps = noise(stage.rng(f"smoke{number}{depth}"), (high, wide), (5, 3), octaves=3)
    up = np.linspace(1, 0, high, dtype=np.float32)[:, None]
    middle = np.float32(wide * 0.25) + up * up * np.float32(wide * 0.45)
    spread = np.float32(wide * 0.04) + up * np.float32(wide * 0.2)
    columns = np.arange(wide, dtype=np.float32)[None, :]
    alpha = (
        np.exp(-(((columns - middle) / spread) ** 2)) * smooth(0.2, 0.7, lumps) * (1 - up) * 0.6
    )
    tint = stage.light.paint((222, 222, 230), shade=0.2, distance=0.3)
    x, y = place[0] - stage.side - wide * 0.25, place[1] - stage.top - high
    layer = stage.piece(sheet(alpha.astype(np.float32), tint), x, y, depth)
    return replace(
        layer,
        motion=Motion(
            sway=(stage.unit * 0.006, stage.unit * 0.004), period=5, delay=number * 0.3
        ),
    )


def _path(stage: Stage) -> Layer:
    earth: Colour = mix((200, 172, 134), SNOW, 0.4) if stage.flora.snow else (200, 172, 134)
    drawing = Drawing(stage.full, stage.light.paint(earth, shade=0.3))
    end, start = 1 - stage.hero_x, stage.hero_x
    left, right = [], []
    for t in np.linspace(0, 1, 24):
        middle = stage.x(end + (start - end) * t**0.7)
        half = stage.unit * (0.012 + 0.17 * t * t)
        y = stage.y(0.785 + 0.25 * float(t))
        left.append((middle - half, y))
        right.append((middle + half, y))
    drawing.polygon([*left, *reversed(right)], stage.light.paint(earth, shade=0.3))
    pixels = drawing.pixels()
    fade = np.clip(
        (np.arange(stage.full[0], dtype=np.float32) - stage.y(0.785)) / (0.04 * stage.height),
        0,
        1,
    )
    pixels[..., 3] = (pixels[..., 3] * (fade * 0.85)[:, None]).astype(np.uint8)
    return stage.layer(pixels, 0.92)


def _fence(stage: Stage) -> Layer:
    wood = stage.light.paint((150, 124, 104), shade=0.95)
    drawing = Drawing(stage.full, wood)
    unit, foot = stage.unit, stage.y(1.02)
    near, far = (
        (stage.x(1.04), stage.x(0.62))
        if stage.hero_x < 0.5
        else (stage.x(-0.04), stage.x(0.38))
    )
    step = unit * 0.07 * (1 if far > near else -1)
    count = int(abs(far - near) / abs(step))
    for n in range(count):
        x = near + step * n
        tall = unit * 0.15 * (1 - 0.35 * n / max(1, count))
        half = unit * 0.011
        drawing.polygon(
            [
                (x - half, foot),
                (x - half, foot - tall),
                (x, foot - tall - half * 1.6),
                (x + half, foot - tall),
                (x + half, foot),
            ],
            wood,
        )
    for up in (0.55, 0.85):
        drawing.line(
            [(near, foot - unit * 0.15 * up), (far, foot - unit * 0.0975 * up)],
            wood,
            unit * 0.012,
        )
    return stage.layer(drawing.pixels(), 1.4)
