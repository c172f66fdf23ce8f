"""A pen for silhouettes: smooth shapes in the artist's own coordinates, with soft edges."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import cos, hypot, radians, sin

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

Points = NDArray[np.float64]

#: Points as "x,y x,y! …", where "!" makes a sharp corner; or computed ones, all smooth.
#: Text, because a formatter would spread a table of two hundred pairs over two hundred lines.
Path = str | Sequence[tuple[float, float]]

#: How much larger things are drawn than shown: seventeen greys along an edge.
FINE = 4
SOLID = 255
GAP = 0  #: a hole

_STEPS = 7  # straight pieces per curve: enough at 1080 lines
_HANDLE = (
    0.37  # how far a curve keeps its direction; a third would be flat, a half would wobble
)

_CIRCLE = np.stack(
    [f(np.linspace(0, 2 * np.pi, 48, endpoint=False)) for f in (np.cos, np.sin)], axis=1
)
_ROUND = np.stack([f(np.linspace(0, np.pi, 9)) for f in (np.cos, np.sin)], axis=1)


@lru_cache(maxsize=2048)
def _parse(path: str) -> tuple[Points, NDArray[np.bool_]]:
    words = path.split()
    corners = np.array([word.endswith("!") for word in words])
    points = np.array([[float(n) for n in word.rstrip("!").split(",")] for word in words])
    return points, corners


def _read(path: Path) -> tuple[Points, NDArray[np.bool_]]:
    if isinstance(path, str):
        return _parse(path)
    return np.array(path, dtype=np.float64), np.zeros(len(path), dtype=np.bool_)


def _unit(vectors: Points) -> Points:
    length = np.hypot(vectors[:, 0], vectors[:, 1])[:, None]
    return np.divide(vectors, length, out=np.zeros_like(vectors), where=length > 0)


def _curve(points: Points, corners: NDArray[np.bool_], *, closed: bool) -> Points:
    """A smooth line through *points*; Bezier pieces whose handles follow the neighbours."""
    before, after = np.roll(points, 1, axis=0), np.roll(points, -1, axis=0)
    ahead, behind = _unit(after - points), _unit(points - before)
    if not closed:
        behind[0], ahead[-1] = ahead[0], behind[-1]
    through = _unit(ahead + behind)
    leaving = np.where(corners[:, None], ahead, through)
    arriving = np.roll(np.where(corners[:, None], behind, through), -1, axis=0)
    reach = np.hypot(*(after - points).T)[:, None] * _HANDLE
    first, second = points + leaving * reach, after - arriving * reach
    t = np.linspace(0, 1, _STEPS, endpoint=False)[None, :, None]
    s = 1 - t
    pieces: Points = (
        s**3 * points[:, None]
        + 3 * s * s * t * first[:, None]
        + 3 * s * t * t * second[:, None]
        + t**3 * after[:, None]
    )
    if closed:
        return pieces.reshape(-1, 2)
    return np.concatenate([pieces[:-1].reshape(-1, 2), points[-1:]])


def _outline(path: Path) -> Points:
    """The smooth closed shape of *path*."""
    return _drawn_outline(path) if isinstance(path, str) else _curve(*_read(path), closed=True)


@lru_cache(maxsize=2048)
def _drawn_outline(path: str) -> Points:
    return _curve(*_parse(path), closed=True)


def _ribbon(path: Path, widths: Sequence[float]) -> Points:
    """The outline of a line through *path*, round at its ends."""
    line = _curve(*_read(path), closed=False)
    half = np.interp(
        np.linspace(0, 1, len(line)),
        np.linspace(0, 1, len(widths)),
        np.array(widths) / 2,
    )
    along = _unit(np.gradient(line, axis=0))
    side = np.stack([-along[:, 1], along[:, 0]], axis=1)
    left, right = line + side * half[:, None], line - side * half[:, None]
    front = line[-1] + half[-1] * (along[-1] * _ROUND[:, 1:] + side[-1] * _ROUND[:, :1])
    back = line[0] - half[0] * (along[0] * _ROUND[:, 1:] + side[0] * _ROUND[:, :1])
    return np.concatenate([left, front, right[::-1], back])


@lru_cache(maxsize=2048)
def _drawn_ribbon(path: str, widths: tuple[float, ...]) -> Points:
    return _ribbon(path, widths)


class Ink:
    """A sheet and a pen; what is drawn later covers what was drawn before."""

    def __init__(self, image: Image.Image, turn: Points, shift: NDArray[np.float64]) -> None:
        self._image = image
        self._sheet = ImageDraw.Draw(image)
        self._turn = turn
        self._shift = shift
        self._scale = float(abs(np.linalg.det(turn))) ** 0.5

    def at(
        self,
        x: float,
        y: float,
        scale: float = 1.0,
        *,
        turn: float = 0.0,
        squash: float = 1.0,
    ) -> Ink:
        """A pen for the same sheet whose origin is here at (*x*, *y*); *turn* is in degrees."""
        c, s = cos(radians(turn)) * scale, sin(radians(turn)) * scale
        local = np.array([[c, -s * squash], [s, c * squash]])
        return Ink(self._image, self._turn @ local, self._turn @ np.array([x, y]) + self._shift)

    def _place(self, points: Points) -> list[float]:
        placed: list[float] = (points @ self._turn.T + self._shift).ravel().tolist()
        return placed

    def _fill(self, points: Points, shade: int) -> None:
        self._sheet.polygon(self._place(points), fill=shade)

    def blob(self, path: Path, shade: int = SOLID) -> None:
        """A filled shape with a smooth outline."""
        self._fill(_outline(path), shade)

    def shape(self, path: Path, shade: int = SOLID) -> None:
        """A filled polygon."""
        self._fill(_read(path)[0], shade)

    def disc(
        self, x: float, y: float, rx: float, ry: float | None = None, shade: int = SOLID
    ) -> None:
        self._fill(_CIRCLE * np.array([rx, ry or rx]) + np.array([x, y]), shade)

    def veil(self, shade: int) -> None:
        """Makes everything drawn so far *shade* at most."""
        image = self._image
        image.paste(image.point(lambda value: value * shade // SOLID))

    def ring(self, x: float, y: float, radius: float, width: float, shade: int = SOLID) -> None:
        rim, hub = _CIRCLE * (radius + width / 2), _CIRCLE * (radius - width / 2)
        loop = np.concatenate([rim, rim[:1], hub[:1], hub[::-1]])
        self._fill(loop + np.array([x, y]), shade)

    def box(self, x0: float, y0: float, x1: float, y1: float, shade: int = SOLID) -> None:
        self.shape([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], shade)

    def limb(self, path: Path, widths: Sequence[float], shade: int = SOLID) -> None:
        """A line through *path* as thick as *widths* along the way, with round ends."""
        if isinstance(path, str):
            self._fill(_drawn_ribbon(path, tuple(widths)), shade)
        else:
            self._fill(_ribbon(path, widths), shade)

    def line(self, path: Path, width: float, shade: int = SOLID) -> None:
        """A straight-edged line with corners."""
        points = self._place(_read(path)[0])
        self._sheet.line(
            points, fill=shade, width=max(1, round(width * self._scale)), joint="curve"
        )


@dataclass(frozen=True, kw_only=True)
class Figure:
    """Something that can be drawn, and the part of its coordinates that it fills."""

    paint: Callable[[Ink, float], None]  #: given a pen and a phase in [0, 1)
    box: tuple[float, float, float, float]  #: left, top, right, bottom

    def mask(self, height: int, phase: float) -> Image.Image:
        """The figure as "L", exactly *height* pixels high."""
        left, top, right, bottom = self.box
        width = max(1, round(height * (right - left) / (bottom - top)))
        across, down = width * FINE / (right - left), height * FINE / (bottom - top)
        large = Image.new("L", (width * FINE, height * FINE), 0)
        self.paint(
            Ink(
                large,
                np.array([[across, 0.0], [0.0, down]]),
                np.array([-left * across, -top * down]),
            ),
            phase % 1.0,
        )
        # A box filter: with whole factors it is as good as any, and fifteen times as fast.
        return large.reduce(FINE)


def bend(
    hip: tuple[float, float],
    foot: tuple[float, float],
    upper: float,
    lower: float,
    side: float,
) -> tuple[float, float]:
    """Where the knee is between *hip* and *foot*; *side* +1 bends it to the right."""
    dx, dy = foot[0] - hip[0], foot[1] - hip[1]
    reach = min(max(hypot(dx, dy), 0.001), upper + lower - 0.001)
    along = (upper * upper - lower * lower + reach * reach) / (2 * reach)
    out = max(upper * upper - along * along, 0.0) ** 0.5
    ux, uy = dx / reach, dy / reach
    return hip[0] + ux * along + side * uy * out, hip[1] + uy * along - side * ux * out
