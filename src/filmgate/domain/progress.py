"""What an engine answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path


@dataclass(frozen=True)
class Output:
    """One finished file: exactly one of a path on this machine or a link."""

    media_type: str
    path: Path | None = None
    url: str | None = None

    def __post_init__(self) -> None:
        if (self.path is None) == (self.url is None):
            msg = "an output is either a path or a url"
            raise ValueError(msg)


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How a task is doing. With outputs it is done."""

    ticket: str
    percent: int = 0
    outputs: tuple[Output, ...] = ()
    previews: tuple[Output, ...] = ()  #: what a still looked like on the way, oldest first
    poll_after: timedelta | None = None  #: when the engine wants to be asked again
    cost: int | None = None  #: micro-dollars that it has taken, if the engine says

    @property
    def done(self) -> bool:
        return bool(self.outputs)
