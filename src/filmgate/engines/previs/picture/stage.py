"""The stage that a shot is played on: its sizes, its light, and the layers that stand on it."""

from __future__ import annotations

from dataclasses import dataclass
from math import pi, sin

import numpy as np

from filmgate.engines.previs.picture.paint import Pixels
from filmgate.engines.previs.picture.palette import Flora, Light
from filmgate.engines.previs.scene import Shot


@dataclass(frozen=True, kw_only=True)
class Motion:
    """How a layer moves by itself, in pixels and seconds."""

    speed: tuple[float, float] = (0.0, 0.0)
    wrap: tuple[int, int] | None = None  #: the layer repeats itself after so many pixels
    sway: tuple[float, float] = (0.0, 0.0)  #: how far to and back, across and down
    period: float = 4.0  #: of the sway
    delay: float = 0.0  #: where in its sway it starts, 0..1
    flashes: tuple[float, ...] | None = None  #: seen only for a blink after these moments

    def at(self, seconds: float) -> tuple[float, float]:
        """How far from its place the layer is."""
        x, y = self.speed[0] * seconds, self.speed[1] * seconds
        if self.wrap:
            x = x % self.wrap[0] - self.wrap[0] if self.speed[0] else 0.0
            y = y % self.wrap[1] - self.wrap[1] if self.speed[1] else 0.0
        swing = 2 * pi * (seconds / self.period + self.delay)
        return x + self.sway[0] * sin(swing), y + self.sway[1] * sin(swing * 1.31 + 1)

    def shows(self, seconds: float) -> bool:
        """Whether the layer is to be seen."""
        if self.flashes is None:
            return True
        return any(0 <= seconds - flash < 0.09 for flash in self.flashes)


STILL = Motion()


@dataclass(frozen=True, kw_only=True)
class Layer:
    """One sheet of the picture."""

    cells: tuple[Pixels, ...]  #: one, or the cells of a little cartoon
    x: float = 0.0  #: of its left edge, in pixels of the frame, at rest
    y: float = 0.0
    depth: float = 0.0  #: 0 infinitely far, 1 where the subject stands, more is nearer
    motion: Motion = STILL
    rate: float = 0.0  #: cells a second
    pinned: bool = False  #: the camera follows it when it tracks
    smooth: bool = True  #: worth moving by half pixels


@dataclass(frozen=True, kw_only=True)
class Stage:
    """Where a shot's layers are built: the frame, and a margin for the camera to move into."""

    width: int
    height: int
    side: int  #: the margin left and right
    top: int  #: the margin above and below
    shot: Shot
    light: Light
    flora: Flora
    sun_x: float  #: 0..1 across the frame
    hero_x: float  #: 0..1, where the main subject stands
    seed: int
    variant: int = 0  #: of several films of one prompt

    @property
    def unit(self) -> float:
        """The size that scenery is measured in: the frame's height, less in a tall frame."""
        return min(self.height, 1.25 * self.width)

    @property
    def full(self) -> tuple[int, int]:
        """(height, width) of a layer that fills the frame and its margins."""
        return self.height + 2 * self.top, self.width + 2 * self.side

    def y(self, share: float) -> float:
        """The y, in a full layer, of a *share* of the frame's height."""
        return self.top + share * self.height

    def x(self, share: float) -> float:
        """The x, in a full layer, of a *share* of the frame's width."""
        return self.side + share * self.width

    def rng(self, name: str) -> np.random.Generator:
        """Chance for the painter of *name*, which no other painter's use of it disturbs."""
        return np.random.default_rng([self.seed, *name.encode()])

    def layer(self, pixels: Pixels, depth: float, motion: Motion = STILL) -> Layer:
        """A layer of *pixels* as large as :attr:`full`, cut to what is not transparent."""
        return self.piece(pixels, -self.side, -self.top, depth, motion)

    def piece(
        self, pixels: Pixels, x: float, y: float, depth: float, motion: Motion = STILL
    ) -> Layer:
        """A layer of *pixels* at x, y of the frame, cut to what is not transparent."""
        rows = np.flatnonzero(pixels[..., 3].any(axis=1))
        columns = np.flatnonzero(pixels[..., 3].any(axis=0))
        if not len(rows):
            return Layer(cells=(pixels[:2, :2],), x=x, y=y, depth=depth, motion=motion)
        first, last = int(rows[0]) & ~1, int(rows[-1]) + 1
        left, right = int(columns[0]) & ~1, int(columns[-1]) + 1
        cut = pixels[first:last, left:right]
        return Layer(cells=(cut,), x=x + left, y=y + first, depth=depth, motion=motion)
