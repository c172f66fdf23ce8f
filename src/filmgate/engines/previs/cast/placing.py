"""Puts the subjects into the scene: where they belong, and lit from behind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from math import ceil
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageFilter

from filmgate.engines.previs.cast import subjects, surroundings
from filmgate.engines.previs.cast.held import HELD
from filmgate.engines.previs.picture.paint import Pixels, Plane, blur, rgb, sheet, smooth
from filmgate.engines.previs.picture.palette import LAMPLIGHT, mix
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
#: Their lamps may be lit.
_WINDOWED = frozenset(
    {Subject.HOUSE, Subject.CASTLE, Subject.TRAIN, Subject.SHIP, Subject.PLANE, Subject.CAR}
)
#: A camera that travels leaves them behind.
_ROOTED = frozenset(
    {
        Subject.TREE, Subject.FLOWER, Subject.HOUSE, Subject.CASTLE, Subject.LIGHTHOUSE,
        Subject.BRIDGE,
    }
)  # fmt: skip
_DRIVEN = frozenset({Subject.CAR, Subject.BICYCLE, Subject.TRAIN})
_CELLS = 6
_HELD = 1.45  #: how much taller somebody is with an umbrella over him
_SCALES = (1.0, 0.78, 0.66)  #: of the first, second and third subject
_SPOTS = (0.0, 0.36, -0.24)  #: how far from the first they stand, towards the sun


class _Part(NamedTuple):
    """Somebody's or something's part in a shot."""

    subject: Subject
    number: int  #: 0 for the main one
    figure: Callable[[int, float], Image.Image]  #: given a height and a phase
    size: float  #: its height, as a share of the frame's


def placed(stage: Stage, scene: Set) -> list[Layer]:
    """The scene's layers with the shot's subjects among them."""
    layers = list(scene.back)
    # The lesser ones first: the main subject stands in front.
    for part in reversed(_parts(stage.shot.subjects)):
        layers.extend(_actor(stage, scene, part))
    return layers + scene.front


def _parts(cast: Sequence[Subject]) -> list[_Part]:
    """Who plays; an umbrella is held, if there is somebody to hold it."""
    holder = next((s for s in cast if s in HELD), None) if Subject.UMBRELLA in cast else None
    if holder:
        cast = [subject for subject in cast if subject is not Subject.UMBRELLA]
    out = []
    for number, subject in enumerate(cast):
        size = subjects.PLACEMENT[subject].size
        figure: Callable[[int, float], Image.Image] = partial(subjects.draw, subject)
        if subject is holder:
            figure, size = HELD[subject].mask, size * _HELD
        out.append(_Part(subject, number, figure, size * _SCALES[number]))
    return out


def _height(stage: Stage, part: _Part) -> int:
    """How tall the silhouette of *part* is, in pixels: not too wide for the frame either."""
    probe = part.figure(64, 0.0)
    widest = 0.76 * _SCALES[part.number] * stage.width * 64 / max(1, probe.width)
    return max(8, round(min(part.size * stage.height, widest)))


def _actor(stage: Stage, scene: Set, part: _Part) -> list[Layer]:
    subject, number, figure, _ = part
    ground = subjects.PLACEMENT[subject].ground
    tall = _height(stage, part)
    lively = subject in _LIVELY
    masks = [figure(tall, n / _CELLS) for n in range(_CELLS if lively else 1)]
    x, feet, sway = _spot(stage, scene, part, tall)
    depth = 1.0 - 0.12 * number
    pinned = stage.shot.camera is Camera.TRACKING and subject not in _ROOTED
    cells = _cells(stage, masks, windows=subject in _WINDOWED)
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
        out += surroundings.under(stage, subject, layer, pad)
        out.append(_contact(stage, (x, feet), wide - 2 * pad, depth, pinned=pinned))
    steam = surroundings.steam(stage, subject, layer, pad)
    return [*out, layer, *steam, *surroundings.lamps(stage, subject, layer, pad)]


def _spot(stage: Stage, scene: Set, part: _Part, tall: int) -> tuple[float, float, Motion]:
    """Where the middle and the feet of *part* are, in pixels of the frame, and how it sways."""
    subject, number = part.subject, part.number
    toward = 1 if stage.sun_x > stage.hero_x else -1
    x = (stage.hero_x + toward * _SPOTS[number]) * stage.width
    rng = stage.rng(f"actor{number}")
    period, delay = 2.6 + float(rng.random()), float(rng.random())
    place = subjects.PLACEMENT[subject]
    if place.ground == "air":
        high = (0.34 if place.size < 0.3 else 0.42) - 0.07 * number
        sway = Motion(sway=(tall * 0.03, tall * 0.05), period=4.2, delay=delay)
        return x, high * stage.height + tall * 0.5, sway
    if place.ground in ("water", "underwater") and scene.waterline is not None:
        sway = Motion(sway=(tall * 0.01, tall * 0.018), period=3.6, delay=delay)
        return x, scene.waterline * stage.height, sway
    if subject in _DRIVEN and scene.lane is not None and not number:
        x = scene.lane * stage.width
    feet = (scene.feet - number * 0.02) * stage.height
    # What stands on the ground only breathes.
    lift = 0.0 if subject in _ROOTED | _DRIVEN else tall * 0.004
    return x, feet, Motion(sway=(0, lift), period=period, delay=delay)


def _cells(
    stage: Stage, masks: list[Image.Image], *, windows: bool = False
) -> tuple[Pixels, ...]:
    """The masks as dark, rim-lit figures, in sheets of one size; *windows* shine at night."""
    tall = masks[0].height
    wide = max(mask.width for mask in masks)
    pad = 2 * ceil(tall * 0.02)
    light = stage.light
    side = 1 if stage.sun_x > stage.hero_x else -1
    # In the dark the edge of light is all that one sees of many a thing.
    step = max(1, round(tall * (0.012 if light.lamps > 0.5 else 0.009)))
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
        tint = np.broadcast_to(tint, (*body.shape, 3))
        if windows and light.lamps > 0.4:
            lit = _panes(body)[..., None] * np.float32(min(1.0, light.lamps * 1.1))
            tint = tint + (rgb(LAMPLIGHT) - tint) * lit
            body = np.maximum(body, lit[..., 0])
        out.append(sheet(body, tint))
    return tuple(out)


def _panes(body: Plane) -> Plane:
    """Where a silhouette has windows: evenly clear places, which its soft edges are not."""
    found = ((body > 0.24) & (body < 0.32)).astype(np.uint8) * 255
    image = Image.fromarray(found).filter(ImageFilter.MinFilter(3))
    return np.asarray(image.filter(ImageFilter.MaxFilter(3)), np.float32) / np.float32(255)


def _halo(stage: Stage, layer: Layer) -> Layer:
    """A little lit air behind a figure, which lifts it from the scenery."""
    body = layer.cells[0][..., 3].astype(np.float32) / 255
    reach = max(4, body.shape[0] // 6)
    wide = np.pad(body, reach)
    alpha = blur(wide, reach * 0.5) * np.float32(0.4)
    # Of two airs the brighter one: a dark halo would be a smudge.
    air = max(stage.light.haze, stage.light.horizon, key=sum)
    tint = mix(air, stage.light.sun, 0.3)
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
