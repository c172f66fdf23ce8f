"""Names and accounts of a folder that no server runs on, for the command line."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from filmgate.bootstrap.folder import Opened, opened
from filmgate.bootstrap.parts import naming_of
from filmgate.config import Settings
from filmgate.dialects.admin_models import shown_model, shown_name
from filmgate.gateway.names import Names
from filmgate.outbound import Outbound

__all__ = ["naming", "shown_model", "shown_name"]


@asynccontextmanager
async def naming(settings: Settings) -> AsyncIterator[tuple[Opened, Names]]:
    """The rows, and the engines that are asked what they have."""
    outbound = Outbound(private=settings.private_addresses, proxy=settings.proxy)
    with tempfile.TemporaryDirectory() as work:
        async with opened(settings) as folder:
            try:
                _, names = await naming_of(settings, folder, outbound, Path(work))
                yield folder, names
            finally:
                await outbound.close()
