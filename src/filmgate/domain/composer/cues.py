"""What the composer's tables are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Language(StrEnum):
    ENGLISH = "en"
    CHINESE = "zh"


class Kind(IntEnum):
    """What a word is about."""

    SUBJECT = 0
    PLACE = 1
    WEATHER = 2
    STYLE = 3
    CAMERA = 4
    LIGHT = 5


@dataclass(frozen=True, kw_only=True)
class Cue:
    """What people say for one thing, and what may be told of it, the most important first."""

    kind: Kind
    name: str  #: `*`: for a prompt that says nothing of its kind
    words: tuple[str, ...]  #: English, in lower case
    characters: tuple[str, ...]  #: Chinese, simplified
    told: Mapping[Language, tuple[str, ...]]  #: of the whole film
    shown: Mapping[Language, tuple[str, ...]]  #: in one shot
    place: str  #: the name of the one that is meant where none is said
    light: str


def cue(  # noqa: PLR0913, PLR0917 (the columns of a table)
    kind: Kind,
    name: str,
    words: str,
    characters: str,
    english: str,
    chinese: str,
    *,
    place: str = "",
    light: str = "",
) -> Cue:
    """
    One row: *words* between commas, *characters* between spaces, then what is said of them.

    That is sentences between bars; those that follow a `/` are shown in one shot.
    """
    texts = {Language.ENGLISH: english, Language.CHINESE: chinese}
    return Cue(
        kind=kind,
        name=name,
        words=tuple(word.strip() for word in words.split(",") if word.strip()),
        characters=tuple(characters.split()),
        told={language: _parts(text)[0] for language, text in texts.items()},
        shown={language: _parts(text)[1] for language, text in texts.items()},
        place=place,
        light=light,
    )


def _parts(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    told, _, shown = text.partition("/")
    return tuple(told.split("|")), tuple(shown.split("|"))
