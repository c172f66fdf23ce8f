"""Writes pictures and sound down as an mp4: H.264, and AAC if there is sound."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

_CHUNK = 1024  #: samples in one frame of AAC
_X264: Mapping[str, str] = {"preset": "medium", "crf": "18"}
#: Samples a second that AAC knows.
_RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 64000, 88200, 96000)

Samples = NDArray[np.float32]


@dataclass(frozen=True)
class Sound:
    samples: Samples  #: channels by samples, from -1 to 1
    rate: int  #: samples a second


def write(  # noqa: PLR0913 (what a film is)
    path: Path,
    frames: NDArray[Any],
    *,
    size: tuple[int, int],
    fps: int,
    sound: Sound | None,
    tell: Callable[[float], None],
) -> None:
    """
    Write *frames*, each height by width by RGB, from 0 to 1, with *sound* of their length.

    Larger ones are cut around the middle, others are scaled to *size*. *tell* hears the
    share that is done. The file appears when it is whole.
    """
    part = Path(f"{path}.part")
    with av.open(str(part), "w", format="mp4", options={"movflags": "+faststart"}) as container:
        video = container.add_stream("libx264", rate=fps)
        video.width, video.height = size
        video.pix_fmt, video.options = "yuv420p", dict(_X264)
        track = _Track(container, _fitted(sound, len(frames) / fps)) if sound else None
        for number, frame in enumerate(frames):
            picture = av.VideoFrame.from_ndarray(_bytes(_cut(frame, size)), format="rgb24")
            picture = picture.reformat(*size, format="yuv420p")
            picture.pts, picture.time_base = number, Fraction(1, fps)
            container.mux(video.encode(picture))
            if track:
                track.until((number + 1) / fps)
            tell((number + 1) / len(frames))
        container.mux(video.encode())
        if track:
            track.finish()
    with part.open("rb+") as written:
        os.fsync(written.fileno())
    part.replace(path)


def _cut(frame: NDArray[Any], size: tuple[int, int]) -> NDArray[Any]:
    width, height = size
    top, left = (frame.shape[0] - height) // 2, (frame.shape[1] - width) // 2
    if top < 0 or left < 0:
        return frame
    return frame[top : top + height, left : left + width]


def _bytes(frame: NDArray[Any]) -> NDArray[np.uint8]:
    whole = np.clip(np.nan_to_num(frame) * 255 + 0.5, 0, 255)
    return np.ascontiguousarray(whole.astype(np.uint8))


def _fitted(sound: Sound, seconds: float) -> Sound:
    """One or two channels, as long as the film: cut off, or silent at the end."""
    wanted = round(seconds * sound.rate)
    samples = np.clip(np.nan_to_num(sound.samples[:2, :wanted]), -1, 1)
    silence = ((0, 0), (0, wanted - samples.shape[1]))
    return Sound(np.pad(samples, silence).astype(np.float32), sound.rate)


class _Track:
    """Writes the sound a little at a time, so that it lies beside the picture in the file."""

    def __init__(self, container: av.container.OutputContainer, sound: Sound) -> None:
        self._container = container
        self._sound = sound
        self._layout = "mono" if len(sound.samples) == 1 else "stereo"
        nearest = min(_RATES, key=lambda rate: abs(rate - sound.rate))
        self._stream = container.add_stream("aac", rate=nearest, layout=self._layout)
        self._stream.bit_rate = 128_000
        self._resampler = av.AudioResampler(format="fltp", layout=self._layout, rate=nearest)
        self._done = 0

    def until(self, seconds: float) -> None:
        """Write what is heard before *seconds*, in whole frames."""
        while self._done + _CHUNK <= min(seconds * self._sound.rate, self._count):
            self._encode(self._done + _CHUNK)

    def finish(self) -> None:
        """Write the rest."""
        while self._done < self._count:
            self._encode(min(self._done + _CHUNK, self._count))
        for frame in self._resampler.resample(None):
            self._container.mux(self._stream.encode(frame))
        self._container.mux(self._stream.encode())

    @property
    def _count(self) -> int:
        return int(self._sound.samples.shape[1])

    def _encode(self, end: int) -> None:
        piece = np.ascontiguousarray(self._sound.samples[:, self._done : end])
        frame = av.AudioFrame.from_ndarray(piece, format="fltp", layout=self._layout)
        frame.sample_rate, frame.pts = self._sound.rate, self._done
        frame.time_base = Fraction(1, self._sound.rate)
        for one in self._resampler.resample(frame):
            self._container.mux(self._stream.encode(one))
        self._done = end
