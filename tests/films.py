"""Small real films and images for tests."""

from __future__ import annotations

import io
from pathlib import Path

import av
import numpy as np
from PIL import Image


def tiny_film(
    path: Path, *, size: tuple[int, int] = (64, 64), seconds: int = 1, padding: int = 0
) -> None:
    """Write an mp4 with moving noise and a tone; *padding* bytes make it as large as wanted."""
    rng = np.random.default_rng(1)
    with av.open(path, "w", options={"movflags": "+faststart"}) as container:
        video = container.add_stream("libx264", rate=24)
        video.width, video.height = size
        video.pix_fmt = "yuv420p"
        audio = container.add_stream("aac", rate=48000)
        for _ in range(24 * seconds):
            picture = rng.integers(0, 255, (size[1], size[0], 3), dtype=np.uint8)
            container.mux(video.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(video.encode())
        tone = np.sin(np.arange(48000 * seconds) * 0.05).astype(np.float32)
        for start in range(0, len(tone), 1024):
            chunk = np.tile(tone[start : start + 1024], (2, 1))
            frame = av.AudioFrame.from_ndarray(chunk, format="fltp", layout="stereo")
            frame.sample_rate, frame.pts = 48000, start
            container.mux(audio.encode(frame))
        container.mux(audio.encode())
    if padding:
        with path.open("ab") as file:  # a `free` box: every player skips it
            file.write((padding + 8).to_bytes(4, "big") + b"free")
            file.truncate(file.tell() + padding)


def image(size: tuple[int, int], kind: str = "PNG") -> bytes:
    """A gradient of that size."""
    pixels = np.zeros((size[1], size[0], 3), np.uint8)
    pixels[..., 0] = np.linspace(0, 255, size[0], dtype=np.uint8)
    pixels[..., 1] = np.linspace(0, 255, size[1], dtype=np.uint8)[:, None]
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind)
    return file.getvalue()
