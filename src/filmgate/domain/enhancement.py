"""A prompt that is to become a better one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from filmgate.domain.errors import InvalidRequest
from filmgate.domain.model import PROMPT_LIMIT

SHORTEST_FILM, LONGEST_FILM = 4.0, 60.0  #: seconds that a prompt is written for


class Detail(StrEnum):
    """How much is written."""

    SHORT = "short"
    MEDIUM = "medium"
    LONG = "long"


#: Seconds that a shot lasts, about: whoever wants more words wants more pictures.
_PACE = {Detail.SHORT: 6.0, Detail.MEDIUM: 4.0, Detail.LONG: 2.5}


@dataclass(frozen=True, kw_only=True)
class Enhancement:
    """What is to be made of a prompt; `InvalidRequest`, naming the field, for what is not."""

    prompt: str
    seconds: float  #: of the film
    detail: Detail = Detail.MEDIUM

    def __post_init__(self) -> None:
        if not self.prompt.strip():
            raise InvalidRequest("The prompt is empty: say what to film.", param="prompt")
        if len(self.prompt) > PROMPT_LIMIT:
            message = (
                f"The prompt has {len(self.prompt)} characters; the most is {PROMPT_LIMIT}."
            )
            raise InvalidRequest(message, param="prompt", code="string_above_max_length")
        if not SHORTEST_FILM <= self.seconds <= LONGEST_FILM:
            message = (
                f"Invalid value: '{self.seconds:g}'. A prompt is written for "
                f"{SHORTEST_FILM:g} to {LONGEST_FILM:g} seconds."
            )
            raise InvalidRequest(message, param="seconds")


def shots_in(seconds: float, detail: Detail) -> int:
    """How many shots a film of *seconds* is told in; none is shorter than a second."""
    return max(1, min(int(seconds), int(seconds / _PACE[detail] + 0.5)))
