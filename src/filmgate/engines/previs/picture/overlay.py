"""Lays layers over one another with libavfilter, moving each of them by half pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import floor

import av
import numpy as np
from av.filter import Graph
from av.filter.context import FilterContext
from av.video.format import VideoFormat
from numpy.typing import NDArray

from filmgate.engines.previs.picture.paint import Pixels
from filmgate.engines.previs.picture.stage import Layer

_Planes = tuple[NDArray[np.uint8], ...]
_Phase = tuple[int, int]  #: how many half pixels a sheet is drawn to the right, and down; 0..3


_OPAQUE, _CLEAR = VideoFormat("yuv420p"), VideoFormat("yuva420p")


#: Pixels of a frame; in a larger one a step of two is as small as half a one at 720 lines,
#: and copies of its layers would take gigabytes.
_FINEST = 2_400_000


def opened(frame: av.VideoFrame) -> _Planes:
    """The planes of *frame*, which stay its own: writing to them changes it."""
    return tuple(
        np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)[
            :, : plane.width
        ]
        for plane in frame.planes
    )


def _lerp(plane: NDArray[np.uint8], quarters: int, axis: int) -> NDArray[np.uint8]:
    """*plane* moved on by *quarters* of a pixel (0..7) along *axis*."""
    whole, part = divmod(quarters, 4)
    moved = np.roll(plane, whole, axis) if whole else plane
    if not part:
        return moved
    near = moved.astype(np.uint16) * np.uint16(4 - part)
    far = np.roll(moved, 1, axis).astype(np.uint16) * np.uint16(part)
    return ((near + far + np.uint16(2)) >> np.uint16(2)).astype(np.uint8)


def _frame(pixels: Pixels) -> av.VideoFrame:
    """*pixels* with a clear border of two, as yuva420p of even size."""
    height, width = pixels.shape[:2]
    framed = np.empty((height + 4 + height % 2, width + 4 + width % 2, 4), np.uint8)
    framed[2 : height + 2, 2 : width + 2] = pixels
    framed[:2, 2 : width + 2], framed[height + 2 :, 2 : width + 2] = (
        pixels[0],
        pixels[-1],
    )
    framed[:, :2], framed[:, width + 2 :] = (
        framed[:, 2:3],
        framed[:, width + 1 : width + 2],
    )
    framed[:2, :, 3] = framed[height + 2 :, :, 3] = 0
    framed[:, :2, 3] = framed[:, width + 2 :, 3] = 0
    return av.VideoFrame.from_ndarray(framed, format="rgba").reformat(format="yuva420p")


@dataclass
class _Track:
    """A layer on its way through the film."""

    layer: Layer  #: without its cells: they have become frames
    cells: list[av.VideoFrame]
    smooth: bool
    moved: dict[tuple[int, _Phase], av.VideoFrame] = field(default_factory=dict)
    place: tuple[int, int] = (0, 0)

    def at(self, x: float, y: float, cell: int) -> tuple[av.VideoFrame, tuple[int, int]]:
        """The frame to lay at an even place, so that the layer appears at x, y."""
        if not self.smooth:
            return self.cells[cell], (2 * round(x / 2) - 2, 2 * round(y / 2) - 2)
        across, down = floor(2 * x + 0.5), floor(2 * y + 0.5)
        phase = (across % 4, down % 4)
        place = ((across - phase[0]) // 2 - 2, (down - phase[1]) // 2 - 2)
        return self._drawn(cell, phase), place

    def _drawn(self, cell: int, phase: _Phase) -> av.VideoFrame:
        if phase == (0, 0):
            return self.cells[cell]
        key = (cell, phase)
        if key not in self.moved:
            if len(self.moved) >= 16:
                self.moved.pop(next(iter(self.moved)))
            self.moved[key] = _shifted(self.cells[cell], phase)
        return self.moved[key]


def _shifted(frame: av.VideoFrame, phase: _Phase) -> av.VideoFrame:
    out = av.VideoFrame(frame.width, frame.height, "yuva420p")
    for index, (source, target) in enumerate(zip(opened(frame), opened(out), strict=True)):
        # A step is half a pixel of brightness and opacity, and a quarter of one of colour.
        step = 1 if index in (1, 2) else 2
        target[:] = _lerp(_lerp(source, phase[0] * step, 1), phase[1] * step, 0)
    return out


class Stack:
    """Layers laid over a picture of a fixed size, frame after frame."""

    def __init__(self, width: int, height: int, layers: Sequence[Layer], *, fps: int) -> None:
        self._base = Fraction(1, fps)
        self._clear = (width, height)
        fine = width * height <= _FINEST
        self._tracks = [
            _Track(
                replace(layer, cells=()),
                [_frame(cell) for cell in layer.cells],
                layer.smooth and fine,
            )
            for layer in layers
        ]
        self._graph = Graph()
        self._graph.threads = 1
        self._source = self._graph.add_buffer(
            width=width, height=height, format=_OPAQUE, time_base=self._base
        )
        self._inlets: list[FilterContext] = []
        self._overlays: list[FilterContext] = []
        last = self._source
        for track in self._tracks:
            first = track.cells[0]
            inlet = self._graph.add_buffer(
                width=first.width,
                height=first.height,
                format=_CLEAR,
                time_base=self._base,
            )
            overlay = self._graph.add("overlay", "x=0:y=0:eval=frame:format=yuv420")
            last.link_to(overlay, 0, 0)
            inlet.link_to(overlay, 0, 1)
            self._inlets.append(inlet)
            self._overlays.append(overlay)
            last = overlay
        self._sink = self._graph.add("buffersink")
        last.link_to(self._sink)
        self._graph.configure()

    def lay(
        self,
        picture: av.VideoFrame,
        number: int,
        seconds: float,
        shifts: Sequence[tuple[float, float]],
    ) -> av.VideoFrame:
        """*picture* with every layer on it, *seconds* into its motion, moved by its shift."""
        for track, inlet, overlay, shift in zip(
            self._tracks, self._inlets, self._overlays, shifts, strict=True
        ):
            layer = track.layer
            if layer.motion.shows(seconds):
                dx, dy = layer.motion.at(seconds)
                cell = int(seconds * layer.rate) % len(track.cells)
                frame, place = track.at(layer.x + shift[0] + dx, layer.y + shift[1] + dy, cell)
            else:
                frame, place = track.cells[0], self._clear
            self._move(track, overlay, place)
            self._push(inlet, frame, number)
        self._push(self._source, picture, number)
        laid = self._sink.pull()
        if not isinstance(laid, av.VideoFrame):
            msg = "The overlay graph gave no picture."
            raise TypeError(msg)
        return laid

    def _move(self, track: _Track, overlay: FilterContext, place: tuple[int, int]) -> None:
        for name, old, new in zip("xy", track.place, place, strict=True):
            if old != new:
                overlay.process_command(name, str(new))
        track.place = place

    def _push(self, inlet: FilterContext, frame: av.VideoFrame, number: int) -> None:
        frame.pts = number
        frame.time_base = self._base
        inlet.push(frame)
