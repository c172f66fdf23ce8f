"""Names and accounts of a folder that no server runs on, for the command line."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from filmgate.bootstrap.accounts import checks_of
from filmgate.bootstrap.folder import Opened
from filmgate.bootstrap.parts import naming_of
from filmgate.config import Settings
from filmgate.dialects.admin_models import shown_model, shown_name
from filmgate.domain.errors import CannotStart
from filmgate.engines import load
from filmgate.gateway.checking import Checks
from filmgate.gateway.names import Names
from filmgate.outbound import Outbound
from filmgate.ports import Imports, Proposed

__all__ = ["asking", "proposed", "shown_model", "shown_name"]


@asynccontextmanager
async def asking(settings: Settings, folder: Opened) -> AsyncIterator[tuple[Names, Checks]]:
    """What names mean in *folder*, and the engines that are asked what they have."""
    outbound = Outbound(private=settings.private_addresses, proxy=settings.proxy)
    with tempfile.TemporaryDirectory() as work:
        try:
            routes, names = await naming_of(settings, folder, outbound, Path(work))
            checks = checks_of(
                folder.database, folder.accounts, names=names, engines=routes.engines,
                outbound=outbound, clock=folder.clock,
            )  # fmt: skip
            yield names, checks
        finally:
            await outbound.close()


def proposed(engine: str, content: bytes, said: Mapping[str, Any]) -> Proposed:
    """Settings for a name, from a file that *engine*'s users have. Nothing is opened."""
    found: object = load(engine)
    if not isinstance(found, Imports):
        raise CannotStart(f"{engine} has no files to import: filmgate connect {engine}")
    return found.propose(content, said)
