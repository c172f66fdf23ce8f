"""Markdown tables in either language."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from docs.chinese import CHINESE
from docs.pages import Language


def say(english: str, language: Language) -> str:
    """The code's own English, or its Chinese; `KeyError` says where to add it."""
    if language == "en":
        return english
    if english not in CHINESE:
        message = f"no Chinese for {english!r}: add it to tests/docs/words/sentences.md"
        raise KeyError(message)
    return CHINESE[english]


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table whose cells may contain anything but line breaks."""
    lines = [_row(head), "|" + "---|" * len(head), *map(_row, rows)]
    return "\n".join(lines)


def code(text: str) -> str:
    """*text* as `code`; nothing stays nothing."""
    return f"`{text}`" if text else ""


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
