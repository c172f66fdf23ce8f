"""Water in the open: sea, lake, beach; and the mirror that still water is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from PIL import Image

from filmgate.engines.previs.cast import subjects
from filmgate.engines.previs.picture.paint import (
    Drawing,
    below,
    gradient,
    noise,
    rgb,
    ridge,
    sheet,
    smooth,
)
from filmgate.engines.previs.picture.palette import mix
from filmgate.engines.previs.picture.stage import Layer, Motion, Stage
from filmgate.engines.previs.scene import Weather
from filmgate.engines.previs.scenery import foliage
from filmgate.engines.previs.scenery.land import Relief, Set, Soil, mountain_range, slope
from filmgate.engines.previs.scenery.sky import sky


def flat(stage: Stage, layers: Sequence[Layer]) -> Image.Image:
    """The *layers* at rest as one picture of the full size."""
    height, width = stage.full
    picture = Image.new("RGBA", (width, height))
    for layer in layers:
        x, y = round(layer.x) + stage.side, round(layer.y) + stage.top
        source = (max(0, -x), max(0, -y))
        top = Image.fromarray(layer.cells[0])
        if source[0] < top.width and source[1] < top.height:
            picture.alpha_composite(top, (max(0, x), max(0, y)), source)
    return picture


def mirror(
    stage: Stage,
    layers: Sequence[Layer],
    span: tuple[float, float],
    *,
    depth: float,
    clear: float = 0.62,
) -> list[Layer]:
    """Still water in a *span* (two shares of the height) that shows the *layers* above it."""
    top, bottom = span
    light = stage.light
    first, last = int(stage.y(top)), int(min(stage.y(bottom), stage.full[0]))
    above = flat(stage, layers).convert("RGB").crop((0, 0, stage.full[1], first))
    reach = min(first, round((last - first) * 1.6))
    turned = above.crop((0, first - reach, above.width, first)).transpose(
        Image.Transpose.FLIP_TOP_BOTTOM
    )
    # Wide and blurred along the waterline, as ripples make it.
    small = turned.resize((max(2, above.width // 5), last - first), Image.Resampling.BOX)
    picture = np.asarray(
        small.resize((above.width, last - first), Image.Resampling.BILINEAR), np.float32
    )
    size = picture.shape[:2]
    ripple = noise(
        stage.rng(f"ripple{top}"),
        size,
        (max(3, size[0] / stage.unit * 90), 6),
        octaves=2,
    )
    near = np.linspace(0, 1, size[0], dtype=np.float32)[:, None]
    moved = np.arange(size[1])[None, :] + (
        (ripple - 0.5) * (6 + 40 * near) * stage.unit / 720
    ).astype(int)
    picture = np.take_along_axis(picture, np.clip(moved, 0, size[1] - 1)[..., None], axis=1)
    deep = rgb(light.water)
    picture += (deep - picture) * (np.float32(1 - clear) + near * np.float32(0.25))[..., None]
    picture += (rgb(light.rim) - picture) * (smooth(0.62, 0.8, ripple) * 0.2)[..., None]
    water = stage.piece(
        sheet(np.ones(size, np.float32), picture),
        -stage.side,
        first - stage.top,
        depth * 0.6,
    )
    return [water, *glitter(stage, top, bottom, depth=depth * 0.6)]


def glitter(stage: Stage, top: float, bottom: float, *, depth: float) -> list[Layer]:
    """The road of light under the sun or moon: two combs of glints that cross each other."""
    light = stage.light
    if light.glow < 0.12:
        return []
    size = (max(4, int((bottom - top) * stage.height)), stage.full[1])
    near = np.linspace(0, 1, size[0], dtype=np.float32)[:, None]
    columns = np.arange(size[1], dtype=np.float32)[None, :] - np.float32(stage.x(stage.sun_x))
    spread = np.float32(stage.unit) * (np.float32(0.035) + near * np.float32(0.11))
    road = np.exp(-((columns / spread) ** 2)) * (np.float32(1.0) - near * np.float32(0.45))
    out = []
    for number in range(2):
        lumps = noise(
            stage.rng(f"glint{number}{top}"),
            size,
            (max(4, size[0] / stage.unit * 110), size[1] / stage.unit * 9),
            octaves=2,
        )
        alpha = road * smooth(0.46, 0.66, lumps) * np.float32(min(1.0, 0.35 + light.glow))
        layer = stage.piece(
            sheet(alpha, mix(light.sun, (255, 255, 255), 0.3)),
            -stage.side,
            top * stage.height,
            depth,
        )
        swing = Motion(
            sway=(stage.unit * (0.012 - 0.026 * number), 0),
            period=2.3 + number,
            delay=0.4 * number,
        )
        out.append(replace(layer, motion=swing))
    return out


def sea(stage: Stage) -> Set:
    """Open water to the horizon, waves coming on; a rock for those who cannot swim."""
    horizon = 0.54
    back = [*sky(stage, horizon), *ocean(stage, horizon, 1.0)[:1]]
    rough = 1.9 if stage.shot.weather is Weather.STORM else 1.0
    storm = stage.shot.weather is Weather.STORM
    levels = (0.6, 0.65, 0.71, 0.78, 0.95) if storm else (0.6, 0.65, 0.71, 0.8, 0.9)
    waves = [wave(stage, n, y, rough) for n, y in enumerate(levels)]
    # What swims is half hidden; a hull should not be.
    swimmers = any(subjects.PLACEMENT[s].ground == "underwater" for s in stage.shot.subjects)
    far, near = (waves[:3], waves[3:]) if swimmers else (waves[:4], waves[4:])
    far += glitter(stage, horizon, 0.86, depth=0.4)
    if subjects.walks(stage.shot.subjects):
        return Set(
            back=[*back, *waves[:4], _rock(stage)],
            front=waves[4:],
            feet=0.82,
            waterline=0.8,
        )
    return Set(back=[*back, *far], front=near, waterline=0.83)


def ocean(stage: Stage, top: float, bottom: float) -> list[Layer]:
    """Water seen flat, from a horizon down."""
    light = stage.light
    first, last = (
        int(stage.y(top)),
        min(stage.full[0], int(stage.y(bottom)) + 2 * stage.top),
    )
    size = (last - first, stage.full[1])
    colours = gradient(
        size[0],
        [
            (0.0, mix(light.horizon, light.water, 0.3)),
            (0.25, mix(light.middle, light.water, 0.55)),
            (1.0, mix(light.water, light.ink, 0.25)),
        ],
    )
    picture = np.repeat(colours[:, None, :], size[1], axis=1)
    lumps = noise(stage.rng("swell"), size, (size[0] / stage.unit * 70, 5), octaves=3)
    near = np.linspace(0, 1, size[0], dtype=np.float32)[:, None]
    picture += ((lumps - 0.5) * (14 + 40 * near) * (0.4 + sum(light.key) / 3))[..., None]
    layer = stage.piece(
        sheet(np.ones(size, np.float32), picture), -stage.side, first - stage.top, 0.15
    )
    return [layer, *glitter(stage, top, min(bottom, 1.0), depth=0.15)]


def wave(stage: Stage, number: int, level: float, rough: float) -> Layer:
    """One wave: a bright crest, a body that thins out downwards."""
    rng, light = stage.rng(f"wave{number}"), stage.light
    width = stage.full[1]
    near = (level - 0.54) / 0.4
    tall = stage.unit * (0.012 + 0.05 * near) * rough
    x = np.arange(width, dtype=np.float32) / np.float32(stage.unit)
    crest = np.zeros(width, np.float32)
    for octave in range(4):
        length = (0.5 + near) / 2.1**octave
        crest += (
            np.abs(np.sin(np.pi * x / length + rng.random() * 9)).astype(np.float32)
            / 1.9**octave
        )
    crest = crest / 2.0
    size = (int(tall * 2 + stage.unit * (0.05 + 0.16 * near)), width)
    line = np.float32(tall * 1.2) - crest * np.float32(tall)
    down = np.arange(size[0], dtype=np.float32)[:, None] - line[None, :]
    body = below(line, size[0]) * smooth(
        float(size[0]),
        size[0] * 0.35,
        np.broadcast_to(np.arange(size[0], dtype=np.float32)[:, None], size),
    )
    foam = noise(rng, size, (6, 40 * width / stage.unit * 0.3), octaves=2)
    lip = smooth(
        tall * (0.1 + 0.25 * rough * near), 0.0, down - (foam - 0.5) * tall * 0.6
    ) * below(line, size[0])
    base = rgb(mix(mix(light.water, light.middle, 0.3 - 0.25 * near), light.ink, 0.22 * near))
    # What is white in a storm throws back all the light there is.
    base += (rgb(light.horizon) - base) * np.float32(0.2 * (rough - 1))
    top = rgb(mix(light.paint((214, 232, 240), shade=0.15), light.horizon, 0.4))
    top += (rgb(light.rim) - top) * np.float32(0.45 * (rough - 1))
    colours = base + (top - base) * (lip * np.float32(0.55 + 0.2 * near))[..., None]
    layer = stage.piece(
        sheet(body * np.float32(0.93), colours),
        -stage.side,
        level * stage.height - tall,
        0.2 + 0.9 * near,
    )
    swing = Motion(
        sway=(stage.unit * (0.012 + 0.02 * near), tall * 0.22),
        period=3.2 + 1.4 * float(rng.random()),
        delay=float(rng.random()),
    )
    return replace(layer, motion=swing)


def _rock(stage: Stage) -> Layer:
    """A flat rock that stands out of the sea, broad enough for the cast."""
    rng, light = stage.rng("rock"), stage.light
    _, width = stage.full
    x = np.arange(width, dtype=np.float32)
    middle = stage.x(stage.hero_x + (0.06 if stage.hero_x < 0.5 else -0.06))
    broad = np.float32(stage.width * 0.36)
    hump = np.clip(1 - ((x - np.float32(middle)) / broad) ** 4, -0.5, 1)
    bumps = ridge(rng, width, 9, octaves=4, gain=0.5)
    line = (
        stage.y(0.97)
        - hump * np.float32(0.14 * stage.height)
        - (bumps - 0.5) * np.float32(0.03 * stage.unit)
    )
    return slope(
        stage,
        line.astype(np.float32),
        Soil(
            top=light.paint((124, 114, 116), shade=0.25),
            bottom=light.paint((70, 66, 78), shade=1.0),
            fade=stage.unit * 0.09,
            depth=1.0,
            grain=0.9,
            name="rock",
        ),
    )


def lake(stage: Stage) -> Set:
    """Still water between woods, and the hills upside down in it."""
    light, flora = stage.light, stage.flora
    shore = 0.6
    back = sky(stage, shore)
    back.append(
        mountain_range(stage, Relief(0, shore, 0.3, 0.85, 0.06), 0.9 if flora.snow else 0.25)
    )
    back.append(
        mountain_range(
            stage, Relief(2, shore + 0.01, 0.17, 0.4, 0.12), 0.5 if flora.snow else 0.0
        )
    )
    rng = stage.rng("shore")
    width = stage.full[1]
    line = stage.y(shore + 0.004) - ridge(rng, width, 5, octaves=3) * np.float32(
        0.012 * stage.unit
    )
    drawing = Drawing(stage.full, light.paint(flora.needle, shade=0.7, distance=0.2))
    x = 0.0
    while x < width:
        tall = stage.unit * (0.05 + 0.09 * float(rng.random()))
        draw = foliage.tree if rng.random() < 0.4 else foliage.conifer
        draw(foliage.Brush(drawing, stage, rng, 0.2), (x, float(line[int(x)]) + 3), tall)
        x += stage.unit * (0.018 + 0.06 * float(rng.random()) ** 2)
    back.append(stage.layer(drawing.pixels(), 0.3))
    bank = light.paint(mix(flora.grass, flora.needle, 0.4), shade=0.6, distance=0.16)
    back.append(slope(stage, line, Soil(top=bank, bottom=bank, fade=4, depth=0.3)))
    back.extend(mirror(stage, back, (shore + 0.012, 1.0), depth=0.5))
    return Set(
        back=[*back, _bank(stage)],
        front=[_clumps(stage)],
        feet=0.845,
        waterline=0.77 if subjects.walks(stage.shot.subjects) else 0.81,
        mirrors=True,
    )


def _bank(stage: Stage) -> Layer:
    """The near shore, where one stands."""
    light, flora = stage.light, stage.flora
    width = stage.full[1]
    x = np.linspace(0, 1, width, dtype=np.float32)
    away = np.abs(x - np.float32(stage.hero_x)) * 1.1
    shore = 0.79 if subjects.walks(stage.shot.subjects) else 0.9
    line = stage.y(shore) + away**1.6 * np.float32(0.22 * stage.height)
    line -= ridge(stage.rng("bank"), width, 7, octaves=3, gain=0.4) * np.float32(
        0.014 * stage.unit
    )
    return slope(
        stage,
        line.astype(np.float32),
        Soil(
            top=light.paint(flora.grass, shade=0.45),
            bottom=light.paint(mix(flora.grass, flora.needle, 0.5), shade=1.0),
            fade=stage.unit * 0.12,
            depth=1.0,
            grain=0.6,
            name="bank",
        ),
    )


def _clumps(stage: Stage) -> Layer:
    rng = stage.rng("reeds")
    drawing = Drawing(stage.full, stage.light.paint((74, 96, 52), shade=0.9))
    far = 1 - stage.hero_x
    for middle, wide in (
        (far, 0.13),
        (far + 0.14 * (1 if far > 0.5 else -1), 0.1),
        (stage.hero_x * 0.1, 0.05),
    ):
        span = (stage.x(middle - wide / 2), stage.x(middle + wide / 2))
        foliage.reeds(foliage.Brush(drawing, stage, rng), span, stage.y(1.02), stage.unit * 0.3)
    swing = Motion(sway=(stage.unit * 0.004, 0), period=3.7)
    return stage.layer(drawing.pixels(), 1.3, swing)
