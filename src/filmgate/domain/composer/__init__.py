"""
Writes a film's prompt by rules, where no chat model does: in English and in Chinese.

The words of a prompt are looked up in tables; what it leaves open is chosen by its hash, so
that the same prompt gives the same film on every machine. What the prompt itself says is
kept: each shot tells a part of it, or what may be seen of that meanwhile.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from filmgate.domain.composer.cues import Cue, Kind, Language
from filmgate.domain.composer.looks import LOOKS
from filmgate.domain.composer.places import PLACES
from filmgate.domain.composer.subjects import SUBJECTS
from filmgate.domain.enhancement import Detail, shots_in
from filmgate.domain.request import Shot

__all__ = ["LABELS", "Composition", "Shot", "compose", "language_of"]

LABELS = ("PRIMARY", "SETTING", "LOOK", "CAMERA", "LIGHT")
LONGEST_READ = 8_000  #: characters of the prompt that are looked at
LONGEST_GIST = 400  #: characters of the prompt that are told at once
LONGEST_BEAT = 200  #: of them in one shot
SENTENCES = {Detail.SHORT: 1, Detail.MEDIUM: 2, Detail.LONG: 3}  #: of each label
TOGETHER = 2  #: things of one kind, such as a drone and slow motion

NOTHING = {
    Language.ENGLISH: "A simple form turns slowly",
    Language.CHINESE: "一个简单的形体缓缓转动",
}
FIRST = {Language.ENGLISH: "Wide shot", Language.CHINESE: "全景"}
MIDDLE = {
    Language.ENGLISH: ("Medium shot", "Close-up", "Low angle", "Side view", "Detail"),
    Language.CHINESE: ("中景", "特写", "低角度", "侧面", "细节"),
}
NEAR = {
    Language.ENGLISH: ("Close-up", "Detail", "Extreme close-up"),
    Language.CHINESE: ("特写", "细节", "大特写"),
}
LAST = {Language.ENGLISH: "Last shot, wide", Language.CHINESE: "收尾全景"}

_CUES = (*SUBJECTS, *PLACES, *LOOKS)
#: Characters that are parts of other words.
_OTHERS = (
    *("马上", "马拉松", "马桶", "罗马", "牛仔", "牛奶", "蜗牛", "水龙头", "龙虾", "海报"),
    *("风格", "风景", "风衣", "风扇", "雪糕", "茶几", "人们", "人生", "人工", "花费"),
)
_ENGLISH = {word: cue for cue in reversed(_CUES) for word in cue.words}
_CHINESE = {word: cue for cue in reversed(_CUES) for word in cue.characters}


def _any_of(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


_LOOKUP = re.compile(
    rf"\b(?P<en>{_any_of(_ENGLISH)})(?:e?s)?\b|(?P<zh>{_any_of((*_CHINESE, *_OTHERS))})",
    re.IGNORECASE,
)
_ABSENT = re.compile(
    r"\b(?:no|not|without)\b[^,.;，。；]{0,40}|(?:没有|不要)[^,.;，。；]{0,20}",
    re.IGNORECASE,
)
_MARK = re.compile(r"[\[【［][^\[\]【】［］]{0,40}[\]】］]")
_BRACES = re.compile(r"[{}｛｝]")
_END = re.compile(r"[.!?](?=\s|$)|[。！？；;\n]|[,，]?(?:然后|接着|随后|最后)")
_EDGES = " \t,.;:!?，。；：！？、-–—"
_IDEOGRAPH = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
_KANA = re.compile(r"[\u3040-\u30ff]")
_WORD = re.compile(r"[A-Za-z]+")


@dataclass(frozen=True, kw_only=True)
class Composition:
    """What a film can be made from. The shots' seconds add up to the film's, exactly."""

    primary: str
    setting: str
    look: str
    camera: str
    light: str
    shots: tuple[Shot, ...]

    @property
    def lead(self) -> str:
        """What holds for every shot, a line for each of `LABELS`."""
        told = (self.primary, self.setting, self.look, self.camera, self.light)
        return "\n".join(f"{label}: {text}" for label, text in zip(LABELS, told, strict=True))

    @property
    def text(self) -> str:
        """All of it; each shot on a line that begins with its time, such as `[0-4s]`."""
        return "\n".join([self.lead, *_timed(self.shots)])

    @property
    def still(self) -> str:
        """What one picture of it shows: nothing moves, and nothing follows."""
        lines = self.lead.split("\n")
        return "\n".join(line for line in lines if not line.startswith("CAMERA: "))


def compose(prompt: str, *, seconds: float, detail: Detail = Detail.MEDIUM) -> Composition:
    """A film of *seconds* that *prompt* may mean; any text gives one."""
    language = language_of(prompt)
    beats = _beats(prompt[:LONGEST_READ]) or [NOTHING[language]]
    script = _Script(prompt, language, SENTENCES[detail])
    gist = _clipped(_sentences(beats, language).rstrip(_EDGES), LONGEST_GIST)
    return Composition(
        primary=script.told(Kind.SUBJECT, first=gist),
        setting=script.told(Kind.PLACE, last=Kind.WEATHER),
        look=script.told(Kind.STYLE),
        camera=script.told(Kind.CAMERA),
        light=script.told(Kind.LIGHT),
        shots=tuple(script.shots(beats, _lengths(seconds, shots_in(seconds, detail)))),
    )


def language_of(text: str) -> Language:
    """What is written for *text*: Chinese if most of it is, and otherwise English."""
    chinese = len(_IDEOGRAPH.findall(text)) > len(_WORD.findall(text))
    return Language.CHINESE if chinese and not _KANA.search(text) else Language.ENGLISH


class _Script:
    """What the words of a prompt mean, and what is chosen where they mean nothing."""

    def __init__(self, prompt: str, language: Language, sentences: int) -> None:
        self._language = language
        self._sentences = sentences
        self._dice = sha256(prompt.encode("utf-8", "surrogatepass")).digest()
        self._found = _found(prompt[:LONGEST_READ])

    def told(self, kind: Kind, *, first: str = "", last: Kind | None = None) -> str:
        """What holds for the whole film: after a *first* sentence, and before a *last* one."""
        main, *others = self._cues(kind)
        said = [first] if first else []
        said += main.told[self._language][: self._sentences - len(said)]
        said += [other.told[self._language][0] for other in others if not first]
        if last is not None:
            said += [cue.told[self._language][0] for cue in self._said(last)[:1]]
        return _sentences(said, self._language)

    def shots(self, beats: Sequence[str], lengths: Sequence[int | float]) -> Iterator[Shot]:
        """The *beats* over the *lengths*; one that lasts for several is seen closer."""
        count, before = len(lengths), -1
        for number, (seconds, framing) in enumerate(
            zip(lengths, self._framings(count), strict=True)
        ):
            start = number * len(beats) // count
            end = max(start + 1, (number + 1) * len(beats) // count)
            said = [_clipped(self._join(beats[start:end]), LONGEST_BEAT)]
            if start == before:
                said.append(self._pick(Kind.SUBJECT, number))
            before = start
            yield Shot(seconds=seconds, prompt=self._shot(framing, said, number))

    def _shot(self, framing: str, said: Sequence[str], number: int) -> str:
        move = self._pick(Kind.CAMERA, number)
        if self._language is Language.CHINESE:
            return f"{framing}：{'，'.join(said)}。{move}。"
        return f"{framing}: {'; '.join(said)}. {move}."

    def _join(self, beats: Sequence[str]) -> str:
        return ("，" if self._language is Language.CHINESE else "; ").join(beats)

    def _framings(self, count: int) -> list[str]:
        near = any(cue.name == "close" for cue in self._said(Kind.CAMERA))
        middle = (NEAR if near else MIDDLE)[self._language]
        between = [middle[number % len(middle)] for number in range(count)]
        if near:
            return between
        last = [LAST[self._language]] if count > 2 else []
        return [FIRST[self._language], *between][: count - len(last)] + last

    def _pick(self, kind: Kind, number: int) -> str:
        """What is seen or done in the shot of that *number*; another in the next."""
        shown = self._cues(kind)[0].shown[self._language]
        return shown[(self._dice[~kind] + number) % len(shown)]

    def _cues(self, kind: Kind) -> Sequence[Cue]:
        """What the prompt says, or what that implies, or what is chosen by its hash."""
        if said := self._said(kind):
            return said
        # What things look like says more of the light than the weather does.
        known = sorted(self._found, key=lambda cue: cue.kind, reverse=True)
        implied = {
            Kind.PLACE: [cue.place for cue in known],
            Kind.LIGHT: [cue.light for cue in known],
        }
        name = next(filter(None, implied.get(kind, ())), "*")
        meant = [cue for cue in _CUES if cue.kind is kind and cue.name == name]
        return [meant[self._dice[kind] % len(meant)]]

    def _said(self, kind: Kind) -> Sequence[Cue]:
        return [cue for cue in self._found if cue.kind is kind][:TOGETHER]


def _found(prompt: str) -> list[Cue]:
    """What is named in *prompt*, each thing once, in their order."""
    found: dict[str, Cue] = {}
    for match in _LOOKUP.finditer(_ABSENT.sub(" ", prompt)):
        word = (match["en"] or match["zh"]).lower()
        cue = _ENGLISH.get(word) or _CHINESE.get(word)
        if cue is not None:
            found.setdefault(f"{cue.kind} {cue.name}", cue)
    return list(found.values())


def _beats(prompt: str) -> list[str]:
    """What *prompt* says, one thing after another."""
    bare = _BRACES.sub(" ", _MARK.sub("\n", prompt))
    pieces = (
        "".join(letter if letter.isprintable() else " " for letter in piece)
        for piece in _END.split(bare)
    )
    lines = (" ".join(piece.split()).strip(_EDGES) for piece in pieces)
    return [line for line in lines if line]


def _sentences(said: Iterable[str], language: Language) -> str:
    if language is Language.CHINESE:
        return "".join(f"{one}。" for one in said)
    return " ".join(f"{one[:1].upper()}{one[1:]}." for one in said)


def _clipped(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip(_EDGES)}…"


def _lengths(seconds: float, count: int) -> list[int | float]:
    """*seconds* in whole ones, as even as can be; the last takes what is left over."""
    whole, more = divmod(int(seconds), count)
    lengths = [whole + 1] * more + [whole] * (count - more)
    return [*lengths[:-1], seconds - sum(lengths[:-1])]


def _timed(shots: Iterable[Shot]) -> Iterator[str]:
    at = 0.0
    for shot in shots:
        yield f"[{at:g}-{at + shot.seconds:g}s] {shot.prompt}"
        at += shot.seconds
