"""Reads a prompt into a script: what is said outright first, then what it hints at."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from hashlib import sha256
from itertools import chain, islice, product
from typing import TypeVar
from unicodedata import east_asian_width

from filmgate.domain.request import Shot as AskedShot
from filmgate.engines.previs.reading import meanings
from filmgate.engines.previs.reading.meanings import Reading, Weight
from filmgate.engines.previs.reading.words import Meaning
from filmgate.engines.previs.scene import (
    Camera,
    Script,
    Season,
    Setting,
    Shot,
    Style,
    Subject,
    Time,
    Weather,
)

MOST_SUBJECTS = 3
MOST_SHOTS = 24  #: a storyboard with more goes on as the words of the last one
CAPTION = 90  #: columns

# Counted repeats throughout: nothing but spaces must not take longer than anything else.
_NUMBER = r"\d{1,4}(?:\.\d{1,3})?"
_BRACKET = re.compile(
    rf"[\[【［]\s{{0,3}}(?:{_NUMBER}\s?[-–~]\s?)?({_NUMBER})\s{{0,3}}(?:s|secs?|seconds?|秒钟?|秒鐘)\s{{0,3}}[\]】］]",
    re.IGNORECASE,
)
_RANGE = re.compile(r"(\d{1,4}(?:\.\d{1,3})?)\s*[-–~]\s*(\d{1,4}(?:\.\d{1,3})?)")
_LABEL = re.compile(
    r"(?:^|[\n.。;；])\s{0,3}(?:shot|scene|镜头|鏡頭|分镜|分鏡)\s?"
    r"(?:\d{1,2}|[一二三四五六七八九十]{1,2})\s?[:：]",
    re.IGNORECASE,
)

_Kind = TypeVar("_Kind", Setting, Time, Weather, Season, Camera, Style)
_Member = TypeVar("_Member", bound=StrEnum)


@dataclass(frozen=True, kw_only=True)
class Beat:
    """What one shot is read from."""

    text: str  #: the words for its caption
    seconds: float
    readings: tuple[Reading, ...]  #: those that count most first
    unwanted: frozenset[Meaning] = frozenset()  #: taken from no shot before either
    planned: float | None = None  #: `Shot.planned`


def read(
    prompt: str,
    *,
    seconds: float,
    seed: int,
    negative: str = "",
    storyboard: Sequence[AskedShot] = (),
) -> Script:
    """
    The film that *prompt* describes, *seconds* long; any text gives one.

    A *storyboard* says how it is cut; else the prompt does, or it is one shot.

    The same prompt and seed give the same script on every machine. What a shot does not say is
    taken from the words before the first shot, then from the shot before; without those it is a
    clear summer's day on the plains, and the camera pushes in slowly. What the *negative*
    prompt names is read nowhere.
    """
    unwanted = meanings.listed(negative)
    plan = [replace(beat, unwanted=unwanted) for beat in beats(prompt, seconds, storyboard)]
    return Script(shots=shots(plan), seed=seeded(seed, prompt), variant=seed)


def seeded(seed: int, prompt: str) -> int:
    """The script's seed: another for each prompt."""
    digest = sha256(f"{seed}\n{prompt}".encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:6], "big")


def beats(prompt: str, seconds: float, storyboard: Sequence[AskedShot] = ()) -> list[Beat]:
    """The shots that are asked for, *seconds* together, and what each of them says."""
    lead, pieces = _cut(prompt)
    if storyboard:
        # Its words may stand in the prompt too; what comes before them holds for all shots.
        lead = lead if _BRACKET.search(prompt) else prompt
        pieces = [(shot.seconds, shot.prompt) for shot in storyboard]
        lengths = [shot.seconds for shot in storyboard[:-1]]
        lengths.append(seconds - sum(lengths))
    else:
        lengths = _share([weight for weight, _ in pieces], seconds)
    context = meanings.read(lead)
    return [
        Beat(text=text or lead, seconds=length, readings=(meanings.read(text), context))
        for (_, text), length in zip(pieces, lengths, strict=True)
    ]


def shots(plan: Sequence[Beat]) -> tuple[Shot, ...]:
    """The shots of a *plan*; what one does not say is as in the one before."""
    found: list[Shot] = []
    for beat in plan:
        found.append(_shot(beat, found[-1] if found else None))
    return tuple(found)


def _cut(prompt: str) -> tuple[str, list[tuple[float, str]]]:
    """The words before the first shot, and each shot's weight and words."""
    marks = list(islice(_BRACKET.finditer(prompt), MOST_SHOTS))
    weights = [_weight(mark) for mark in marks]
    if not marks:
        marks = list(islice(_LABEL.finditer(prompt), MOST_SHOTS))
        weights = [1.0] * len(marks)
    if not marks:
        return "", [(1.0, prompt)]
    ends = [mark.start() for mark in marks[1:]] + [len(prompt)]
    texts = [prompt[mark.end() : end] for mark, end in zip(marks, ends, strict=True)]
    return prompt[: marks[0].start()], list(zip(weights, texts, strict=True))


def _weight(mark: re.Match[str]) -> float:
    if span := _RANGE.search(mark.group()):
        return max(0.0, float(span[2]) - float(span[1]))
    return float(mark[1])


def _share(weights: Sequence[float], seconds: float) -> list[float]:
    """*seconds* divided in proportion, and nobody left with next to nothing."""
    least = max(sum(weights) / len(weights) / 8, 0.001)
    fair = [max(weight, least) for weight in weights]
    parts = [seconds * weight / sum(fair) for weight in fair[:-1]]
    return [*parts, seconds - sum(parts)]


def _shot(beat: Beat, last: Shot | None) -> Shot:
    unwanted = beat.unwanted | ({Weather.STORM} if Weather.RAIN in beat.unwanted else set())
    readings = [reading.without(unwanted) for reading in beat.readings]
    base = _wanted(last, unwanted)
    setting = _choose(Setting, readings) or base.setting
    style = _style(readings) or base.style
    night_of_space = Time.NIGHT if setting is Setting.SPACE else base.time
    return replace(
        base,
        text=caption(beat.text),
        seconds=beat.seconds,
        planned=beat.planned,
        setting=setting,
        time=_choose(Time, readings) or night_of_space,
        weather=next(filter(None, map(_weather, readings)), base.weather),
        season=_choose(Season, readings) or base.season,
        camera=_choose(Camera, readings) or _habit(style),
        subjects=_subjects(readings) or base.subjects,
        style=style,
    )


def _wanted(last: Shot | None, unwanted: Collection[Meaning]) -> Shot:
    """What is there when nothing is said: what was there, if it is wanted."""
    base = last or Shot(
        text="",
        seconds=0,
        setting=Setting.PLAINS,
        time=Time.DAY,
        weather=Weather.CLEAR,
        season=Season.SUMMER,
        camera=Camera.PUSH,
        subjects=(),
        style=None,
    )
    return replace(
        base,
        setting=_other(base.setting, (Setting.PLAINS, *Setting), unwanted),
        time=_other(base.time, (Time.DAY, *Time), unwanted),
        weather=_other(base.weather, Weather, unwanted),
        season=_other(base.season, (Season.SUMMER, *Season), unwanted),
        subjects=tuple(subject for subject in base.subjects if subject not in unwanted),
        style=None if base.style in unwanted else base.style,
    )


def _other(
    member: _Member, family: Iterable[_Member], unwanted: Collection[StrEnum]
) -> _Member:
    """*member*, or if it is *unwanted* the first of the *family* that is not."""
    return next((one for one in (member, *family) if one not in unwanted), member)


def _habit(style: Style | None) -> Camera:
    """How a camera moves when nobody says so."""
    match style:
        case Style.HANDHELD | Style.SELFIE:
            return Camera.HANDHELD
        case Style.NEWS:
            return Camera.STATIC
        case _:
            return Camera.PUSH


def _style(readings: Sequence[Reading]) -> Style | None:
    """What stands in braces first, then the words."""
    own, *others = readings
    braced = next((reading.style for reading in others if reading.style), None)
    return own.style or _choose(Style, readings) or braced


def _choose(kind: type[_Kind], readings: Sequence[Reading]) -> _Kind | None:
    """The *kind* that is said most plainly, then most often, then first."""
    outright = product(readings, (Weight.SAID, Weight.PLACE))
    for reading, weight in chain(outright, product(readings, (Weight.HINT,))):
        found = [m for m, w in reading.meanings if w is weight and isinstance(m, kind)]
        if found:
            return max(found, key=found.count)
    return None


def _weather(reading: Reading) -> Weather | None:
    found = [
        m
        for w in (Weight.SAID, Weight.HINT)
        for m, v in reading.meanings
        if v is w and isinstance(m, Weather)
    ]
    # A storm has rain in it; and what falls makes more of a picture than the sky above it.
    if Weather.STORM in found:
        return Weather.SNOW if Weather.SNOW in found else Weather.STORM
    falling = [m for m in found if m in {Weather.RAIN, Weather.SNOW, Weather.FOG}]
    return next(iter(falling or found), None)


def _subjects(readings: Sequence[Reading]) -> tuple[Subject, ...]:
    """Who plays in the first text that names anybody, and before them who they join."""
    for number, reading in enumerate(readings):
        found = dict.fromkeys(m for m, _ in reading.meanings if isinstance(m, Subject))
        own = tuple(found)[:MOST_SUBJECTS]
        if own and reading.adds:
            others = [s for s in _subjects(readings[number + 1 :]) if s not in own]
            return (*others[: MOST_SUBJECTS - len(own)], *own)
        if own:
            return own
    return ()


def caption(text: str) -> str:
    """*text* as one line to print under the picture, shortened with an ellipsis."""
    bare = meanings.BRACES.sub(
        lambda m: "" if meanings.named(m[1]) else m[1],
        _BRACKET.sub(" ", meanings.UNWANTED.sub("", text.strip()[: CAPTION * 20])),
    )
    line = " ".join("".join(c if c.isprintable() else " " for c in bare).split()).lstrip(
        ",.;:，。；：、 "
    )
    columns = 0
    for place, character in enumerate(line):
        columns += 2 if east_asian_width(character) in {"W", "F"} else 1
        if columns > CAPTION:
            return line[: place - 1].rstrip() + "…"
    return line
