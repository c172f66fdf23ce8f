"""What would become of a create, told from a folder that no server runs on."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import msgspec

from filmgate.bootstrap.folder import opened
from filmgate.bootstrap.parts import naming_of
from filmgate.config import Settings
from filmgate.dialects.openai.video_fields import VideoCreate
from filmgate.dialects.openai.video_routes import shown_route
from filmgate.dialects.openai.video_rules import read_create
from filmgate.gateway.choosing import Chooser
from filmgate.outbound import Outbound
from filmgate.storage.database.jobs import JobRows


async def routed(settings: Settings, fields: Mapping[str, str]) -> dict[str, Any]:
    """The answer to a dry run of a create with these *fields*, as an admin gets it."""
    outbound = Outbound(private=settings.private_addresses, proxy=settings.proxy)
    body = msgspec.convert(fields, VideoCreate)
    with tempfile.TemporaryDirectory() as work:
        async with opened(settings) as folder:
            try:
                routes, _ = await naming_of(settings, folder, outbound, Path(work))
                jobs = JobRows(folder.database)
                request, _ = read_create(body, lambda name: routes.resolve(name).promise)
                chooser = Chooser(routes=routes, accounts=folder.accounts, jobs=jobs)
                choice = await chooser.choose(request, trial=True)
                seen = await chooser.seen(choice, at=folder.clock.now())
            finally:
                await outbound.close()
    shown = msgspec.to_builtins(shown_route(request.model, seen, admin=True))
    return cast("dict[str, Any]", shown)
