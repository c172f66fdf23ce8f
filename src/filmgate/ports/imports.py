"""The rows of films that were made elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from filmgate.domain.asset import Asset
from filmgate.domain.job import Job


class KeptImports(Protocol):
    """Jobs that nobody here was asked to make: completed from the first."""

    async def add(self, job: Job, outputs: Sequence[Asset]) -> bool:
        """Keep a completed job and its files; False if there is one of its id, even deleted."""
        ...

    async def find(self, job_id: str) -> Job | None:
        """Any caller's job, deleted or not."""
        ...
