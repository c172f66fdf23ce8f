"""
Open models on this machine's own card, through the library diffusers.

It needs the extra `filmgate[diffusers]`, and the weights. Each device has one child process
(`__main__.py`), which loads a model once and renders one film at a time; filmgate itself
loads neither torch nor diffusers. The child ends when its standard input does, and so
with us.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar

from filmgate.domain.account import Account
from filmgate.domain.errors import (
    EngineMisbehaved,
    EngineUnavailable,
    GenerationFailed,
    InvalidRequest,
    TicketLost,
)
from filmgate.domain.job import Take
from filmgate.domain.model import Model
from filmgate.domain.progress import Output, Progress
from filmgate.engines.diffusers.card import Card, Said
from filmgate.engines.diffusers.orders import Order, order_of
from filmgate.engines.diffusers.profiles import PROFILES
from filmgate.engines.diffusers.settings import lacks, model_of
from filmgate.ports import AfterLoss, Inputs, Workshop
from filmgate.ports.calls import Sending, quoted

log = logging.getLogger(__name__)

#: Seconds that a poll waits for news before it repeats what it knows.
LONGEST_POLL = 1.0
EXTRA = "The diffusers engine needs more packages: pip install 'filmgate[diffusers]'"


@dataclass
class _Render:
    order: Order
    card: Card
    percent: int = 0
    seen: int = -1  #: the percent that the last poll told
    error: str | None = None
    ended: bool = False
    news: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None

    def hear(self, percent: int) -> None:
        self.percent = percent
        self.news.set()


class Diffusers:
    """Renders on this machine. Free, so what was lost is rendered again."""

    name = "diffusers"
    after_loss = AfterLoss.RERUN
    seats: ClassVar[int] = 1  #: a card renders one film after the other
    needs: ClassVar[Sequence[str]] = ("accelerate", "diffusers", "torch", "transformers")
    command: ClassVar[Sequence[str]] = (sys.executable, "-m", "filmgate.engines.diffusers")
    patience: ClassVar[float] = 60.0  #: seconds that a step may take to hear that it is over

    def __init__(self, workshop: Workshop) -> None:
        self._folder = workshop.folder
        self._cards: dict[str, Card] = {}
        self._renders: dict[str, _Render] = {}

    def models(self) -> Iterable[Model]:
        return [profile.model for profile in PROFILES.values()]

    def model_of(self, model: str, settings: Mapping[str, Any]) -> Model:
        if self._incomplete():
            raise InvalidRequest(EXTRA, param="engine")
        return model_of(model, settings)

    async def missing(self, settings: Mapping[str, Any], account: Account) -> Sequence[str]:
        """Of a folder with weights, its index. What Hugging Face's cache has, nobody asks."""
        del account
        return lacks(settings)

    async def discover(self, account: Account) -> Sequence[Model]:
        """What is known here: whether there are weights shows when they are loaded."""
        del account  # it needs none
        if self._incomplete():
            raise EngineUnavailable(EXTRA)
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
        """Hand it to the device's child process, which takes it after those before it."""
        del account, sending  # it needs no key, and nothing leaves this machine
        if self._incomplete():
            raise EngineUnavailable(EXTRA)
        paths = {
            reference: self._folder / f"{attempt_id}.{number}.reference"
            for number, reference in enumerate(take.request.references)
        }
        order = order_of(take, attempt_id, self._folder / f"{attempt_id}.mp4", paths)
        for reference, path in paths.items():
            await inputs.save(reference, path)
        render = _Render(order, self._cards.setdefault(order.device, Card(self.command)))
        self._renders[attempt_id] = render
        render.task = asyncio.create_task(self._rendered(render))
        return Progress(ticket=attempt_id, poll_after=timedelta())

    async def poll(self, ticket: str, account: Account) -> Progress:
        """Answers when there is news, or after a second without any."""
        del account
        render = self._renders.get(ticket)
        if render is None:
            raise TicketLost("This process is not rendering that film.")
        if render.percent == render.seen and not render.ended:
            with suppress(TimeoutError):
                await asyncio.wait_for(render.news.wait(), LONGEST_POLL)
        render.news.clear()
        render.seen = render.percent
        if not render.ended:
            return Progress(ticket=ticket, percent=render.percent, poll_after=timedelta())
        del self._renders[ticket]
        film = self._film(ticket, render)
        return Progress(ticket=ticket, percent=100, outputs=(Output("video/mp4", path=film),))

    async def fetch(self, output: Output, account: Account, path: Path) -> None:
        """Never called: its outputs are paths."""
        del account, path
        message = f"{output.path} is a file of this machine already."
        raise EngineMisbehaved(message)

    async def cancel(self, ticket: str, account: Account) -> None:
        """After the step that is under way; one that takes too long ends with its child."""
        del account
        render = self._renders.pop(ticket, None)
        if render is not None and render.task is not None:
            if not await render.card.stop(ticket):
                render.task.cancel()
            await asyncio.wait({render.task}, timeout=self.patience)
            if not render.task.done():
                log.warning("diffusers.hangs attempt=%s: its process is ended", ticket)
                render.card.kill()
                await asyncio.wait({render.task})
        self._sweep(ticket)

    async def free(self, account: Account) -> None:
        """End every child, once it has nothing to do: nothing of a model is left then."""
        del account
        for card in self._cards.values():
            await card.end()

    def _film(self, ticket: str, render: _Render) -> Path:
        """What came of a render that has ended; raises why there is none."""
        output = Path(render.order.output)
        self._sweep(ticket, but=output if render.error is None else None)
        if render.error is not None:
            raise GenerationFailed(render.error)
        if not output.exists():
            raise EngineMisbehaved("The renderer ended without a film or a reason.")
        return output

    async def _rendered(self, render: _Render) -> None:
        try:
            said = await render.card.render(render.order, render.hear)
            render.error = self._failure(said, render.order)
        except OSError as error:
            render.error = f"The renderer cannot be started: {error.strerror}"
        finally:
            render.ended = True
            render.news.set()

    def _failure(self, said: Said, order: Order) -> str | None:
        """In the model's words, without the places of this machine's files."""
        secrets = [str(self._folder)]
        if Path(order.pipeline).is_absolute():
            secrets.append(order.pipeline)
        if "error" in said:
            log.error("diffusers.broke %s", said["error"])
            return f"The model broke off: {quoted(said['error'], *secrets)}"
        if "died" in said:
            log.error("diffusers.died code=%s %s", said["died"], said["words"])
            words = quoted(said["words"], *secrets)
            return f"The renderer broke off with code {said['died']}: {words or 'no word'}"
        return None

    def _incomplete(self) -> bool:
        return any(find_spec(module) is None for module in self.needs)

    def _sweep(self, ticket: str, *, but: Path | None = None) -> None:
        """Remove an attempt's references and whatever a broken child left."""
        for leftover in self._folder.glob(f"{ticket}.*"):
            if leftover != but:
                leftover.unlink(missing_ok=True)
