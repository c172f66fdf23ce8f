"""Space: stars, a nebula, a ringed planet, and the ground of a moon for those who walk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import cos, radians, sin
from types import MappingProxyType

import numpy as np

from filmgate.engines.previs.picture.paint import below, blur, noise, rgb, ridge, sheet, smooth
from filmgate.engines.previs.picture.palette import Colour, mix, times
from filmgate.engines.previs.picture.stage import Layer, Motion, Stage
from filmgate.engines.previs.scene import Season, Time, Weather
from filmgate.engines.previs.scenery.land import Set

#: deep space, two colours of nebula, the star's light, the angle it comes from
_HOURS: Mapping[Time, tuple[Colour, Colour, Colour, Colour, float]] = MappingProxyType(
    {
        Time.DAWN: (
            (20, 18, 50),
            (238, 132, 160),
            (104, 120, 230),
            (255, 226, 208),
            155.0,
        ),
        Time.DAY: ((8, 16, 40), (70, 150, 236), (120, 220, 226), (255, 250, 236), 40.0),
        Time.SUNSET: (
            (28, 10, 34),
            (250, 128, 66),
            (178, 60, 140),
            (255, 196, 120),
            12.0,
        ),
        Time.NIGHT: ((4, 5, 18), (92, 58, 170), (34, 86, 150), (206, 220, 255), 75.0),
    }
)
_WORLDS: Mapping[Season, tuple[Colour, Colour]] = MappingProxyType(
    {
        Season.SPRING: ((226, 150, 172), (120, 190, 130)),
        Season.SUMMER: ((222, 176, 118), (160, 96, 70)),
        Season.AUTUMN: ((214, 112, 56), (120, 58, 48)),
        Season.WINTER: ((198, 224, 240), (108, 150, 196)),
    }
)


def space(stage: Stage) -> Set:
    """The sky of a small moon, a great planet in it."""
    back = [_deep(stage), _stars(stage), _planet(stage)]
    if stage.light.cover > 0.7:
        back.append(_dust(stage))
    return Set(back=[*back, _moonscape(stage, 0), _moonscape(stage, 1)], feet=0.84)


def _deep(stage: Stage) -> Layer:
    base, one, two, _, _ = _HOURS[stage.shot.time]
    size = stage.full
    rng = stage.rng("nebula")
    lumps = noise(rng, size, (2.5, 4), octaves=6, gain=0.58)
    veins = noise(rng, size, (3, 5), octaves=5, gain=0.6)
    rows = np.linspace(-0.6, 0.9, size[0], dtype=np.float32)[:, None]
    columns = np.linspace(-1, 1, size[1], dtype=np.float32)[None, :]
    band = np.exp(
        -(
            (
                (rows + columns * np.float32(0.45 if stage.sun_x > 0.5 else -0.45))
                / np.float32(0.42)
            )
            ** 2
        )
    )
    cloud = smooth(0.3, 0.85, lumps) * band
    dim = {Weather.STORM: 0.7, Weather.FOG: 1.25, Weather.RAIN: 0.8}.get(
        stage.shot.weather, 1.0
    )
    colours = np.empty((*size, 3), np.float32)
    colours[:] = times(base, min(1.0, dim))
    tint = rgb(one) + (rgb(two) - rgb(one)) * smooth(0.35, 0.65, veins)[..., None]
    colours += (tint - colours) * (cloud * np.float32(0.75 * dim))[..., None]
    colours *= (1 - np.float32(0.55) * smooth(0.52, 0.64, veins) * band)[..., None]
    return stage.layer(sheet(np.ones(size, np.float32), colours), 0.0)


def _stars(stage: Stage) -> Layer:
    rng, (height, width) = stage.rng("stars"), stage.full
    plane = np.zeros((height, width), np.float32)
    count = int(420 * width / stage.unit)
    size = max(1, round(stage.unit / 560))
    for y, x, shine in zip(
        rng.random(count), rng.random(count), rng.random(count) ** 3, strict=True
    ):
        top, left, grown = int(y * height), int(x * width), size + int(shine > 0.7)
        plane[top : top + grown, left : left + grown] = 0.3 + 0.7 * shine
        if shine > 0.9:
            arm = size * 5
            plane[max(0, top - arm) : top + arm, left : left + size] = 0.45
            plane[top : top + size, max(0, left - arm) : left + arm] = 0.45
    return stage.layer(sheet(np.maximum(plane, blur(plane, 2.0) * 1.6), (240, 244, 255)), 0.03)


def _planet(stage: Stage) -> Layer:
    """A banded giant with a ring, dark on the side away from the star."""
    _, _, _, star, angle = _HOURS[stage.shot.time]
    pale, deep = _WORLDS[stage.shot.season]
    radius = stage.unit * 0.24
    reach = int(radius * 2.3)
    axis = np.arange(2 * reach, dtype=np.float32) - np.float32(reach)
    x, y = axis[None, :] / np.float32(radius), axis[:, None] / np.float32(radius)
    tilt = radians(-17)
    u, v = x * cos(tilt) - y * sin(tilt), x * sin(tilt) + y * cos(tilt)
    away = np.sqrt(u * u + v * v)
    globe = np.clip((1 - away) * np.float32(radius) + 0.5, 0, 1)
    depth = np.sqrt(np.clip(1 - away * away, 0, 1))
    lumps = noise(stage.rng("planet"), away.shape, (7, 3), octaves=4) - np.float32(0.5)
    bands = 0.5 + 0.5 * np.sin(v * np.float32(11) + lumps * np.float32(5) + np.float32(1))
    side = 1 if stage.sun_x > 0.5 else -1
    lx, ly = side * cos(radians(angle)) * 0.9, -sin(radians(angle)) * 0.9
    lit = (
        np.clip(x * np.float32(lx) + y * np.float32(ly) + depth * np.float32(0.35), 0, 1) ** 0.8
    )
    colours = rgb(pale) + (rgb(deep) - rgb(pale)) * bands[..., None]
    colours *= (np.float32(0.07) + lit * np.float32(1.0))[..., None] * (rgb(star) / 255)
    ring = np.sqrt(u * u + (v * np.float32(4.2)) ** 2)
    grooves = 0.55 + 0.45 * np.sin(ring * np.float32(38))
    girdle = (
        smooth(1.32, 1.38, ring)
        * smooth(2.12, 2.02, ring)
        * grooves.astype(np.float32)
        * np.float32(0.85)
    )
    girdle = np.where((v < 0) & (globe > 0.5), 0, girdle)
    band = rgb(mix(pale, star, 0.4))
    colours += (band - colours) * girdle[..., None]
    air = (
        np.exp(-np.maximum(away - 1, 0) * np.float32(9))
        * np.float32(0.4)
        * np.clip(0.3 + x * lx + y * ly, 0, 1)
    )
    alpha = np.maximum(np.maximum(globe, girdle), air)
    colours = np.where(
        (globe < 0.02)[..., None] & (girdle < 0.1)[..., None], rgb(star), colours
    )
    place = stage.sun_x * stage.width - reach, 0.33 * stage.height - reach
    layer = stage.piece(sheet(alpha.astype(np.float32), colours), *place, 0.15)
    return replace(layer, motion=Motion(sway=(0, stage.unit * 0.004), period=11))


def _dust(stage: Stage) -> Layer:
    """A veil of dust: what clouds are to a world with air."""
    size = stage.full
    lumps = noise(stage.rng("dust"), size, (3, 3), octaves=5, gain=0.55)
    _, one, _, star, _ = _HOURS[stage.shot.time]
    alpha = smooth(0.42, 0.78, lumps) * np.float32(0.6)
    layer = stage.layer(sheet(alpha, mix(mix(one, star, 0.4), (120, 120, 132), 0.45)), 0.3)
    return replace(layer, motion=Motion(sway=(stage.unit * 0.03, 0), period=19))


def _moonscape(stage: Stage, row: int) -> Layer:
    """Cratered grey ground; the far row a line of hills."""
    base, one, _, star, _ = _HOURS[stage.shot.time]
    rng = stage.rng(f"moon{row}")
    height, width = stage.full
    level, tall = ((0.77, 0.09), (0.79, 0.03))[row]
    line = stage.y(level) - ridge(rng, width, (5, 2)[row], octaves=5, gain=0.42) * np.float32(
        tall * stage.unit
    )
    first = max(0, int(line.min()) - 2)
    local = line - np.float32(first)
    size = (height - first, width)
    rows = np.arange(size[0], dtype=np.float32)[:, None]
    lumps = noise(rng, size, (12, 22), octaves=4, gain=0.6)
    shade = np.clip(
        (rows - local[None, :]) / np.float32(0.3 * stage.unit) + (lumps - 0.5) * 0.5,
        0,
        1,
    )
    dust: Colour = (196, 190, 196)
    lit = rgb(mix(times(dust, times(star, 1 / 255)), one, 0.12 + 0.2 * (1 - row)))
    dark = rgb(mix(times(dust, 0.2), base, 0.5))
    colours = (
        lit * np.float32(0.62 + 0.2 * row)
        + (dark - lit * np.float32(0.62 + 0.2 * row)) * shade[..., None]
    )
    if row:
        for _ in range(9):
            cx, t = float(rng.random()) * width, float(rng.random())
            cy = local.max() + stage.unit * (0.02 + 0.17 * t)
            r = stage.unit * (0.015 + 0.06 * t * float(rng.random()))
            columns = np.arange(width, dtype=np.float32)[None, :]
            away = np.sqrt(
                ((columns - cx) / r) ** 2 + ((rows - np.float32(cy)) / (r * 0.3)) ** 2
            )
            pit = smooth(1.0, 0.8, away) * np.float32(0.55)
            rim = (
                smooth(0.25, 0.0, np.abs(away - np.float32(1.05)))
                * (rows > cy)
                * np.float32(0.35)
            )
            colours += (dark - colours) * pit[..., None]
            colours += (lit - colours) * rim[..., None]
    return stage.piece(
        sheet(below(local, size[0]), colours),
        -stage.side,
        first - stage.top,
        (0.4, 0.95)[row],
    )
