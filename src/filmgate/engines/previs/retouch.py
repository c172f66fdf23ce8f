"""Changes a picture that previs did not draw: its light, its weather, who is in it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType

import numpy as np
from PIL import Image, ImageFilter

from filmgate.engines.previs.cast import placing
from filmgate.engines.previs.picture import grades
from filmgate.engines.previs.picture.grades import grey, punch, vivid
from filmgate.engines.previs.picture.lens import glass
from filmgate.engines.previs.picture.paint import Plane, rgb, sheet, smooth
from filmgate.engines.previs.picture.stage import Layer, Stage
from filmgate.engines.previs.reading.history import Change
from filmgate.engines.previs.reading.meanings import Weight
from filmgate.engines.previs.scene import Camera, Season, Setting, Shot, Time, Weather
from filmgate.engines.previs.scenery import building, weather
from filmgate.engines.previs.scenery.land import Set
from filmgate.engines.previs.scenery.water import flat
from filmgate.engines.previs.take import Props

Grade = Callable[[Plane], Plane]


def _dawn(c: Plane) -> Plane:
    return vivid(c, 0.85) * rgb((0.96, 0.84, 0.86)) + rgb((0.09, 0.04, 0.07))


def _day(c: Plane) -> Plane:
    lifted: Plane = np.clip(c, 0, 1) ** np.float32(0.72)
    return vivid(lifted, 1.15) * rgb((1.02, 1.02, 0.98))


def _sunset(c: Plane) -> Plane:
    shadows = (1 - grey(c)) * rgb((0.06, -0.02, 0.04))
    return punch(c, 0.15) * rgb((1.14, 0.78, 0.5)) + shadows + rgb((0.05, 0.01, 0.0))


def _night(c: Plane) -> Plane:
    moonlit = vivid(c, 0.5) * rgb((0.32, 0.4, 0.62)) + rgb((0.01, 0.02, 0.05))
    # Lamps, and what is as bright, stay lit.
    lamps: Plane = np.clip(c - np.float32(0.9), 0, 1) * rgb((4.0, 3.4, 2.2))
    return moonlit + lamps


def _toned(saturation: float, gain: tuple[float, float, float], lift: float, c: Plane) -> Plane:
    return vivid(c, saturation) * rgb(gain) + np.float32(lift)


def _halved(grade: Grade, c: Plane) -> Plane:
    return (c + grade(c)) * np.float32(0.5)


def _autumn(c: Plane) -> Plane:
    green = np.clip(c[:, 1:2] - np.maximum(c[:, 0:1], c[:, 2:3]), 0, 1)
    return c * rgb((1.05, 0.97, 0.86)) + green * rgb((1.5, 0.05, -0.3))


_TIMES: Mapping[Time, Grade] = MappingProxyType(
    {Time.DAWN: _dawn, Time.DAY: _day, Time.SUNSET: _sunset, Time.NIGHT: _night}
)
_WEATHERS: Mapping[Weather, Grade] = MappingProxyType(
    {
        Weather.CLEAR: partial(_toned, 1.3, (1.06, 1.05, 1.02), 0.02),
        Weather.CLOUDY: partial(_toned, 0.6, (0.88, 0.9, 0.95), 0.01),
        Weather.RAIN: partial(_toned, 0.5, (0.68, 0.74, 0.84), 0.02),
        Weather.STORM: partial(_toned, 0.45, (0.48, 0.54, 0.66), 0.01),
        Weather.SNOW: partial(_toned, 0.45, (0.9, 0.95, 1.02), 0.09),
        Weather.FOG: partial(_toned, 0.4, (0.6, 0.61, 0.62), 0.3),
    }
)
_SEASONS: Mapping[Season, Grade] = MappingProxyType(
    {
        Season.SPRING: partial(_toned, 1.25, (0.99, 1.07, 0.97), 0.03),
        Season.SUMMER: partial(_toned, 1.25, (1.08, 1.03, 0.92), 0.01),
        Season.AUTUMN: _autumn,
        Season.WINTER: partial(_toned, 0.5, (0.94, 0.99, 1.08), 0.08),
    }
)
#: For words that say nothing to us: another look, so that something has changed.
_LOOKS: tuple[Grade, ...] = (
    partial(_toned, 1.35, (1.12, 0.98, 0.8), 0.02),
    partial(_toned, 0.75, (0.84, 0.98, 1.16), 0.02),
    partial(_toned, 1.2, (0.9, 1.1, 0.92), 0.01),
    partial(_toned, 1.1, (1.1, 0.86, 1.08), 0.02),
)


@dataclass(frozen=True, kw_only=True)
class Retouch:
    """What a change does to a picture's colours, and what it lays over it."""

    stage: Stage
    colours: ImageFilter.Color3DLUT | None
    layers: tuple[Layer, ...]

    def graded(self, picture: Image.Image) -> Image.Image:
        """*picture* in its new colours."""
        return picture if self.colours is None else picture.filter(self.colours)


def seen(stage: Stage, layers: Sequence[Layer], behind: Image.Image) -> Image.Image:
    """The frame's part of the *layers* at rest, upon the picture *behind* them."""
    box = (stage.side, stage.top, stage.side + stage.width, stage.top + stage.height)
    calm = [layer for layer in layers if layer.motion.flashes is None]
    picture = behind.convert("RGBA")
    picture.alpha_composite(flat(stage, calm).crop(box))
    return picture.convert("RGB")


def retouch(change: Change, brought: Props, seed: int, *, placed: bool = False) -> Retouch:
    """
    What *change* does to pictures of the size that is *brought*: the same to each of a film.

    Where it names a place, that appears around the middle, unless it is *placed* already.
    """
    size = (brought.width, brought.height)
    said = said_of(change)
    shot = replace(change.shot, setting=Setting.PLAINS, camera=Camera.STATIC)
    if Season not in said:
        shot = replace(shot, season=Season.SUMMER)  # no leaves fall
    stage = building.stage(shot, *size, seed=seed)
    behind = [_around(change.shot, size, seed)] if Setting in said and not placed else []
    cast = placing.placed(stage, Set(back=behind), brought.visitors)
    world = grades.graded([*cast, *weather.banks(stage)], shot.style)
    front = glass(stage, [], text=shot.text if brought.captions else "", filmed=True)
    steps = list(_steps(change, said))
    if not steps and not cast:
        steps = [_LOOKS[seed % len(_LOOKS)]]
    colours = grades.table(partial(_through, steps)) if steps else None
    return Retouch(stage=stage, colours=colours, layers=(*world, *front))


def said_of(change: Change) -> Collection[type]:
    """The kinds of things that are said outright."""
    return {type(m) for m, w in change.reading.meanings if w is not Weight.HINT}


def _steps(change: Change, said: Collection[type]) -> Iterator[Grade]:
    shot = change.shot
    if Season in said:
        yield _SEASONS[shot.season]
    if any(isinstance(meaning, Weather) for meaning, _ in change.reading.meanings):
        grade = _WEATHERS[shot.weather]
        # The hour has its own darkness.
        yield partial(_halved, grade) if Time in said else grade
    if Time in said:
        yield _TIMES[shot.time]
    if shot.style:
        yield partial(grades.toned, shot.style)


def _through(steps: Sequence[Grade], colours: Plane) -> Plane:
    for step in steps:
        colours = np.clip(step(colours), 0, 1)
    return colours


def _around(shot: Shot, size: tuple[int, int], seed: int) -> Layer:
    """The place of *shot* around the middle of a picture."""
    picture = place(shot, size, seed)
    rows = np.linspace(-1, 1, size[1], dtype=np.float32)[:, None]
    columns = np.linspace(-1, 1, size[0], dtype=np.float32)[None, :]
    alpha = smooth(0.55, 0.95, np.sqrt(rows * rows + columns * columns))
    cell = sheet(alpha, np.asarray(picture, np.float32))
    return Layer(cells=(cell,), smooth=False)


def place(shot: Shot, size: tuple[int, int], seed: int) -> Image.Image:
    """The place of *shot* with nobody in it."""
    stage = building.stage(shot, *size, seed=seed)
    scene = building.scenery(stage)
    layers = grades.graded([*scene.back, *scene.front], shot.style)
    return seen(stage, layers, Image.new("RGB", size))
