"""Writes a film down, frame by frame, as an mp4 with sound."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from PIL import Image

from filmgate.engines.previs import reels
from filmgate.engines.previs.reels import RATE, Reel
from filmgate.engines.previs.scene import Order, Script
from filmgate.engines.previs.sound.noises import Wave
from filmgate.engines.previs.take import Take, props

__all__ = ["RATE", "render", "still"]

_CHUNK = 1024  # samples in one frame of AAC
#: A coarse search for motion saves a third of the encoder's time: drawn layers move evenly.
#: With mbtree, x264 reads memory that nobody has written, and the same pictures come out
#: otherwise from run to run; without it they need a little more room, so crf is 24.
_X264: Mapping[str, str] = {
    "preset": "veryfast",
    "crf": "24",
    "x264-params": "mbtree=0:subme=1:me=dia",
}
_AHEAD = 8  # frames that may be drawn before they are encoded


def render(order: Order, *, progress: Callable[[int], None]) -> None:
    """
    Make the film of *order* at its output; *progress* hears the percentage done, 0..99.

    The file appears when it is whole; until then it is called ``….part``.
    """
    reel = reels.reel(order)
    part = Path(f"{order.output}.part")
    with av.open(str(part), "w", format="mp4", options={"movflags": "+faststart"}) as container:
        _write(container, reel, order, progress)
    with part.open("rb+") as written:
        os.fsync(written.fileno())
    part.replace(order.output)


def still(play: Script, order: Order, *, at: float = 0.0) -> Image.Image:
    """The picture that the film of *order* shows *at* so many seconds, not encoded."""
    start = 0.0
    for number, shot in enumerate(play.shots):
        if at < start + shot.seconds or number == len(play.shots) - 1:
            frame = Take(play, number, props(order)).frame(at - start, 0)
            return Image.fromarray(frame.to_ndarray(format="rgb24"))
        start += shot.seconds
    msg = "A script without shots has no pictures."
    raise ValueError(msg)


def _write(
    container: av.container.OutputContainer,
    reel: Reel,
    order: Order,
    progress: Callable[[int], None],
) -> None:
    video = container.add_stream("libx264", rate=reel.fps)
    video.width, video.height, video.pix_fmt = order.width, order.height, "yuv420p"
    video.options = dict(_X264)
    video.thread_count = 2
    track = None if reel.sound is None else _Soundtrack(container, reel.sound)
    for number, frame in enumerate(_ahead(reel.frames)):
        frame.pts, frame.time_base = number, Fraction(1, reel.fps)
        container.mux(video.encode(frame))
        if track:
            track.until((number + 1) / reel.fps)
        progress(min(99, (number + 1) * 100 // max(1, reel.count)))
    container.mux(video.encode())
    if track:
        track.finish()


def _ahead(frames: Iterator[av.VideoFrame]) -> Iterator[av.VideoFrame]:
    """The same *frames*, drawn in a second thread while the first encodes earlier ones."""
    with ThreadPoolExecutor(max_workers=1) as painter:
        coming = deque(painter.submit(next, frames, None) for _ in range(_AHEAD))
        while (frame := coming.popleft().result()) is not None:
            coming.append(painter.submit(next, frames, None))
            yield frame


class _Soundtrack:
    """Writes the sound a little at a time, so that it lies beside the picture in the file."""

    def __init__(self, container: av.container.OutputContainer, samples: Wave) -> None:
        self._container = container
        self._samples = samples
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
