"""`ports.Inspector`: films in a child process, images in a thread."""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from filmgate.domain.errors import EngineMisbehaved
from filmgate.domain.request import Size
from filmgate.ports import Film, Image


class MediaInspector:
    """Looks into media files without keeping the libraries for film in memory."""

    def __init__(self) -> None:
        self._one_at_a_time = asyncio.Lock()

    async def film(self, path: Path, folder: Path) -> Film:
        """Probe a film and draw its stills into *folder*."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "filmgate.media", path, folder,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        if process.stdin is None or process.stdout is None:
            raise AssertionError("the child was started with pipes")
        try:
            said = await process.stdout.read()
            await process.wait()
        except asyncio.CancelledError:
            with suppress(ProcessLookupError):
                process.kill()
            raise
        finally:
            process.stdin.close()
        found: dict[str, Any] = json.loads(said or b'{"error": "unreadable"}')
        if "error" in found:
            raise EngineMisbehaved(f"What the engine made is {found['error']}.")
        return Film(
            size=Size(found["width"], found["height"]),
            seconds=found["seconds"],
            fps=found["fps"],
            codecs=tuple(found["codecs"]),
            thumbnail=Path(found["thumbnail"]),
            spritesheet=Path(found["spritesheet"]),
        )

    async def image(self, file: BinaryIO, *, param: str) -> Image:
        """Probe an image by its bytes. One at a time, so that memory is bounded."""
        async with self._one_at_a_time:
            return await asyncio.to_thread(_read_image, file, param)


def _read_image(file: BinaryIO, param: str) -> Image:
    # Imported here, because only who sends images needs Pillow in memory.
    from filmgate.media.images import read  # noqa: PLC0415

    return read(file, param=param)
