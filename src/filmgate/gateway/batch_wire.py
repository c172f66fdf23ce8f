"""What a dialect does for batches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from filmgate.domain.batch import Answer, BatchLine
from filmgate.domain.errors import FilmgateError
from filmgate.domain.job import Job
from filmgate.gateway.submission import Submission


class Reader(Protocol):
    """One endpoint that batches can be made for."""

    def read(self, body: str) -> Submission:
        """What the JSON *body* asks for; the error that the endpoint has for it, if any."""
        ...

    async def render(self, jobs: Sequence[Job], body: str) -> Answer:
        """What the endpoint says of jobs that have ended, which *body* asked for."""
        ...


@dataclass(frozen=True, kw_only=True)
class ReadLine:
    """A line of a batch's file, as far as every endpoint has it."""

    custom_id: str
    body: str
    model: str | None


class Wire(Protocol):
    """How the files of batches are written."""

    def read(self, raw: bytes, endpoint: str) -> ReadLine:
        """What a line says; `InvalidRequest` if it is none for that endpoint."""
        ...

    def refuse(self, error: FilmgateError) -> Answer:
        """What every endpoint answers when that goes wrong."""
        ...

    def answered(self, batch_id: str, line: BatchLine, answer: Answer) -> bytes:
        """A line of an output file."""
        ...

    def stopped(self, batch_id: str, line: BatchLine) -> bytes:
        """The same of a line that was cancelled or expired with its batch."""
        ...
