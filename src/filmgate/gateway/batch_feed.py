"""Which batch gets on next, and how much of it at once."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Sequence
from enum import Enum

from filmgate.domain.batch import STOPPED, Batch, BatchStatus, LineState
from filmgate.domain.errors import ShuttingDown
from filmgate.gateway.batch_files import Results
from filmgate.gateway.batch_jobs import LineJobs
from filmgate.gateway.batch_lines import Validation
from filmgate.gateway.jobs import Gateway
from filmgate.ports import Batches, Clock, Dispatcher

log = logging.getLogger(__name__)

AT_ONCE = 2  #: files that are read, and batches that are finished, each
GROUP = 200  #: lines that are changed in one transaction
SWEEP = 100  #: batches that one sweep ends for being late

_EVERYTHING = ""  #: no batch's id: a poke that means "sweep"


class _Kind(Enum):
    """What there is to do, and the batches that it is to be done for."""

    READ = frozenset({BatchStatus.VALIDATING})
    FEED = frozenset({BatchStatus.IN_PROGRESS})
    END = frozenset(STOPPED)


class Feeder:
    """
    Drives batches from their rows, without being in anybody's way.

    No more than *seats* lines of all batches together have unfinished jobs; batches take
    turns. Run by a dispatcher of its own, through `look` and `sweep`: a batch's id means
    its file or its end, `batch/number` one line.
    """

    def __init__(  # noqa: PLR0913 (wired in one place)
        self,
        *,
        rows: Batches,
        validation: Validation,
        line_jobs: LineJobs,
        results: Results,
        gateway: Gateway,
        dispatcher: Dispatcher,
        clock: Clock,
        ended: Callable[[], None],
        seats: int = 2,
    ) -> None:
        self._rows = rows
        self._validation = validation
        self._line_jobs = line_jobs
        self._results = results
        self._gateway = gateway
        self._dispatcher = dispatcher
        self._clock = clock
        self._ended = ended  #: whoever announces it
        self._seats = seats
        self._most = {_Kind.READ: AT_ONCE, _Kind.FEED: seats, _Kind.END: AT_ONCE}
        self._under_way: dict[_Kind, set[str]] = {kind: set() for kind in _Kind}
        self._turns = dict.fromkeys(_Kind, "")  #: the batch that was served last
        self._tidied = False

    def poke(self) -> None:
        """Something has changed. May be lost or doubled."""
        self._dispatcher.poke(_EVERYTHING)

    async def sweep(self) -> None:
        """Poke whatever can get on."""
        await self._end_the_late()
        for kind in (_Kind.READ, _Kind.END):
            for batch_id in await self._next(kind, AT_ONCE):
                self._dispatcher.poke(batch_id)
        for key in await self._startable():
            self._dispatcher.poke(key)
        if not self._tidied:
            self._tidied = True
            for batch_id in await self._rows.leftovers():
                await self._tidy(batch_id)

    async def look(self, key: str) -> None:
        """Do what the batch or the line is to have done now; nothing if that is under way."""
        if key == _EVERYTHING:
            await self.sweep()
            return
        batch_id, _, number = key.partition("/")
        batch = await self._rows.anybodys(batch_id)
        kind = self._kind(batch, key)
        if batch is None or kind is None:
            return
        self._under_way[kind].add(key)
        self._turns[kind] = batch_id
        try:
            if number:
                await self._feed(batch, int(number))
            elif kind is _Kind.READ:
                await self._validate(batch)
            elif not await self._end(batch):
                return  # a line's end pokes us
        except ShuttingDown:
            return  # the next process goes on
        finally:
            self._under_way[kind].discard(key)
        # Not when it broke: it would be tried again at once.
        self.poke()

    def _kind(self, batch: Batch | None, key: str) -> _Kind | None:
        """What *key* is about, if it can begin."""
        if batch is None or self._gateway.closed:
            return None
        kind = next((kind for kind in _Kind if batch.status in kind.value), None)
        if kind is None or (kind is _Kind.FEED) != ("/" in key):
            return None
        under_way = self._under_way[kind]
        return kind if key not in under_way and len(under_way) < self._most[kind] else None

    async def _validate(self, batch: Batch) -> None:
        await self._validation.validate(batch)
        now = await self._rows.anybodys(batch.id)
        if now is not None and now.status.ended:
            await self._tidy(batch.id)
        log.info("batch.validated batch=%s status=%s", batch.id, now and now.status)

    async def _feed(self, batch: Batch, number: int) -> None:
        line = await self._rows.line(batch.id, number)
        if line is not None and line.state in (LineState.WAITING, LineState.STARTED):
            await self._line_jobs.drive(batch, line)

    async def _end(self, batch: Batch) -> bool:
        """False while lines are still driven."""
        if BatchStatus.IN_PROGRESS not in batch.reached:  # cancelled while its file was read
            await self._rows.move(batch.id, BatchStatus.CANCELLED, at=self._clock.now())
            await self._tidy(batch.id)
            return True
        stopped = STOPPED[batch.status]
        # Each is a transaction, so that nobody waits for all of them.
        while await self._rows.stop_waiting(batch.id, stopped, limit=GROUP):
            pass
        lines = await self._rows.lines(batch.id, LineState.STARTED, after=0, limit=GROUP)
        for line in lines:
            await self._line_jobs.cancel(batch, line.job_ids)
        if self._driven(batch.id):
            return False
        for line in lines:
            await self._line_jobs.stop(batch, line)
        if len(lines) < GROUP:  # else there may be more
            await self._results.finish(batch)
            await self._tidy(batch.id)
            log.info("batch.ended batch=%s", batch.id)
        return True

    async def _tidy(self, batch_id: str) -> None:
        """The batch has ended: say so, and forget its lines."""
        self._ended()
        while await self._rows.drop_lines(batch_id, limit=GROUP):
            pass

    async def _end_the_late(self) -> None:
        now = self._clock.now()
        for batch in await self._rows.overdue(at=now, limit=SWEEP):
            to = BatchStatus.FINALIZING
            if batch.status is BatchStatus.VALIDATING:
                to = BatchStatus.EXPIRED
            await self._rows.move(batch.id, to, at=now)
            if to.ended:
                self._ended()

    async def _next(self, kind: _Kind, most: int) -> Sequence[str]:
        """Up to *most* batches, in turn, of which nothing of that kind is under way."""
        under_way = self._under_way[kind]
        limit = most + len(under_way)
        found = [
            *await self._rows.having(kind.value, after=self._turns[kind], limit=limit),
            *await self._rows.having(kind.value, after="", limit=limit),
        ]
        free = [batch_id for batch_id in dict.fromkeys(found) if batch_id not in under_way]
        return free[:most]

    async def _startable(self) -> Sequence[str]:
        """Lines that find a seat: one of each batch, then a second of each, and so on."""
        free = self._seats - len(self._under_way[_Kind.FEED])
        if free <= 0:
            return []
        # Some may have nothing but lines under way.
        batches = await self._next(_Kind.FEED, free + self._seats)
        queues = deque([deque(await self._lines_of(batch_id)) for batch_id in batches])
        found: list[str] = []
        while queues and len(found) < free:
            queue = queues.popleft()
            if queue:
                found.append(queue.popleft())
                queues.append(queue)
        return found

    async def _lines_of(self, batch_id: str) -> Sequence[str]:
        """Its next lines: those that an earlier process has started, then those that wait."""
        numbers: list[int] = []
        for state in (LineState.STARTED, LineState.WAITING):
            numbers += await self._rows.numbers(batch_id, state, limit=2 * self._seats)
        if not numbers:
            at = self._clock.now()
            await self._rows.move(batch_id, BatchStatus.FINALIZING, at=at)
            self._dispatcher.poke(batch_id)
        driven = self._driven(batch_id)
        keys = [f"{batch_id}/{number}" for number in numbers]
        return [key for key in keys if key not in driven]

    def _driven(self, batch_id: str) -> set[str]:
        under_way = self._under_way[_Kind.FEED]
        return {key for key in under_way if key.startswith(f"{batch_id}/")}
