"""The painter's tools: gradients, ridges, noise, and sheets of colour with soft edges."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from filmgate.engines.previs.picture.palette import Colour

Pixels = NDArray[np.uint8]  #: (height, width, 4), red green blue alpha, not premultiplied
Plane = NDArray[np.floating[Any]]  #: (height, width), usually 0..1

FINE = 2  #: how much larger shapes are drawn than shown, for soft edges


def rgb(colour: Colour) -> NDArray[np.float32]:
    """*colour* to reckon with."""
    return np.array(colour, np.float32)


def smooth(low: float, high: float, value: Plane) -> Plane:
    """0 below *low*, 1 above *high*, and an S in between."""
    t = np.clip((value - np.float32(low)) / np.float32(high - low), 0, 1)
    eased: Plane = t * t * (3 - 2 * t)
    return eased


def noise(
    rng: np.random.Generator,
    size: tuple[int, int],
    cells: tuple[float, float],
    *,
    octaves: int = 4,
    gain: float = 0.5,
) -> Plane:
    """Clouds of 0..1, (height, width) = *size*; *cells* is how many lumps fit each way."""
    height, width = size
    total = np.zeros(size, np.float32)
    weight, sum_of_weights = 1.0, 0.0
    down, across = cells
    for _ in range(octaves):
        grid = rng.random(
            (max(2, round(down)) + 1, max(2, round(across)) + 1), dtype=np.float32
        )
        lump = Image.fromarray(grid).resize((width, height), Image.Resampling.BICUBIC)
        total += np.float32(weight) * np.asarray(lump)
        sum_of_weights += weight
        weight, down, across = weight * gain, down * 2, across * 2
    return total / np.float32(sum_of_weights)


def ridge(
    rng: np.random.Generator,
    width: int,
    waves: float,
    *,
    octaves: int = 6,
    gain: float = 0.5,
) -> Plane:
    """A line of heights 0..1 with *waves* hills across; *gain* .3 is soft, .6 is rugged."""
    x = np.linspace(0, 1, width, dtype=np.float32)
    line = np.zeros(width, np.float32)
    weight = 1.0
    for octave in range(octaves):
        knots = max(2, round(waves * 2**octave))
        heights = rng.random(knots + 2, dtype=np.float32)
        at = x * knots + rng.random(dtype=np.float32)
        base = np.minimum(at.astype(np.int32), knots)
        part = at - base
        if gain < 0.45:
            part = part * part * (3 - 2 * part)
        line += np.float32(weight) * (
            heights[base] * (1 - part) + heights[np.minimum(base + 1, knots + 1)] * part
        )
        weight *= gain
    low, high = float(line.min()), float(line.max())
    return (line - np.float32(low)) / np.float32(max(high - low, 1e-6))


def below(line: Plane, height: int) -> Plane:
    """1 under a *line* of y positions, 0 above it, with a soft edge."""
    rows = np.arange(height, dtype=np.float32)[:, None]
    return np.clip(rows - line[None, :] + np.float32(0.5), 0, 1)


def gradient(height: int, stops: Sequence[tuple[float, Colour]]) -> Plane:
    """(height, 3) colours down a picture; *stops* are (share of the height, colour)."""
    at = np.linspace(0, 1, height, dtype=np.float32)
    places = [stop for stop, _ in stops]
    channels = [np.interp(at, places, [colour[c] for _, colour in stops]) for c in range(3)]
    return np.stack(channels, axis=1).astype(np.float32)


def sheet(alpha: Plane, colours: Plane | Colour) -> Pixels:
    """
    A layer of *colours* seen through *alpha* (0..1).

    *colours* is one colour, one per row (height, 3), or one per pixel. They fill the layer even
    where it is transparent, so that halving the colour resolution later leaves no dark fringes.
    """
    out = np.empty((*alpha.shape, 4), np.uint8)
    tint = np.asarray(colours, dtype=np.float32)
    if tint.ndim == 2:
        tint = tint[:, None, :]
    out[..., :3] = np.clip(tint + np.float32(0.5), 0, 255).astype(np.uint8)
    out[..., 3] = (np.clip(alpha, 0, 1) * np.float32(255) + np.float32(0.5)).astype(np.uint8)
    return out


def shape(size: tuple[int, int], draw: Callable[[ImageDraw.ImageDraw, int], None]) -> Plane:
    """What *draw* draws (in white, coordinates times its second argument), as a soft mask."""
    height, width = size
    mask = Image.new("L", (width * FINE, height * FINE), 0)
    draw(ImageDraw.Draw(mask), FINE)
    return np.asarray(mask.reduce(FINE), dtype=np.float32) / np.float32(255)


class Drawing:
    """A sheet drawn in many colours; coordinates are the layer's own pixels."""

    def __init__(self, size: tuple[int, int], ground: Colour) -> None:
        """*size* is (height, width); *ground* is the colour that its soft edges fade into."""
        self._ground = _whole(ground)
        # Called CMYK only because its four channels are left alone: Pillow multiplies RGBA
        # pixels by their opacity and back whenever it resizes, which takes four times as long.
        size_ = (size[1] * FINE, size[0] * FINE)
        self._image = Image.new("CMYK", size_, (*self._ground, 0))
        self._pen = ImageDraw.Draw(self._image)

    def polygon(self, points: Sequence[tuple[float, float]], colour: Colour) -> None:
        """A filled outline."""
        self._pen.polygon(
            [(x * FINE, y * FINE) for x, y in points], fill=(*_whole(colour), 255)
        )

    def box(self, left: float, top: float, right: float, bottom: float, colour: Colour) -> None:
        """A filled rectangle; nothing if it is turned inside out."""
        if right > left and bottom > top:
            corners = (
                left * FINE,
                top * FINE,
                right * FINE - 1,
                max(top, bottom) * FINE - 1,
            )
            if corners[2] >= corners[0] and corners[3] >= corners[1]:
                self._pen.rectangle(corners, fill=(*_whole(colour), 255))

    def disc(self, x: float, y: float, across: float, down: float, colour: Colour) -> None:
        """A filled ellipse, *across* and *down* being its radii."""
        box = (
            (x - across) * FINE,
            (y - down) * FINE,
            (x + across) * FINE,
            (y + down) * FINE,
        )
        self._pen.ellipse(box, fill=(*_whole(colour), 255))

    def line(self, points: Sequence[tuple[float, float]], colour: Colour, thick: float) -> None:
        """A stroke."""
        self._pen.line(
            [(x * FINE, y * FINE) for x, y in points],
            fill=(*_whole(colour), 255),
            width=max(1, round(thick * FINE)),
            joint="curve",
        )

    def pixels(self) -> Pixels:
        """The finished sheet."""
        return np.array(self._image.reduce(FINE))


def grown(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    """*pixels*, soft ones, enlarged to (height, width)."""
    return np.array(_four(pixels).resize((size[1], size[0]), Image.Resampling.BILINEAR))


def _four(pixels: Pixels) -> Image.Image:
    """*pixels* as a picture of four plain channels."""
    height, width = pixels.shape[:2]
    return Image.frombuffer(
        "CMYK", (width, height), np.ascontiguousarray(pixels), "raw", "CMYK", 0, 1
    )


def _whole(colour: Colour) -> tuple[int, int, int]:
    r, g, b = (max(0, min(255, round(c))) for c in colour)
    return r, g, b


def blur(plane: Plane, radius: float) -> Plane:
    """*plane* (0..1), softened; computed small when the blur is large."""
    step = max(1, int(radius / 3))
    image = Image.fromarray((np.clip(plane, 0, 1) * 255).astype(np.uint8))
    if step > 1:
        image = image.resize(
            (max(2, image.width // step), max(2, image.height // step)),
            Image.Resampling.BOX,
        )
    image = image.filter(ImageFilter.GaussianBlur(radius / step))
    if step > 1:
        image = image.resize((plane.shape[1], plane.shape[0]), Image.Resampling.BILINEAR)
    return np.asarray(image, dtype=np.float32) / np.float32(255)


def glow(size: tuple[int, int], x: float, y: float, radius: float) -> Plane:
    """Light 0..1 around a point, which falls off over *radius* pixels."""
    height, width = size
    down = (np.arange(height, dtype=np.float32)[:, None] - np.float32(y)) ** 2
    across = (np.arange(width, dtype=np.float32)[None, :] - np.float32(x)) ** 2
    return np.exp(-np.sqrt(down + across) / np.float32(max(radius, 1e-3)))


def over(under: Pixels, top: Pixels) -> None:
    """Lay *top* upon *under*, of the same size, in place."""
    a = top[..., 3:].astype(np.float32) / 255
    b = under[..., 3:].astype(np.float32) / 255
    out = a + b * (1 - a)
    share = np.divide(a, out, out=np.zeros_like(a), where=out > 0)
    mixed = under[..., :3] + (top[..., :3].astype(np.float32) - under[..., :3]) * share
    under[..., :3] = np.where(out > 0, mixed, under[..., :3]).astype(np.uint8)
    under[..., 3] = (out[..., 0] * 255 + np.float32(0.5)).astype(np.uint8)
