"""A film's end: it dissolves into the picture that it is to end on."""

from __future__ import annotations

import av
import numpy as np
from PIL import Image

from filmgate.engines.previs.picture import photo
from filmgate.engines.previs.picture.overlay import opened

_SHARE = 0.2  #: of a film


class Ending:
    """The last picture of a film of so many *frames*, and the way there."""

    def __init__(self, picture: Image.Image, size: tuple[int, int], frames: int) -> None:
        pixels = np.asarray(photo.whole(picture, size))
        frame = av.VideoFrame.from_ndarray(pixels, format="rgb24").reformat(format="yuv420p")
        self._planes = tuple(plane.astype(np.float32) for plane in opened(frame))
        self._last = frames - 1
        self._span = max(1, round(frames * _SHARE))

    def reached(self, frame: av.VideoFrame, number: int) -> av.VideoFrame:
        """*frame*, the film's *number*-th, as far into the last picture as it is by then."""
        way = 1 - (self._last - number) / self._span
        if way <= 0:
            return frame
        share = np.float32(way * way * (3 - 2 * way))
        out = av.VideoFrame(frame.width, frame.height, "yuv420p")
        for source, target, last in zip(opened(frame), opened(out), self._planes, strict=True):
            target[:] = (source + (last - source) * share + np.float32(0.5)).astype(np.uint8)
        return out
