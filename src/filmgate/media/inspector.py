"""`ports.Inspector`: films in a child process, images in a thread."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any, BinaryIO

from filmgate.domain.errors import EngineMisbehaved, InvalidRequest
from filmgate.domain.request import Size
from filmgate.media.children import Children
from filmgate.ports import Film, Image

LONGEST_CLIP = 120  #: seconds of a film that a caller sends
LONGEST_LOOK = 60.0  #: seconds that looking at one may take


class MediaInspector:
    """Looks into media files without keeping the libraries for film in memory."""

    def __init__(self) -> None:
        self._one_image = asyncio.Lock()
        self._one_clip = asyncio.Lock()
        self._films = asyncio.Semaphore(os.cpu_count() or 1)
        self._children = Children()

    async def close(self) -> None:
        """End the children that wait for another film."""
        await self._children.close()

    async def film(self, path: Path, folder: Path) -> Film:
        """Probe a film and draw its stills into *folder*. One a core at a time."""
        async with self._films:
            found = await self._children.ask(path, folder)
        if "error" in found:
            raise EngineMisbehaved(f"What the engine made is {found['error']}.")
        return _film(found)

    async def clip(self, path: Path, folder: Path, *, param: str) -> Film:
        """The same for what a caller sent. One at a time, and not for long."""
        async with self._one_clip:
            try:
                found = await asyncio.wait_for(self._children.ask(path, folder), LONGEST_LOOK)
            except TimeoutError:
                found = {"error": "too much to decode"}
        if "error" in found:
            message = f"'{param}' is {found['error']}. Send the bytes of an MP4 file."
            raise InvalidRequest(message, param=param, code="invalid_video")
        film = _film(found)
        if film.seconds > LONGEST_CLIP:
            message = (
                f"'{param}' is {film.seconds:.1f} s long; a film that is sent may have "
                f"{LONGEST_CLIP} s at most. Send a shorter one."
            )
            raise InvalidRequest(message, param=param, code="video_too_long")
        return film

    async def image(self, file: BinaryIO | Path, *, param: str) -> Image:
        """Probe an image by its bytes. One at a time, so that memory is bounded."""
        async with self._one_image:
            return await asyncio.to_thread(_read_image, file, param)


def _film(found: dict[str, Any]) -> Film:
    return Film(
        size=Size(found["width"], found["height"]),
        seconds=found["seconds"],
        fps=found["fps"],
        codecs=tuple(found["codecs"]),
        thumbnail=Path(found["thumbnail"]),
        spritesheet=Path(found["spritesheet"]),
    )


def _read_image(file: BinaryIO | Path, param: str) -> Image:
    # Imported here, because only who sends images needs Pillow in memory.
    from filmgate.media.images import read  # noqa: PLC0415

    if not isinstance(file, Path):
        return read(file, param=param)
    with file.open("rb") as opened:
        return read(opened, param=param)
