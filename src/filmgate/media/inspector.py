"""`ports.Inspector`: films in a child process, images in a thread."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from errno import ENOSPC
from pathlib import Path
from typing import Any, BinaryIO

from filmgate.domain.errors import EngineMisbehaved, InvalidRequest, StorageUnavailable
from filmgate.domain.request import Fit, Size
from filmgate.media.children import Children
from filmgate.ports import Cut, Film, Image

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
            found = _roomy(await self._children.ask("inspect", path, folder))
        if "error" in found:
            raise EngineMisbehaved(f"What the engine made is {found['error']}.")
        return _film(found)

    async def clip(self, path: Path, folder: Path, *, param: str) -> Film:
        """The same for what a caller sent. One at a time, and not for long."""
        found = await self._given(param, "inspect", path, folder)
        film = _film(found)
        if film.seconds > LONGEST_CLIP:
            message = (
                f"'{param}' is {film.seconds:.1f} s long; a film that is sent may have "
                f"{LONGEST_CLIP} s at most. Send a shorter one."
            )
            raise InvalidRequest(message, param=param, code="video_too_long")
        return film

    async def cut(
        self, path: Path, folder: Path, start: float, end: float, *, param: str
    ) -> Cut:
        """Make the seconds from *start* to *end* a film of its own, in *folder*."""
        found = await self._given(param, "cut", path, folder, start, end)
        if "outside" in found:
            message = (
                f"'{param}' lies outside the film: the film has {found['outside']:.3g} s; "
                f"the window is {start:g}-{end:g}. Name seconds that it has."
            )
            raise InvalidRequest(message, param=param)
        return Cut(
            path=Path(found["path"]),
            still=Path(found["still"]),
            size=Size(found["width"], found["height"]),
            seconds=found["seconds"],
        )

    async def mark(self, path: Path, to: Path) -> None:
        """Write a film to another file, marked on every frame. One a core at a time."""
        async with self._films:
            found = _roomy(await self._children.ask("mark", path, to))
        if "error" in found:
            raise EngineMisbehaved(f"What the engine made is {found['error']}.")

    async def mark_still(self, path: Path, to: Path) -> None:
        """The same for an image. One at a time, so that memory is bounded."""
        async with self._one_image:
            await asyncio.to_thread(_mark_still, path, to)

    async def image(self, file: BinaryIO | Path, *, param: str) -> Image:
        """Probe an image by its bytes. One at a time, too."""
        async with self._one_image:
            return await asyncio.to_thread(_read_image, file, param)

    async def fit(
        self, file: BinaryIO | Path, to: Path, size: Size, how: Fit, *, param: str
    ) -> Image | None:
        """Write an image in another size to another file; None if it has it. One at a time."""
        async with self._one_image:
            return await asyncio.to_thread(_fit, file, to, size, how, param)

    async def _given(
        self, param: str, task: str, path: Path, to: Path, *numbers: float
    ) -> dict[str, Any]:
        """What a child says of a film that a caller sent."""
        async with self._one_clip:
            try:
                asked = self._children.ask(task, path, to, *numbers)
                found = await asyncio.wait_for(asked, LONGEST_LOOK)
            except TimeoutError:
                found = {"error": "too much to decode"}
        if "error" in found:
            message = f"'{param}' is {found['error']}. Send the bytes of an MP4 file."
            raise InvalidRequest(message, param=param, code="invalid_video")
        return _roomy(found)


def _roomy(found: dict[str, Any]) -> dict[str, Any]:
    if "full" in found:
        raise _full()
    return found


def _film(found: dict[str, Any]) -> Film:
    return Film(
        size=Size(found["width"], found["height"]),
        seconds=found["seconds"],
        fps=found["fps"],
        codecs=tuple(found["codecs"]),
        thumbnail=Path(found["thumbnail"]),
        spritesheet=Path(found["spritesheet"]),
    )


# Imported in these, because only who sends or marks images needs Pillow in memory.


def _read_image(file: BinaryIO | Path, param: str) -> Image:
    from filmgate.media.images import read  # noqa: PLC0415

    with _opened(file) as opened:
        return read(opened, param=param)


def _fit(file: BinaryIO | Path, to: Path, size: Size, how: Fit, param: str) -> Image | None:
    from filmgate.media.images import fit  # noqa: PLC0415

    with _opened(file) as opened, _written():
        return fit(opened, to, size, how, param=param)


def _mark_still(path: Path, to: Path) -> None:
    from filmgate.media.mark import mark_still  # noqa: PLC0415

    try:
        with _written():
            mark_still(path, to)
    except ValueError as error:
        raise EngineMisbehaved(f"What the engine made is {error}.") from error


def _opened(file: BinaryIO | Path) -> AbstractContextManager[BinaryIO]:
    return file.open("rb") if isinstance(file, Path) else nullcontext(file)


@contextmanager
def _written() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno == ENOSPC:
            raise _full() from error
        raise


def _full() -> StorageUnavailable:
    message = "The disk is full: there is no room for what is drawn."
    return StorageUnavailable(message, code="storage_full")
