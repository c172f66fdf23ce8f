"""What no seat is free for at the moment."""

from __future__ import annotations

from datetime import datetime, timedelta

from filmgate.domain.job import Job
from filmgate.ports import Clock

FULL_FOR = timedelta(seconds=0.25)  #: where no seat is free is not asked again
MOST = 1000  #: kinds of jobs that are remembered


class Full:
    """Saves a transaction a poke while thousands of jobs wait."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._until: dict[tuple[object, ...], datetime] = {}

    def of(self, job: Job) -> bool:
        """Whether there was no seat for one like it a moment ago."""
        until = self._until.get(_kind(job))
        return until is not None and self._clock.now() < until

    def note(self, job: Job) -> None:
        """There is no seat for one like it."""
        if len(self._until) >= MOST:
            self._until.clear()
        self._until[_kind(job)] = self._clock.now() + FULL_FOR

    def forget(self, engine: str) -> None:
        """A seat of that engine is free."""
        for kind in [kind for kind in self._until if kind[0] == engine]:
            del self._until[kind]


def _kind(job: Job) -> tuple[object, ...]:
    """What is alike in jobs that the same accounts have seats for."""
    take, request = job.take, job.take.request
    return (
        take.engine, take.model, take.account_id, take.groups, take.plans, request.media,
        request.size, request.seconds,
    )  # fmt: skip
