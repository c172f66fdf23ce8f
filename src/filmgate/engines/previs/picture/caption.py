"""Words in the picture: the caption and the little tag. Never a box instead of a letter."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from filmgate.engines.previs.picture.stage import Layer, Stage

Font = ImageFont.FreeTypeFont

#: Fonts to try when Pillow's own lacks a letter, best first: how their files' names start.
_KNOWN = (
    "notosanscjk", "notosanssc", "sourcehansans", "pingfang", "hiragino sans gb", "msyh",
    "wqy", "stheiti", "simhei", "droidsansfallback", "notosansjp", "hiragino", "yugoth",
    "meiryo", "ipag", "ipaexg", "notosanskr", "applesdgothicneo", "malgun", "nanumgothic",
    "notosans-regular", "dejavusans", "liberationsans-regular", "arial",
)  # fmt: skip
_NOBODY = "\U0010fffe"  # a code point that no font has a letter for
_LONGEST = 200  # letters
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


def _folders() -> list[Path]:
    home = Path("~").expanduser()  # stays "~", and is found empty, where nobody is at home
    return [
        Path("/usr/share/fonts"),
        Path("/usr/local/share/fonts"),
        home / ".local/share/fonts",
        home / ".fonts",
        Path("/System/Library/Fonts"),
        Path("/Library/Fonts"),
        home / "Library/Fonts",
        Path("C:/Windows/Fonts"),
    ]


@cache
def _found() -> tuple[Path, ...]:
    """The known fonts that this machine has, best first."""
    files: list[tuple[int, bool, str]] = []
    for folder in _folders():
        for place, _, names in os.walk(folder):
            for name in names:
                low = name.lower()
                if low.endswith((".ttf", ".otf", ".ttc")) and low.startswith(_KNOWN):
                    rank = next(n for n, known in enumerate(_KNOWN) if low.startswith(known))
                    files.append((rank, "regular" not in low, str(Path(place) / name)))
    return tuple(Path(file) for _, _, file in sorted(files))


def _face(path: Path) -> int:
    """Which of a collection's faces: of Noto's five, the one with mainland Chinese forms."""
    return 2 if path.name.lower().startswith("notosanscjk") and path.suffix == ".ttc" else 0


def _fonts(size: int) -> Iterator[Font]:
    own = ImageFont.load_default(size)
    if isinstance(own, Font):
        yield own
    for path in _found():
        try:
            yield ImageFont.truetype(
                str(path), size, _face(path), layout_engine=ImageFont.Layout.BASIC
            )
        except OSError:
            continue


def _glyph(font: Font, letter: str) -> tuple[tuple[int, int], bytes]:
    mask = font.getmask(letter)
    return mask.size, bytes(mask)


def _can_write(font: Font, text: str) -> bool:
    """Whether *font* has all of *text*: no letter looks like the one it has for nothing."""
    nothing = _glyph(font, _NOBODY)
    for letter in set(text) - {" "}:
        glyph = _glyph(font, letter)
        if glyph == nothing or 0 in glyph[0]:
            return False
    return True


def _plain(text: str) -> bool:
    """Whether letters can simply be put side by side, from left to right."""
    return all(
        unicodedata.bidirectional(letter) not in {"R", "AL", "AN"}
        and not unicodedata.category(letter).startswith("M")
        and unicodedata.category(letter) not in _HIDDEN
        for letter in text
    )


def font_for(text: str, size: int) -> Font | None:
    """A font that can write all of *text*; None if there is none."""
    if not _plain(text):
        return None
    return next((font for font in _fonts(size) if _can_write(font, text)), None)


def _lines(text: str, font: Font, width: float) -> list[str]:
    """*text* in at most two lines; what does not fit is cut off with three dots."""
    lines: list[str] = []
    rest = text
    while rest and len(lines) < 2:
        fit = len(rest)
        while fit > 1 and font.getlength(rest[:fit]) > width:
            fit -= 1
        if fit < len(rest):
            space = rest.rfind(" ", 0, fit + 1)
            fit = space if space > fit // 2 else fit
        lines.append(rest[:fit].strip())
        rest = rest[fit:].strip()
    if rest:
        while lines[-1] and font.getlength(lines[-1] + "...") > width:
            lines[-1] = lines[-1][:-1]
        lines[-1] = lines[-1].rstrip(" ,.;") + "..."
    return lines


def fitted(text: str, size: int, width: float) -> tuple[Font, list[str]] | None:
    """A font of that *size*, and *text* in lines of that *width*; None if it cannot be done."""
    text = unicodedata.normalize("NFC", " ".join(text.split()))[:_LONGEST]
    if not text or size < 9:
        return None
    font = font_for(text + "...", size)
    return (font, _lines(text, font, width)) if font else None


def subtitle(stage: Stage, text: str) -> list[Layer]:
    """*text* on a soft bar along the bottom; nothing if it cannot be written properly."""
    size = round(min(stage.height * 0.036, stage.width * 0.036))
    found = fitted(text, size, stage.width * 0.88)
    if found is None:
        return []
    font, lines = found
    step = round(size * 1.32)
    bar = round(step * len(lines) + size * 1.5)
    image = Image.new("RGBA", (stage.width, bar), (8, 10, 18, 0))
    pixels = np.array(image)
    fade = np.clip(np.linspace(0, 1.9, bar, dtype=np.float32), 0, 1)
    pixels[..., 3] = (fade * 150)[:, None].astype(np.uint8)
    image = Image.fromarray(pixels)
    pen = ImageDraw.Draw(image)
    for number, line in enumerate(lines):
        x = (stage.width - font.getlength(line)) / 2
        pen.text((x, size * 0.72 + number * step), line, font=font, fill=(250, 250, 252, 255))
    return [Layer(cells=(np.array(image),), y=float(stage.height - bar), smooth=False)]


def tag(stage: Stage) -> list[Layer]:
    """The word "previs" in a corner, so that nobody takes the film for more than it is."""
    size = round(min(stage.height, stage.width) * 0.026)
    if size < 7:
        return []
    font = font_for("previs", size)
    if font is None:
        return []
    width, height = 2 * round(font.getlength("previs") / 2 + size * 0.6), 2 * round(size * 0.85)
    image = Image.new("RGBA", (width, height), (10, 12, 20, 0))
    pen = ImageDraw.Draw(image)
    pen.rounded_rectangle(
        (0, 0, width - 1, height - 1), radius=height / 2, fill=(10, 12, 20, 96)
    )
    pen.text((size * 0.55, size * 0.25), "previs", font=font, fill=(255, 255, 255, 205))
    x, y = stage.width - width - size, size
    return [
        Layer(
            cells=(np.array(image),), x=2.0 * round(x / 2), y=2.0 * round(y / 2), smooth=False
        )
    ]
