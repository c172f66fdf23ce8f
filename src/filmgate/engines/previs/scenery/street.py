"""A street between shops, in perspective."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from filmgate.engines.previs.picture.paint import Drawing, Plane
from filmgate.engines.previs.picture.palette import LAMPLIGHT, SNOW, Colour, mix
from filmgate.engines.previs.picture.stage import Layer, Stage
from filmgate.engines.previs.scenery.city import WALLS, skyline
from filmgate.engines.previs.scenery.lamps import add_glow, lamplit, street_lamp
from filmgate.engines.previs.scenery.land import Relief, Set
from filmgate.engines.previs.scenery.sky import sky

NEON: tuple[Colour, ...] = (
    (255, 92, 150),
    (92, 220, 255),
    (255, 190, 80),
    (160, 130, 255),
    (120, 255, 190),
)


class _Road:
    """A street in perspective: what is where, z being how many widths away it is."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.vx = stage.x(0.5 + (0.06 if stage.sun_x > 0.5 else -0.06))
        self.vy = stage.y(0.56)
        self.half = 0.62 * max(stage.width, stage.unit)
        self.drop = 0.5 * stage.height

    def at(self, side: float, up: float, z: float) -> tuple[float, float]:
        """The picture's x, y of a point *side* half-widths out, *up* drops above the ground."""
        return self.vx + side * self.half / z, self.vy + (1 - up) * self.drop / z


@dataclass(frozen=True, kw_only=True)
class _Front:
    """One house of the street, and how to find places on its wall."""

    road: _Road
    side: int
    near: float
    far: float
    high: float
    sunny: bool

    @property
    def veil(self) -> float:
        """How much air lies before it."""
        return min(1.0, (self.near + self.far) * 0.02)

    def z(self, share: float) -> float:
        """How far away a *share* of its length is."""
        return self.near + (self.far - self.near) * share

    def wall(
        self, shares: tuple[float, float], low: float, top: float, out: float = 1.0
    ) -> list[tuple[float, float]]:
        """A piece of the wall, between two *shares* of its length and two heights."""
        s, (start, end) = self.side * out, (self.z(shares[0]), self.z(shares[1]))
        at = self.road.at
        return [at(s, top, start), at(s, top, end), at(s, low, end), at(s, low, start)]

    def paint(self, colour: Colour) -> Colour:
        """How a thing of *colour* looks there."""
        shade = 0.2 if self.sunny else 0.7
        return self.road.stage.light.paint(colour, shade=shade, distance=self.veil)


def street(stage: Stage) -> Set:
    """A street between shops, running away from us."""
    horizon = 0.58
    back = sky(stage, horizon)
    road = _Road(stage)
    back.append(skyline(stage, Relief(1, 0.585, 0.16, 0.7, 0.1)))
    back.append(_pavement(road))
    back.append(_fronts(road))
    back.append(_lanterns(road))
    return Set(back=back, feet=0.845, lane=(road.vx - stage.side) / stage.width)


def _pavement(road: _Road) -> Layer:
    stage, light = road.stage, road.stage.light
    tar: Colour = (96, 98, 108)
    walk: Colour = (172, 166, 162)
    if stage.flora.snow:
        tar, walk = mix(tar, SNOW, 0.55), mix(walk, SNOW, 0.85)
    drawing = Drawing(stage.full, light.paint(tar, shade=0.5, distance=0.3))
    steps = np.geomspace(24, 0.7, 22)
    for far, near in pairwise(steps):
        veil = min(1.0, float(far) * 0.03)
        for left, right, tint in ((-1.0, 1.0, walk), (-0.62, 0.62, tar)):
            quad = [
                road.at(left, 0, far),
                road.at(right, 0, far),
                road.at(right, 0, near),
                road.at(left, 0, near),
            ]
            drawing.polygon(quad, light.paint(tint, shade=0.3 + 0.5 / (1 + far), distance=veil))
    paintwork = light.paint((236, 232, 220), shade=0.3, distance=0.05)
    z = 1.15
    while z < 14:
        drawing.polygon(
            [
                road.at(-0.02, 0, z),
                road.at(0.02, 0, z),
                road.at(0.02, 0, z * 1.12),
                road.at(-0.02, 0, z * 1.12),
            ],
            paintwork,
        )
        z *= 1.3
    return stage.layer(drawing.pixels(), 0.5)


def _fronts(road: _Road) -> Layer:
    stage = road.stage
    rng, light = stage.rng("fronts"), stage.light
    drawing = Drawing(stage.full, light.paint(WALLS[0], shade=0.6, distance=0.2))
    shine = np.zeros(stage.full, np.float32)
    for side in (-1, 1):
        edges = [0.62]
        while edges[-1] < 15:
            edges.append(edges[-1] * (1.32 + 0.2 * float(rng.random())))
        sunny = (side < 0) == (stage.sun_x > 0.5)
        for near, far in reversed(list(pairwise(edges))):
            front = _Front(
                road=road,
                side=side,
                near=near,
                far=far,
                high=1.5 + 1.1 * float(rng.random()),
                sunny=sunny,
            )
            _front(drawing, rng, front, shine)
    return lamplit(stage, drawing, shine, 0.55)


def _front(drawing: Drawing, rng: np.random.Generator, front: _Front, shine: Plane) -> None:
    """One house: wall, cornice, windows, and a shop with an awning."""
    light, high = front.road.stage.light, front.high
    wall = WALLS[int(rng.integers(5))]
    drawing.polygon(front.wall((0, 1), 0, high), front.paint(wall))
    trim = front.paint(mix(wall, (60, 50, 56), 0.4))
    cornice = _snowed(front.road, trim, front.veil)
    drawing.polygon(front.wall((0, 1), high - 0.05, high + 0.03, 0.985), cornice)
    drawing.polygon(front.wall((0, 1), 0.46, 0.5, 0.99), trim)
    glass, lamp = front.paint((92, 116, 142)), mix(LAMPLIGHT, light.haze, front.veil)
    across = max(2, round(4 * (front.far - front.near) / front.near))
    for floor in range(max(1, int((high - 0.6) / 0.42))):
        low = 0.6 + floor * 0.42
        for n in range(across):
            pane = front.wall(((n + 0.25) / across, (n + 0.75) / across), low, low + 0.27)
            glowing = rng.random() < 0.6 * light.lamps
            drawing.polygon(pane, lamp if glowing else glass)
    _shop(drawing, front, trim, NEON[int(rng.integers(5))])
    if light.lamps > 0.1:
        place = front.road.at(front.side * 0.95, 0.2, front.z(0.5))
        add_glow(shine, place, front.road.drop * 0.17 / front.near, 0.75 * light.lamps)


def _shop(drawing: Drawing, front: _Front, trim: Colour, cloth: Colour) -> None:
    """A shop window, a door, a striped awning and a sign."""
    light, at, side = front.road.stage.light, front.road.at, front.side
    lamp = mix(LAMPLIGHT, light.haze, front.veil)
    inside = mix(front.paint((70, 84, 98)), lamp, min(1, light.lamps * 1.1))
    drawing.polygon(front.wall((0.1, 0.62), 0.05, 0.33), inside)
    drawing.polygon(front.wall((0.72, 0.9), 0, 0.33), trim)
    bright = light.paint(cloth, shade=0.2, distance=front.veil)
    sign = mix(bright, cloth, light.lamps * 0.9)
    edge = side * 0.86
    for n in range(6):
        start, end = front.z(0.06 + 0.1 * n), front.z(0.16 + 0.1 * n)
        stripe = sign if n % 2 else front.paint((244, 238, 228))
        awning = [at(side, 0.46, start), at(side, 0.46, end)]
        drawing.polygon([*awning, at(edge, 0.36, end), at(edge, 0.36, start)], stripe)
    z, out = front.z(0.85), side * 0.88
    drawing.polygon(
        [at(side, 0.98, z), at(out, 0.98, z), at(out, 0.6, z), at(side, 0.6, z)], sign
    )


def _snowed(road: _Road, trim: Colour, veil: float) -> Colour:
    """A cornice's colour: its own, or the snow's that lies on it."""
    if road.stage.flora.snow:
        return road.stage.light.paint(SNOW, shade=0.1, distance=veil)
    return trim


def _lanterns(road: _Road) -> Layer:
    """Street lamps along both pavements."""
    stage = road.stage
    drawing = Drawing(stage.full, mix(stage.light.ink, stage.light.haze, 0.1))
    shine = np.zeros(stage.full, np.float32)
    for z in (6.0, 3.4, 2.0, 1.25):
        for side in (-0.72, 0.72):
            x, y = road.at(side, 0, z)
            street_lamp(drawing, stage, shine, (x, y), road.drop * 0.95 / z)
    return lamplit(stage, drawing, shine, 0.7)
