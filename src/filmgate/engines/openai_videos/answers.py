"""What is answered of a task, read tolerantly: the same thing has many names. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any, TypeVar

import msgspec

from filmgate.domain.errors import (
    ContentRejected,
    FilmgateError,
    GenerationFailed,
    OutputExpired,
)
from filmgate.ports.calls import quoted

T = TypeVar("T")


class State(Enum):
    """How a task is doing."""

    OPEN = "open"
    DONE = "done"
    FAILED = "failed"
    EXPIRED = "expired"  #: it may have been paid for


_STATES: Mapping[State, str] = {
    State.OPEN: "queued pending submitted not_start notstarted created starting preparing "
    "queueing unknown in_progress processing running generating",
    State.DONE: "completed complete succeeded succeed success finished done",
    State.FAILED: "failed failure fail cancelled canceled",
    State.EXPIRED: "expired",
}
#: OpenAI's words first, then those of LiteLLM, of new-api, and of whom these pass on.
STATES = {word: state for state, words in _STATES.items() for word in words.split()}

REFUSALS = frozenset({"moderation_blocked", "content_policy_violation", "sentinel_block"})
GUARDED = "guardrail"  #: in a failure's words: SGLang and vLLM-Omni have no code for it
LINKS = ("url", "video_url", "result_url", "urls", "video_urls")  #: names of a film's link


class Taken(msgspec.Struct):
    """Of a create's answer only the ticket: whatever else it says, this may be paid for."""

    id: Any = None
    task_id: Any = None
    data: Any = None

    def __post_init__(self) -> None:
        if not self.ticket:
            raise ValueError("it names no task")

    @property
    def ticket(self) -> str:
        inner = first_of(self.data)
        # A number may be the row in a reseller's table, which nobody can ask for.
        named = (self.id, self.task_id, inner.get("task_id"), inner.get("id"))
        texts = [one for one in named if isinstance(one, str) and one]
        return texts[0] if texts else str(self.id or "")


class Video(msgspec.Struct):
    """A task, as an answer tells of it; or the envelope that has it in `data`."""

    id: Any = None
    task_id: Any = None
    status: Any = None
    progress: Any = None
    error: Any = None
    fail_reason: Any = None
    url: Any = None
    video_url: Any = None
    result_url: Any = None
    urls: Any = None
    video_urls: Any = None
    metadata: Any = None
    data: Any = None

    @property
    def task(self) -> Video:
        """What tells of the task itself."""
        inner = first_of(self.data)
        named = self.id is not None or self.task_id is not None
        own = named and self.status is not None
        return self if own or "status" not in inner else msgspec.convert(inner, Video)

    @property
    def state(self) -> State | None:
        """None: none of the words that are known."""
        word = self.status.strip().lower() if isinstance(self.status, str) else ""
        return STATES.get(word)

    @property
    def percent(self) -> int:
        said = self.progress
        try:
            number = float(said.strip().removesuffix("%") if isinstance(said, str) else said)
            return int(max(0, min(100, number)))
        except (TypeError, ValueError, OverflowError):
            return 0

    @property
    def link(self) -> str | None:
        """Where it says that its film is."""
        places = (msgspec.structs.asdict(self), first_of(self.metadata), first_of(self.data))
        found = (_one(place.get(name)) for place in places for name in LINKS)
        return next((one for one in found if one), None)

    def failure(self, secret: str | None) -> FilmgateError:
        """Why there is no film."""
        said = self.error or self.fail_reason
        reason = said if isinstance(said, dict) else {"message": said}
        message, code = text_of(reason.get("message")), text_of(reason.get("code"))
        told = quoted(message or "The upstream gives no reason.", secret)
        if code in REFUSALS or GUARDED in told.lower():
            return ContentRejected(told)
        kind = OutputExpired if self.state is State.EXPIRED else GenerationFailed
        return kind(f"{told} ({quoted(code, secret)})" if code else told)


def link_in(content: bytes) -> str | None:
    """The link in what came in a film's place."""
    video = decoded(content, Video)
    return None if video is None else video.task.link or video.link


def decoded(body: bytes, shape: type[T]) -> T | None:
    try:
        return msgspec.json.decode(body, type=shape)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


def first_of(said: object) -> dict[str, Any]:
    """An object, or the first of a list of them."""
    if isinstance(said, list):
        said = said[0] if said else None
    return said if isinstance(said, dict) else {}


def _one(said: object) -> str | None:
    """A link, or the first of a list of them."""
    if isinstance(said, list):
        said = said[0] if said else None
    if isinstance(said, str) and said.startswith(("https://", "http://")):
        return said
    return None


def text_of(said: object) -> str | None:
    if isinstance(said, bool) or not isinstance(said, str | int):
        return None
    return str(said) or None
