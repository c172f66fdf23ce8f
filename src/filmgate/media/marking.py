"""Films with the mark on every frame."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from filmgate.media.films import whole
from filmgate.media.mark import drawn
from filmgate.media.writing import plain, stream_like

_GREY = 128  #: of both chroma planes

Plane = NDArray[np.float32]


def mark(path: Path, to: Path) -> dict[str, Any]:
    """
    Write the film at *path* to a file *to*, marked on every frame; its sound stays as it is.

    Raises `ValueError` when it is no playable film.
    """
    first = _first(path)
    stamp = _stamp(first.width, first.height)
    options = {"movflags": "+faststart"}
    with whole(path) as film, av.open(str(to), "w", format="mp4", options=options) as out:
        video = film.streams.video[0]
        video.thread_type = "AUTO"
        out.metadata.update(film.metadata)
        pictures = stream_like(out, video, first)
        sounds = {one.index: out.add_stream_from_template(one) for one in film.streams.audio}
        for packet in film.demux(video, *film.streams.audio):
            if packet.stream.index in sounds:
                if packet.dts is not None:  # the empty one at the end has none
                    packet.stream = sounds[packet.stream.index]
                    out.mux(packet)
                continue
            for frame in packet.decode():
                if isinstance(frame, av.VideoFrame):
                    out.mux(pictures.encode(stamp.on(plain(frame))))
        out.mux(pictures.encode())
    return {"path": str(to)}


@dataclass(frozen=True)
class _Stamp:
    """The mark, as what is laid onto the three planes of a frame."""

    light: Plane  #: luma
    cover: Plane  #: how much of it is seen, 0..1
    faint: Plane  #: the same for chroma, which has half the pixels each way

    def on(self, frame: av.VideoFrame) -> av.VideoFrame:
        """*frame*, marked."""
        for number, plane in enumerate(frame.planes):
            pixels = np.frombuffer(memoryview(plane), np.uint8).reshape(
                plane.height, plane.line_size
            )
            cover = self.faint if number else self.cover
            rows, columns = cover.shape
            corner = pixels[-rows:, plane.width - columns : plane.width]
            light = np.float32(_GREY) if number else self.light
            corner[:] = np.rint(corner + (light - corner) * cover)
        return frame


def _first(path: Path) -> av.VideoFrame:
    with whole(path) as film:
        for frame in film.decode(film.streams.video[0]):
            return plain(frame)
    message = "not a playable film: it has no frames"
    raise ValueError(message)


def _stamp(width: int, height: int) -> _Stamp:
    text = np.asarray(drawn(width, height), np.float32)
    # From full range to that of film.
    light, cover = 16 + text[..., 0] * (219 / 255), text[..., 3] / np.float32(255)
    rows, columns = cover.shape
    faint = cover.reshape(rows // 2, 2, columns // 2, 2).mean(axis=(1, 3), dtype=np.float32)
    return _Stamp(light=light, cover=cover, faint=faint)
