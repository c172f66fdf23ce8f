"""Puts the subjects into the scene: where they belong, and lit from behind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple

import numpy as np
from PIL import Image

from filmgate.engines.previs.cast import guests, lighting, subjects, surroundings
from filmgate.engines.previs.cast.guests import Visitor
from filmgate.engines.previs.cast.held import HELD
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


def placed(stage: Stage, scene: Set, visitors: Sequence[Visitor] = ()) -> list[Layer]:
    """The scene's layers with the shot's subjects, and the *visitors*, among them."""
    layers = list(scene.back)
    parts = _parts(guests.relieved(stage.shot.subjects, visitors))
    places = [_spot(stage, scene, part, 0)[0] / stage.width for part in parts]
    # The lesser ones first: the main subject stands in front.
    for part in reversed(parts):
        layers.extend(_actor(stage, scene, part))
    layers += guests.seen(stage, scene.feet, visitors, places)
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
    cells = lighting.cells(stage, masks, windows=subject in _WINDOWED)
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
    out = [lighting.halo(stage, layer)]
    if ground == "water" and scene.mirrors:
        out.append(_reflection(layer, feet))
    if ground == "ground":
        out += surroundings.under(stage, subject, layer, pad)
        out.append(lighting.contact(stage, (x, feet), wide - 2 * pad, depth, pinned=pinned))
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
