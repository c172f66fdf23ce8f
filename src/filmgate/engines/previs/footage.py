"""A film that previs is given: its pictures one by one, and its sound."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path

import av
import numpy as np
from av.audio.resampler import AudioResampler

from filmgate.engines.previs.picture.overlay import opened
from filmgate.engines.previs.picture.photo import BadReferenceError
from filmgate.engines.previs.sound.noises import Wave

_SLOWEST, _FASTEST = 12, 60  #: frames a second that are kept


class Footage:
    """A film on the disk. What cannot be read is a `BadReferenceError`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._open() as container:
            stream = container.streams.video[0]
            rate = float(stream.average_rate or 24)
            self.size = (stream.codec_context.width, stream.codec_context.height)
            self.has_sound = bool(container.streams.audio)
        self.fps = min(_FASTEST, max(_SLOWEST, round(rate)))

    def frames(self, size: tuple[int, int], fps: int, count: int) -> Iterator[av.VideoFrame]:
        """*count* pictures, *fps* a second; the last one stays if there are no more."""
        with self._open() as container:
            stream = container.streams.video[0]
            stream.thread_count = 2
            stream.thread_type = "AUTO"
            pictures = container.decode(stream)
            shown = next(pictures, None)
            if shown is None:
                raise _unreadable()
            start = shown.time or 0.0
            coming = next(pictures, None)
            for number in range(count):
                at = start + (number + 0.5) / fps
                while coming is not None and (coming.time or 0.0) < at:
                    shown, coming = coming, next(pictures, None)
                yield _copied(shown, size)

    def sound(self, rate: int, seconds: float) -> Wave:
        """What is heard: two sides, *seconds* long; silence where it has none."""
        out = np.zeros((2, round(seconds * rate)), np.float32)
        with self._open() as container:
            picture = container.streams.video[0]
            streams = container.streams.audio
            resampler = AudioResampler(format="fltp", layout="stereo", rate=rate)
            done: int | None = None
            heard = container.decode(streams[0]) if streams else iter(())
            # After the last frame comes None, for what the resampler still holds.
            for frame in chain(heard, (None,) if streams else ()):
                if frame is not None and done is None:
                    done = round(((frame.time or 0.0) - _start(picture)) * rate)
                for piece in resampler.resample(frame):
                    done = _laid(out, piece, done or 0)
                if done is not None and done >= out.shape[1]:
                    break
        return out

    @contextmanager
    def _open(self) -> Iterator[av.container.InputContainer]:
        try:
            with av.open(str(self._path)) as container:
                yield container
        except (av.error.FFmpegError, IndexError) as error:
            raise _unreadable() from error


def _start(stream: av.video.stream.VideoStream) -> float:
    return float((stream.start_time or 0) * (stream.time_base or 0))


def _laid(out: Wave, frame: av.AudioFrame, done: int) -> int:
    """Put *frame* where *done* says, be it partly before the beginning; where it ends."""
    piece = np.asarray(frame.to_ndarray(), np.float32)
    first, end = max(0, done), min(out.shape[1], done + piece.shape[1])
    if first < end:
        out[:, first:end] = piece[:, first - done : end - done]
    return done + int(piece.shape[1])


def _copied(frame: av.VideoFrame, size: tuple[int, int]) -> av.VideoFrame:
    """*frame* in that size, in memory of its own: the same one may be shown again."""
    plain = frame.reformat(width=size[0], height=size[1], format="yuv420p")
    out = av.VideoFrame(*size, "yuv420p")
    for source, target in zip(opened(plain), opened(out), strict=True):
        target[:] = source
    return out


def _unreadable() -> BadReferenceError:
    return BadReferenceError("The source film cannot be read: it is no film, or it is broken.")
