"""From a batch's file to its lines, or to what is wrong with it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from filmgate.domain.batch import (
    LONGEST_LINE,
    MOST_BYTES,
    MOST_FAULTS,
    MOST_LINES,
    Batch,
    BatchLine,
    BatchStatus,
    Fault,
)
from filmgate.domain.caller import Caller
from filmgate.domain.errors import FilmgateError, InvalidRequest
from filmgate.domain.file import BATCH, File
from filmgate.gateway.batch_wire import ReadLine, Wire
from filmgate.gateway.files import Files
from filmgate.ports import Batches, Blobs, Clock

#: Lines, and bytes, that are read and kept together: a pause of everybody else's.
GROUP_LINES, GROUP_BYTES = 100, 1 << 18
_BOM = b"\xef\xbb\xbf"


@dataclass(kw_only=True)
class _Found:
    """What has been read of a file so far."""

    total: int = 0
    custom_ids: dict[str, int] = field(default_factory=dict)
    models: set[str | None] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)

    @property
    def model(self) -> str | None:
        """The one that every line names."""
        return next(iter(self.models)) if len(self.models) == 1 else None

    def blame(self, error: FilmgateError, line: int | None = None) -> None:
        fault = Fault(code=error.code, message=error.message, param=error.param, line=line)
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(fault)


class Validation:
    """
    Reads the files of new batches.

    A file that cannot be used as a whole fails its batch. What one of its requests asks
    for is looked at when its turn comes.
    """

    def __init__(  # noqa: PLR0913 (wired in one place)
        self,
        *,
        rows: Batches,
        files: Files,
        blobs: Blobs,
        wire: Wire,
        folder: Path,
        clock: Clock,
    ) -> None:
        self._rows = rows
        self._files = files
        self._blobs = blobs
        self._wire = wire
        self._folder = folder
        self._clock = clock

    async def validate(self, batch: Batch) -> None:
        """Keep every line, and begin the batch; or fail it. May be broken off and repeated."""
        found = _Found()
        path = self._folder / f"{batch.id}_input.jsonl"
        try:
            file = await self._files.get(
                batch.input_file_id, caller_of(batch), param="input_file_id"
            )
            _check_file(file)
            # A name of its own: deleting the file does not disturb us.
            await self._blobs.get(file.key, path)
            await self._read(batch, path, found)
        except FilmgateError as error:
            found.blame(error)
        finally:
            path.unlink(missing_ok=True)
        at = self._clock.now()
        if found.faults:
            await self._rows.move(batch.id, BatchStatus.FAILED, at=at, faults=found.faults)
            return
        await self._rows.move(
            batch.id, BatchStatus.IN_PROGRESS, at=at, model=found.model, total=found.total
        )

    async def _read(self, batch: Batch, path: Path, found: _Found) -> None:
        """Raises what is wrong with the file as a whole; a line's faults are collected."""
        async with aclosing(_groups(path)) as groups:
            async for group in groups:
                read = [self._line(batch, number, raw, found) for number, raw in group]
                if len(found.faults) >= MOST_FAULTS:
                    return
                lines = [line for line in read if line is not None]
                if not found.faults and not await self._rows.add_lines(batch.id, lines):
                    return  # cancelled meanwhile: no step follows either
        if not found.total:
            message = "The file has no lines. Put one request on each."
            raise InvalidRequest(message, param="input_file_id", code="empty_file")

    def _line(self, batch: Batch, number: int, raw: bytes, found: _Found) -> BatchLine | None:
        """None for a line that is empty or has a fault."""
        if not raw.strip():
            return None
        found.total += 1
        if found.total > MOST_LINES:
            message = (
                f"The file has more than {MOST_LINES:,} requests, the most of one batch. "
                "Split it."
            )
            raise InvalidRequest(message, param="input_file_id", code="too_many_requests")
        try:
            read = self._understood(batch, number, raw, found)
        except InvalidRequest as error:
            found.blame(error, number)
            return None
        found.models.add(read.model)
        return BatchLine(number=number, custom_id=read.custom_id, body=read.body)

    def _understood(self, batch: Batch, number: int, raw: bytes, found: _Found) -> ReadLine:
        if len(raw) > LONGEST_LINE:
            message = (
                f"This line is longer than {LONGEST_LINE >> 20} MB, the most of one request. "
                "Upload its images, and name them by file_id."
            )
            raise InvalidRequest(message, code="line_too_long")
        read = self._wire.read(raw, batch.endpoint)
        before = found.custom_ids.setdefault(read.custom_id, number)
        if before != number:
            message = (
                f"The custom_id '{read.custom_id[:80]}' is that of line {before} too. Give "
                "each request its own."
            )
            raise InvalidRequest(message, param="custom_id", code="duplicate_custom_id")
        return read


def caller_of(batch: Batch) -> Caller:
    """Who is asked for, as far as rows need it."""
    return Caller(id=batch.caller_id, name="", admin=False)


def _check_file(file: File) -> None:
    if file.purpose != BATCH:
        message = (
            f"The file '{file.id}' is for '{file.purpose}'. Upload it with the purpose "
            f"'{BATCH}'."
        )
        raise InvalidRequest(message, param="input_file_id", code="invalid_file_purpose")
    if file.size > MOST_BYTES:
        message = (
            f"The file is larger than {MOST_BYTES >> 20} MB, the most of one batch. Split it."
        )
        raise InvalidRequest(message, param="input_file_id", code="file_too_large")


async def _groups(path: Path) -> AsyncGenerator[Sequence[tuple[int, bytes]], None]:
    """The lines of a file with their numbers, from 1, never many at once."""
    # Opened here, because a thread's file would stay open if we were cancelled meanwhile.
    with path.open("rb") as file:
        number = 0
        while group := await asyncio.to_thread(_next_group, file, number):
            yield group
            number = group[-1][0]


def _next_group(file: BinaryIO, number: int) -> list[tuple[int, bytes]]:
    group: list[tuple[int, bytes]] = []
    size = 0
    while len(group) < GROUP_LINES and size < GROUP_BYTES:
        raw = file.readline(LONGEST_LINE + 1)
        if not raw:
            break
        number += 1
        rest = raw
        while len(raw) > LONGEST_LINE and rest and not rest.endswith(b"\n"):
            rest = file.readline(GROUP_BYTES)
        group.append((number, raw.removeprefix(_BOM) if number == 1 else raw))
        size += len(raw)
    return group
