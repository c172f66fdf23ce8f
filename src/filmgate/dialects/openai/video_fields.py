"""The bodies of `/v1/videos`: the contract's fields, and those that other gateways added."""

from __future__ import annotations

from typing import Annotated

import msgspec

from filmgate.domain.character import LONGEST_NAME
from filmgate.web.extras import Extras
from filmgate.web.field_types import (
    Flag,
    Images,
    Prompt,
    Seconds,
    SizeText,
    Video,
    one_of_or_null,
    says,
    whole,
)
from filmgate.web.sora_words import STYLES

DEFAULT_MODEL = "sora-2"
RESOLUTIONS = ("480p", "720p", "1080p")
SHAPES = ("16:9", "9:16", "1:1", "21:9")
RATES = (24, 30)  #: frames a second
QUALITIES = ("standard", "hd")
FITS = ("crop", "pad")


class FilmExtras(Extras, kw_only=True):
    """What FakeOAI took with every film, and so do we."""

    watermark: Flag = None
    private: Flag = None
    style: Annotated[str | None, one_of_or_null(*STYLES)] = None
    character_url: str | None = None  # a link, a data URL or base64
    character_from_task: str | None = None  # the id of a film
    character_timestamps: str | None = None  # of the two: from when to when, "0,3"
    character_create: Flag = None


class VideoCreate(FilmExtras, kw_only=True):
    """The body of a create, JSON or form alike."""

    prompt: Prompt
    model: str | None = None
    seconds: Seconds = None
    size: SizeText = None
    input_reference: Images = None  # of several, the film begins with the first
    reference_fit: Annotated[str | None, one_of_or_null(*FITS)] = None
    storyboard: Flag = None
    hd: Flag = None
    duration: Seconds = None
    resolution: Annotated[str | None, one_of_or_null(*RESOLUTIONS)] = None
    aspect_ratio: Annotated[str | None, one_of_or_null(*SHAPES)] = None
    fps: Annotated[int | str | None, whole(RATES[0], RATES[-1])] = None
    quality: Annotated[str | None, one_of_or_null(*QUALITIES)] = None


class VideoRemix(FilmExtras, kw_only=True):
    prompt: Prompt
    model: str | None = None  # the film's own, if it is said
    input_reference: Images = None  # what is to be seen


class VideoEdit(Extras):
    prompt: Prompt
    video: Video
    model: str | None = None  # of a film that is sent; else that film's own


class VideoExtend(Extras):
    prompt: Prompt
    video: Video
    seconds: Seconds = None  # that are added
    model: str | None = None


class CharacterCreate(msgspec.Struct, forbid_unknown_fields=True):
    name: Annotated[str, says(minLength=1, maxLength=LONGEST_NAME, pattern=r"\S")]
    video: Video
