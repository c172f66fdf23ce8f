"""Puts the subjects into the scene: where they belong, and lit from behind."""

from __future__ import annotations

from dataclasses import replace
from math import ceil

import numpy as np
from PIL import Image

from filmgate.engines.previs.cast import subjects
from filmgate.engines.previs.picture.paint import Pixels, blur, rgb, sheet, smooth
from filmgate.engines.previs.picture.palette import mix
from filmgate.engines.previs.picture.stage import Layer, Motion, Stage
from filmgate.engines.previs.scene import Camera, Subject
from filmgate.engines.previs.scenery.land import Set

#: Their legs, wings or wheels move: a few drawings, shown in turn.
_LIVELY = frozenset(
    {
        Subject.PERSON, Subject.CHILD, Subject.COUPLE, Subject.CROWD, Subject.DANCER,
        Subject.ROBOT, Subject.ASTRONAUT, Subject.CAT, Subject.DOG, Subject.HORSE,
        Subject.BIRD, Subject.WHALE, Subject.FISH, Subject.DEER, Subject.ELEPHANT,
        Subject.DRAGON, Subject.BICYCLE, Subject.TRAIN, Subject.KITE,
    }
)  # fmt: skip
_CELLS = 6
_SCALES = (1.0, 0.78, 0.66)  #: of the first, second and third subject
_SPOTS = (0.0, 0.36, -0.24)  #: how far from the first they stand, towards the sun


def placed(stage: Stage, scene: Set) -> list[Layer]:
    """The scene's layers with the shot's subjects among them."""
    layers = list(scene.back)
    # The lesser ones first: the main subject stands in front.
    for number, subject in reversed(list(enumerate(stage.shot.subjects))):
        layers.extend(_actor(stage, scene, subject, number))
    return layers + scene.front


def _actor(stage: Stage, scene: Set, subject: Subject, number: int) -> list[Layer]:
    place = subjects.PLACEMENT[subject]
    height = place.size * _SCALES[number] * stage.height
    probe = subjects.draw(subject, 64)
    height = min(height, 0.76 * _SCALES[number] * stage.width * 64 / max(1, probe.width))
    tall = max(8, round(height))
    lively = subject in _LIVELY
    masks = [subjects.draw(subject, tall, n / _CELLS) for n in range(_CELLS if lively else 1)]
    toward = 1 if stage.sun_x > stage.hero_x else -1
    x = (stage.hero_x + toward * _SPOTS[number]) * stage.width
    feet = scene.feet * stage.height - number * 0.02 * stage.height
    depth = 1.0 - 0.12 * number
    ground = place.ground
    rng = stage.rng(f"actor{number}")
    sway = Motion(
        sway=(0, tall * 0.006),
        period=2.6 + float(rng.random()),
        delay=float(rng.random()),
    )
    if ground == "air":
        high = (0.34 if place.size < 0.3 else 0.42) - 0.07 * number
        feet = high * stage.height + tall * 0.5
        sway = Motion(sway=(tall * 0.03, tall * 0.05), period=4.2, delay=float(rng.random()))
    elif ground in ("water", "underwater") and scene.waterline is not None:
        feet = scene.waterline * stage.height
        sway = Motion(sway=(tall * 0.01, tall * 0.018), period=3.6, delay=float(rng.random()))
    pinned = stage.shot.camera is Camera.TRACKING
    cells = _cells(stage, masks)
    pad = (cells[0].shape[1] - max(mask.width for mask in masks)) // 2
    wide = cells[0].shape[1]
    layer = Layer(
        cells=cells,
        x=x - wide / 2,
        y=feet - tall - pad,
        depth=depth,
        motion=sway,
        rate=6.0 if lively else 0.0,
        pinned=pinned,
    )
    out = [_halo(stage, layer)]
    if ground == "water" and scene.mirrors:
        out.append(_reflection(layer, feet))
    if ground == "ground":
        out.append(_contact(stage, (x, feet), wide - 2 * pad, depth, pinned=pinned))
    return [*out, layer]


def _cells(stage: Stage, masks: list[Image.Image]) -> tuple[Pixels, ...]:
    """The masks as dark, rim-lit figures, all in sheets of one size."""
    tall = masks[0].height
    wide = max(mask.width for mask in masks)
    pad = 2 * ceil(tall * 0.02)
    light = stage.light
    side = 1 if stage.sun_x > stage.hero_x else -1
    step = max(1, round(tall * 0.009))
    out = []
    for mask in masks:
        body = np.zeros((tall + 2 * pad, wide + 2 * pad), np.float32)
        left = pad + (wide - mask.width) // 2
        body[pad : pad + tall, left : left + mask.width] = np.asarray(mask, np.float32) / 255
        shadow = np.roll(np.roll(body, -side * step, axis=1), step, axis=0)
        rim = np.clip(body - shadow, 0, 1)
        rim = np.maximum(rim, blur(rim, step) * 0.7)
        rows = np.linspace(0, 1, body.shape[0], dtype=np.float32)[:, None, None]
        ink = rgb(light.ink)
        tint = ink + (rgb(mix(light.ink, light.haze, 0.12)) - ink) * rows
        tint = tint + (rgb(light.rim) - tint) * (rim[..., None] * np.float32(0.9))
        out.append(sheet(body, np.broadcast_to(tint, (*body.shape, 3))))
    return tuple(out)


def _halo(stage: Stage, layer: Layer) -> Layer:
    """A little lit air behind a figure, which lifts it from the scenery."""
    body = layer.cells[0][..., 3].astype(np.float32) / 255
    reach = max(4, body.shape[0] // 6)
    wide = np.pad(body, reach)
    alpha = blur(wide, reach * 0.5) * np.float32(0.4)
    tint = mix(stage.light.haze, stage.light.sun, 0.3)
    return replace(
        layer, cells=(sheet(alpha, tint),), x=layer.x - reach, y=layer.y - reach, rate=0
    )


def _contact(
    stage: Stage, at: tuple[float, float], wide: float, depth: float, *, pinned: bool
) -> Layer:
    """The soft shadow where a figure touches the ground."""
    x, feet = at
    across, down = (
        max(6, int(wide * 0.62)),
        max(4, int(wide * 0.07 + stage.unit * 0.01)),
    )
    rows = np.linspace(-1, 1, 2 * down, dtype=np.float32)[:, None]
    columns = np.linspace(-1, 1, 2 * across, dtype=np.float32)[None, :]
    alpha = smooth(1.0, 0.1, np.sqrt(rows * rows + columns * columns)) * np.float32(0.62)
    tint = mix(stage.light.ink, (0, 0, 0), 0.3)
    return Layer(
        cells=(sheet(alpha, tint),),
        x=x - across,
        y=feet - down,
        depth=depth,
        pinned=pinned,
    )


def _reflection(layer: Layer, feet: float) -> Layer:
    """*layer* upside down in the water under its *feet*, fainter with depth."""
    cells = []
    for cell in layer.cells:
        turned = cell[::-1].copy()
        fade = np.linspace(0.55, 0.05, len(turned), dtype=np.float32)[:, None]
        turned[..., 3] = (turned[..., 3] * fade).astype(np.uint8)
        cells.append(turned)
    below = 2 * feet - layer.y - cells[0].shape[0]
    return replace(layer, cells=tuple(cells), y=below)
