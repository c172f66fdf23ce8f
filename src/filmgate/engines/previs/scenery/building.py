"""Builds the scene of a shot: its stage, and the layers that stand on it from far to near."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

import numpy as np

from filmgate.engines.previs.cast import placing
from filmgate.engines.previs.cast.guests import Visitor
from filmgate.engines.previs.picture.camera import margins
from filmgate.engines.previs.picture.palette import FLORA, SNOW, Flora, Light, light, mix
from filmgate.engines.previs.picture.stage import Layer, Stage
from filmgate.engines.previs.scene import Setting, Shot, Weather
from filmgate.engines.previs.scenery import (
    beach,
    city,
    forest,
    interior,
    land,
    space,
    street,
    village,
    water,
    weather,
)
from filmgate.engines.previs.scenery.land import Set

_SCENES: Mapping[Setting, Callable[[Stage], Set]] = MappingProxyType(
    {
        Setting.MOUNTAINS: land.mountains,
        Setting.PLAINS: land.plains,
        Setting.DESERT: land.desert,
        Setting.SEA: water.sea,
        Setting.LAKE: water.lake,
        Setting.BEACH: beach.beach,
        Setting.CITY: city.city,
        Setting.STREET: street.street,
        Setting.VILLAGE: village.village,
        Setting.FOREST: forest.forest,
        Setting.INTERIOR: interior.interior,
        Setting.SPACE: space.space,
    }
)
#: Settings whose ground does not shine when it rains.
_DRY = frozenset({Setting.SEA, Setting.SPACE, Setting.INTERIOR})


def stage(  # noqa: PLR0913 (what scenery depends on)
    shot: Shot, width: int, height: int, *, seed: int, number: int = 0, variant: int = 0
) -> Stage:
    """The stage for a film's *number*-th shot. The same seed builds the same scenery."""
    side, top = margins(shot, width, height)
    rng = np.random.default_rng([seed, 5])
    left = (number + int(rng.integers(2))) % 2
    hero = 0.36 + 0.04 * float(rng.random())
    sun = 0.68 + 0.1 * float(rng.random())
    return Stage(
        width=width,
        height=height,
        side=side,
        top=top,
        shot=shot,
        light=_light(shot),
        flora=_flora(shot),
        sun_x=1 - sun if left else sun,
        hero_x=1 - hero if left else hero,
        seed=seed,
        variant=variant,
    )


def _light(shot: Shot) -> Light:
    found = light(shot.time, shot.weather, shot.season)
    if shot.setting is Setting.SPACE:
        # Nothing is dark before a dark sky: figures are grey, and the star lights their edge.
        return replace(found, ink=(74, 84, 116), rim=(255, 250, 240), haze=(120, 134, 176))
    return found


def _flora(shot: Shot) -> Flora:
    found = FLORA[shot.season]
    if shot.weather is Weather.SNOW and not found.snow:
        return replace(found, snow=True, grass=mix(found.grass, SNOW, 0.78), falling=None)
    return found


def world(stage: Stage, visitors: Sequence[Visitor] = ()) -> list[Layer]:
    """The scene, from far to near; the first layer fills the frame."""
    return placing.placed(stage, scenery(stage), visitors)


def scenery(stage: Stage) -> Set:
    """The scene without those who play in it."""
    scene = _SCENES[stage.shot.setting](stage)
    if stage.shot.setting not in _DRY:
        wet = weather.sheen(stage, scene.feet - 0.05)
        scene = replace(scene, back=[*scene.back, *wet])
    if stage.shot.setting is not Setting.INTERIOR:
        scene = replace(scene, back=[*scene.back, *weather.banks(stage)])
    return scene
