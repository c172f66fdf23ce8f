"""Finds what a lost poke, a dead process or a deletion left lying."""

from __future__ import annotations

import logging
from datetime import datetime

from filmgate.domain.errors import StorageUnavailable
from filmgate.domain.job import Failure
from filmgate.gateway.accounts import Accounts
from filmgate.gateway.routing import Routes
from filmgate.gateway.watching import Watchers
from filmgate.ports import Blobs, Clock, Dispatcher, Unattended

log = logging.getLogger(__name__)

#: Jobs that one sweep looks at, of each kind.
SWEEP = 500
OTHERS = 50  #: of those that wait farther behind
_WAITED = Failure(
    code="timed_out",
    message="No account had a free seat for it before its deadline; given up.",
)


class Sweeper:
    """
    Pokes jobs that nobody looks after, and tidies up after those that are gone.

    One node at a time is enough for it. *node* is whose own jobs are no orphans.
    """

    def __init__(  # noqa: PLR0913 (wired in one place)
        self,
        *,
        node: str,
        unattended: Unattended,
        blobs: Blobs,
        routes: Routes,
        accounts: Accounts,
        dispatcher: Dispatcher,
        watchers: Watchers,
        clock: Clock,
    ) -> None:
        self._node = node
        self._unattended = unattended
        self._blobs = blobs
        self._routes = routes
        self._accounts = accounts
        self._dispatcher = dispatcher
        self._watchers = watchers
        self._clock = clock
        self._looked_at: dict[str, int] = {}  #: how far in each engine's queue

    async def sweep(self) -> None:
        """Poke, give up and forget what is due for it."""
        now = self._clock.now()
        for job_id in await self._unattended.orphans(self._node, at=now, limit=SWEEP):
            self._dispatcher.poke(job_id)
        for job_id in await self._unattended.overdue(at=now, limit=SWEEP):
            if await self._unattended.give_up(job_id, _WAITED, at=now):
                log.info("job.timed_out job=%s waited too long", job_id)
                self._watchers.tell(job_id)
        for engine in self._routes.engines:
            await self._poke_waiting(engine, now)
        await self.tidy()

    async def _poke_waiting(self, engine: str, now: datetime) -> None:
        seats = (await self._accounts.pool(engine)).seats_at(now)
        # Where nobody works, jobs may have another engine to go to.
        most = seats or SWEEP
        first = await self._unattended.waiting(engine, at=now, limit=most)
        # What the first wait for may not be what others need: sweep by sweep all are looked at.
        skip = max(most, self._looked_at.get(engine, 0))
        others = await self._unattended.waiting(engine, at=now, limit=OTHERS, skip=skip)
        self._looked_at[engine] = skip + OTHERS if len(others) == OTHERS else 0
        for job_id in (*first, *others):
            self._dispatcher.poke(job_id)

    async def tidy(self) -> None:
        """Forget deleted jobs that have ended: first their bytes, then their rows."""
        for job_id, keys in await self._unattended.leftovers(limit=SWEEP):
            try:
                await self._blobs.delete(keys)
            except StorageUnavailable:
                return  # the rows still know what is to be deleted
            await self._unattended.forget(job_id)
