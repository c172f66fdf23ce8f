"""
An engine for tests and benchmarks: `instant` answers at once, `endless` never.

A server finds it like anybody's engine, through the entry point beside it, when
this folder is on its PYTHONPATH. `instant` hands out copies of the film at
`STANDIN_FILM`.
"""

import os
import shutil
from collections.abc import AsyncIterator, Iterable
from datetime import timedelta
from pathlib import Path

from filmgate import (
    Account,
    AfterLoss,
    Inputs,
    Media,
    Model,
    Output,
    Progress,
    Role,
    SecondsRange,
    Size,
    SizeRange,
    Take,
    TicketLost,
    Workshop,
)


def _model(name: str) -> Model:
    return Model(
        name=name,
        media=Media.VIDEO,
        sizes=SizeRange(least=16, most=4096),
        seconds=SecondsRange(least=1, most=600),
        default_size=Size(1280, 720),
        default_seconds=4.0,
        roles=frozenset({Role.FIRST_FRAME}),
    )


class Standin:
    name = "standin"
    after_loss = AfterLoss.RERUN

    def __init__(self, workshop: Workshop) -> None:
        self._folder = workshop.folder
        self._film = Path(os.environ.get("STANDIN_FILM", "no-film"))  # noqa: TID251
        self._running: set[str] = set()

    def models(self) -> Iterable[Model]:
        return (_model("instant"), _model("endless"))

    async def submit(
        self, take: Take, account: Account, *, attempt_id: str, inputs: Inputs
    ) -> Progress:
        del account
        for reference in take.request.references:
            await inputs.read(reference)
        if take.model == "endless":
            self._running.add(attempt_id)
            return Progress(ticket=attempt_id, percent=1)
        path = self._folder / f"{attempt_id}.mp4"
        shutil.copyfile(self._film, path)
        return Progress(
            ticket=attempt_id, percent=100, outputs=(Output("video/mp4", path=path),)
        )

    async def poll(self, ticket: str, account: Account) -> Progress:
        del account
        if ticket not in self._running:
            raise TicketLost("This process is not making that film.")
        return Progress(ticket=ticket, percent=50, poll_after=timedelta(seconds=1))

    async def fetch(self, output: Output, account: Account) -> AsyncIterator[bytes]:
        del account
        yield Path(str(output.path)).read_bytes()

    async def cancel(self, ticket: str, account: Account) -> None:
        del account
        self._running.discard(ticket)
