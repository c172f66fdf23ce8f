"""The sky: its light, its sun or moon, its stars and its clouds."""

from __future__ import annotations

from dataclasses import replace
from math import ceil

import numpy as np

from filmgate.engines.previs.picture.paint import (
    Plane,
    glow,
    gradient,
    grown,
    noise,
    rgb,
    sheet,
    smooth,
)
from filmgate.engines.previs.picture.palette import Colour, mix
from filmgate.engines.previs.picture.stage import Layer, Motion, Stage
from filmgate.engines.previs.scene import Time, Weather

_SOFT = 4  #: how much smaller the empty sky is painted than shown


def sky(stage: Stage, horizon: float) -> list[Layer]:
    """Everything above a *horizon* (share of the height); the first layer fills the frame."""
    layers = [_vault(stage, horizon)]
    if stage.light.stars > 0.02:
        layers.append(_stars(stage, horizon))
    if stage.light.glow > 0.2:
        layers.append(_disc(stage, horizon))
    layers.extend(_clouds(stage, horizon))
    return layers


def sun_y(stage: Stage, horizon: float) -> float:
    """Where the sun's or moon's middle is, as a share of the frame's height."""
    return horizon * (1 - stage.light.sun_height)


def _vault(stage: Stage, horizon: float) -> Layer:
    light, full = stage.light, stage.full
    # Nothing in it is sharp: a quarter of the size will do.
    height, width = max(2, full[0] // _SOFT), max(2, full[1] // _SOFT)
    end = stage.y(horizon) / full[0]
    down = gradient(
        height,
        [
            (0.0, light.zenith),
            (end * 0.55, light.middle),
            (end, light.horizon),
            (1.0, mix(light.horizon, light.haze, 0.6)),
        ],
    )
    picture = np.repeat(down[:, None, :], width, axis=1)
    x, y = stage.x(stage.sun_x) / _SOFT, stage.y(sun_y(stage, horizon)) / _SOFT
    warm = rgb(light.sun)
    wide = glow((height, width), x, y, stage.unit * 0.42 / _SOFT) * np.float32(
        0.75 * light.glow
    )
    picture += (warm - picture) * wide[..., None]
    return stage.layer(grown(sheet(np.ones((height, width), np.float32), picture), full), 0.0)


def _disc(stage: Stage, horizon: float) -> Layer:
    night = stage.shot.time is Time.NIGHT
    light, unit = stage.light, stage.unit
    radius = unit * (0.052 if night else 0.06 if light.sun_height > 0.5 else 0.075)
    reach = int(radius * 6)
    size = (2 * reach, 2 * reach)
    rows = np.arange(2 * reach, dtype=np.float32)[:, None] - reach
    columns = np.arange(2 * reach, dtype=np.float32)[None, :] - reach
    away = np.sqrt(rows * rows + columns * columns)
    disc = np.clip(radius - away + 0.5, 0, 1)
    halo = np.exp(-np.maximum(away - radius, 0) / np.float32(radius * 1.1)) * np.float32(
        0.6 * light.glow
    )
    halo *= smooth(reach, reach * 0.6, away) if reach else 1
    tint = np.empty((*size, 3), np.float32)
    tint[:] = mix(light.sun, (255, 255, 255), 0.45)
    if night:
        # The seas of the moon.
        seas = smooth(0.52, 0.62, noise(stage.rng("moon"), size, (18, 18), octaves=2))
        tint -= (seas * disc)[..., None] * rgb((34, 32, 24))
    x = stage.sun_x * stage.width - reach
    y = sun_y(stage, horizon) * stage.height - reach
    return stage.piece(sheet(np.maximum(disc, halo), tint), x, y, 0.02)


def _stars(stage: Stage, horizon: float) -> Layer:
    height, width = stage.full
    rng = stage.rng("stars")
    plane = np.zeros((height, width), np.float32)
    count = int(260 * width * height / (1280 * 720) / max(0.3, stage.unit / 720) ** 2)
    ys = (rng.random(count) ** 1.4 * stage.y(horizon) * 0.97).astype(int)
    xs = (rng.random(count) * width).astype(int)
    shine = (0.25 + 0.75 * rng.random(count) ** 3).astype(np.float32) * np.float32(
        stage.light.stars
    )
    size = max(1, round(stage.unit / 500))
    for y, x, s in zip(ys, xs, shine, strict=True):
        grown = size + (1 if s > 0.8 else 0)
        plane[y : y + grown, x : x + grown] = s
    return stage.layer(sheet(plane, (240, 244, 255)), 0.0)


def _clouds(stage: Stage, horizon: float) -> list[Layer]:
    """One or two banks of cloud, lit from the sun's side, drifting."""
    light = stage.light
    if light.cover < 0.05:
        return []
    banks = 2 if light.cover > 0.3 else 1
    return [_bank(stage, horizon, near) for near in range(banks)]


def _bank(stage: Stage, horizon: float, near: int) -> Layer:
    light = stage.light
    gale = 2.2 if stage.shot.weather is Weather.STORM else 1.0
    speed = stage.width * (0.008 + 0.008 * near) * gale
    travel = min(speed * stage.shot.move, stage.width * 0.5)
    pace = travel / max(stage.shot.move, 1e-6)
    full = (int(stage.y(horizon)), int(stage.full[1] + travel) + 2)
    size = (max(2, full[0] // 2), max(2, full[1] // 2))
    cells = (5.0 - near, 2.5 * full[1] / stage.unit)
    lumps = noise(stage.rng(f"cloud{near}"), size, cells, octaves=5, gain=0.52)
    rows = np.linspace(0, 1, size[0], dtype=np.float32)[:, None]
    low = 0.64 - 0.34 * light.cover + 0.05 * near
    alpha = smooth(low, low + 0.2, lumps - np.float32(0.12) * (rows - np.float32(0.35)) ** 2)
    if light.cover < 0.9:
        alpha = alpha * smooth(1.02, 0.72, rows) * smooth(-0.05, 0.12, rows)
    else:
        # Even under a closed cover there is a strip of light on the horizon.
        alpha = alpha * smooth(1.0, 0.74, rows)
    # A cloud is bright where it is thick and there is less of it towards the light.
    toward = np.roll(lumps, -max(1, int(stage.unit * 0.006)), axis=0)
    relief = np.clip(
        0.5 + (lumps - toward) * 5 + (lumps - np.float32(low)) * np.float32(0.4), 0, 1
    )
    tint = _between(light.cloud_shade, light.cloud, relief)
    pixels = grown(sheet(alpha * np.float32(0.92), tint), full)
    if more := ceil(pace * (stage.shot.seconds - stage.shot.move)):
        pixels = np.pad(pixels, ((0, 0), (0, more), (0, 0)), mode="symmetric")
    layer = stage.layer(pixels, 0.05 + 0.06 * near)
    return replace(layer, motion=Motion(speed=(-pace, 0)))


def _between(dark: Colour, bright: Colour, share: Plane) -> Plane:
    low, high = rgb(dark), rgb(bright)
    return low + (high - low) * share[..., None]
