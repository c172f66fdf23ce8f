"""A beach: sand, surf, palms."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from filmgate.engines.previs.picture.paint import Drawing, Plane, below, ridge, sheet, smooth
from filmgate.engines.previs.picture.palette import SNOW, Colour, mix
from filmgate.engines.previs.picture.stage import Layer, Motion, Stage
from filmgate.engines.previs.scenery import foliage
from filmgate.engines.previs.scenery.land import Set, Soil, slope
from filmgate.engines.previs.scenery.sky import sky
from filmgate.engines.previs.scenery.water import ocean, wave


def beach(stage: Stage) -> Set:
    """Sand in front, surf behind it, palms at the side."""
    light = stage.light
    horizon = 0.47
    back = [*sky(stage, horizon), *ocean(stage, horizon, 0.75)]
    back += [wave(stage, n, y, 0.8) for n, y in enumerate((0.55, 0.585))]
    width = stage.full[1]
    x = np.linspace(0, 1, width, dtype=np.float32)
    lean = np.float32(1 if stage.sun_x > 0.5 else -1)
    line = stage.y(0.665) + (x - np.float32(0.5)) * lean * np.float32(0.1 * stage.height)
    line += np.sin(x * 7 + 1).astype(np.float32) * np.float32(0.012 * stage.unit)
    sand: Colour = (240, 214, 164)
    if stage.flora.snow:
        sand = mix(sand, SNOW, 0.6)
    shore = slope(
        stage,
        line,
        Soil(
            top=light.paint(mix(sand, (150, 126, 104), 0.55), shade=0.2, distance=0.05),
            bottom=light.paint(sand, shade=0.18),
            fade=stage.unit * 0.075,
            depth=0.7,
            grain=0.35,
            name="sand",
        ),
    )
    back += [shore, *_surf(stage, line)]
    return Set(back=back, front=[_palms(stage)], waterline=0.63, feet=0.84)


def _surf(stage: Stage, line: Plane) -> list[Layer]:
    """Foam that runs up the sand and back."""
    light, out = stage.light, []
    for number, (up, thick) in enumerate(((0.0, 0.014), (-0.03, 0.01))):
        rng = stage.rng(f"surf{number}")
        edge = line + (ridge(rng, len(line), 8, octaves=3, gain=0.4) - 0.5) * np.float32(
            0.03 * stage.unit
        )
        edge = edge + np.float32(up * stage.unit)
        height = stage.full[0]
        down = np.arange(height, dtype=np.float32)[:, None] - edge[None, :]
        wide = np.float32(thick * stage.unit)
        alpha = smooth(float(wide), 0, down) * below(edge, height) * np.float32(0.92)
        alpha = np.maximum(
            alpha, smooth(float(-wide) * 4, 0, down) * (down < 0) * np.float32(0.4)
        )
        layer = stage.layer(sheet(alpha, light.paint((250, 252, 252), shade=0.1)), 0.7)
        out.append(
            replace(
                layer,
                motion=Motion(sway=(0, stage.unit * 0.009), period=4.4, delay=0.35 * number),
            )
        )
    return out


def _palms(stage: Stage) -> Layer:
    rng = stage.rng("palms")
    drawing = Drawing(stage.full, stage.light.paint((46, 104, 62), shade=0.9))
    inward = 1 if stage.hero_x > 0.5 else -1
    edge = 0.5 - inward * 0.47
    for place, tall, lean in ((edge, 0.74, 0.2), (edge - inward * 0.06, 0.55, 0.3)):
        foliage.palm(
            foliage.Brush(drawing, stage, rng),
            (stage.x(place), stage.y(0.96)),
            stage.unit * tall,
            inward * lean,
        )
    return stage.layer(drawing.pixels(), 1.2, Motion(sway=(stage.unit * 0.003, 0), period=4.1))
