"""Draws one picture: a scene, or what is made of a picture that was sent."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from filmgate.domain.request import Operation
from filmgate.engines.previs import retouch
from filmgate.engines.previs.cast import placing
from filmgate.engines.previs.picture import grades, photo
from filmgate.engines.previs.picture.lens import glass
from filmgate.engines.previs.picture.paint import glow
from filmgate.engines.previs.reading import history, script
from filmgate.engines.previs.scene import Order, Setting
from filmgate.engines.previs.scenery import building
from filmgate.engines.previs.take import Props, props

QUALITY = 90  #: of JPEG and WebP

_FINEST = 3_700_000  #: pixels that are drawn; a larger picture is enlarged from so many
_SMALLEST = 64  #: pixels of a side that anything can be drawn in
_OPAQUE = 8  #: levels of a mask that are as good as none

Preview = Callable[[Path], None]


def draw(order: Order, *, progress: Callable[[int], None], preview: Preview) -> None:
    """
    Make the still of *order*; *preview* hears of up to three pictures on the way.

    The file appears when it is whole; until then it is called ``….part``.
    """
    easel = _Easel(order, progress, preview)
    if order.operation is Operation.CREATE or order.source is None:
        picture = _scene(order, easel)
    else:
        picture = _changed(order, Path(order.source), easel)
    part = Path(f"{order.output}.part")
    _save(picture, part, order.still or "png")
    with part.open("rb+") as written:
        os.fsync(written.fileno())
    part.replace(order.output)


class _Easel:
    """Where a picture grows, and from where it is shown."""

    def __init__(self, order: Order, progress: Callable[[int], None], preview: Preview) -> None:
        self._order = order
        self._progress = progress
        self._preview = preview
        self._shown = 0
        self.take((0, 0, order.width, order.height))

    def take(self, box: tuple[int, int, int, int]) -> None:
        """Paint only in that part of the picture."""
        self._whole = (box[2] - box[0], box[3] - box[1])
        wide, high = self._whole
        share = min(1.0, (_FINEST / (wide * high)) ** 0.5)
        self.size = (max(_SMALLEST, round(wide * share)), max(_SMALLEST, round(high * share)))

    def show(self, picture: Image.Image) -> None:
        """Let others see how far it is."""
        self._shown += 1
        path = Path(f"{self._order.output}.{self._shown}.png")
        part = Path(f"{path}.part")
        picture.save(part, "PNG", compress_level=1)
        part.replace(path)
        self._preview(path)
        self._progress(25 * self._shown)

    def brought(self) -> Props:
        """What is needed to draw in the size that is drawn in."""
        width, height = self.size
        return replace(props(self._order), width=width, height=height)

    def whole(self, picture: Image.Image) -> Image.Image:
        """*picture* as large as the part that is painted in."""
        return picture.resize(self._whole, Image.Resampling.LANCZOS)


def _scene(order: Order, easel: _Easel) -> Image.Image:
    play = history.play(order)
    brought, shot = easel.brought(), play.shots[0]
    stage = building.stage(shot, *easel.size, seed=play.seed, variant=play.variant)
    scene = building.scenery(stage)
    nothing = Image.new("RGB", easel.size)
    easel.show(retouch.seen(stage, scene.back[: max(1, len(scene.back) // 3)], nothing))
    easel.show(retouch.seen(stage, [*scene.back, *scene.front], nothing))
    world = placing.placed(stage, scene, brought.visitors)
    if len(world) > len(scene.back) + len(scene.front):
        easel.show(retouch.seen(stage, world, nothing))
    world = grades.graded(world, shot.style)
    front = glass(stage, world, text=shot.text if brought.captions else "")
    return easel.whole(retouch.seen(stage, [*world, *front], nothing))


def _changed(order: Order, source: Path, easel: _Easel) -> Image.Image:
    """A picture that was sent, changed; where no mask lets it be, it stays as it is."""
    size = (order.width, order.height)
    original = ImageOps.fit(photo.load(source), size, Image.Resampling.LANCZOS)
    free = _free(order, size)
    box = free.getbbox() if free else (0, 0, *size)
    if box is None:
        msg = "The mask is opaque everywhere: make clear what of the image may be changed."
        raise photo.BadReferenceError(msg)
    easel.take(box)

    def laid(picture: Image.Image) -> Image.Image:
        new = original.copy()
        new.paste(easel.whole(picture), box, free.crop(box) if free else None)
        return new

    change, seed = history.change(order), script.seeded(order.seed, order.prompt)
    brought, said = easel.brought(), retouch.said_of(change)
    small = original.crop(box).resize(easel.size, Image.Resampling.LANCZOS)
    anew = free is not None and Setting in said
    nothing = not (change.reading.meanings or change.reading.style or brought.visitors)
    if anew:
        small = retouch.place(change.shot, easel.size, seed)
    elif nothing and free is None:
        small = _varied(small, seed)
    look = retouch.retouch(change, brought, seed, placed=anew)
    graded = look.graded(small)
    easel.show(laid(graded))
    return laid(retouch.seen(look.stage, look.layers, graded))


def _free(order: Order, size: tuple[int, int]) -> Image.Image | None:
    """Where the picture may be changed: fully where the mask is clear."""
    if order.mask is None:
        return None
    alpha = photo.load(Path(order.mask), "RGBA").getchannel("A")
    clear = ImageOps.invert(ImageOps.fit(alpha, size, Image.Resampling.LANCZOS))
    # What is nearly opaque protects altogether: not one pixel of the rest may change.
    return clear.point(lambda value: 0 if value < _OPAQUE else value)


def _varied(picture: Image.Image, seed: int) -> Image.Image:
    """The same picture, seen otherwise: turned round, closer, in another light."""
    rng = np.random.default_rng([seed, *b"variation"])
    width, height = picture.size
    share = 0.74 + 0.14 * float(rng.random())
    wide, high = width * share, height * share
    left = (width - wide) * float(rng.random())
    top = (height - high) * float(rng.random())
    box = (left, top, left + wide, top + high)
    closer = picture.resize(picture.size, Image.Resampling.LANCZOS, box=box)
    if rng.random() < 0.6:
        closer = ImageOps.mirror(closer)
    shine = glow((height, width), width * float(rng.random()), 0, max(picture.size) * 0.6)
    light = Image.fromarray((shine * 110).astype(np.uint8))
    return Image.composite(Image.new("RGB", picture.size, (255, 240, 214)), closer, light)


def _save(picture: Image.Image, path: Path, kind: str) -> None:
    options = {"png": {}, "jpeg": {"quality": QUALITY}, "webp": {"quality": QUALITY}}[kind]
    picture.save(path, kind.upper(), **options)
