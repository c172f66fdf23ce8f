"""The end of a batch: its output file and its error file."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path

from filmgate.domain.batch import Answer, Batch, BatchLine, BatchStatus, LineState
from filmgate.domain.errors import FilmgateError, NotFound
from filmgate.domain.file import BATCH_OUTPUT
from filmgate.domain.job import Job
from filmgate.gateway.batch_wire import Reader, Wire
from filmgate.gateway.files import Files
from filmgate.ports import Batches, Blobs, Clock, Jobs

#: Lines, and bytes, that are written together: a pause of everybody else's.
GROUP_LINES, GROUP_BYTES = 16, 1 << 16

_OUTPUT = (LineState.COMPLETED, LineState.FAILED)
_ERRORS = (LineState.REFUSED, LineState.CANCELLED, LineState.EXPIRED)


class Results:
    """Writes down what became of a batch whose lines have all ended."""

    def __init__(  # noqa: PLR0913 (wired in one place)
        self,
        *,
        rows: Batches,
        jobs: Jobs,
        files: Files,
        blobs: Blobs,
        readers: Mapping[str, Reader],
        wire: Wire,
        folder: Path,
        clock: Clock,
    ) -> None:
        self._rows = rows
        self._jobs = jobs
        self._files = files
        self._blobs = blobs
        self._readers = readers
        self._wire = wire
        self._folder = folder
        self._clock = clock

    async def finish(self, batch: Batch) -> None:
        """Write both files, each unless it would be empty, and end the batch."""
        # The error file comes second: what cannot be told any more goes there.
        output = await self._stored(batch, "output", _OUTPUT)
        errors = await self._stored(batch, "error", _ERRORS)
        end = BatchStatus.COMPLETED
        if batch.status is BatchStatus.CANCELLING:
            end = BatchStatus.CANCELLED
        elif await self._rows.numbers(batch.id, LineState.EXPIRED, limit=1):
            end = BatchStatus.EXPIRED
        await self._rows.move(
            batch.id,
            end,
            at=self._clock.now(),
            output_file_id=output,
            error_file_id=errors,
        )

    async def _stored(self, batch: Batch, kind: str, states: Sequence[LineState]) -> str | None:
        name = f"{batch.id}_{kind}.jsonl"
        path = self._folder / name
        try:
            await self._blobs.save(self._chunks(batch, states), path)
            if not (await asyncio.to_thread(path.stat)).st_size:
                return None
            file = await self._files.store(
                batch.caller_id,
                path,
                filename=name,
                purpose=BATCH_OUTPUT,
                expires_at=self._clock.now() + batch.kept,
            )
        finally:
            path.unlink(missing_ok=True)
        return file.id

    async def _chunks(self, batch: Batch, states: Sequence[LineState]) -> AsyncIterator[bytes]:
        for state in states:
            written, after = [b""], 0
            while lines := await self._rows.lines(
                batch.id, state, after=after, limit=GROUP_LINES
            ):
                after = lines[-1].number
                for line in lines:
                    written.append(await self._record(batch, line))
                    if sum(map(len, written)) > GROUP_BYTES:
                        yield b"".join(written)
                        written.clear()
                yield b"".join(written)
                written.clear()

    async def _record(self, batch: Batch, line: BatchLine) -> bytes:
        """One line of a file; nothing for an output that has to be told as an error."""
        if line.answer is not None:
            return self._wire.answered(batch.id, line, line.answer)
        if line.state in _ERRORS:
            return self._wire.stopped(batch.id, line)
        try:
            answer = await self._answer(batch, line)
        except FilmgateError as error:
            refusal = self._wire.refuse(error)
            await self._rows.settle(batch.id, line.number, LineState.REFUSED, refusal)
            return b""
        return self._wire.answered(batch.id, line, answer)

    async def _answer(self, batch: Batch, line: BatchLine) -> Answer:
        jobs = [await self._job(batch, job_id) for job_id in line.job_ids]
        return await self._readers[batch.endpoint].render(jobs, line.body)

    async def _job(self, batch: Batch, job_id: str) -> Job:
        job = await self._jobs.get(job_id, caller_id=batch.caller_id)
        if job is None:
            message = f"'{job_id}' was deleted before the batch's output was written."
            raise NotFound(message)
        return job
