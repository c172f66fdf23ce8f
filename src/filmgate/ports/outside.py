"""What leaves us, and what time it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol


class Fetcher(Protocol):
    """Loads what a caller's link names."""

    async def fetch(self, url: str, path: Path, *, most: int, param: str) -> None:
        """
        Write what *url* answers to *path*, *most* bytes at the most.

        `InvalidRequest` or `TooLarge`, naming *param*, says why it cannot be had.
        """
        ...


@dataclass(frozen=True, kw_only=True)
class Letter:
    """One webhook, ready to be posted."""

    id: str  #: the same for every try
    url: str
    body: bytes
    secrets: tuple[str, ...]  #: each of them signs, newest first
    guide: bool = False  #: also signed as the guide's receivers expect it


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What came back: an HTTP status, or why there is none."""

    status: int | None
    error: str | None = None


class Sender(Protocol):
    """Posts webhooks."""

    async def send(self, letter: Letter, *, at: datetime) -> Receipt:
        """Sign with the time *at*, post, and tell what came back. Never raises."""
        ...


class Dispatcher(Protocol):
    """Tells a worker which job to look at."""

    def poke(self, job_id: str, *, at: datetime | None = None) -> None:
        """See that a worker looks at the job, soon or at a time. May be lost or doubled."""
        ...


class Clock(Protocol):
    """Time, so that tests can move it."""

    def now(self) -> datetime:
        """Now, in UTC."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        ...
