"""Films: what they are, and the stills drawn from them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from errno import ENOSPC
from pathlib import Path
from typing import Any

import av

# The two formats that are written here, by name: else the first save loads all of them.
from PIL import Image, JpegImagePlugin, WebPImagePlugin  # noqa: F401

COLUMNS, ROWS = 5, 5  #: of a sprite sheet
CELL = 256  #: pixels of a sprite's longer side
THUMBNAIL_QUALITY = 80
SHEET_QUALITY = 80


def inspect(path: Path, folder: Path) -> dict[str, Any]:
    """
    Probe a film, and draw its thumbnail and sprite sheet into *folder*.

    Decodes the film once. Raises `ValueError` when it is no playable film.
    """
    with whole(path) as container:
        return _inspect(container, path, folder)


@contextmanager
def whole(path: Path) -> Iterator[av.container.InputContainer]:
    """The film at *path*, opened; `ValueError` if it is none, or turns out to be broken."""
    if _breaks_off(path):
        message = "not a whole film: its file breaks off"
        raise ValueError(message)
    try:
        with av.open(path) as container:
            yield container
    except av.error.FFmpegError as error:
        if error.errno == ENOSPC:
            raise  # what is written, not what is read
        # Without the path, which is ours: callers read this.
        message = f"not a playable film: {error.strerror}"
        raise ValueError(message) from error
    except IndexError as error:
        message = "not a playable film: it has no picture"
        raise ValueError(message) from error


def _breaks_off(path: Path) -> bool:
    """Whether an MP4 ends inside a box: it was cut off, and PyAV plays it all the same."""
    size, at = path.stat().st_size, 0
    with path.open("rb") as file:
        while at + 8 <= size:
            file.seek(at)
            head = file.read(16)
            if at == 0 and head[4:8] != b"ftyp":
                return False  # another kind of file
            length = int.from_bytes(head[:4], "big")
            if length == 1:
                length = int.from_bytes(head[8:], "big")
            if length < 8:
                return False  # 0: the last box, up to the end; others are no boxes
            at += length
    return at > size


def _inspect(
    container: av.container.InputContainer, path: Path, folder: Path
) -> dict[str, Any]:
    stream = container.streams.video[0]
    stream.thread_type = "AUTO"
    audio = container.streams.audio
    seconds = (container.duration or 0) / av.time_base
    width, height = stream.codec_context.width, stream.codec_context.height
    cell = _cell(width, height)
    sheet = Image.new("RGB", (cell[0] * COLUMNS, cell[1] * ROWS))
    sprites = COLUMNS * ROWS
    thumbnail, drawn, frames = None, 0, 0
    for frame in container.decode(stream):
        frames += 1
        at = frame.time or 0.0
        if thumbnail is None or at <= seconds / 3:
            thumbnail = frame
        while drawn < sprites and at >= seconds * drawn / sprites:
            sprite = picture(frame.reformat(*cell))
            sheet.paste(sprite, (drawn % COLUMNS * cell[0], drawn // COLUMNS * cell[1]))
            drawn += 1
    if thumbnail is None:
        message = "not a playable film: it has no frames"
        raise ValueError(message)
    name = path.stem
    thumbnail_path, sheet_path = folder / f"{name}.webp", folder / f"{name}.jpg"
    picture(thumbnail).save(thumbnail_path, "WEBP", quality=THUMBNAIL_QUALITY)
    sheet.save(sheet_path, "JPEG", quality=SHEET_QUALITY)
    return {
        "width": width,
        "height": height,
        "seconds": seconds,
        "frames": frames,
        "fps": float(stream.average_rate or 0),
        "codecs": [s.codec_context.name for s in (stream, *audio[:1])],
        "thumbnail": str(thumbnail_path),
        "spritesheet": str(sheet_path),
    }


def picture(frame: av.VideoFrame) -> Image.Image:
    """*frame* in RGB."""
    plane = frame.reformat(format="rgb24").planes[0]
    size, pixels = (frame.width, frame.height), bytes(plane)
    return Image.frombuffer("RGB", size, pixels, "raw", "RGB", plane.line_size, 1)


def _cell(width: int, height: int) -> tuple[int, int]:
    scale = CELL / max(width, height)
    return max(2, round(width * scale)), max(2, round(height * scale))
