"""
The embedded engine: draws animatics with sound, and stills, without a GPU or a key.

Each of them is drawn by a child process of its own (`__main__.py`), so that
nothing of it stays in memory afterwards and one that goes wrong takes
nobody along. The child ends when its standard input does, and so with us.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import msgspec

from filmgate.domain.account import Account
from filmgate.domain.errors import (
    EngineMisbehaved,
    GenerationFailed,
    TicketLost,
)
from filmgate.domain.job import Take
from filmgate.domain.model import Model
from filmgate.domain.progress import Output, Progress
from filmgate.domain.request import Media, Reference
from filmgate.engines.previs.models import PREVIS_1, PREVIS_STILL
from filmgate.engines.previs.orders import order_of
from filmgate.engines.previs.scene import Order
from filmgate.ports import AfterLoss, Inputs, Workshop
from filmgate.ports.calls import Sending

__all__ = ["PREVIS_1", "PREVIS_STILL", "Previs"]

log = logging.getLogger(__name__)

#: Seconds that a poll waits for news before it repeats what it knows.
LONGEST_POLL = 1.0


@dataclass
class _Render:
    process: asyncio.subprocess.Process
    output: Path
    kind: str  #: media type
    percent: int = 0
    previews: tuple[Output, ...] = ()
    seen: int = -1  #: the percent that the last poll told
    error: str | None = None
    ended: bool = False
    cancelled: bool = False
    news: asyncio.Event = field(default_factory=asyncio.Event)
    reader: asyncio.Task[None] | None = None


class Previs:
    """Draws on this machine's processor. Free, so what was lost is drawn again."""

    name = "previs"
    after_loss = AfterLoss.RERUN

    def __init__(self, workshop: Workshop) -> None:
        self._folder = workshop.folder
        self._renders: dict[str, _Render] = {}

    def models(self) -> Iterable[Model]:
        return (PREVIS_1, PREVIS_STILL)

    async def discover(self, account: Account) -> Sequence[Model]:
        del account  # it needs none
        return list(self.models())

    async def submit(
        self,
        take: Take,
        account: Account,
        *,
        attempt_id: str,
        inputs: Inputs,
        sending: Sending,
    ) -> Progress:
        """Start a child process that draws it."""
        del account, sending  # it needs no key, and nothing leaves this machine
        request = take.request
        ending = "mp4" if request.media is Media.VIDEO else request.format or "png"
        output = self._folder / f"{attempt_id}.{ending}"
        paths: dict[Reference, Path] = {}
        for number, reference in enumerate(request.references):
            paths[reference] = self._folder / f"{attempt_id}.{number}.reference"
            await inputs.save(reference, paths[reference])
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "filmgate.engines.previs",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        kind = "video/mp4" if request.media is Media.VIDEO else f"image/{ending}"
        render = _Render(process, output, kind)
        self._renders[attempt_id] = render
        order = order_of(request, output, paths)
        render.reader = asyncio.create_task(_listen(render, order))
        return Progress(ticket=attempt_id, poll_after=timedelta())

    async def poll(self, ticket: str, account: Account) -> Progress:
        """Answers when there is news, or after a second without any."""
        del account
        render = self._renders.get(ticket)
        if render is None:
            raise TicketLost("This process is not drawing that film.")
        if render.percent == render.seen and not render.ended:
            with suppress(TimeoutError):
                await asyncio.wait_for(render.news.wait(), LONGEST_POLL)
        render.news.clear()
        render.seen = render.percent
        if not render.ended:
            return Progress(
                ticket=ticket,
                percent=render.percent,
                previews=render.previews,
                poll_after=timedelta(),
            )
        del self._renders[ticket]
        if render.error is not None:
            self._sweep(ticket)
            raise GenerationFailed(render.error)
        self._sweep(ticket, but=(render.output, *(shown.path for shown in render.previews)))
        if not render.output.exists():
            raise EngineMisbehaved("The renderer ended without a film or a reason.")
        return Progress(
            ticket=ticket,
            percent=100,
            outputs=(Output(render.kind, path=render.output),),
            previews=render.previews,
        )

    async def fetch(self, output: Output, account: Account, path: Path) -> None:
        """Never called: previs's outputs are paths."""
        del account, path
        message = f"{output.path} is a file of this machine already."
        raise EngineMisbehaved(message)

    async def cancel(self, ticket: str, account: Account) -> None:
        """End the child process and remove what it wrote."""
        del account
        if render := self._renders.pop(ticket, None):
            render.cancelled = True
            with suppress(ProcessLookupError):
                render.process.terminate()
            if render.reader is not None:
                await render.reader
        self._sweep(ticket)

    def _sweep(self, ticket: str, *, but: Collection[Path | None] = ()) -> None:
        """Remove an attempt's references and whatever a broken child left."""
        for leftover in self._folder.glob(f"{ticket}.*"):
            if leftover not in but:
                leftover.unlink(missing_ok=True)


async def _listen(render: _Render, order: Order) -> None:
    """Hand the order over and follow the child to its end."""
    try:
        await _follow(render, order)
    finally:
        with suppress(ProcessLookupError):
            render.process.kill()  # nothing to a child that has ended by itself
        render.ended = True
        render.news.set()


async def _follow(render: _Render, order: Order) -> None:
    process = render.process
    if process.stdin is None or process.stdout is None or process.stderr is None:
        raise AssertionError("the child was started with pipes")
    complaints = asyncio.create_task(process.stderr.read())
    with suppress(BrokenPipeError, ConnectionResetError):
        process.stdin.write(msgspec.json.encode(order) + b"\n")
        await process.stdin.drain()
    async for line in process.stdout:
        said = json.loads(line)
        render.percent = said.get("percent", render.percent)
        render.error = said.get("error")
        if "preview" in said:
            shown = Output("image/png", path=Path(said["preview"]))
            render.previews = (*render.previews, shown)
        render.news.set()
    code = await process.wait()
    process.stdin.close()
    complaint = (await complaints).decode(errors="replace").strip().splitlines()
    if code != 0 and render.error is None and not render.cancelled:
        log.error("renderer.broken code=%d %s", code, complaint[-1:])
        render.error = f"The renderer broke off with code {code}."
