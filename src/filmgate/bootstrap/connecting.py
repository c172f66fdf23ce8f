"""Names and accounts of a folder that no server runs on, for the command line."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from filmgate.bootstrap.folder import Opened, opened
from filmgate.bootstrap.parts import naming_of
from filmgate.config import Settings
from filmgate.dialects.admin_models import shown_model, shown_name
from filmgate.domain.errors import CannotStart
from filmgate.engines import load
from filmgate.gateway.names import Names
from filmgate.outbound import Outbound
from filmgate.ports import Imports, Proposed

__all__ = ["naming", "proposed", "shown_model", "shown_name"]


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


def proposed(engine: str, content: bytes, said: Mapping[str, Any]) -> Proposed:
    """Settings for a name, from a file that *engine*'s users have. Nothing is opened."""
    found: object = load(engine)
    if not isinstance(found, Imports):
        raise CannotStart(f"{engine} has no files to import: filmgate connect {engine}")
    return found.propose(content, said)
