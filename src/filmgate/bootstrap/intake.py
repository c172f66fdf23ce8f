"""The intake's own listener, on loopback alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette

from filmgate.bootstrap.folder import Opened
from filmgate.config import Settings
from filmgate.dialects.intake import HANDLERS, LARGEST_REPORT, Intake, render
from filmgate.domain.errors import CannotStart, InvalidRequest
from filmgate.web.edge import Edge
from filmgate.web.server import HTTPServer

LOOPBACK = "127.0.0.1"
LONGEST_STOP = 5  #: seconds


@asynccontextmanager
async def intake_of(settings: Settings, folder: Opened) -> AsyncIterator[str | None]:
    """The intake, answering at that address; None: the settings ask for none."""
    port, key, engine = settings.intake_port, settings.intake_key, settings.intake_engine
    if port is None or key is None or engine is None:
        yield None
        return
    try:
        await folder.accounts.check_engine(engine)
    except InvalidRequest as error:
        raise CannotStart(f"FILMGATE_INTAKE_ENGINE={engine!r}: {error.message}") from None
    intake = Intake(folder.accounts, engine=engine, key=key, port=port, clock=folder.clock)
    starlette = Starlette(routes=intake.routes(), exception_handlers=HANDLERS)
    app = Edge(starlette, largest_body=LARGEST_REPORT, render=render)
    server = HTTPServer(app, host=LOOPBACK, port=port, chosen_by="FILMGATE_INTAKE_PORT")
    intake.port = server.port
    serving = asyncio.create_task(server.run())
    try:
        await server.started()
        yield server.url
    finally:
        server.stop()
        await asyncio.wait({serving}, timeout=LONGEST_STOP)
