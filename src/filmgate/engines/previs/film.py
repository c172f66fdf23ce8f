"""Draws a script, frame by frame, and writes it down as an mp4 with sound."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from fractions import Fraction
from itertools import takewhile
from pathlib import Path

import av
import numpy as np
from PIL import Image

from filmgate.engines.previs.picture import grades, photo
from filmgate.engines.previs.picture.camera import Rig, View, slides
from filmgate.engines.previs.picture.lens import glass
from filmgate.engines.previs.picture.overlay import Stack, opened
from filmgate.engines.previs.picture.stage import STILL, Layer, Stage
from filmgate.engines.previs.reading import script
from filmgate.engines.previs.scene import Camera, Order, Script
from filmgate.engines.previs.scenery import building
from filmgate.engines.previs.scenery.water import flat
from filmgate.engines.previs.sound import mixing

RATE = 48_000  #: samples a second

_CHUNK = 1024  # samples in one frame of AAC
#: A coarse search for motion saves a third of the encoder's time: drawn layers move evenly.
#: With mbtree, x264 reads memory that nobody has written, and the same pictures come out
#: otherwise from run to run; without it they need a little more room, so crf is 24.
_X264: Mapping[str, str] = {
    "preset": "veryfast",
    "crf": "24",
    "x264-params": "mbtree=0:subme=1:me=dia",
}
_LEVEL = 0.72  #: of the height, where zooming moves nothing: close to the cast's feet
_AHEAD = 8  # frames that may be drawn before they are encoded


def render(order: Order, *, progress: Callable[[int], None]) -> None:
    """
    Make the film of *order* at its output; *progress* hears the percentage done, 0..99.

    The file appears when it is whole; until then it is called ``….part``.
    """
    play = script.read(order.prompt, seconds=order.seconds, seed=order.seed)
    picture = photo.load(Path(order.reference)) if order.reference else None
    part = Path(f"{order.output}.part")
    with av.open(str(part), "w", format="mp4", options={"movflags": "+faststart"}) as container:
        _write(container, play, order, picture, progress)
    with part.open("rb+") as written:
        os.fsync(written.fileno())
    part.replace(order.output)


def still(play: Script, order: Order, *, at: float = 0.0) -> Image.Image:
    """The picture that the film of *order* shows *at* so many seconds, not encoded."""
    picture = photo.load(Path(order.reference)) if order.reference else None
    start = 0.0
    for number, shot in enumerate(play.shots):
        if at < start + shot.seconds or number == len(play.shots) - 1:
            frame = _Take(play, number, order, picture).frame(at - start, 0)
            return Image.fromarray(frame.to_ndarray(format="rgb24"))
        start += shot.seconds
    msg = "A script without shots has no pictures."
    raise ValueError(msg)


class _Take:
    """One shot, ready to be filmed."""

    def __init__(
        self, play: Script, number: int, order: Order, picture: Image.Image | None
    ) -> None:
        shot = play.shots[number]
        if picture and shot.camera is Camera.STATIC:
            # Nothing in a photograph moves by itself.
            shot = replace(shot, camera=Camera.PUSH)
        width, height = order.width, order.height
        stage = building.stage(shot, width, height, seed=play.seed, number=number)
        self._rig = Rig(shot, width, height, play.seed)
        self._size = (width, height)
        world = photo.world(stage, picture) if picture else building.world(stage)
        world = grades.graded(world, shot.style)
        front = glass(stage, world, text=shot.text)
        still = 0 if slides(shot.camera) else _resting(world)
        self._canvas = _painted(stage, world[:still])
        world = world[still:]
        self._layers = [replace(layer, cells=()) for layer in world]
        self._world = Stack(width, height, world, fps=order.fps)
        self._front = Stack(width, height, front, fps=order.fps)
        self._none = [(0.0, 0.0)] * len(front)

    def frame(self, seconds: float, number: int) -> av.VideoFrame:
        """The picture *seconds* into the shot; *number* must grow from call to call."""
        view = self._rig.view(seconds)
        shifts = [view.shift(layer.depth, pinned=layer.pinned) for layer in self._layers]
        laid = self._world.lay(self._canvas, number, seconds, shifts)
        seen = _framed(laid, view, *self._size)
        return self._front.lay(seen, number, seconds, self._none)


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


def _cuts(play: Script, fps: int) -> Iterator[tuple[int, int]]:
    """For each shot the number of its first frame, and of the one after its last."""
    ends = np.cumsum([shot.seconds for shot in play.shots])
    last = 0
    for end in ends:
        yield last, round(float(end) * fps)
        last = round(float(end) * fps)


def _write(
    container: av.container.OutputContainer,
    play: Script,
    order: Order,
    picture: Image.Image | None,
    progress: Callable[[int], None],
) -> None:
    video = container.add_stream("libx264", rate=order.fps)
    video.width, video.height, video.pix_fmt = order.width, order.height, "yuv420p"
    video.options = dict(_X264)
    video.thread_count = 2
    track = _Soundtrack(container, play)
    frames = max(1, round(order.seconds * order.fps))
    for number, frame in enumerate(_ahead(_pictures(play, order, picture)), start=1):
        container.mux(video.encode(frame))
        track.until(number / order.fps)
        progress(min(99, number * 100 // frames))
    container.mux(video.encode())
    track.finish()


def _pictures(
    play: Script, order: Order, picture: Image.Image | None
) -> Iterator[av.VideoFrame]:
    """Every frame of the film in turn."""
    for number, (first, end) in enumerate(_cuts(play, order.fps)):
        if first == end:
            continue
        take = _Take(play, number, order, picture)
        for n in range(first, end):
            frame = take.frame((n - first) / order.fps, n)
            frame.pts, frame.time_base = n, Fraction(1, order.fps)
            yield frame
        # Two shots together would take twice the memory.
        del take, frame


def _ahead(frames: Iterator[av.VideoFrame]) -> Iterator[av.VideoFrame]:
    """The same *frames*, drawn in a second thread while the first encodes earlier ones."""
    with ThreadPoolExecutor(max_workers=1) as painter:
        coming = deque(painter.submit(next, frames, None) for _ in range(_AHEAD))
        while (frame := coming.popleft().result()) is not None:
            coming.append(painter.submit(next, frames, None))
            yield frame


class _Soundtrack:
    """Writes the sound a little at a time, so that it lies beside the picture in the file."""

    def __init__(self, container: av.container.OutputContainer, play: Script) -> None:
        self._container = container
        self._samples = mixing.mix(play, rate=RATE)
        self._stream = container.add_stream("aac", rate=RATE, layout="stereo")
        self._stream.bit_rate = 128_000
        self._done = 0

    def until(self, seconds: float) -> None:
        """Write what is heard before *seconds*, in whole frames."""
        while self._done + _CHUNK <= min(seconds * RATE, self._samples.shape[1]):
            self._encode(self._done + _CHUNK)

    def finish(self) -> None:
        """Write the rest."""
        while self._done < self._samples.shape[1]:
            self._encode(min(self._done + _CHUNK, self._samples.shape[1]))
        self._container.mux(self._stream.encode())

    def _encode(self, end: int) -> None:
        piece = np.ascontiguousarray(self._samples[:, self._done : end])
        frame = av.AudioFrame.from_ndarray(piece, format="fltp", layout="stereo")
        frame.sample_rate, frame.pts = RATE, self._done
        frame.time_base = Fraction(1, RATE)
        self._container.mux(self._stream.encode(frame))
        self._done = end
