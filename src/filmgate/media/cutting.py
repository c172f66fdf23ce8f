"""A part of a film, as a film of its own."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.audio.resampler import AudioResampler

from filmgate.media.films import THUMBNAIL_QUALITY, picture, whole
from filmgate.media.writing import plain, stream_like

RATE = 48_000  #: samples a second
_CHUNK = 1024  #: samples in one frame of AAC

Wave = np.ndarray[tuple[int, int], np.dtype[np.float32]]


def cut(path: Path, folder: Path, start: float, end: float) -> dict[str, Any]:
    """
    Write what the film shows from second *start* to second *end* into *folder*, and a still.

    Raises `ValueError` when it is no playable film. Where the window is not within it,
    all that is answered is how long the film is.
    """
    with whole(path) as container:
        stream = container.streams.video[0]
        seconds = (container.duration or 0) / av.time_base
        frame = 1 / float(stream.average_rate or 24)
        if not 0 <= start < end <= seconds + frame:
            return {"outside": seconds}
        stream.thread_type = "AUTO"
        frames = _window(container, stream, start - frame / 2, end - frame / 2)
        end, first = min(end, seconds), next(frames, None)
        if first is None:
            return {"outside": seconds}
        made, still = folder / f"{path.stem}.cut.mp4", folder / f"{path.stem}.cut.webp"
        drawn = plain(first)
        with av.open(str(made), "w", format="mp4", options={"movflags": "+faststart"}) as out:
            pictures = stream_like(out, stream, drawn)
            sound = _sound(path, start, end)
            heard = None if sound is None else out.add_stream("aac", rate=RATE, layout="stereo")
            for shown in chain((first,), frames):
                one = plain(shown)
                if ((shown.time or 0.0) - (first.time or 0.0)) <= (end - start) / 3:
                    drawn = one
                one.pts = (shown.pts or 0) - (first.pts or 0)
                out.mux(pictures.encode(one))
            out.mux(pictures.encode())
            if heard is not None and sound is not None:
                _write(out, heard, sound)
    picture(drawn).save(still, "WEBP", quality=THUMBNAIL_QUALITY)
    return {
        "path": str(made),
        "still": str(still),
        "width": drawn.width,
        "height": drawn.height,
        "seconds": end - start,
    }


def _window(
    container: av.container.InputContainer,
    stream: av.video.stream.VideoStream,
    start: float,
    end: float,
) -> Iterator[av.VideoFrame]:
    """The frames that are shown from *start* up to *end*."""
    zero = _start(stream)
    for frame in container.decode(stream):
        at = (frame.time or 0.0) - zero
        if at >= end:
            return
        if at >= start:
            yield frame


def _sound(path: Path, start: float, end: float) -> Wave | None:
    """What is heard from *start* to *end*; None in a silent film."""
    with av.open(path) as container:
        if not container.streams.audio:
            return None
        zero = _start(container.streams.video[0])
        wave = np.zeros((2, round((end - start) * RATE)), np.float32)
        resampler = AudioResampler(format="fltp", layout="stereo", rate=RATE)
        done: int | None = None
        # After the last frame comes None, for what the resampler still holds.
        for frame in chain(container.decode(container.streams.audio[0]), (None,)):
            if frame is not None and done is None:
                done = round(((frame.time or 0.0) - zero - start) * RATE)
            for piece in resampler.resample(frame):
                done = _laid(wave, piece, done or 0)
            if (done or 0) >= wave.shape[1]:
                break
    return wave


def _laid(wave: Wave, frame: av.AudioFrame, done: int) -> int:
    """Put *frame* where *done* says, be it partly outside of *wave*; where it ends."""
    piece = np.asarray(frame.to_ndarray(), np.float32)
    first, end = max(0, done), min(wave.shape[1], done + piece.shape[1])
    if first < end:
        wave[:, first:end] = piece[:, first - done : end - done]
    return done + int(piece.shape[1])


def _write(
    container: av.container.OutputContainer, stream: av.audio.stream.AudioStream, wave: Wave
) -> None:
    for start in range(0, wave.shape[1], _CHUNK):
        piece = np.ascontiguousarray(wave[:, start : start + _CHUNK])
        frame = av.AudioFrame.from_ndarray(piece, format="fltp", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = RATE, start, Fraction(1, RATE)
        container.mux(stream.encode(frame))
    container.mux(stream.encode())


def _start(stream: av.video.stream.VideoStream) -> float:
    return float((stream.start_time or 0) * (stream.time_base or 0))
