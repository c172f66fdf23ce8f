"""What lies between the scene and the viewer: weather, a style's extras, the words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import pi, sin
from types import MappingProxyType

import numpy as np
from PIL import Image, ImageDraw

from filmgate.engines.previs.picture import caption
from filmgate.engines.previs.picture.grades import graded
from filmgate.engines.previs.picture.paint import (
    Drawing,
    Pixels,
    blur,
    glow,
    noise,
    rgb,
    sheet,
    smooth,
)
from filmgate.engines.previs.picture.palette import Colour, mix
from filmgate.engines.previs.picture.stage import Layer, Motion, Stage
from filmgate.engines.previs.scene import Setting, Style
from filmgate.engines.previs.scenery import weather
from filmgate.engines.previs.scenery.water import flat

_LIGHTS: tuple[Colour, ...] = (
    (255, 92, 92),
    (255, 204, 92),
    (112, 230, 140),
    (110, 170, 255),
    (255, 130, 220),
)


def glass(
    stage: Stage, world: Sequence[Layer], *, text: str, filmed: bool = False
) -> list[Layer]:
    """
    The layers in front of the *world*, which the camera's moves do not touch.

    What was *filmed* before has had its lens.
    """
    inside = stage.shot.setting is Setting.INTERIOR
    air = [] if inside else graded(weather.air(stage), stage.shot.style)
    if stage.shot.style is Style.NEWS:
        return [*air, *_news(stage, text), *caption.tag(stage)]
    extras = [] if filmed and stage.shot.style is None else _extras(stage, world)
    return [*air, *extras, *caption.subtitle(stage, text), *caption.tag(stage)]


def _extras(stage: Stage, world: Sequence[Layer]) -> list[Layer]:
    style = stage.shot.style
    if style is Style.ANIME:
        return [_bloom(stage, world)]
    return _EXTRAS[style](stage) if style else [_vignette(stage, 0.16)]


def _kakalaka(stage: Stage) -> list[Layer]:
    return [_leak(stage, (255, 40, 160), 0.0), _leak(stage, (0, 210, 255), 1.0)]


def _golden(stage: Stage) -> list[Layer]:
    return [_leak(stage, (255, 196, 84), stage.sun_x), _vignette(stage, 0.32)]


def _size(stage: Stage) -> tuple[int, int]:
    return stage.height, stage.width


def _away(stage: Stage) -> np.ndarray:
    """How far from the middle each pixel is: 1 at the middle of the sides."""
    rows = np.linspace(-1, 1, stage.height, dtype=np.float32)[:, None]
    columns = np.linspace(-1, 1, stage.width, dtype=np.float32)[None, :]
    return np.sqrt(rows * rows + columns * columns)


def _vignette(stage: Stage, strength: float) -> Layer:
    alpha = smooth(0.72, 1.5, _away(stage)) * np.float32(strength * 1.4)
    return Layer(cells=(sheet(alpha, mix(stage.light.ink, (0, 0, 0), 0.5)),), smooth=False)


def _leak(stage: Stage, colour: Colour, share: float) -> Layer:
    """Stray light that comes in from the top at *share* of the width."""
    shine = glow(_size(stage), share * stage.width, 0, stage.unit * 0.42)
    return Layer(cells=(sheet(np.clip(shine * 0.72 - 0.02, 0, 1), colour),), smooth=False)


def _bokeh(stage: Stage) -> Layer:
    """Lights out of focus."""
    rng, unit = stage.rng("bokeh"), stage.unit
    height, width = _size(stage)
    rows = np.arange(height, dtype=np.float32)[:, None]
    columns = np.arange(width, dtype=np.float32)[None, :]
    alpha = np.zeros((height, width), np.float32)
    colours = np.full((height, width, 3), np.float32(255))
    for _ in range(16):
        r = unit * (0.02 + 0.035 * float(rng.random()))
        x, y = float(rng.random()) * width, float(rng.random()) ** 1.6 * height * 0.8
        box = (
            slice(max(0, int(y - r - 2)), int(y + r + 2)),
            slice(max(0, int(x - r - 2)), int(x + r + 2)),
        )
        away = np.sqrt((rows[box[0]] - y) ** 2 + (columns[:, box[1]] - x) ** 2)
        disc = np.clip(r - away + 0.5, 0, 1) * np.float32(0.3) + np.clip(
            2 - np.abs(away - r), 0, 1
        ) * np.float32(0.12)
        colours[box][disc > 0.01] = _LIGHTS[int(rng.integers(5))]
        alpha[box] = np.maximum(alpha[box], disc)
    swing = Motion(sway=(unit * 0.008, unit * 0.01), period=5)
    return Layer(cells=(sheet(alpha, colours),), motion=swing)


def _garland(stage: Stage) -> list[Layer]:
    """Strings of coloured bulbs across the top, blinking in turn."""
    height, width = int(stage.unit * 0.26), stage.width
    cells = []
    for phase in range(2):
        drawing = Drawing((height, width), (255, 220, 160))
        shine = np.zeros((height, width), np.float32)
        for row, sag in enumerate((0.13, 0.19)):
            count = round(18 * width / stage.unit / 1.78)
            points = []
            for n in range(count + 1):
                t = n / count
                y = stage.unit * (0.012 + sag * abs(sin(pi * (t * 2 + 0.5 * row))))
                points.append((t * width, y))
            drawing.line(points, (52, 40, 44), max(1.0, stage.unit * 0.003))
            for n, (x, y) in enumerate(points):
                lit = (n + phase) % 2 == 0
                colour = _LIGHTS[(n + row) % 5]
                r = stage.unit * 0.0125
                drawing.disc(
                    x,
                    y + r,
                    r * 0.8,
                    r * 1.15,
                    mix(colour, (255, 255, 255), 0.25)
                    if lit
                    else mix(colour, (40, 20, 30), 0.35),
                )
                if lit:
                    left = max(0, int(x - r * 6))
                    part = shine[:, left : int(x + r * 6)]
                    np.maximum(part, glow(part.shape, x - left, y + r, r * 1.6), out=part)
        pixels = drawing.pixels()
        body = pixels[..., 3].astype(np.float32) / 255
        pixels[body == 0, :3] = (255, 214, 140)
        pixels[..., 3] = (np.maximum(body, np.clip(shine - 0.05, 0, 1) * 0.6) * 255).astype(
            np.uint8
        )
        cells.append(pixels)
    return [Layer(cells=tuple(cells), rate=1.6, smooth=False)]


def _news(stage: Stage, text: str) -> list[Layer]:
    """The lower third of a news programme, with *text* in it, under everybody's feet."""
    unit = stage.unit
    side = max(8, int(unit * 0.05))
    dot = Drawing((side, side), (220, 30, 40))
    dot.disc(side / 2, side / 2, unit * 0.014, unit * 0.014, (230, 32, 44))
    on = dot.pixels()
    lamp = Layer(
        cells=(on, np.zeros_like(on)), x=unit * 0.04, y=unit * 0.04, rate=1.5, smooth=False
    )
    banner = _banner(stage, text)
    y = 2.0 * round((stage.height * 0.985 - banner.shape[0]) / 2)
    return [_vignette(stage, 0.2), Layer(cells=(banner,), y=y, smooth=False), lamp]


def _banner(stage: Stage, text: str) -> Pixels:
    width, unit = stage.width, stage.unit
    high = 2 * round(min(stage.height * 0.118, unit * 0.118) / 2)
    drawing = Drawing((high, width), (16, 34, 84))
    left, split = width * 0.05, width * 0.05 + min(unit * 0.24, width * 0.22)
    drawing.box(left, 0, width * 0.95, high * 0.86, (242, 244, 248))
    drawing.box(left, 0, split, high * 0.86, (200, 24, 40))
    drawing.box(left, high * 0.86, width * 0.95, high, (20, 44, 104))
    start, room = split + high * 0.22, width * 0.95 - split - high * 0.44
    found = caption.fitted(text, round(min(high * 0.3, width * 0.034)), room)
    if found is None:
        for row, share in ((0.2, 0.9), (0.5, 0.6)):
            box = (start, high * row, start + room * share, high * (row + 0.14))
            drawing.box(*box, (168, 178, 196))
    image = Image.fromarray(drawing.pixels())
    pen = ImageDraw.Draw(image)
    size = round(min(high * 0.4, (split - left) * 0.3))
    font = caption.font_for("NEWS", size) if size >= 7 else None
    if font:
        x = (left + split - font.getlength("NEWS")) / 2
        pen.text((x, high * 0.43), "NEWS", (255, 255, 255), font, "lm")
    if found:
        font, lines = found
        for number, line in enumerate(lines):
            y = high * (0.43 + 0.36 * (number - (len(lines) - 1) / 2))
            pen.text((start, y), line, (22, 28, 44), font, "lm")
    return np.array(image)


def _ring(stage: Stage) -> Layer:
    """The bright, soft edge of a ring light close to the face."""
    alpha = smooth(0.7, 1.35, _away(stage)) * np.float32(0.32)
    return Layer(cells=(sheet(alpha, (255, 246, 240)),), smooth=False)


def _viewfinder(stage: Stage) -> list[Layer]:
    """Corner marks, and a red lamp that blinks."""
    height, width, unit = stage.height, stage.width, stage.unit
    drawing = Drawing((height, width), (240, 240, 240))
    inset, arm, thick = unit * 0.05, unit * 0.08, max(1.0, unit * 0.004)
    for x, dx in ((inset, 1), (width - inset, -1)):
        for y, dy in ((inset, 1), (height - inset, -1)):
            drawing.line([(x + dx * arm, y), (x, y), (x, y + dy * arm)], (240, 240, 240), thick)
    pixels = drawing.pixels()
    pixels[..., 3] = (pixels[..., 3] * 0.8).astype(np.uint8)
    side = max(8, int(unit * 0.05))
    dot = Drawing((side, side), (220, 30, 40))
    dot.disc(side / 2, side / 2, side * 0.3, side * 0.3, (236, 40, 44))
    on = dot.pixels()
    lamp = Layer(
        cells=(on, np.zeros_like(on)), x=inset * 1.5, y=inset * 1.4, rate=1.5, smooth=False
    )
    return [_vignette(stage, 0.4), Layer(cells=(pixels,), smooth=False), lamp]


def _bloom(stage: Stage, world: Sequence[Layer]) -> Layer:
    """Bright things glow: their light, blurred, laid over the picture."""
    picture = flat(stage, world).convert("RGB")
    box = (stage.side, stage.top, stage.side + stage.width, stage.top + stage.height)
    small = picture.crop(box).resize(
        (max(2, stage.width // 4), max(2, stage.height // 4)), Image.Resampling.BOX
    )
    colours = np.asarray(small, np.float32)
    bright = blur(smooth(165, 250, colours.max(axis=2)), stage.unit * 0.012)
    grown = Image.fromarray((bright * 255).astype(np.uint8)).resize(
        (stage.width, stage.height), Image.Resampling.BILINEAR
    )
    return Layer(
        cells=(sheet(np.asarray(grown, np.float32) / 255 * np.float32(0.42), (255, 246, 250)),),
        smooth=False,
    )


def _grain(stage: Stage) -> Layer:
    """Coarse, slow film grain: fine grain would cost more to encode than all the rest."""
    rng = stage.rng("grain")
    height, width = _size(stage)
    cells = []
    for _ in range(3):
        small = rng.standard_normal((max(2, height // 3), max(2, width // 3))).astype(
            np.float32
        )
        image = Image.fromarray(small).resize((width, height), Image.Resampling.BILINEAR)
        speck = np.asarray(image, np.float32)
        scratch = np.zeros((1, width), np.float32)
        scratch[:, rng.integers(0, width, 2)] = 1.6
        speck = speck + scratch
        cells.append(
            sheet(
                np.clip(np.abs(speck) * 0.05, 0, 0.3),
                np.where(speck > 0, np.float32(235), np.float32(30))[..., None].repeat(3, 2),
            )
        )
    return Layer(cells=tuple(cells), rate=6.0, smooth=False)


def _border(stage: Stage) -> Layer:
    """The pale margin of an old print, its corners round."""
    rows = np.abs(np.linspace(-1, 1, stage.height, dtype=np.float32))[:, None] * np.float32(
        stage.height / 2
    )
    columns = np.abs(np.linspace(-1, 1, stage.width, dtype=np.float32))[None, :] * np.float32(
        stage.width / 2
    )
    margin, corner = stage.unit * 0.03, stage.unit * 0.05
    dx = np.maximum(columns - np.float32(stage.width / 2 - margin - corner), 0)
    dy = np.maximum(rows - np.float32(stage.height / 2 - margin - corner), 0)
    alpha = np.clip(np.sqrt(dx * dx + dy * dy) - np.float32(corner) + 0.5, 0, 1)
    paper = noise(stage.rng("paper"), _size(stage), (30, 50), octaves=2) * np.float32(14)
    return Layer(cells=(sheet(alpha, rgb((240, 228, 204)) - paper[..., None]),), smooth=False)


def _dots(stage: Stage) -> Layer:
    """The printer's screen, denser towards the corners."""
    pitch = max(4.0, stage.unit * 0.0125)
    rows = np.arange(stage.height, dtype=np.float32)[:, None]
    columns = np.arange(stage.width, dtype=np.float32)[None, :]
    turn = np.float32(2 * pi / pitch)
    screen = np.sin((rows + columns) * turn * np.float32(0.7)) * np.sin(
        (rows - columns) * turn * np.float32(0.7)
    )
    amount = np.float32(0.86) - smooth(0.3, 1.5, _away(stage)) * np.float32(0.75)
    alpha = smooth(0.0, 0.25, screen - amount) * np.float32(0.4)
    return Layer(cells=(sheet(alpha, (30, 20, 60)),), smooth=False)


_EXTRAS: Mapping[Style, Callable[[Stage], list[Layer]]] = MappingProxyType(
    {
        Style.FESTIVE: lambda stage: [_bokeh(stage), *_garland(stage)],
        Style.KAKALAKA: _kakalaka,
        Style.SELFIE: lambda stage: [_ring(stage)],
        Style.HANDHELD: _viewfinder,
        Style.GOLDEN: _golden,
        Style.RETRO: lambda stage: [_grain(stage), _vignette(stage, 0.72)],
        Style.NOSTALGIC: lambda stage: [_leak(stage, (255, 172, 110), 0.0), _border(stage)],
        Style.COMIC: lambda stage: [_dots(stage)],
    }
)
