"""Characters: somebody who can be in many films."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

LONGEST_NAME = 80  #: characters; the OpenAI Videos API's own limit


@dataclass(frozen=True, kw_only=True)
class Character:
    """Made from a clip. *clip* and *portrait* are where the blobs keep them."""

    id: str
    caller_id: str
    name: str
    clip: str
    portrait: str
    created_at: datetime
