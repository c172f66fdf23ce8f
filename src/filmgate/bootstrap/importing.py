"""Films that were made elsewhere: what keeps them, in a server and in a folder without one."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import BinaryIO

from filmgate.bootstrap.folder import Opened, new_id, opened
from filmgate.bootstrap.parts import blobs_of, naming_of
from filmgate.config import Settings
from filmgate.dialects.admin_films import shown_film
from filmgate.gateway.importing import Importing, Old
from filmgate.gateway.room import Room
from filmgate.gateway.routing import Routes
from filmgate.media.inspector import MediaInspector
from filmgate.outbound import Outbound
from filmgate.ports import Blobs
from filmgate.storage.database.imports import ImportRows
from filmgate.storage.database.jobs import JobRows


def importing_of(  # noqa: PLR0913 (what it stands on)
    settings: Settings,
    folder: Opened,
    *,
    routes: Routes,
    blobs: Blobs,
    inspector: MediaInspector,
    work: Path,
) -> Importing:
    return Importing(
        imports=ImportRows(folder.database), jobs=JobRows(folder.database), keys=folder.keys,
        routes=routes, blobs=blobs, inspector=inspector,
        room=Room(blobs.room, least=settings.least_free << 20), folder=work,
        clock=folder.clock, new_id=new_id,
    )  # fmt: skip


async def import_film(settings: Settings, file: BinaryIO, old: Old) -> dict[str, str]:
    """Keep a film in a folder that no server runs on; the answer that a server gives."""
    outbound = Outbound(private=settings.private_addresses, proxy=settings.proxy)
    inspector = MediaInspector()
    async with opened(settings) as folder:
        # On the disk of the films, for `/tmp` may be in memory.
        with tempfile.TemporaryDirectory(dir=settings.data) as work:
            try:
                routes, _ = await naming_of(settings, folder, outbound, Path(work))
                importing = importing_of(
                    settings, folder, routes=routes, blobs=await blobs_of(settings),
                    inspector=inspector, work=Path(work),
                )  # fmt: skip
                job, caller = await importing.keep(file, old)
            finally:
                await inspector.close()
                await outbound.close()
    return shown_film(job, caller)
