"""Whoever says whether a text is one that we would rather not film."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Category(StrEnum):
    """What may be wrong with a text; the OpenAI Moderations API's own words."""

    HARASSMENT = "harassment"
    HARASSMENT_THREATENING = "harassment/threatening"
    HATE = "hate"
    HATE_THREATENING = "hate/threatening"
    ILLICIT = "illicit"
    ILLICIT_VIOLENT = "illicit/violent"
    SELF_HARM = "self-harm"
    SELF_HARM_INSTRUCTIONS = "self-harm/instructions"
    SELF_HARM_INTENT = "self-harm/intent"
    SEXUAL = "sexual"
    SEXUAL_MINORS = "sexual/minors"
    VIOLENCE = "violence"
    VIOLENCE_GRAPHIC = "violence/graphic"


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a moderator thinks of one text."""

    flagged: frozenset[Category]
    scores: Mapping[Category, float]  #: from 0 to 1, of every category


class Moderator(Protocol):
    """A policy."""

    name: str  #: what answers call the model

    async def judge(self, texts: Sequence[str]) -> Sequence[Verdict]:
        """A verdict on each text, in order."""
        ...
