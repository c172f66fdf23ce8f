"""What a caller asks for, whatever dialect they said it in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Media(StrEnum):
    VIDEO = "video"
    IMAGE = "image"


class Operation(StrEnum):
    CREATE = "create"
    REMIX = "remix"  #: the same film with what the prompt changes; its seed stays
    EDIT = "edit"  #: a given film with what the prompt changes
    EXTEND = "extend"  #: a given film, and how it goes on; one joined film


class Role(StrEnum):
    """What a reference is for."""

    FIRST_FRAME = "first_frame"
    LAST_FRAME = "last_frame"
    SUBJECT = "subject"  #: somebody or something that is to be seen
    SOURCE = "source"  #: what a remix, an edit, an extension or a variation starts from
    MASK = "mask"  #: transparent where an image may be changed
    SOUNDTRACK = "soundtrack"
    CHARACTER = "character"  #: a character's portrait


class Dialect(StrEnum):
    """Whose rules a request goes by: what is left open means, and how its film is shown."""

    CONTRACT = "contract"  #: the OpenAI Videos API's
    FAKEOAI = "fakeoai"  #: those of `sora_video2-…`, `sora_image` and the prefix /sora
    GUIDE = "guide"  #: those of the guides that say `duration`, `resolution`, `aspect_ratio`


class Fit(StrEnum):
    """How an image gets the size of the film that begins or ends with it."""

    CROP = "crop"  #: it fills the frame, and what does not fit in is cut off evenly
    PAD = "pad"  #: all of it is seen, on black


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
    name: str | None = None  #: of a character


@dataclass(frozen=True, kw_only=True)
class Shot:
    """One uninterrupted piece of film, and all that is needed to make it."""

    seconds: float
    prompt: str


@dataclass(frozen=True, kw_only=True)
class Step:
    """One operation in the making of a film."""

    operation: Operation
    prompt: str
    seconds: float  #: what this step made or added; of a remix or an edit the whole
    storyboard: tuple[Shot, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Source:
    """The film that a remix, an edit or an extension starts from."""

    size: Size
    seconds: float
    job_id: str | None = None  #: None for a film that the caller sent
    history: tuple[Step, ...] = ()  #: how we made it, oldest first; empty if we did not
    seed: int | None = None


@dataclass(frozen=True, kw_only=True)
class GenerationRequest:
    """
    One film or still to make. None means that the caller left it to the model.

    A job keeps it as it was asked; what was filled in stands in the plan.
    """

    model: str
    media: Media
    prompt: str
    operation: Operation = Operation.CREATE
    size: Size | None = None
    seconds: float | None = None  #: of an extension: what is added
    references: tuple[Reference, ...] = ()
    source: Source | None = None
    negative_prompt: str | None = None
    seed: int | None = None
    audio: bool | None = None
    format: str | None = None  #: of a still: png, webp or jpeg
    engine_options: Mapping[str, str | int | float | bool] = field(default_factory=dict)
    storyboard: tuple[Shot, ...] = ()
    #: ^ the film shot by shot; the prompt says what holds for all of it, and may say this too
    promised: bool = True
    #: ^ only what the model's name promises may be asked for; else all that its engine can
    enhanced: str | None = None  #: a better prompt, which the engine gets in place of that
    watermark: bool | None = None  #: marked so that everybody sees it, or not by the engine
    private: bool = False  #: there are no links to it, and no remixes of it
    casts: str | None = None  #: the id of the character that its film becomes
    dialect: Dialect = Dialect.CONTRACT
    called: str | None = None  #: the model's name as the caller wrote it, if it says more
    linked: bool = False  #: of a still: its caller wants the link to it, not its bytes

    @property
    def name(self) -> str:
        """The model, as the caller called it."""
        return self.called or self.model

    @property
    def total_seconds(self) -> float | None:
        """The whole film's length: of an extension, with what it extends."""
        if self.operation is Operation.EXTEND and self.source and self.seconds is not None:
            return self.source.seconds + self.seconds
        return self.seconds
