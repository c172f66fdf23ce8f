"""Characters: somebody who can be in many films."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

LONGEST_NAME = 80  #: characters; the OpenAI Videos API's own limit
SHORTEST_WINDOW, LONGEST_WINDOW = 1.0, 3.0  #: seconds


@dataclass(frozen=True, kw_only=True)
class Character:
    """Made from a clip. *clip* and *portrait* are where the blobs keep them."""

    id: str
    caller_id: str
    name: str
    clip: str
    portrait: str
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class Window:
    """The seconds of a film that a character is made of."""

    start: float = 0.0
    end: float = LONGEST_WINDOW
    param: str | None = None
    #: ^ the field that says so; None: nobody did, so of a shorter film it is all there is

    def is_all_of(self, seconds: float) -> bool:
        """Whether a film of so many seconds is to be kept as it is."""
        return self.param is None and seconds <= self.end
