"""Those that the caller sent a picture of: a puppet with a portrait, or a cut-out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageOps

from filmgate.engines.previs.cast import lighting, subjects
from filmgate.engines.previs.picture import caption
from filmgate.engines.previs.picture.paint import Pixels, Plane, over, rgb, sheet, smooth
from filmgate.engines.previs.picture.stage import Layer, Motion, Stage
from filmgate.engines.previs.scene import Camera, Subject

#: Whose part a character may play.
_ROLES = (Subject.PERSON, Subject.CHILD, Subject.DANCER, Subject.COUPLE)
_CELLS = 6
_PUPPET, _CARD = 0.56, 0.46  #: heights, as shares of the frame's
_HEAD = 0.42  #: of a puppet's height
_WIDEST = 0.3  #: of the frame's width, for a cut-out
_DIM = 0.22  #: how much of a picture's light the scene's replaces at night
_PLAIN = 26  #: how far a backdrop's colours are apart, 0..255
_READABLE = 200  #: pixels of the frame's height, below which names are not
_FEW = 5  #: more stand in a row
_PLACES = tuple(n / 24 for n in range(3, 22))


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """Somebody's picture, RGBA; with a name it is a portrait."""

    picture: Image.Image
    name: str | None = None
    labelled: bool = True  #: the name is written over it


def relieved(cast: Sequence[Subject], visitors: Sequence[Visitor]) -> tuple[Subject, ...]:
    """The *cast* without those whose parts the visitors play."""
    free = sum(visitor.name is not None for visitor in visitors)
    kept = []
    for subject in cast:
        if free and subject in _ROLES:
            free -= 1
        else:
            kept.append(subject)
    return tuple(kept)


def seen(
    stage: Stage, feet: float, visitors: Sequence[Visitor], taken: Sequence[float]
) -> list[Layer]:
    """The layers of all *visitors*, in places that nobody has *taken*."""
    layers: list[Layer] = []
    places = _places(stage, len(visitors), taken)
    many = len(visitors) > _FEW
    scale = min(1.0, (3.4 / max(1, len(visitors))) ** 0.5)
    # Every other one stands further back, behind the rest.
    for number in (*range(1, len(visitors), 2), *range(0, len(visitors), 2)):
        visitor, back = visitors[number], number % 2
        draw = _puppet if visitor.name is not None else _card
        cells = draw(stage, visitor, scale * (0.9 if back else 1.0))
        at = (places[number], feet - back * (0.17 if many else 0.02))
        layers += _standing(stage, cells, at, number)
    return layers


def _places(stage: Stage, count: int, taken: Sequence[float]) -> list[float]:
    """Where *count* more may stand: far from the others, but near the middle."""
    if count > _FEW:
        return [float(x) for x in np.linspace(0.07, 0.93, count)]
    found: list[float] = []
    if count and not taken:
        found.append(stage.hero_x)
    while len(found) < count:
        others = (*taken, *found)

        def room(place: float, others: Sequence[float] = others) -> float:
            return min(abs(place - other) for other in others) - 0.3 * abs(place - 0.5)

        found.append(max(_PLACES, key=room))
    return found[:count]


def _standing(
    stage: Stage, cells: tuple[Pixels, ...], at: tuple[float, float], number: int
) -> list[Layer]:
    high, wide = cells[0].shape[:2]
    x, feet = at[0] * stage.width, at[1] * stage.height
    rng = stage.rng(f"visitor{number}")
    delay = float(rng.random())
    pinned = stage.shot.camera is Camera.TRACKING
    layer = Layer(
        cells=cells,
        x=x - wide / 2,
        y=feet - high,
        depth=1.0,
        motion=Motion(sway=(0.0, high * 0.006), period=2.4 + float(rng.random()), delay=delay),
        rate=6.0 if len(cells) > 1 else 0.0,
        pinned=pinned,
    )
    shadow = lighting.contact(stage, (x, feet), wide * 0.7, 1.0, pinned=pinned)
    return [lighting.halo(stage, layer), shadow, layer]


def _puppet(stage: Stage, visitor: Visitor, scale: float) -> tuple[Pixels, ...]:
    """A walking figure whose head is the portrait, and over it the name."""
    tall = max(16, round(_PUPPET * scale * stage.unit))
    head = max(8, 2 * round(_HEAD * tall / 2))
    masks = [
        _headless(subjects.draw(Subject.PERSON, round(tall * 0.74), n / _CELLS))
        for n in range(_CELLS)
    ]
    bodies = lighting.cells(stage, masks)
    face = _face(stage, visitor.picture, head)
    written = visitor.labelled and stage.height >= _READABLE
    label = _label(visitor.name or "", head) if written else None
    above = label.shape[0] + 2 if label is not None else 0
    wide = max(face.shape[1], bodies[0].shape[1], 0 if label is None else label.shape[1])
    cells = []
    for body in bodies:
        cell = np.zeros((tall + above, wide + wide % 2, 4), np.uint8)
        cell[..., :3] = body[-1, 0, :3]
        room = min(tall, body.shape[0])
        _put(cell[-room:], body[-room:], top=0)
        _put(cell, face, top=above)
        if label is not None:
            _put(cell, label, top=0)
        cells.append(cell)
    return tuple(cells)


def _headless(mask: Image.Image) -> Image.Image:
    """A walker up to the neck: the portrait comes in front of the rest."""
    pen = ImageDraw.Draw(mask)
    pen.rectangle((0, 0, mask.width, mask.height * 0.12), fill=0)
    return mask


def _face(stage: Stage, picture: Image.Image, side: int) -> Pixels:
    """The middle of a portrait as a disc with a bright rim."""
    image = ImageOps.fit(
        picture.convert("RGB"), (side, side), Image.Resampling.LANCZOS, centering=(0.5, 0.4)
    )
    axis = np.linspace(-1, 1, side, dtype=np.float32)
    away = np.sqrt(axis[:, None] ** 2 + axis[None, :] ** 2)
    edge = 2.0 / side
    rim = smooth(1 - 0.09 - edge, 1 - 0.09 + edge, away)[..., None]
    colours = _dimmed(stage, image)
    colours = colours + (rgb(stage.light.rim) - colours) * rim
    return sheet(smooth(1.0, 1 - 2 * edge, away), colours)


def _dimmed(stage: Stage, image: Image.Image) -> Plane:
    """A picture's colours in the scene's light; they must stay recognisable."""
    colours = np.asarray(image, np.float32)
    dim = np.float32(_DIM * stage.light.lamps)
    tint = rgb(stage.light.haze) / np.float32(255)
    return colours * (1 - dim + dim * tint)


def _card(stage: Stage, visitor: Visitor, scale: float) -> tuple[Pixels, ...]:
    """A picture's subject if its backdrop is plain, or else all of it with soft edges."""
    box = (_WIDEST * scale * stage.width, _CARD * scale * stage.unit)
    picture = visitor.picture
    share = min(box[0] / picture.width, box[1] / picture.height)
    size = (max(4, round(picture.width * share)), max(4, round(picture.height * share)))
    small = picture.resize(size, Image.Resampling.LANCZOS)
    alpha = _outline(small)
    pixels = sheet(alpha, _dimmed(stage, small.convert("RGB")))
    rows = np.flatnonzero((alpha > 0.3).any(axis=1))
    return (pixels[: int(rows[-1]) + 1] if len(rows) else pixels,)


def _outline(picture: Image.Image) -> Plane:
    """What of a *picture* is its subject, 0..1."""
    alpha = np.asarray(picture.getchannel("A"), np.float32) / np.float32(255)
    if alpha.min() < 0.5:
        return alpha
    colours = np.asarray(picture.convert("RGB"), np.int16)
    border = np.concatenate([colours[0], colours[-1], colours[:, 0], colours[:, -1]])
    if np.abs(border - np.median(border, axis=0)).max() < _PLAIN:
        return _cut(picture)
    height, width = alpha.shape
    rows = np.minimum(np.arange(height), np.arange(height)[::-1])[:, None]
    columns = np.minimum(np.arange(width), np.arange(width)[::-1])[None, :]
    soft = max(1.5, min(height, width) * 0.06)
    return smooth(0, soft, np.minimum(rows, columns).astype(np.float32) + np.float32(0.5))


def _cut(picture: Image.Image) -> Plane:
    """A *picture* without its plain backdrop, which is what its corners run into."""
    colours = np.asarray(picture.convert("RGB"), np.int16)
    like = np.abs(colours - colours[0, 0]).max(axis=2) < 2 * _PLAIN
    # A frame of backdrop around it, so that one fill reaches it from every side.
    marks = Image.fromarray(np.pad(np.where(like, 0, 255), 1).astype(np.uint8)).copy()
    ImageDraw.floodfill(marks, (0, 0), 128)
    kept = Image.fromarray(np.where(np.asarray(marks) == 128, 0, 255).astype(np.uint8))
    soft = kept.filter(ImageFilter.MinFilter(3)).filter(ImageFilter.GaussianBlur(0.7))
    return np.asarray(soft, np.float32)[1:-1, 1:-1] / np.float32(255)


def _label(name: str, head: int) -> Pixels | None:
    """The *name* on a dark pill; None if no font can write it."""
    size = max(9, round(head * 0.2))
    font = caption.font_for(name, size)
    if font is None:
        return None
    wide = min(ceil(font.getlength(name) + size * 1.2), head * 3)
    image = Image.new("RGBA", (wide, round(size * 1.7)), (10, 12, 20, 0))
    pen = ImageDraw.Draw(image)
    box = (0, 0, image.width - 1, image.height - 1)
    pen.rounded_rectangle(box, radius=image.height / 2, fill=(10, 12, 20, 170))
    pen.text((size * 0.6, image.height / 2), name, (250, 250, 252, 255), font, "lm")
    return np.array(image)


def _put(under: Pixels, piece: Pixels, *, top: int) -> None:
    """Lay *piece* on the middle of *under*, *top* pixels down."""
    left = (under.shape[1] - piece.shape[1]) // 2
    over(under[top : top + piece.shape[0], left : left + piece.shape[1]], piece)
