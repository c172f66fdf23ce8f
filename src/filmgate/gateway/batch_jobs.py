"""The jobs of a batch's lines: made once, waited for, and cancelled with their batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from filmgate.domain.batch import STOPPED, Batch, BatchLine, LineState
from filmgate.domain.claim import Claim
from filmgate.domain.errors import FilmgateError, NotFound, ShuttingDown
from filmgate.domain.job import Job, Status
from filmgate.gateway.batch_lines import caller_of
from filmgate.gateway.batch_wire import Reader, Wire
from filmgate.gateway.jobs import Gateway
from filmgate.ports import Batches, Claims, Jobs

PRIORITY = -1  #: whoever waits for a film goes first


class LineJobs:
    """
    Drives one line at a time.

    A line is started in its row before its job is made, and the job is made with a claim
    of that line: so a process that dies in between finds the same job again.
    """

    def __init__(  # noqa: PLR0913 (wired in one place)
        self,
        *,
        rows: Batches,
        jobs: Jobs,
        gateway: Gateway,
        claims: Claims,
        readers: Mapping[str, Reader],
        wire: Wire,
    ) -> None:
        self._rows = rows
        self._jobs = jobs
        self._gateway = gateway
        self._claims = claims
        self._readers = readers
        self._wire = wire

    async def drive(self, batch: Batch, line: BatchLine) -> None:
        """Make the line's job, unless there is one, and see it to its end."""
        waits = line.state is LineState.WAITING
        if waits and not await self._rows.start(batch.id, line.number):
            return  # cancelled meanwhile
        job_ids = line.job_ids or await self._made(batch, line)
        if job_ids:
            await self._see_to_the_end(batch, line.number, job_ids)

    async def cancel(self, batch: Batch, job_ids: Sequence[str]) -> None:
        """Ask for the cancellation of a line's jobs."""
        for job_id in job_ids:
            try:
                await self._gateway.cancel(job_id, caller_of(batch))
            except NotFound:
                continue  # deleted: it is cancelled already

    async def stop(self, batch: Batch, line: BatchLine) -> None:
        """End a started line of a batch that ends, when nobody drives it."""
        job_ids = line.job_ids or await self._standing(batch, line)
        if not job_ids:
            await self._rows.settle(batch.id, line.number, STOPPED[batch.status])
            return
        await self._rows.made(batch.id, line.number, job_ids)
        await self.cancel(batch, job_ids)
        await self._see_to_the_end(batch, line.number, job_ids)

    async def _made(self, batch: Batch, line: BatchLine) -> Sequence[str]:
        """The ids of the jobs; none when the request is refused."""
        try:
            asked = self._readers[batch.endpoint].read(line.body)
            asked = replace(asked, priority=PRIORITY, claim=_claim(batch, line))
            job = await self._gateway.submit(asked, caller_of(batch))
        except ShuttingDown:
            raise
        except FilmgateError as error:
            refusal = self._wire.refuse(error)
            await self._rows.settle(batch.id, line.number, LineState.REFUSED, refusal)
            return ()
        job_ids = (job.id, *job.variants)
        if await self._rows.made(batch.id, line.number, job_ids) in STOPPED:
            await self.cancel(batch, job_ids)
        return job_ids

    async def _standing(self, batch: Batch, line: BatchLine) -> Sequence[str]:
        """The jobs of a line whose process died before it could write them down."""
        # As of the batch's first moment: by now the claim may be a day old.
        claim = _claim(batch, line)
        job_id = await self._claims.standing(claim, at=batch.created_at)
        job = job_id and await self._jobs.get(job_id, caller_id=batch.caller_id)
        return (job.id, *job.variants) if job else ()

    async def _see_to_the_end(self, batch: Batch, number: int, job_ids: Sequence[str]) -> None:
        caller = caller_of(batch)
        try:
            jobs = [await self._gateway.ended(job_id, caller) for job_id in job_ids]
        except NotFound:
            jobs = []  # deleted by its caller
        await self._rows.settle(batch.id, number, await self._end_of(batch, jobs))

    async def _end_of(self, batch: Batch, jobs: Sequence[Job]) -> LineState:
        if jobs and all(job.status is Status.COMPLETED for job in jobs):
            return LineState.COMPLETED
        now = await self._rows.anybodys(batch.id)
        if now is not None and any(job.status is Status.CANCELLED for job in jobs):
            return STOPPED.get(now.status, LineState.FAILED)
        return LineState.FAILED


def _claim(batch: Batch, line: BatchLine) -> Claim:
    return Claim(
        caller_id=batch.caller_id,
        path="batch",
        key=f"{batch.id}/{line.number}",
        fingerprint=batch.id,
    )
