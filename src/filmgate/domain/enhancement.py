"""A prompt that is to become a better one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from filmgate.domain.errors import InvalidRequest, Unsupported
from filmgate.domain.model import MOST_SHOTS, PROMPT_LIMIT
from filmgate.domain.request import GenerationRequest, Media, Operation

LONGEST_FILM = 120.0  #: seconds that a prompt is written for

#: The time of a shot in a prompt, such as `[5s]` or `[0-4s]`.
_TIME = re.compile(
    r"[\[【［]\s{0,3}(?:[\d.]{1,8}\s?[-–~]\s?)?[\d.]{1,8}\s{0,3}"
    r"(?:s|secs?|seconds?|秒钟?|秒鐘)\s{0,3}[\]】］]",
    re.IGNORECASE,
)


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
    seconds: float | None  #: of the film; None: it is for a still
    detail: Detail = Detail.MEDIUM

    def __post_init__(self) -> None:
        if not self.prompt.strip():
            raise InvalidRequest("The prompt is empty: say what to film.", param="prompt")
        if len(self.prompt) > PROMPT_LIMIT:
            message = (
                f"The prompt has {len(self.prompt)} characters; the most is {PROMPT_LIMIT}."
            )
            raise InvalidRequest(message, param="prompt", code="string_above_max_length")
        if self.seconds is not None and not 0 < self.seconds <= LONGEST_FILM:
            message = (
                f"Invalid value: '{self.seconds:g}'. A prompt is written for more than 0 and "
                f"at most {LONGEST_FILM:g} seconds."
            )
            raise InvalidRequest(message, param="seconds")


def wish_of(request: GenerationRequest) -> Enhancement:
    """
    What is to be made of the prompt of *request*, of which nothing is left open.

    `Unsupported`, naming `enhance`, where a better prompt would say something else.
    """
    if request.storyboard or _TIME.search(request.prompt):
        message = (
            "The storyboard says already what is seen when. Leave 'enhance' out, or the times "
            "of the shots."
        )
        raise Unsupported(message, param="enhance")
    if request.operation in (Operation.REMIX, Operation.EDIT):
        message = (
            f"A prompt that says what {_CHANGES[request.operation]} changes is not made "
            "better: it would tell of a whole new one. Leave 'enhance' out."
        )
        raise Unsupported(message, param="enhance")
    seconds = None if request.media is Media.IMAGE else request.seconds
    return Enhancement(prompt=request.prompt, seconds=seconds)


_CHANGES = {Operation.REMIX: "a remix", Operation.EDIT: "an edit"}


def shots_in(seconds: float, detail: Detail) -> int:
    """How many shots a film of *seconds* is told in; none is shorter than a second."""
    count = max(1, min(int(seconds), int(seconds / _PACE[detail] + 0.5)))
    return min(count, MOST_SHOTS)
