"""The inside of a wood: trunks behind trunks, a roof of leaves, light that falls through it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from filmgate.engines.previs.picture.paint import (
    Drawing,
    Plane,
    blur,
    glow,
    noise,
    rgb,
    ridge,
    sheet,
    smooth,
)
from filmgate.engines.previs.picture.palette import SNOW, Colour, mix
from filmgate.engines.previs.picture.stage import Layer, Motion, Stage
from filmgate.engines.previs.scenery import foliage
from filmgate.engines.previs.scenery.land import Set, Soil, slope
from filmgate.engines.previs.scenery.sky import sky

_BARK: Colour = (108, 82, 66)


def forest(stage: Stage) -> Set:
    """Four rows of trees, the near ones dark, with a clearing where the light is."""
    light, flora = stage.light, stage.flora
    back = [*sky(stage, 0.72), _air(stage)]
    width = stage.full[1]
    for number, (level, far, depth) in enumerate(
        ((0.68, 0.85, 0.15), (0.73, 0.5, 0.32), (0.79, 0.24, 0.55))
    ):
        rng = stage.rng(f"floor{number}")
        line = stage.y(level) - ridge(rng, width, 3, octaves=4, gain=0.4) * np.float32(
            0.03 * stage.unit
        )
        back.append(_trunks(stage, number, level, far, depth))
        back.append(_canopy(stage, number, far, depth))
        back.append(
            slope(
                stage,
                line,
                Soil(
                    top=light.paint(flora.grass, shade=0.35, distance=far),
                    bottom=light.paint(mix(flora.grass, _BARK, 0.35), shade=0.8, distance=far),
                    fade=stage.unit * 0.12,
                    depth=depth,
                    grain=0.7,
                    name=f"moss{number}",
                ),
            )
        )
        back.append(_ferns(stage, number, line, far, depth))
        if number == 1:
            back.append(_beams(stage))
    back.append(_floor(stage))
    return Set(back=back, front=[_near_trunks(stage), _roof(stage)], feet=0.84)


def _air(stage: Stage) -> Layer:
    """The lit haze deep in the wood."""
    light, size = stage.light, stage.full
    shine = glow(size, stage.x(stage.sun_x), stage.y(0.42), stage.unit * 0.5)
    alpha = np.clip(np.float32(0.55) + shine * 0.35, 0, 0.9)
    green = mix(light.haze, light.paint(stage.flora.leaf, shade=0.1), 0.35)
    colours = (
        rgb(green) + (rgb(mix(light.sun, light.haze, 0.3)) - rgb(green)) * shine[..., None]
    )
    return stage.layer(sheet(alpha, colours), 0.05)


def _trunks(stage: Stage, number: int, level: float, far: float, depth: float) -> Layer:
    rng, light, unit = stage.rng(f"trunks{number}"), stage.light, stage.unit
    drawing = Drawing(stage.full, light.paint(_BARK, shade=0.7, distance=far))
    count = round((16, 11, 6)[number] * stage.full[1] / unit / 1.7)
    thick = unit * (0.016, 0.028, 0.05)[number]
    side = 1 if stage.sun_x > 0.5 else -1
    for n in range(count):
        x = (n + 0.15 + 0.7 * float(rng.random())) * stage.full[1] / count
        if number == 2 and abs(x - stage.x(stage.hero_x)) < unit * 0.14:
            continue
        half = thick * (0.7 + 0.6 * float(rng.random()))
        lean = unit * 0.05 * float(rng.normal())
        foot = stage.y(level) + unit * 0.03
        top = (x + lean, -8.0)
        dark = light.paint(_BARK, shade=0.9, distance=far)
        lit = light.paint(_BARK, shade=0.2, distance=far)
        drawing.polygon(
            [
                (x - half * 1.7, foot),
                (x - half, foot - unit * 0.06),
                (top[0] - half * 0.7, top[1]),
                (top[0] + half * 0.7, top[1]),
                (x + half, foot - unit * 0.06),
                (x + half * 1.7, foot),
            ],
            dark,
        )
        edge, inner = side * half, side * half * 0.45
        drawing.polygon(
            [
                (x + edge, foot - unit * 0.06),
                (top[0] + edge * 0.7, top[1]),
                (top[0] + inner * 0.7, top[1]),
                (x + inner, foot - unit * 0.06),
            ],
            lit,
        )
        for _ in range(2):
            y = foot - unit * (0.3 + 0.35 * float(rng.random()))
            way = 1 if rng.random() < 0.5 else -1
            reach = unit * 0.1 * (1 - 0.5 * far)
            drawing.line(
                [
                    (x, y),
                    (x + way * reach * 0.5, y - reach * 0.35),
                    (x + way * reach, y - reach),
                ],
                dark,
                half * 0.5,
            )
            if stage.flora.snow:
                drawing.line(
                    [
                        (x, y - half * 0.4),
                        (x + way * reach * 0.5, y - reach * 0.35 - half * 0.3),
                    ],
                    light.paint(SNOW, distance=far),
                    half * 0.3,
                )
    return stage.layer(drawing.pixels(), depth)


def _canopy(stage: Stage, number: int, far: float, depth: float) -> Layer:
    """Leaves overhead; in winter only twigs and snow."""
    rng, light, flora, unit = (
        stage.rng(f"canopy{number}"),
        stage.light,
        stage.flora,
        stage.unit,
    )
    drawing = Drawing(stage.full, light.paint(flora.leaf, shade=0.7, distance=far))
    width = stage.full[1]
    low = stage.y((0.34, 0.26, 0.18)[number])
    if flora.bare:
        if number == 2:
            return stage.layer(drawing.pixels(), depth)  # too near: only trunks are seen
        for _ in range(round(14 * width / unit)):
            x = float(rng.random()) * width
            foliage.bare(
                foliage.Brush(drawing, stage, rng, far),
                (x, stage.y((0.69, 0.735, 0.18)[number])),
                unit * 0.3,
            )
        return stage.layer(drawing.pixels(), depth)
    for shade, shift in ((0.95, 0.0), (0.55, -0.035), (0.2, -0.07)):
        for _ in range(round(60 * width / unit / 1.6)):
            x, up = float(rng.random()) * width, float(rng.random())
            r = unit * (0.03 + 0.05 * float(rng.random()))
            tint = mix(flora.leaf, flora.leaf_two, float(rng.random()))
            y = low * (1 - up * 1.2) + unit * shift * (1 + float(rng.random()))
            drawing.disc(x, y, r, r * 0.72, light.paint(tint, shade=shade, distance=far))
    swing = Motion(sway=(unit * 0.005, 0), period=4.5 + number)
    return stage.layer(drawing.pixels(), depth, swing)


def _ferns(stage: Stage, number: int, line: Plane, far: float, depth: float) -> Layer:
    light, flora = stage.light, stage.flora
    tint = mix(flora.grass, flora.needle, 0.3) if not flora.snow else (150, 150, 140)
    drawing = Drawing(stage.full, light.paint(tint, shade=0.5, distance=far))
    tones = (
        light.paint(tint, shade=0.75, distance=far),
        light.paint(flora.grass, shade=0.3, distance=far),
    )
    foliage.grass(
        foliage.Brush(drawing, stage, stage.rng(f"fern{number}")),
        line,
        tones,
        height=stage.unit * (0.025 + 0.03 * number),
        spacing=stage.unit * 0.014,
    )
    return stage.layer(drawing.pixels(), depth)


def _beams(stage: Stage) -> Layer:
    """Shafts of light, slanting from the sun's side."""
    light, (height, width) = stage.light, stage.full
    rows = np.arange(height, dtype=np.float32)[:, None]
    columns = np.arange(width, dtype=np.float32)[None, :]
    side = 1 if stage.sun_x > 0.5 else -1
    along = columns + side * rows * np.float32(0.55)
    comb = ridge(stage.rng("beams"), int(width + height * 0.6) + 2, 9, octaves=3, gain=0.4)
    place = np.clip(along + (0 if side > 0 else height * 0.55), 0, len(comb) - 1).astype(
        np.int32
    )
    fade = smooth(stage.y(0.95), stage.y(0.2), np.broadcast_to(rows, (height, width)))
    near = np.exp(
        -(
            (
                (along - np.float32(stage.x(stage.sun_x) + side * stage.y(0.25)))
                / np.float32(stage.width * 0.36)
            )
            ** 2
        )
    )
    alpha = smooth(0.5, 0.9, comb[place]) * fade * near * np.float32(0.2 + 0.3 * light.glow)
    layer = stage.layer(sheet(alpha, mix(light.sun, (255, 255, 255), 0.2)), 0.35)
    return replace(layer, motion=Motion(sway=(stage.unit * 0.01, 0), period=9))


def _floor(stage: Stage) -> Layer:
    """What one stands on: moss and fallen leaves, a pool of light around the actors."""
    rng, light, flora = stage.rng("leaves"), stage.light, stage.flora
    height, width = stage.full
    first = int(stage.y(0.81))
    size = (height - first, width)
    line = ridge(rng, width, 4, octaves=4, gain=0.4) * np.float32(0.03 * stage.unit)
    rows = np.arange(size[0], dtype=np.float32)[:, None]
    lumps = noise(rng, size, (14, 16 * width / stage.unit * 0.6), octaves=3, gain=0.6)
    spot = glow(size, stage.x(stage.hero_x), stage.y(0.88) - first, stage.unit * 0.3)
    ground = mix(flora.grass, _BARK, 0.15 if flora.snow else 0.42)
    dark, lit = (
        rgb(light.paint(ground, shade=1.0)),
        rgb(light.paint(flora.grass, shade=0.15)),
    )
    share = np.clip(spot * 0.9 + (lumps - 0.5) * 0.7, 0, 1) * smooth(1.1, 0.3, rows / size[0])
    colours = dark + (lit - dark) * share[..., None]
    if flora.falling:
        fallen = smooth(0.6, 0.68, noise(rng, size, (60, 90), octaves=2)) * np.float32(0.8)
        colours += (rgb(light.paint(flora.falling, shade=0.35)) - colours) * fallen[..., None]
    alpha = np.clip(rows - line[None, :] + 0.5, 0, 1)
    return stage.piece(sheet(alpha, colours), -stage.side, first - stage.top, 0.95)


def _near_trunks(stage: Stage) -> Layer:
    """Two great trunks that frame the picture, against the light."""
    unit, light = stage.unit, stage.light
    dark = light.paint(_BARK, shade=1.0)
    dark = mix(dark, light.ink, 0.5)
    drawing = Drawing(stage.full, dark)
    side = 1 if stage.sun_x > 0.5 else -1
    lit = light.paint(_BARK, shade=0.35)
    foot = stage.full[0] + 4.0
    for share, half in ((-0.02, 0.085), (0.99, 0.065)):
        x, w = stage.x(share), unit * half
        drawing.polygon(
            [
                (x - w * 1.7, foot),
                (x - w, foot - unit * 0.25),
                (x - w * 0.8, -4),
                (x + w * 0.8, -4),
                (x + w, foot - unit * 0.25),
                (x + w * 1.7, foot),
            ],
            dark,
        )
        for n in range(5):
            dx = w * (-0.7 + 0.33 * n)
            drawing.line(
                [(x + dx, -4), (x + dx * 1.1, foot * 0.5), (x + dx * 1.35, foot)],
                mix(dark, (0, 0, 0), 0.25),
                unit * 0.004,
            )
        drawing.polygon(
            [
                (x + side * w, foot - unit * 0.25),
                (x + side * w * 0.8, -4),
                (x + side * w * 0.68, -4),
                (x + side * w * 0.86, foot - unit * 0.25),
            ],
            lit,
        )
    return stage.layer(drawing.pixels(), 1.4)


def _roof(stage: Stage) -> Layer:
    """The nearest leaves, in the upper corners."""
    rng, light, flora, unit = stage.rng("roof"), stage.light, stage.flora, stage.unit
    height, width = stage.full
    if flora.bare:
        cap = np.zeros((int(unit * 0.09), width), np.float32)
        lumps = noise(rng, cap.shape, (1, 9), octaves=3)
        rows = np.linspace(0, 1, cap.shape[0], dtype=np.float32)[:, None]
        cap = blur(smooth(0.05, -0.1, rows - lumps * 0.9), 2)
        return stage.piece(
            sheet(cap, light.paint(SNOW, shade=0.5)), -stage.side, -stage.top, 1.4
        )
    drawing = Drawing(stage.full, light.paint(flora.leaf, shade=1.0))
    for shade, shift in ((1.0, 0.0), (0.8, 0.03)):
        for _ in range(120):
            x = float(rng.random()) ** 1.8 * 0.36 * width
            x = x if rng.random() < 0.5 else width - x
            edge = abs(x / width - 0.5) * 2
            y = stage.top + unit * (0.3 * edge**2 * float(rng.random()) - shift)
            r = unit * (0.02 + 0.025 * float(rng.random()))
            drawing.disc(
                x,
                y,
                r,
                r * 0.7,
                light.paint(mix(flora.leaf, flora.leaf_two, 0.2), shade=shade),
            )
    del height
    return stage.layer(drawing.pixels(), 1.4, Motion(sway=(unit * 0.007, 0), period=3.9))
