"""
An engine for tests and benchmarks: `instant` answers at once, `endless` never.

A server finds it like anybody's engine, through the entry point beside it, when
this folder is on its PYTHONPATH. `instant` hands out copies of the film at
`STANDIN_FILM`.
"""

import os
import shutil
from collections.abc import Iterable, Sequence
from datetime import timedelta
from pathlib import Path

from PIL import Image

from filmgate import (
    Account,
    AfterLoss,
    Inputs,
    Media,
    Model,
    Operation,
    Output,
    Progress,
    Role,
    SecondsRange,
    Sending,
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
        longest=600,
        operations=frozenset(Operation),
        roles={Role.FIRST_FRAME: 1, Role.SOURCE: 1, Role.CHARACTER: 2, Role.SUBJECT: 3},
        storyboards=True,
        seeds=True,
        default_seed=0,
        price=100_000,
    )


STILL = Model(
    name="still",
    media=Media.IMAGE,
    sizes=SizeRange(least=16, most=4096),
    default_size=Size(1024, 1024),
    operations=frozenset({Operation.CREATE, Operation.EDIT}),
    roles={Role.SOURCE: 16, Role.SUBJECT: 16, Role.MASK: 1},
    formats=("png", "jpeg", "webp"),
)


class Standin:
    name = "standin"
    after_loss = AfterLoss.RERUN

    def __init__(self, workshop: Workshop) -> None:
        self._folder = workshop.folder
        self._film = Path(os.environ.get("STANDIN_FILM", "no-film"))  # noqa: TID251
        self._running: set[str] = set()
        self._stills: dict[str, Take] = {}

    def models(self) -> Iterable[Model]:
        return (_model("instant"), _model("endless"), STILL)

    async def discover(self, account: Account) -> Sequence[Model]:
        del account
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
        del account, sending
        for reference in take.request.references:
            await inputs.read(reference)
        if take.model == "endless":
            self._running.add(attempt_id)
            return Progress(ticket=attempt_id, percent=1)
        if take.model == "still":
            self._stills[attempt_id] = take
            shown = self._still(take, f"{attempt_id}.preview")
            return Progress(
                ticket=attempt_id, percent=50, previews=(shown,), poll_after=timedelta()
            )
        path = self._folder / f"{attempt_id}.mp4"
        shutil.copyfile(self._film, path)
        return Progress(
            ticket=attempt_id, percent=100, outputs=(Output("video/mp4", path=path),)
        )

    def _still(self, take: Take, name: str) -> Output:
        size, kind = take.request.size or STILL.default_size, take.request.format or "png"
        path = self._folder / f"{name}.{kind}"
        Image.new("RGB", (size.width, size.height), "teal").save(path)
        return Output(f"image/{kind}", path=path)

    async def poll(self, ticket: str, account: Account) -> Progress:
        del account
        if take := self._stills.pop(ticket, None):
            done = self._still(take, ticket)
            return Progress(ticket=ticket, percent=100, outputs=(done,))
        if ticket not in self._running:
            raise TicketLost("This process is not making that film.")
        return Progress(ticket=ticket, percent=50, poll_after=timedelta(seconds=1))

    async def fetch(self, output: Output, account: Account, path: Path) -> None:
        del account
        shutil.copyfile(str(output.path), path)

    async def cancel(self, ticket: str, account: Account) -> None:
        del account
        self._running.discard(ticket)
