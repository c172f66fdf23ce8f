"""From an engine's outputs to the assets of a finished job."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from pathlib import Path

from filmgate.domain.account import Account
from filmgate.domain.asset import Asset, Variant
from filmgate.domain.errors import EngineMisbehaved, StorageUnavailable
from filmgate.domain.job import Owned
from filmgate.domain.progress import Output
from filmgate.domain.request import Media, Reference
from filmgate.ports import Blobs, Engine, Inspector

log = logging.getLogger(__name__)

MOST_PREVIEWS = 3  #: of one still


class Inputs:
    """The stored references of one job."""

    def __init__(self, job_id: str, blobs: Blobs) -> None:
        self._job_id = job_id
        self._blobs = blobs

    async def read(self, reference: Reference) -> bytes:
        """The whole file."""
        return await self._blobs.read(f"{self._job_id}/{reference.asset_id}")

    async def save(self, reference: Reference, path: Path) -> None:
        """Write the whole file to *path*."""
        await self._blobs.get(f"{self._job_id}/{reference.asset_id}", path)


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
        self, owned: Owned, engine: Engine, account: Account, outputs: Sequence[Output]
    ) -> list[Asset]:
        """
        Store what was made, and the stills drawn from a film; all are safe on return.

        Called again after it failed, it goes on where it stopped. `EngineMisbehaved` for
        what is no film: then what was fetched is gone, and the next call fetches it anew.
        """
        output = outputs[0]
        made, expected = owned.job.request.media, "video/mp4"
        if made is Media.IMAGE:
            expected = f"image/{owned.job.take.request.format or 'png'}"
        if output.media_type != expected:
            message = f"{engine.name} made {output.media_type}, not {expected}."
            raise EngineMisbehaved(message)
        path = output.path or await self._fetched(owned, engine, account, output)
        try:
            assets = await self._kept(owned, path, expected)
        except EngineMisbehaved:
            if output.path is None:
                await self._forget(path)
            raise
        await self._forget(path)  # of what was marked, it still lies there
        return assets

    async def _kept(self, owned: Owned, path: Path, media_type: str) -> list[Asset]:
        still = owned.job.request.media is Media.IMAGE
        if owned.job.take.mark:
            path = await self._marked(owned, path, still=still)
        if still:
            return [await self._store(owned, Variant.IMAGE, path, media_type)]
        film = await self._inspector.film(path, self._folder)
        # The film last: as long as it is not stored, all of this can be done again.
        return [
            await self._store(owned, Variant.THUMBNAIL, film.thumbnail, "image/webp"),
            await self._store(owned, Variant.SPRITESHEET, film.spritesheet, "image/jpeg"),
            await self._store(owned, Variant.VIDEO, path, media_type),
        ]

    async def _marked(self, owned: Owned, path: Path, *, still: bool) -> Path:
        """The same, marked, in another file: so nothing is ever marked twice."""
        marked = self._new(owned)
        mark = self._inspector.mark_still if still else self._inspector.mark
        await mark(path, marked)
        return marked

    async def keep_previews(
        self, owned: Owned, previews: tuple[Output, ...], *, kept: int
    ) -> list[Asset]:
        """Store what a still looked like on the way, but for the first *kept*."""
        return [
            await self._keep_preview(owned, preview.path, preview.media_type, number)
            for number, preview in enumerate(previews)
            if number >= kept and number < MOST_PREVIEWS and preview.path is not None
        ]

    async def _keep_preview(
        self, owned: Owned, path: Path, media_type: str, number: int
    ) -> Asset:
        shown = await self._marked(owned, path, still=True) if owned.job.take.mark else path
        asset = await self._store(owned, Variant.PREVIEW, shown, media_type, number=number)
        await self._forget(path)
        return asset

    async def drop(self, owned: Owned) -> None:
        """Remove what an attempt may have stored before it died."""
        keys = [_key(owned, variant) for variant in _OUTPUTS[owned.job.request.media]]
        if owned.job.request.media is Media.IMAGE:
            keys += [_key(owned, Variant.PREVIEW, number) for number in range(MOST_PREVIEWS)]
        try:
            await self._blobs.delete(keys)
        except StorageUnavailable as error:
            log.warning("outputs.left attempt=%s code=%s", owned.attempt.id, error.code)
        await self.abandon(owned)

    async def abandon(self, owned: Owned) -> None:
        """Remove what this machine has fetched of an output and not stored."""
        await self._forget(self._part(owned), self._whole(owned), self._new(owned))

    async def _fetched(
        self, owned: Owned, engine: Engine, account: Account, output: Output
    ) -> Path:
        """The whole output on this machine; what an earlier try got is not fetched again."""
        part, whole = self._part(owned), self._whole(owned)
        if not await asyncio.to_thread(whole.exists):
            await engine.fetch(output, account, part)
            await asyncio.to_thread(part.replace, whole)
        return whole

    def _part(self, owned: Owned) -> Path:
        return self._folder / f"{owned.attempt.id}.part"

    def _whole(self, owned: Owned) -> Path:
        return self._folder / f"{owned.attempt.id}.whole"

    def _new(self, owned: Owned) -> Path:
        return self._folder / f"{owned.attempt.id}.marked"

    async def _forget(self, *paths: Path) -> None:
        for path in paths:
            await asyncio.to_thread(path.unlink, missing_ok=True)

    async def _store(
        self,
        owned: Owned,
        variant: Variant,
        path: Path,
        media_type: str,
        *,
        number: int | None = None,
    ) -> Asset:
        key = _key(owned, variant, number)
        stored = await self._blobs.put(key, path, media_type=media_type)
        return Asset(
            id=self._new_id("asset_"),
            job_id=owned.job.id,
            variant=variant,
            media_type=media_type,
            key=key,
            size=stored.size,
            sha256=stored.sha256,
        )


_OUTPUTS = {
    Media.VIDEO: (Variant.VIDEO, Variant.THUMBNAIL, Variant.SPRITESHEET),
    Media.IMAGE: (Variant.IMAGE,),
}


def _key(owned: Owned, variant: Variant, number: int | None = None) -> str:
    name = variant if number is None else f"{variant}-{number}"
    return f"{owned.job.id}/{owned.attempt.id}/{name}"
