"""Who waits for news of a job: in this process, and through it in the others."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager


class Watchers:
    """
    Rings whoever watches a job when its row has changed.

    A bell says "look", not what is to be seen: the rows say that. So one that is lost
    costs a watcher half a minute at most, and nothing else.
    """

    def __init__(self, pass_on: Callable[[str], None] = lambda _: None) -> None:
        self._bells: dict[str, set[asyncio.Event]] = {}
        self._pass_on = pass_on  #: to the watchers of other processes

    @contextmanager
    def on(self, job_id: str) -> Iterator[asyncio.Event]:
        """A bell for one job, for as long as the block lasts."""
        bell = asyncio.Event()
        bells = self._bells.setdefault(job_id, set())
        bells.add(bell)
        try:
            yield bell
        finally:
            bells.discard(bell)
            if not bells:
                self._bells.pop(job_id, None)

    def tell(self, job_id: str) -> None:
        """The job's row has changed, by this process's doing."""
        self.heard([job_id])
        self._pass_on(job_id)

    def heard(self, job_ids: Iterable[str]) -> None:
        """Another process has told of these."""
        for job_id in job_ids:
            for bell in self._bells.get(job_id, ()):
                bell.set()

    def tell_all(self) -> None:
        """Everybody here is to look: we are about to stop, or may have missed something."""
        self.heard(list(self._bells))
