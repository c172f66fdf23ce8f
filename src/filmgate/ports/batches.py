"""The rows of batches and of their lines."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from filmgate.domain.batch import Answer, Batch, BatchLine, BatchStatus, Fault, LineState
from filmgate.domain.claim import Claim


class Batches(Protocol):
    """
    The rows of batches.

    A batch and a line only change as their steps allow, and the counts of a batch
    change in the transaction in which its lines do.
    """

    async def add(self, batch: Batch, claim: Claim | None) -> str:
        """Keep a new one; its id, or of the one that the claim's key has led to before."""
        ...

    async def get(self, batch_id: str, *, caller_id: str) -> Batch | None:
        """The caller's batch of that id, if there is one."""
        ...

    async def anybodys(self, batch_id: str) -> Batch | None:
        """Any caller's batch."""
        ...

    async def list(
        self, *, caller_id: str, after: str | None, limit: int
    ) -> tuple[Sequence[Batch], bool]:
        """A page of them, newest first, and whether more follow. Unknown *after*: none."""
        ...

    async def having(
        self, statuses: Collection[BatchStatus], *, after: str, limit: int
    ) -> Sequence[str]:
        """Batches in one of these statuses, by id, from the one that follows *after*."""
        ...

    async def overdue(self, *, at: datetime, limit: int) -> Sequence[Batch]:
        """Batches that have begun nothing to be finished and should have ended by now."""
        ...

    async def move(  # noqa: PLR0913 (what may come with a step)
        self,
        batch_id: str,
        to: BatchStatus,
        *,
        at: datetime,
        model: str | None = None,
        total: int | None = None,
        faults: Sequence[Fault] = (),
        output_file_id: str | None = None,
        error_file_id: str | None = None,
    ) -> bool:
        """Take the step, and announce an end; False if it does not follow any more."""
        ...

    async def add_lines(self, batch_id: str, lines: Sequence[BatchLine]) -> bool:
        """
        Keep lines, but those that are kept already.

        False, and none, when the batch is not being validated any more.
        """
        ...

    async def numbers(self, batch_id: str, state: LineState, *, limit: int) -> Sequence[int]:
        """The first lines in that state."""
        ...

    async def line(self, batch_id: str, number: int) -> BatchLine | None:
        """The line of that number."""
        ...

    async def lines(
        self, batch_id: str, state: LineState, *, after: int, limit: int
    ) -> Sequence[BatchLine]:
        """The next lines in that state, by number."""
        ...

    async def start(self, batch_id: str, number: int) -> bool:
        """The line's job is about to be made; False if the line does not wait any more."""
        ...

    async def made(
        self, batch_id: str, number: int, job_ids: Sequence[str]
    ) -> BatchStatus | None:
        """Write down the jobs of a started line; what its batch is doing by now."""
        ...

    async def settle(
        self, batch_id: str, number: int, state: LineState, answer: Answer | None = None
    ) -> bool:
        """The line has ended; False if that does not follow."""
        ...

    async def stop_waiting(self, batch_id: str, state: LineState, *, limit: int) -> int:
        """End waiting lines, at most *limit*; how many there were."""
        ...

    async def drop_lines(self, batch_id: str, *, limit: int) -> int:
        """Forget lines of a batch that has ended, at most *limit*; how many there were."""
        ...

    async def leftovers(self) -> Sequence[str]:
        """Batches that have ended and still have lines."""
        ...
