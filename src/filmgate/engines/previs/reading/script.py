"""Reads a prompt into a script: what is said outright first, then what it hints at."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from functools import cache
from hashlib import sha256
from itertools import islice
from typing import TypeVar
from unicodedata import east_asian_width

from filmgate.engines.previs.reading import hints, looks, places, words
from filmgate.engines.previs.reading.words import Meaning, Words
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

#: Words at which a denial ends.
_TURNS = frozenset({"but", "and", "with", "just", "only", "while"})

#: How many words, or Chinese characters, a denial reaches.
_REACH = 4
_REACH_ZH = 6

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
_BRACES = re.compile(r"[{｛]([^{}｛｝]{0,24})[}｝]")
_UNWANTED = re.compile(
    r"(?:negative prompt|负面提示词|負面提示詞|反向提示词|反向提示詞)\s*[:：][^\n]*",
    re.IGNORECASE,
)
_TOKEN = re.compile(r"[a-z0-9]+|[\u3400-\u9fff]+|[^\s\w'’-]+")
_POSSESSIVE = re.compile(r"['’]s\b")
_SIMPLIFY = str.maketrans(
    {pair[1]: pair[0] for pair in hints.FORMS.split()} | {"é": "e", "è": "e", "â": "a"}
)

_NAMES: Mapping[str, Style] = {style.value: style for style in Style} | {
    "thanksgiving": Style.FESTIVE
}


class Weight(IntEnum):
    """How much a word says."""

    HINT = 1  #: "a boat"
    PLACE = 2  #: "Venice"
    SAID = 3  #: "on a lake"


@dataclass(frozen=True)
class Reading:
    """What the words of one text mean, in their order."""

    meanings: tuple[tuple[Meaning, Weight], ...]
    style: Style | None  #: in braces


_Sense = tuple[tuple[Meaning, Weight], ...]
_Kind = TypeVar("_Kind", Setting, Time, Weather, Season, Camera, Style)


@dataclass(frozen=True)
class _Lexicon:
    english: Mapping[str, _Sense]  #: no senses: a phrase to step over
    chinese: Mapping[str, _Sense]
    denials: frozenset[str]
    spans: Mapping[
        str, tuple[int, ...]
    ]  #: how many words the phrases have that start with this one
    lengths: Mapping[
        str, tuple[int, ...]
    ]  #: how long the words are that start with this character


def read(prompt: str, *, seconds: float, seed: int) -> Script:
    """
    The film that *prompt* describes, *seconds* long; any text gives one.

    The same prompt and seed give the same script on every machine. What a shot does not say is
    taken from the words before the first shot, then from the shot before; without those it is a
    clear summer's day on the plains, and the camera pushes in slowly.
    """
    digest = sha256(f"{seed}\n{prompt}".encode("utf-8", "surrogatepass")).digest()
    lead, pieces = _cut(prompt)
    weights = _share([weight for weight, _ in pieces], seconds)
    context = _reading(lead)
    shots: list[Shot] = []
    for (_, text), length in zip(pieces, weights, strict=True):
        shots.append(
            _shot(
                text or lead,
                length,
                _reading(text),
                context,
                shots[-1] if shots else None,
            )
        )
    return Script(shots=tuple(shots), seed=int.from_bytes(digest[:6], "big"))


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


def _shot(text: str, seconds: float, own: Reading, lead: Reading, last: Shot | None) -> Shot:
    base = last or Shot(
        text="",
        seconds=seconds,
        setting=Setting.PLAINS,
        time=Time.DAY,
        weather=Weather.CLEAR,
        season=Season.SUMMER,
        camera=Camera.PUSH,
        subjects=(),
        style=None,
    )
    setting = _choose(Setting, own, lead) or base.setting
    style = own.style or _choose(Style, own, lead) or lead.style or base.style
    night_of_space = Time.NIGHT if setting is Setting.SPACE else base.time
    return replace(
        base,
        text=_caption(text),
        seconds=seconds,
        setting=setting,
        time=_choose(Time, own, lead) or night_of_space,
        weather=_weather(own) or _weather(lead) or base.weather,
        season=_choose(Season, own, lead) or base.season,
        camera=_choose(Camera, own, lead) or _habit(style),
        subjects=_subjects(own) or _subjects(lead) or base.subjects,
        style=style,
    )


def _habit(style: Style | None) -> Camera:
    """How a camera moves when nobody says so."""
    match style:
        case Style.HANDHELD | Style.SELFIE:
            return Camera.HANDHELD
        case Style.NEWS:
            return Camera.STATIC
        case _:
            return Camera.PUSH


def _choose(kind: type[_Kind], own: Reading, lead: Reading) -> _Kind | None:
    """The *kind* that is said most plainly, then most often, then first."""
    for readings, weight in (
        (own, Weight.SAID),
        (own, Weight.PLACE),
        (lead, Weight.SAID),
        (lead, Weight.PLACE),
        (own, Weight.HINT),
        (lead, Weight.HINT),
    ):
        found = [m for m, w in readings.meanings if w is weight and isinstance(m, kind)]
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


def _subjects(reading: Reading) -> tuple[Subject, ...]:
    found = dict.fromkeys(m for m, _ in reading.meanings if isinstance(m, Subject))
    return tuple(found)[:MOST_SUBJECTS]


def _caption(text: str) -> str:
    """*text* as one line to print under the picture, shortened with an ellipsis."""
    bare = _BRACES.sub(
        lambda m: "" if _named(m[1]) else m[1],
        _BRACKET.sub(" ", _UNWANTED.sub("", text.strip()[: CAPTION * 20])),
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


def _named(name: str) -> Style | None:
    """The style called *name*, in either language."""
    plain = name.strip().lower().translate(_SIMPLIFY)
    if plain in _NAMES:
        return _NAMES[plain]
    lexicon = _lexicon()
    senses = lexicon.english.get(plain, ()) + lexicon.chinese.get(plain, ())
    return next((m for m, _ in senses if isinstance(m, Style)), None)


def _reading(text: str) -> Reading:
    style = next((s for s in map(_named, _BRACES.findall(text)) if s), None)
    plain = _BRACES.sub(" ", _UNWANTED.sub(" ", text)).lower().translate(_SIMPLIFY)
    plain = _POSSESSIVE.sub("", plain).replace("n't", " not").replace("n’t", " not")
    return Reading(meanings=tuple(_meanings(_TOKEN.findall(plain), _lexicon())), style=style)


def _meanings(tokens: Sequence[str], lexicon: _Lexicon) -> Iterator[tuple[Meaning, Weight]]:
    denied, place = 0, 0
    while place < len(tokens):
        token = tokens[place]
        if "\u3400" <= token[0] <= "\u9fff":
            yield from _chinese(token, lexicon)
            denied, place = 0, place + 1
            continue
        length = _longest(tokens, place, lexicon)
        if length:
            phrase = " ".join(tokens[place : place + length])
            if not denied:
                yield from lexicon.english[phrase]
            place, denied = place + length, max(0, denied - 1)
            continue
        if token in lexicon.denials or (denied and token in {"or", "nor"}):
            denied = _REACH + 1
        elif token in _TURNS or not token.isalnum():
            denied = 0
        denied, place = max(0, denied - 1), place + 1


def _longest(tokens: Sequence[str], place: int, lexicon: _Lexicon) -> int:
    """How many words from *place* on are one phrase that we know; none is 0."""
    for length in lexicon.spans.get(tokens[place], ()):
        if length == 1 or " ".join(tokens[place : place + length]) in lexicon.english:
            return length
    return 0


def _chinese(run: str, lexicon: _Lexicon) -> Iterator[tuple[Meaning, Weight]]:
    """The meanings in a *run* of characters; the longest word wins, as for a reader."""
    place, denied_until = 0, 0
    while place < len(run):
        for length in lexicon.lengths.get(run[place], ()):
            word = run[place : place + length]
            if word in lexicon.chinese:
                if word in lexicon.denials:
                    denied_until = place + length + _REACH_ZH
                elif place >= denied_until:
                    yield from lexicon.chinese[word]
                place += length
                break
        else:
            if run[place] in "但却只而":
                denied_until = 0
            place += 1


@cache
def _lexicon() -> _Lexicon:
    english: dict[str, _Sense] = {}
    chinese: dict[str, _Sense] = {}
    # What a phrase hints at comes after what it says: the first table to know a word leads.
    for table, weight in (
        (words.SUBJECTS, Weight.SAID),
        (places.SETTINGS, Weight.SAID),
        (looks.TIMES, Weight.SAID),
        (looks.WEATHERS, Weight.SAID),
        (looks.SEASONS, Weight.SAID),
        (looks.CAMERAS, Weight.SAID),
        (looks.STYLES, Weight.SAID),
        (places.PLACES, Weight.PLACE),
        (hints.HINTS, Weight.HINT),
    ):
        for meaning, known in table.items():
            forms = _phrases(known)
            if isinstance(meaning, Subject | Setting) and weight is not Weight.PLACE:
                forms = {form for phrase in forms for form in (phrase, _plural(phrase))}
            for phrase in forms:
                english[phrase] = (*english.get(phrase, ()), (meaning, weight))
            for word in known.zh.split():
                chinese[word] = (*chinese.get(word, ()), (meaning, weight))
    for phrase in _phrases(hints.NOTHING):
        english.setdefault(phrase, ())
    for word in (*hints.NOTHING.zh.split(), *hints.DENIALS.zh.split()):
        chinese.setdefault(word, ())
    return _Lexicon(
        english=english,
        chinese=chinese,
        denials=frozenset(_phrases(hints.DENIALS)) | frozenset(hints.DENIALS.zh.split()),
        spans=_lengths((phrase.split()[0], phrase.count(" ") + 1) for phrase in english),
        lengths=_lengths((word[0], len(word)) for word in chinese),
    )


def _phrases(known: Words) -> set[str]:
    return {phrase.strip() for phrase in known.en.split(",")}


def _plural(phrase: str) -> str:
    match phrase[-2:]:
        case "ss" | "sh" | "ch":
            return phrase + "es"
        case ending if ending[-1] in "xs":
            return phrase + "es"
        case ending if ending[-1] == "y" and ending[0] not in "aeiou":
            return phrase[:-1] + "ies"
        case _:
            return phrase + "s"


def _lengths(entries: Iterator[tuple[str, int]]) -> Mapping[str, tuple[int, ...]]:
    """For each beginning, the lengths to try: the longest first."""
    found: dict[str, set[int]] = {}
    for start, length in entries:
        found.setdefault(start, set()).add(length)
    return {start: tuple(sorted(lengths, reverse=True)) for start, lengths in found.items()}
