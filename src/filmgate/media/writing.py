"""Films written anew from the pictures of others: what both kinds of it share."""

from __future__ import annotations

from collections.abc import Mapping

import av
import numpy as np

#: Nobody sees that it was encoded twice.
X264: Mapping[str, str] = {"preset": "veryfast", "crf": "18"}


def stream_like(
    container: av.container.OutputContainer,
    stream: av.video.stream.VideoStream,
    frame: av.VideoFrame,
) -> av.video.stream.VideoStream:
    """A new H.264 stream for pictures such as *frame*, with *stream*'s timing and colours."""
    made = container.add_stream("libx264", rate=stream.average_rate or 24)
    made.width, made.height, made.pix_fmt = frame.width, frame.height, "yuv420p"
    made.options = dict(X264)
    new, old = made.codec_context, stream.codec_context
    if stream.time_base:
        new.time_base = stream.time_base
    new.color_range, new.colorspace = frame.color_range, frame.colorspace
    new.color_primaries, new.color_trc = old.color_primaries, old.color_trc
    return made


def plain(frame: av.VideoFrame) -> av.VideoFrame:
    """The picture of *frame* as people see it, in memory of its own, as x264 takes it."""
    width, height = frame.width - frame.width % 2, frame.height - frame.height % 2
    pixels = frame.reformat(width, height, format="yuv420p")
    colours = pixels.color_range, pixels.colorspace
    if turns := round(frame.rotation / 90) % 4:
        turned = np.rot90(np.asarray(pixels.to_ndarray(format="rgb24"), np.uint8), turns)
        upright = av.VideoFrame.from_ndarray(np.ascontiguousarray(turned), format="rgb24")
        pixels = upright.reformat(format="yuv420p")
    planes = np.asarray(pixels.to_ndarray(), np.uint8)
    made = av.VideoFrame.from_ndarray(planes, format="yuv420p")
    made.color_range, made.colorspace = colours
    made.pts, made.time_base, made.duration = frame.pts, frame.time_base, frame.duration
    return made
