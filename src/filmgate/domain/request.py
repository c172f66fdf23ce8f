"""What a caller asks for, whatever dialect they said it in."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Media(StrEnum):
    VIDEO = "video"


class Operation(StrEnum):
    CREATE = "create"


class Role(StrEnum):
    """What a reference is for."""

    FIRST_FRAME = "first_frame"


@dataclass(frozen=True, order=True)
class Size:
    """Width by height, in pixels; written `1280x720`."""

    width: int
    height: int

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"

    @classmethod
    def read(cls, text: str) -> Size | None:
        """The size that *text* says, or None if it says none."""
        width, cross, height = text.partition("x")
        if not (cross and _is_count(width) and _is_count(height)):
            return None
        return cls(int(width), int(height))


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and 1 <= len(text) <= 5


@dataclass(frozen=True, kw_only=True)
class Reference:
    """An input asset and its role."""

    asset_id: str
    role: Role
    media_type: str
    size: Size | None = None  #: of an image or a video


@dataclass(frozen=True, kw_only=True)
class GenerationRequest:
    """
    One film to make. None means that the caller left it to the model.

    A job keeps it as it was asked; what was filled in stands in the plan.
    """

    model: str
    media: Media
    prompt: str
    operation: Operation = Operation.CREATE
    size: Size | None = None
    seconds: float | None = None
    references: tuple[Reference, ...] = ()
