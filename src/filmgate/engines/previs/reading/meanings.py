"""What the words of a text mean, one by one, and what they deny."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from functools import cache

from filmgate.engines.previs.reading import hints, looks, places, words
from filmgate.engines.previs.reading.words import Meaning, Words
from filmgate.engines.previs.scene import Setting, Style, Subject

#: Words at which a denial ends.
_TURNS = frozenset({"but", "and", "with", "just", "only", "while"})

#: How many words, or Chinese characters, a denial reaches.
_REACH = 4
_REACH_ZH = 6

BRACES = re.compile(r"[{｛]([^{}｛｝]{0,24})[}｝]")
UNWANTED = re.compile(
    r"(?:negative prompt|负面提示词|負面提示詞|反向提示词|反向提示詞)\s*[:：][^\n]*",
    re.IGNORECASE,
)
#: What takes something out of a film that is there. In a first prompt it tells a story.
_REMOVALS = re.compile(
    r"\b(?:remove|delete|erase|take out|take away|get rid of|drop|lose)\b", re.IGNORECASE
)
_REMOVALS_ZH = re.compile("移除|删除|刪除|去除|拿走")
_ADDITIONS = re.compile(
    r"\b(?:add|adds|adding|also|too|another|joined by|joins|as well)\b"
    r"|加上|加入|添加|加一|再来|还有|還有|也",
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


_Sense = tuple[tuple[Meaning, Weight], ...]


@dataclass(frozen=True)
class Reading:
    """What the words of one text mean, in their order."""

    meanings: _Sense
    style: Style | None  #: in braces
    denied: frozenset[Meaning] = frozenset()  #: what is said not to be there
    adds: bool = False  #: its subjects join those who are there

    def without(self, unwanted: Collection[Meaning]) -> Reading:
        """The same, but for what is not wanted."""
        if not unwanted:
            return self
        meanings = tuple((m, w) for m, w in self.meanings if m not in unwanted)
        style = None if self.style in unwanted else self.style
        return replace(self, meanings=meanings, style=style)


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


def read(text: str) -> Reading:
    """What *text* means."""
    style = next((s for s in map(named, BRACES.findall(text)) if s), None)
    found = tuple(_meanings(_tokens(UNWANTED.sub(" ", text)), _lexicon()))
    return Reading(
        meanings=tuple((m, w) for m, w, denied in found if not denied),
        style=style,
        denied=frozenset(m for m, w, denied in found if denied and w is not Weight.HINT),
    )


def read_change(text: str) -> Reading:
    """What *text* means where there is a film already: "remove the dog" denies one."""
    adds = _ADDITIONS.search(text) is not None
    denying = _REMOVALS_ZH.sub("没有", _REMOVALS.sub(" without ", text))
    return replace(read(denying), adds=adds)


def listed(text: str) -> frozenset[Meaning]:
    """All that a negative prompt names, whether it says "no rain" or "rain"."""
    style = next((s for s in map(named, BRACES.findall(text)) if s), None)
    plain = replace(_lexicon(), denials=frozenset())
    found = {m for m, w, _ in _meanings(_tokens(text), plain) if w is not Weight.HINT}
    return frozenset(found | {style} if style else found)


def named(name: str) -> Style | None:
    """The style called *name*, in either language."""
    plain = name.strip().lower().translate(_SIMPLIFY)
    if plain in _NAMES:
        return _NAMES[plain]
    lexicon = _lexicon()
    senses = lexicon.english.get(plain, ()) + lexicon.chinese.get(plain, ())
    return next((m for m, _ in senses if isinstance(m, Style)), None)


def _tokens(text: str) -> Sequence[str]:
    plain = BRACES.sub(" ", text).lower().translate(_SIMPLIFY)
    plain = _POSSESSIVE.sub("", plain).replace("n't", " not").replace("n’t", " not")
    return _TOKEN.findall(plain)


def _meanings(
    tokens: Sequence[str], lexicon: _Lexicon
) -> Iterator[tuple[Meaning, Weight, bool]]:
    """Each meaning, its weight, and whether it is denied."""
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
            for meaning, weight in lexicon.english[phrase]:
                yield meaning, weight, bool(denied)
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


def _chinese(run: str, lexicon: _Lexicon) -> Iterator[tuple[Meaning, Weight, bool]]:
    """The meanings in a *run* of characters; the longest word wins, as for a reader."""
    place, denied_until = 0, 0
    while place < len(run):
        for length in lexicon.lengths.get(run[place], ()):
            word = run[place : place + length]
            if word in lexicon.chinese:
                if word in lexicon.denials:
                    denied_until = place + length + _REACH_ZH
                else:
                    for meaning, weight in lexicon.chinese[word]:
                        yield meaning, weight, place < denied_until
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
