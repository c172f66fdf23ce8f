"""One shot, ready to be filmed: its layers, its camera, and the glass before the lens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from pathlib import Path

import av
import numpy as np
from PIL import Image

from filmgate.engines.previs.cast import placing
from filmgate.engines.previs.cast.guests import Visitor
from filmgate.engines.previs.picture import grades, photo
from filmgate.engines.previs.picture.camera import Rig, View, slides
from filmgate.engines.previs.picture.lens import glass
from filmgate.engines.previs.picture.overlay import Stack, opened
from filmgate.engines.previs.picture.stage import STILL, Layer, Stage
from filmgate.engines.previs.scene import Camera, Order, Script
from filmgate.engines.previs.scenery import building
from filmgate.engines.previs.scenery.land import Set
from filmgate.engines.previs.scenery.water import flat

_LEVEL = 0.72  #: of the height, where zooming moves nothing: close to the cast's feet


@dataclass(frozen=True, kw_only=True)
class Props:
    """What a take needs besides its script."""

    width: int
    height: int
    fps: int
    captions: bool = True
    picture: Image.Image | None = None  #: that the film starts from
    held: bool = False  #: it is the frame before: sharp, and the cast comes into it
    visitors: tuple[Visitor, ...] = ()


def props(order: Order) -> Props:
    """What *order* brings along; `photo.BadReferenceError` if a picture is none."""
    return Props(
        width=order.width,
        height=order.height,
        fps=order.fps,
        captions=order.captions,
        picture=photo.load(Path(order.reference)) if order.reference else None,
        visitors=tuple(
            Visitor(
                picture=photo.load(Path(guest.picture), "RGBA"),
                name=guest.name,
                labelled=order.captions,
            )
            for guest in order.guests
        ),
    )


class Take:
    """One shot, ready to be filmed."""

    def __init__(self, play: Script, number: int, brought: Props) -> None:
        shot = play.shots[number]
        if brought.picture and (brought.held or shot.camera is Camera.STATIC):
            # Nothing in a photograph moves by itself.
            shot = replace(shot, camera=Camera.PUSH)
        width, height = brought.width, brought.height
        stage = building.stage(
            shot, width, height, seed=play.seed, number=number, variant=play.variant
        )
        self._rig = Rig(shot, width, height, play.seed)
        self._size = (width, height)
        world = grades.graded(_world(stage, brought), shot.style)
        text = shot.text if brought.captions else ""
        front = glass(stage, world, text=text, filmed=brought.held)
        still = 0 if slides(shot.camera) else _resting(world)
        self._canvas = _painted(stage, world[:still])
        world = world[still:]
        self._layers = [replace(layer, cells=()) for layer in world]
        self._world = Stack(width, height, world, fps=brought.fps)
        self._front = Stack(width, height, front, fps=brought.fps)
        self._none = [(0.0, 0.0)] * len(front)

    def frame(self, seconds: float, number: int) -> av.VideoFrame:
        """The picture *seconds* into the shot; *number* must grow from call to call."""
        view = self._rig.view(seconds)
        shifts = [view.shift(layer.depth, pinned=layer.pinned) for layer in self._layers]
        laid = self._world.lay(self._canvas, number, seconds, shifts)
        seen = _framed(laid, view, *self._size)
        return self._front.lay(seen, number, seconds, self._none)


def _world(stage: Stage, brought: Props) -> list[Layer]:
    if brought.picture is None:
        return building.world(stage, brought.visitors)
    if brought.held:
        scene = Set(back=photo.held(stage, brought.picture))
        return placing.placed(stage, scene, brought.visitors)
    scene = Set(back=photo.world(stage, brought.picture))
    nobody = replace(stage, shot=replace(stage.shot, subjects=()))
    return placing.placed(nobody, scene, brought.visitors)


def _resting(layers: Sequence[Layer]) -> int:
    """How many of the first *layers* do not move by themselves."""

    def rests(layer: Layer) -> bool:
        return layer.motion == STILL and len(layer.cells) == 1

    return sum(1 for _ in takewhile(rests, layers))


def _painted(stage: Stage, layers: Sequence[Layer]) -> av.VideoFrame:
    """The *layers* as one picture to lay the others on, so that it is drawn but once."""
    picture = flat(stage, layers).convert("RGB")
    box = (stage.side, stage.top, stage.side + stage.width, stage.top + stage.height)
    pixels = np.asarray(picture.crop(box))
    return av.VideoFrame.from_ndarray(pixels, format="rgb24").reformat(format="yuv420p")


def _framed(frame: av.VideoFrame, view: View, width: int, height: int) -> av.VideoFrame:
    """The part of *frame* that the camera sees, to a fraction of a pixel."""
    if view.zoom <= 1:
        return frame
    room = 1 - 1 / view.zoom
    left = room * (0.5 + max(-0.5, min(0.5, view.shake[0] / room)))
    top = room * (_LEVEL + max(-_LEVEL, min(1 - _LEVEL, view.shake[1] / room)))
    out = av.VideoFrame(width, height, "yuv420p")
    for source, target in zip(opened(frame), opened(out), strict=True):
        high, wide = source.shape
        box = (
            left * wide,
            top * high,
            (left + 1 / view.zoom) * wide,
            (top + 1 / view.zoom) * high,
        )
        plane = Image.fromarray(np.ascontiguousarray(source))
        target[:] = np.asarray(plane.resize((wide, high), Image.Resampling.BILINEAR, box=box))
    return out
