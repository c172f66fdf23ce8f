"""Dry land without people: plains, mountains, desert."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from filmgate.engines.previs.picture.paint import (
    Drawing,
    Plane,
    below,
    noise,
    rgb,
    ridge,
    sheet,
    smooth,
)
from filmgate.engines.previs.picture.palette import SNOW, Colour, mix
from filmgate.engines.previs.picture.stage import Layer, Motion, Stage
from filmgate.engines.previs.scenery import foliage
from filmgate.engines.previs.scenery.sky import sky


@dataclass(frozen=True, kw_only=True)
class Set:
    """A finished scene that waits for its actors."""

    back: list[Layer]
    front: list[Layer] = field(default_factory=list)
    feet: float = 0.835  #: where one stands, as a share of the frame's height
    waterline: float | None = None  #: where boats float
    lane: float | None = None  #: where one drives, as a share of the frame's width
    mirrors: bool = False  #: the water shows boats upside down


@dataclass(frozen=True, kw_only=True)
class Soil:
    """What ground looks like: from one colour to another in so many pixels down."""

    top: Colour
    bottom: Colour
    fade: float
    depth: float
    grain: float = 0.0  #: how uneven the change is
    name: str = ""


class Relief(NamedTuple):
    """One of the rows that a view is built from, far to near."""

    number: int
    level: float  #: of its foot, as a share of the frame's height
    tall: float  #: in units
    far: float  #: how much air lies before it, 0..1
    depth: float  #: how much it moves with the camera


def slope(stage: Stage, line: Plane, soil: Soil) -> Layer:
    """Ground under a *line* of y positions (of a full layer)."""
    height, _ = stage.full
    first = max(0, int(line.min()) - 2)
    local = line - np.float32(first)
    rows = np.arange(height - first, dtype=np.float32)[:, None]
    t = np.clip((rows - local[None, :]) / np.float32(max(soil.fade, 1)), 0, 1)
    if soil.grain:
        size = t.shape
        lumps = noise(
            stage.rng(soil.name),
            size,
            (max(2, size[0] / stage.unit * 26), 7),
            octaves=3,
            gain=0.6,
        )
        t = np.clip(t + (lumps - np.float32(0.5)) * np.float32(soil.grain), 0, 1)
    low, high = rgb(soil.top), rgb(soil.bottom)
    colours = low + (high - low) * t[..., None]
    pixels = sheet(below(local, height - first), colours)
    return stage.piece(pixels, -stage.side, first - stage.top, soil.depth)


def plains(stage: Stage) -> Set:
    """Rolling hills, a few trees, a meadow."""
    rng, light, flora = stage.rng("plains"), stage.light, stage.flora
    height, width = stage.full
    horizon = 0.6
    back = sky(stage, horizon)
    for number, (base, tall, far, depth) in enumerate(
        ((0.56, 0.09, 0.85, 0.12), (0.62, 0.08, 0.5, 0.25), (0.7, 0.09, 0.26, 0.45))
    ):
        bumps = ridge(rng, width, (1.6 + number) * width / height * 0.6, octaves=3, gain=0.3)
        line = stage.y(base) - bumps * np.float32(tall * stage.unit)
        tint = mix(flora.grass, flora.needle, 0.25 * ((number + 1) % 2))
        back.append(_trees(stage, line, far, depth, count=(9, 7, 4)[number]))
        back.append(
            slope(
                stage,
                line,
                Soil(
                    top=light.paint(tint, distance=far),
                    bottom=light.paint(tint, shade=0.55, distance=far * 0.8),
                    fade=stage.unit * 0.16,
                    depth=depth,
                    grain=0.3,
                    name=f"hill{number}",
                ),
            )
        )
    back.extend(_meadow(stage))
    return Set(back=back, front=[_fringe(stage)])


def _trees(stage: Stage, line: Plane, far: float, depth: float, count: int) -> Layer:
    rng = stage.rng(f"trees{depth}")
    drawing = Drawing(stage.full, stage.light.paint(stage.flora.leaf, shade=0.6, distance=far))
    size = stage.unit * (0.03 + 0.1 * depth / 0.3)
    for _ in range(count):
        x = float(rng.random()) * (len(line) - 1)
        where = (x, float(line[int(x)]) + size * 0.06)
        if rng.random() < 0.3:
            foliage.conifer(
                foliage.Brush(drawing, stage, rng, far),
                where,
                size * (0.9 + 0.4 * rng.random()),
            )
        else:
            foliage.tree(
                foliage.Brush(drawing, stage, rng, far),
                where,
                size * (0.8 + 0.4 * rng.random()),
            )
    return stage.layer(drawing.pixels(), depth)


def _meadow(stage: Stage) -> list[Layer]:
    """What one stands on."""
    rng, light, flora = stage.rng("meadow"), stage.light, stage.flora
    _, width = stage.full
    line = stage.y(0.79) - ridge(rng, width, 2, octaves=3, gain=0.3) * np.float32(
        0.045 * stage.unit
    )
    near = slope(
        stage,
        line,
        Soil(
            top=light.paint(flora.grass, shade=0.12, distance=0.06),
            bottom=light.paint(mix(flora.grass, flora.needle, 0.35), shade=0.8),
            fade=stage.unit * 0.26,
            depth=0.9,
            grain=0.5,
            name="meadow",
        ),
    )
    drawing = Drawing(stage.full, light.paint(flora.grass, shade=0.4))
    tones = (
        light.paint(flora.grass, shade=0.3),
        light.paint(flora.grass, shade=0.02, distance=0.06),
    )
    foliage.grass(
        foliage.Brush(drawing, stage, rng),
        line,
        tones,
        height=stage.unit * 0.03,
        spacing=stage.unit * 0.006,
    )
    if not flora.snow:
        count = 150 if flora.falling and flora.leaf[2] > 120 else 60
        foliage.flowers(
            foliage.Brush(drawing, stage, rng),
            line,
            stage.unit * 0.2,
            count,
            stage.unit * 0.006,
        )
    return [near, stage.layer(drawing.pixels(), 0.9)]


def _fringe(stage: Stage) -> Layer:
    """Grass close to the lens, out of the light."""
    rng = stage.rng("fringe")
    height, width = stage.full
    line = np.full(width, height + 2, np.float32)
    line -= ridge(rng, width, 3, octaves=3, gain=0.3) * np.float32(0.05 * stage.unit)
    tint = stage.flora.grass
    tones = (
        stage.light.paint(tint, shade=1.0),
        stage.light.paint(mix(tint, stage.flora.needle, 0.6), shade=0.9),
    )
    drawing = Drawing(stage.full, tones[0])
    foliage.grass(
        foliage.Brush(drawing, stage, rng),
        line,
        tones,
        height=stage.unit * 0.13,
        spacing=stage.unit * 0.006,
    )
    layer = stage.layer(drawing.pixels(), 1.5)
    return replace(layer, motion=Motion(sway=(stage.unit * 0.004, 0), period=3.4))


def mountains(stage: Stage) -> Set:
    """Peaks behind peaks, a wood at their foot, an alpine meadow."""
    light = stage.light
    horizon = 0.66
    back = sky(stage, horizon)
    snowline = 0.95 if stage.flora.snow else 0.36
    for number, (base, tall, far, depth) in enumerate(
        ((0.62, 0.36, 0.95, 0.06), (0.66, 0.47, 0.5, 0.14), (0.74, 0.3, 0.24, 0.26))
    ):
        back.append(
            mountain_range(
                stage, Relief(number, base, tall, far, depth), snowline * (1, 1, 0.5)[number]
            )
        )
        back.append(_mist(stage, base + 0.02, depth))
    rng = stage.rng("wood")
    _, width = stage.full
    line = stage.y(0.78) - ridge(rng, width, 3, octaves=3, gain=0.35) * np.float32(
        0.06 * stage.unit
    )
    drawing = Drawing(stage.full, light.paint(stage.flora.needle, shade=0.7, distance=0.12))
    x = 0.0
    while x < width:
        foliage.conifer(
            foliage.Brush(drawing, stage, rng, 0.14),
            (x, float(line[int(x)]) + 6),
            stage.unit * (0.06 + 0.09 * rng.random()),
        )
        x += stage.unit * (0.012 + 0.035 * float(rng.random()) ** 2)
    back.append(stage.layer(drawing.pixels(), 0.45))
    dark = light.paint(stage.flora.needle, shade=0.6, distance=0.14)
    back.append(
        slope(
            stage,
            line - np.float32(0.014 * stage.unit),
            Soil(top=dark, bottom=dark, fade=9, depth=0.45),
        )
    )
    back.extend(_meadow(stage))
    return Set(back=back, front=[_fringe(stage)])


def _crest(stage: Stage, row: Relief) -> tuple[Plane, Plane, Plane]:
    """The heights 0..1 of a chain of peaks, and how steep its flanks and its ribs are."""
    rng, width = stage.rng(f"range{row.number}"), stage.full[1]
    waves = (2.6, 1.7, 3.2)[row.number] * width / stage.unit * 0.62
    peaks = ridge(rng, width, waves, octaves=2, gain=0.47)
    ribs = ridge(rng, width, waves * 4.3, octaves=2, gain=0.5)
    teeth = ridge(rng, width, waves * 17, octaves=2, gain=0.5)
    line = peaks * np.float32(0.74) + ribs * np.float32(0.2) + teeth * np.float32(0.06)
    line **= np.float32(1.3)
    pixel = np.float32(row.tall * stage.unit)
    return line, np.gradient(peaks) * pixel * np.float32(0.74), np.gradient(ribs) * pixel


def mountain_range(stage: Stage, row: Relief, snowline: float) -> Layer:
    """One chain of peaks: facets lit from the sun's side, snow above, haze at the foot."""
    number, level, tall, far, depth = row
    rng, light = stage.rng(f"rock{number}"), stage.light
    height, width = stage.full
    bumps, flank, rib = _crest(stage, row)
    line = stage.y(level) - bumps * np.float32(tall * stage.unit)
    first = max(0, int(line.min()) - 2)
    local = line - np.float32(first)
    size = (height - first, width)
    rows = np.arange(size[0], dtype=np.float32)[:, None]
    columns = np.arange(width, dtype=np.float32)[None, :]
    down = rows - local[None, :]
    side = np.float32(1 if stage.sun_x > 0.5 else -1)
    # The crest is made of straight pieces, so what runs down from each of them is a flat
    # facet. Edges zigzag on the way; they bend sharply, as rock breaks.
    zigzag = ridge(rng, size[0], 9 * size[0] / stage.unit, octaves=2, gain=0.5)[:, None]
    bent = columns + (zigzag - np.float32(0.5)) * np.float32(0.05 * stage.unit)
    slopes = []
    for steep, lean in ((flank, 0.4 * side), (rib, -0.25 * side)):
        at = np.clip(bent + down * np.float32(lean), 0, width - 1).astype(np.int32)
        slopes.append(np.asarray(steep, np.float32)[at])
    fading = smooth(1.0, 0.2, down / np.float32(0.8 * tall * stage.unit))
    shade = np.clip(0.5 + side * (slopes[0] * 0.75 + slopes[1] * 0.5 * fading), 0.02, 0.98)
    patches = ridge(rng, width, 26 * width / stage.unit, octaves=2, gain=0.5)[None, :]
    cap = np.float32(snowline * tall * stage.unit) * (
        np.float32(0.25) + patches * np.float32(0.9) + bumps[None, :] * np.float32(0.6)
    )
    snow = smooth(-1.5, 1.5, cap - down) if snowline else np.zeros(size, np.float32)
    rock: Colour = (
        (112, 108, 124) if number < 2 else mix((96, 96, 104), stage.flora.needle, 0.55)
    )
    lit, dark = (rgb(light.paint(rock, shade=s, distance=far)) for s in (0.05, 0.95))
    white, blue = (rgb(light.paint(SNOW, shade=s, distance=far * 0.8)) for s in (0.0, 0.75))
    base = lit + (dark - lit) * shade[..., None]
    ice = white + (blue - white) * shade[..., None]
    colours = base + (ice - base) * snow[..., None]
    foot = smooth(0.25, 1.0, down / np.float32(tall * stage.unit))[..., None] * np.float32(0.55)
    colours += (rgb(light.haze) - colours) * foot
    return stage.piece(
        sheet(below(local, size[0]), colours), -stage.side, first - stage.top, depth
    )


def _mist(stage: Stage, level: float, depth: float) -> Layer:
    """A bank of haze that lies in a valley."""
    size = (int(stage.unit * 0.16), stage.full[1])
    lumps = noise(stage.rng(f"mist{depth}"), size, (2, 5), octaves=3)
    arch = np.sin(np.linspace(0, 3.14, size[0], dtype=np.float32))[:, None] ** 1.5
    alpha = arch * smooth(0.2, 0.75, lumps) * np.float32(0.6)
    y = level * stage.height - size[0] * 0.6
    layer = stage.piece(sheet(alpha, stage.light.haze), -stage.side, y, depth)
    return replace(layer, motion=Motion(sway=(stage.unit * 0.015, 0), period=17, delay=depth))


def desert(stage: Stage) -> Set:
    """Dunes with sharp crests, one behind another."""
    horizon = 0.56
    back = sky(stage, horizon)
    sand: Colour = (236, 190, 122)
    if stage.flora.snow:
        sand = mix(sand, SNOW, 0.4)
    for number, (base, tall, far, depth) in enumerate(
        (
            (0.58, 0.1, 0.75, 0.1),
            (0.66, 0.15, 0.42, 0.22),
            (0.77, 0.2, 0.18, 0.45),
            (0.93, 0.17, 0.03, 0.9),
        )
    ):
        back.append(_dune(stage, Relief(number, *(base, tall), far, depth), sand))
    return Set(back=back, feet=0.835)


def _dune(stage: Stage, row: Relief, sand: Colour) -> Layer:
    """A dune: each crest throws a lee side into shade, with a wind-drawn edge between them."""
    number, level, tall, far, depth = row
    rng, light = stage.rng(f"dune{number}"), stage.light
    height, width = stage.full
    scale = width / stage.unit
    bumps = ridge(rng, width, (2.6, 1.6, 1.1, 0.8)[number] * scale * 0.7, octaves=2, gain=0.25)
    line = stage.y(level) - bumps * np.float32(tall * stage.unit)
    first = max(0, int(line.min()) - 2)
    local = line - np.float32(first)
    rows = np.arange(height - first, dtype=np.float32)[:, None]
    down = rows - local[None, :]
    side = np.float32(1 if stage.sun_x > 0.5 else -1)
    curve = (ridge(rng, height - first, 3, octaves=2, gain=0.3)[:, None] - 0.5) * np.float32(
        0.1 * stage.unit
    )
    columns = np.arange(width, dtype=np.float32)[None, :]
    source = np.clip(columns + side * down * np.float32(1.1) + curve, 0, width - 1).astype(
        np.int32
    )
    steep = np.gradient(line).astype(np.float32)
    lee = smooth(-0.02, 0.03, -steep[source] * side) * smooth(
        1.0, 0.3, down / (tall * stage.unit * 1.6)
    )
    ripple = np.sin(
        (down * 0.9 + columns * 0.05 + curve * 0.6) * np.float32(40 / stage.unit * (1 - far))
    )
    t = np.clip(
        lee * np.float32(0.85) + ripple * np.float32(0.035) + down / (stage.unit * 1.2),
        0,
        1,
    )
    lit, dark = (rgb(light.paint(sand, shade=s, distance=far)) for s in (0.0, 0.9))
    colours = lit + (dark - lit) * t[..., None]
    return stage.piece(
        sheet(below(local, height - first), colours),
        -stage.side,
        first - stage.top,
        depth,
    )
