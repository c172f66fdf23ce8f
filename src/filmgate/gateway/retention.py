"""What is old enough to go."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence

from filmgate.domain.claim import KEPT
from filmgate.ports import Blobs, Claims, Clock, Jobs

log = logging.getLogger(__name__)

AT_ONCE = 100  #: jobs of one sweep
EVERY = 60.0  #: seconds between two sweeps


class Retention:
    """
    Removes the files of expired films, and whatever else has an end.

    First the bytes, then the rows that name them: what a crash leaves is found again.
    """

    def __init__(
        self,
        *,
        jobs: Jobs,
        claims: Claims,
        blobs: Blobs,
        clock: Clock,
        others: Sequence[Callable[[], Awaitable[None]]],
    ) -> None:
        self._jobs = jobs
        self._claims = claims
        self._blobs = blobs
        self._clock = clock
        self._others = others

    async def sweep(self) -> None:
        """Remove what has expired by now."""
        now = self._clock.now()
        while expired := await self._jobs.expired(at=now, limit=AT_ONCE):
            for job_id, keys in expired:
                await self._blobs.delete(keys)
                await self._jobs.expire(job_id, at=now)
                log.info("film.expired job=%s", job_id)
        await self._claims.forget(before=now - KEPT)
        for tidy in self._others:
            await tidy()
