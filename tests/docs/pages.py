"""The documentation as data: its pages, and the code, links and headings in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

Language = Literal["en", "zh"]

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"

#: What is shown but never run: output, bodies, files of other programs, and languages of which
#: test_other_languages.py sends what they would.
SHOWN = frozenset({"text", "json", "ini", "nginx", "go", "java", "csharp"})
RUN = frozenset({"bash", "python", "js"})

_FENCE = re.compile(r"```(?P<info>.*)")
_NOT_RUN = re.compile(r"<!-- not run: (?P<reason>.+) -->")
_SAVED = re.compile(r"<!-- saved as: (?P<name>[\w.]+) -->")
_LINK = re.compile(r"!?\[[^\]]*\]\((?P<target>[^)\s]+)\)")
_HEADING = re.compile(r"(?P<level>#{1,6}) (?P<text>.+)")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Block:
    """One fenced block of a page."""

    page: Path
    line: int  #: of its opening fence, from 1
    language: str  #: what stands after the opening fence
    text: str
    not_run: str | None = None  #: the reason that stands above it
    saved_as: str | None = None  #: a file that later blocks run, by the name above it

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def pages(language: Language) -> list[Path]:
    """Every page of a language, by name."""
    return sorted((DOCS / language).rglob("*.md"))


def every_page() -> list[Path]:
    """The pages of both languages, and the README in both."""
    return [*pages("en"), *pages("zh"), ROOT / "README.md", ROOT / "README.zh.md"]


def language_of(page: Path) -> Language:
    chinese = page.name.endswith(".zh.md") or page.is_relative_to(DOCS / "zh")
    return "zh" if chinese else "en"


def twin(page: Path) -> Path:
    """The same page in Chinese."""
    if page == ROOT / "README.md":
        return ROOT / "README.zh.md"
    return DOCS / "zh" / page.relative_to(DOCS / "en")


def name(page: Path) -> str:
    """What a test calls it."""
    return str(page.relative_to(ROOT))


def blocks(page: Path) -> list[Block]:
    """The fenced blocks of a page in their order."""
    return [block for block, _ in _parsed(page) if block is not None]


def prose(page: Path) -> str:
    """A page without its blocks."""
    return "\n".join(line for block, line in _parsed(page) if block is None)


def links(page: Path) -> list[str]:
    """The targets of a page's links."""
    return [found["target"] for found in _LINK.finditer(prose(page))]


def headings(page: Path) -> list[tuple[int, str]]:
    """Level and text of every heading."""
    found = (_HEADING.fullmatch(line) for line in prose(page).splitlines())
    return [(len(heading["level"]), heading["text"]) for heading in found if heading]


def anchors(page: Path) -> set[str]:
    """What a link to the page may have after `#`."""
    return {
        re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for _, text in headings(page)
    }


def words(page: Path) -> str:
    """A page as it is read: without blocks, `code`, comments and the targets of links."""
    text = _COMMENT.sub(" ", prose(page))
    text = re.sub(r"`[^`\n]*`", " ", text)
    return re.sub(r"\]\([^)]*\)", "]", text)


def _parsed(page: Path) -> Iterator[tuple[Block | None, str]]:
    """Each block, and each line outside of blocks with None."""
    opened: Block | None = None
    inside: list[str] = []
    above = ""
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), start=1):
        fence = _FENCE.fullmatch(line)
        if opened is None and fence:
            opened = _opened(page, number, fence["info"], above)
            inside = []
        elif opened is None:
            yield None, line
        elif line == "```":
            yield replace(opened, text="\n".join(inside) + "\n"), ""
            opened = None
        else:
            inside.append(line)
        if line.strip():
            above = line.strip()
    if opened is not None:
        message = f"{opened}: the block never ends"
        raise ValueError(message)


def _opened(page: Path, line: int, language: str, above: str) -> Block:
    """The block that begins here, below the line *above*."""
    reason, saved = _NOT_RUN.fullmatch(above), _SAVED.fullmatch(above)
    return Block(
        page=page,
        line=line,
        language=language,
        text="",
        not_run=reason["reason"] if reason else None,
        saved_as=saved["name"] if saved else None,
    )
