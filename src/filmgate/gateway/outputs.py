"""From an engine's outputs to the assets of a finished job."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from filmgate.domain.asset import Asset, Variant
from filmgate.domain.errors import EngineMisbehaved
from filmgate.domain.job import Owned
from filmgate.domain.progress import Output
from filmgate.domain.request import Reference
from filmgate.ports import Blobs, Engine, Inspector


class Inputs:
    """The stored references of one job."""

    def __init__(self, job_id: str, blobs: Blobs) -> None:
        self._job_id = job_id
        self._blobs = blobs

    async def read(self, reference: Reference) -> bytes:
        """The whole file."""
        return await self._blobs.read(f"{self._job_id}/{reference.asset_id}")


class Outputs:
    """
    Keeps what engines made.

    Everything lies under `job/attempt/`, so that what an attempt left behind
    when it died can be told from what the next one makes.
    """

    def __init__(
        self,
        *,
        blobs: Blobs,
        inspector: Inspector,
        folder: Path,
        new_id: Callable[[str], str],
    ) -> None:
        self._blobs = blobs
        self._inspector = inspector
        self._folder = folder
        self._new_id = new_id

    async def keep(
        self, owned: Owned, engine: Engine, outputs: tuple[Output, ...]
    ) -> list[Asset]:
        """Store the film and the stills drawn from it; all of them are safe on return."""
        output = outputs[0]
        if output.media_type != "video/mp4":
            message = f"{engine.name} made {output.media_type}, not video/mp4."
            raise EngineMisbehaved(message)
        path = output.path or await self._download(owned, engine, output)
        film = await self._inspector.film(path, self._folder)
        return [
            await self._store(owned, Variant.VIDEO, path, "video/mp4"),
            await self._store(owned, Variant.THUMBNAIL, film.thumbnail, "image/webp"),
            await self._store(owned, Variant.SPRITESHEET, film.spritesheet, "image/jpeg"),
        ]

    async def drop(self, owned: Owned) -> None:
        """Remove what an attempt may have stored before it died."""
        await self._blobs.delete([_key(owned, variant) for variant in _OUTPUTS])

    async def _download(self, owned: Owned, engine: Engine, output: Output) -> Path:
        path = self._folder / f"{owned.attempt.id}.mp4"
        await self._blobs.save(engine.fetch(output, owned.account), path)
        return path

    async def _store(
        self, owned: Owned, variant: Variant, path: Path, media_type: str
    ) -> Asset:
        key = _key(owned, variant)
        stored = await self._blobs.put(key, path)
        return Asset(
            id=self._new_id("asset_"),
            job_id=owned.job.id,
            variant=variant,
            media_type=media_type,
            key=key,
            size=stored.size,
            sha256=stored.sha256,
        )


_OUTPUTS = (Variant.VIDEO, Variant.THUMBNAIL, Variant.SPRITESHEET)


def _key(owned: Owned, variant: Variant) -> str:
    return f"{owned.job.id}/{owned.attempt.id}/{variant}"
