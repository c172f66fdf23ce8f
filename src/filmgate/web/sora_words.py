"""
What people write into prompts since the Sora app: storyboards, `{styles}`, films, characters.

    [5.0s]a cat jumps off a plane [5.0s]it lands      shots, and the seconds of each
    {anime}a kitten runs over the grass               a style, wherever it stands
    https://sora.chatgpt.com/p/s_68e3… as an ink wash  a film to remix, by its link or its id
    @ann walks her dog                                a character, by its name or its id

Full-width brackets, braces and digits are read too. All of this is pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from filmgate.domain.character import LONGEST_WINDOW, SHORTEST_WINDOW, Window
from filmgate.domain.composer import compose, language_of
from filmgate.domain.composer.cues import Language
from filmgate.domain.errors import InvalidRequest
from filmgate.domain.model import SAME_LENGTH
from filmgate.domain.request import GenerationRequest, Shot

#: What each style is in words, for an engine that has no such thing: English, Chinese.
STYLES: Mapping[str, tuple[str, str]] = {
    "festive": ("Festive style, like a celebration", "节日风格，喜庆热闹"),
    "kakalaka": (
        "Chaotic kakalaka style, absurd and over the top",
        "卡卡拉卡混沌风格，荒诞夸张",
    ),
    "news": ("Filmed like a news report", "新闻报道风格"),
    "selfie": ("Filmed as a selfie video", "自拍视频风格"),
    "handheld": ("Handheld style, like a home video", "手持风格，家庭录像质感"),
    "golden": ("Golden style, in warm golden tones", "金色风格，温暖的金色调"),
    "anime": ("Anime style, drawn by hand", "动漫风格，手绘质感"),
    "retro": ("Retro style, as on old film", "复古风格，老电影质感"),
    "nostalgic": ("Nostalgic style, faded like an old photograph", "怀旧风格，像泛黄的老照片"),
    "comic": ("Comic book style, with bold outlines", "漫画风格，粗黑线条"),
    "thanksgiving": ("Thanksgiving style, festive and warm", "感恩节风格，温馨喜庆"),
}

_WIDE = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)} | {0x3000: " "}
_PLAIN = str.maketrans(_WIDE | {"【": "[", "】": "]", "〔": "[", "〕": "]"})
# Counted repeats throughout: nothing but spaces must not take longer than anything else.
_NUMBER = r"[0-9]{1,4}(?:\.[0-9]{1,3})?"
_MARK = re.compile(
    rf"\[\s{{0,3}}(?:(?P<start>{_NUMBER})\s?[-–~]\s?)?(?P<end>{_NUMBER})\s{{0,3}}"
    r"(?:s|secs?|seconds?|秒钟?|秒鐘)\s{0,3}\]",
    re.IGNORECASE,
)
_BRACED = re.compile(r"( ?)\{\s{0,3}([a-z]{1,20})\s{0,3}\}( ?)", re.IGNORECASE)
_FILM = r"(?:s_[0-9a-f]{32}|video_[0-9a-f]{24,64}|gen_[0-9a-z]{20,64})"
_FOLDER = r"/[A-Za-z0-9._~-]{1,60}"
_SOURCE = re.compile(
    rf" ?(?:https?://[A-Za-z0-9.:-]{{1,253}}(?:{_FOLDER}){{0,4}}/(?P<linked>{_FILM})"
    r"(?:\.[a-z0-9]{3,4}|/content)?(?:[?#][!-~]{0,500})?"
    rf"|(?<![0-9A-Za-z_])(?P<bare>{_FILM})(?![0-9A-Za-z_]))"
)
_CHARACTER = re.compile(
    r"[@＠]?(?<![0-9A-Za-z_])(?P<id>char_[0-9a-f]{24,64})(?![0-9A-Za-z_])"
    r"|(?<![0-9A-Za-z_.@＠/-])[@＠](?P<name>\w[\w.-]{0,78}\w|\w)(?![0-9A-Za-z_])",
    re.ASCII,
)
_WINDOW = re.compile(rf"\s{{0,3}}({_NUMBER})\s{{0,3}},\s{{0,3}}({_NUMBER})\s{{0,3}}", re.ASCII)
_ENDS = ".!?。！？…"


@dataclass(frozen=True, kw_only=True)
class Board:
    """A storyboard: what is said before the first shot, and the shots."""

    lead: str = ""
    shots: tuple[Shot, ...]

    @property
    def seconds(self) -> float:
        """Of all shots together."""
        return round(sum(shot.seconds for shot in self.shots), 3)


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What a prompt says, with everything that is not words told apart."""

    prompt: str  #: with the words of its styles; a storyboard stands in it too
    storyboard: tuple[Shot, ...] = ()
    seconds: float | None = None  #: of the storyboard
    source_id: str | None = None  #: of a film to start from
    styles: tuple[str, ...] = ()


def read_wish(
    text: str, *, param: str, styles: Sequence[str] = (), sources: bool = True
) -> Wish:
    """
    All that *text* says, in these *styles* as well. Raises `InvalidRequest` naming *param*.

    Without *sources* a link to a film is words like any others.
    """
    source_id = None
    if sources:
        text, source_id = read_source(text, param=param)
    text, written = read_styles(text)
    styles = tuple(dict.fromkeys((*styles, *written)))
    board = read_board(text, param=param)
    if board is None:
        return Wish(prompt=styled(text, styles), source_id=source_id, styles=styles)
    about = board.lead or " ".join(shot.prompt for shot in board.shots)
    lead = styled(board.lead, styles) or " ".join(_said(styles, language_of(about)))
    whole = Board(lead=lead, shots=board.shots)
    return Wish(
        prompt=format_board(whole),
        storyboard=board.shots,
        seconds=board.seconds,
        source_id=source_id,
        styles=styles,
    )


def in_shots(request: GenerationRequest) -> GenerationRequest:
    """The same told in shots, unless it is already."""
    if request.storyboard or request.seconds is None or not request.prompt.strip():
        return request
    told = compose(request.prompt, seconds=request.seconds)
    board = format_board(Board(lead=told.lead, shots=told.shots))
    return replace(request, prompt=board, storyboard=told.shots)


def read_board(text: str, *, param: str) -> Board | None:
    """
    The storyboard that *text* is; None if it names no shot's time.

    A time is a length, `[5s]`, or from when to when, `[0-5s]`.
    """
    marks = list(_MARK.finditer(text.translate(_PLAIN)))
    if not marks:
        return None
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    shots: list[Shot] = []
    at = 0.0
    for number, (mark, end) in enumerate(zip(marks, ends, strict=True), start=1):
        seconds = _seconds(mark, at, number, param)
        prompt = text[mark.end() : end].strip()
        if not prompt:
            message = f"Shot {number} of the storyboard says nothing. Write it after its time."
            raise InvalidRequest(message, param=param)
        shots.append(Shot(seconds=seconds, prompt=prompt))
        at = round(at + seconds, 3)
    return Board(lead=text[: marks[0].start()].strip(), shots=tuple(shots))


def format_board(board: Board) -> str:
    """The text that `read_board` reads as *board*."""
    lines = [f"[{_number(shot.seconds)}s]{shot.prompt}" for shot in board.shots]
    return "\n".join([board.lead, *lines] if board.lead else lines)


def read_styles(text: str) -> tuple[str, tuple[str, ...]]:
    """*text* without the styles in it, and each of these once; `{others}` stay."""
    found: list[str] = []

    def taken(match: re.Match[str]) -> str:
        name = match[2].lower()
        if name not in STYLES:
            return text[match.start() : match.end()]
        found.append(name)
        return " " if match[1] and match[3] else match[1] + match[3]

    rest = _spliced(_BRACED, text, taken)
    return (rest.strip() if found else text, tuple(dict.fromkeys(found)))


def format_styles(names: Sequence[str]) -> str:
    """The text that `read_styles` reads as these styles."""
    return "".join(f"{{{name}}}" for name in names)


def styled(text: str, names: Sequence[str]) -> str:
    """*text* with the styles in words, in its language; of no text there is no style."""
    if not (names and text.strip()):
        return text
    language = language_of(text)
    chinese = language is Language.CHINESE
    end = "" if text.rstrip()[-1] in _ENDS else "。" if chinese else "."
    space = "" if chinese else " "
    return f"{text.rstrip()}{end}{space}{space.join(_said(names, language))}"


def read_source(text: str, *, param: str) -> tuple[str, str | None]:
    """*text* without the link to a film, or a film's id, and that id."""
    ids = list(dict.fromkeys(m["linked"] or m["bare"] for m in _SOURCE.finditer(text)))
    if not ids:
        return text, None
    if len(ids) > 1:
        message = f"The prompt names two films, '{ids[0]}' and '{ids[1]}'. Name one."
        raise InvalidRequest(message, param=param)
    return _SOURCE.sub("", text).strip(), ids[0]


def read_characters(text: str) -> tuple[str, ...]:
    """
    Who may play in *text*, each once: ids, and words after an `@`, which may be names.

    A word is in lower case, and has its `@`.
    """
    return tuple(dict.fromkeys(map(_player, _CHARACTER.finditer(text))))


def name_characters(text: str, names: Mapping[str, str]) -> str:
    """*text* with the *names* of characters in place of what `read_characters` has read."""
    return _CHARACTER.sub(lambda match: names.get(_player(match), match[0]), text)


def read_window(text: str, *, param: str) -> Window:
    """From when to when: `0,3`. Raises `InvalidRequest` naming *param*."""
    found = _WINDOW.fullmatch(text.translate(_PLAIN))
    if found is None:
        message = (
            f"Invalid value: '{text[:80]}'. Write from when to when in seconds, such as '0,3'."
        )
        raise InvalidRequest(message, param=param)
    start, end = float(found[1]), float(found[2])
    if not SHORTEST_WINDOW <= round(end - start, 3) <= LONGEST_WINDOW:
        message = (
            f"Invalid value: '{text[:80]}'. From the start to the end it is "
            f"{SHORTEST_WINDOW:g} to {LONGEST_WINDOW:g} s, such as in '0,3'."
        )
        raise InvalidRequest(message, param=param)
    return Window(start=start, end=end, param=param)


def _player(match: re.Match[str]) -> str:
    return match["id"] or f"@{match['name'].lower()}"


def _seconds(mark: re.Match[str], at: float, number: int, param: str) -> float:
    end = float(mark["end"])
    if mark["start"] is None:
        seconds = end
    else:
        start = float(mark["start"])
        if abs(start - at) > SAME_LENGTH:
            message = (
                f"Shot {number} of the storyboard begins at {start:g} s, and those before it "
                f"end at {at:g} s. Let each begin where the one before it ends."
            )
            raise InvalidRequest(message, param=param)
        seconds = round(end - start, 3)
    if seconds <= 0:
        message = f"Shot {number} of the storyboard has no length: '{mark.group()}'."
        raise InvalidRequest(message, param=param)
    return seconds


def _said(names: Sequence[str], language: Language) -> list[str]:
    chinese = language is Language.CHINESE
    return [f"{STYLES[name][chinese]}{'。' if chinese else '.'}" for name in names]


def _number(seconds: float) -> str:
    return f"{seconds:.3f}".rstrip("0").rstrip(".")


def _spliced(pattern: re.Pattern[str], text: str, taken: Callable[[re.Match[str]], str]) -> str:
    """*text* with what *taken* says for each match in its plain letters."""

    def pieces() -> Iterator[str]:
        at = 0
        for match in pattern.finditer(text.translate(_PLAIN)):
            yield text[at : match.start()]
            yield taken(match)
            at = match.end()
        yield text[at:]

    return "".join(pieces())
