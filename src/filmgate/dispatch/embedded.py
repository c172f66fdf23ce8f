"""The dispatcher of one process: a heap in memory, refilled from the rows."""

from __future__ import annotations

import asyncio
import heapq
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from filmgate.domain.errors import StorageUnavailable
from filmgate.ports import Clock

log = logging.getLogger(__name__)

AT_ONCE = 64  #: looks under way together; they share commits
SWEEP_EVERY = 5.0  #: seconds

#: Sorts before every real time.
_NOW = datetime(1970, 1, 1, tzinfo=UTC)


class EmbeddedDispatcher:
    """`ports.Dispatcher` for one process. Pokes for the same job are merged."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._heap: list[tuple[datetime, str]] = []
        self._due: dict[str, datetime] = {}
        self._changed = asyncio.Event()
        self._closed = False

    def poke(self, job_id: str, *, at: datetime | None = None) -> None:
        """See that a worker looks at the job, soon or at a time."""
        due = at or _NOW
        if self._closed or (job_id in self._due and self._due[job_id] <= due):
            return
        self._due[job_id] = due
        heapq.heappush(self._heap, (due, job_id))
        self._changed.set()

    def close(self) -> None:
        """Begin no look any more: what is poked now is for the next process."""
        self._closed = True
        self._heap.clear()
        self._due.clear()

    async def run(
        self,
        look: Callable[[str], Awaitable[None]],
        sweep: Callable[[], Awaitable[None]],
    ) -> None:
        """Call *look* for each poke, *sweep* first and every few seconds, until cancelled."""
        seats = asyncio.Semaphore(AT_ONCE)
        async with asyncio.TaskGroup() as group:
            group.create_task(every(SWEEP_EVERY, sweep, self._clock))
            while True:
                job_id = await self._next()
                await seats.acquire()
                task = group.create_task(guarded(look, job_id))
                task.add_done_callback(lambda _: seats.release())

    async def _next(self) -> str:
        while True:
            self._changed.clear()
            while self._heap and self._due.get(self._heap[0][1]) != self._heap[0][0]:
                heapq.heappop(self._heap)  # an earlier poke overtook it
            if not self._heap:
                await self._changed.wait()
                continue
            due, job_id = self._heap[0]
            wait = (due - self._clock.now()).total_seconds()
            if wait <= 0:
                heapq.heappop(self._heap)
                del self._due[job_id]
                return job_id
            timer = asyncio.create_task(self._clock.sleep(wait))
            changed = asyncio.create_task(self._changed.wait())
            try:
                await asyncio.wait({timer, changed}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                timer.cancel()
                changed.cancel()


async def every(seconds: float, call: Callable[[], Awaitable[None]], clock: Clock) -> None:
    """Call it again and again, until cancelled; one time that breaks is not the last."""
    while True:
        await guarded(call)
        await clock.sleep(seconds)


async def guarded(call: Callable[..., Awaitable[None]], *args: str) -> None:
    try:
        await call(*args)
    except StorageUnavailable as error:
        log.warning("look.later %s code=%s %s", " ".join(args), error.code, error.message)
    except Exception:
        # The worker's loop: a look that breaks must not end every other job's.
        log.exception("look.broken %s", " ".join(args))
