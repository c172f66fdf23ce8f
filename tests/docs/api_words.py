"""
What each endpoint, field and error code of the API means, in both languages.

`words/*.md`: a heading for each table, below it one for each row, and there a line of
English and a line of Chinese. A test finds rows without words, and words without rows.
"""

from __future__ import annotations

from pathlib import Path

from docs.pages import Language

Words = dict[Language, str]

_FOLDER = Path(__file__).parent / "words"


def read(name: str) -> dict[str, dict[str, Words]]:
    """The words of a file: table, row, language."""
    tables: dict[str, dict[str, Words]] = {}
    for part in (_FOLDER / f"{name}.md").read_text(encoding="utf-8").split("\n## ")[1:]:
        title, *rows = part.split("\n### ")
        tables[title.strip()] = dict(map(_row, rows))
    return tables


def _row(text: str) -> tuple[str, Words]:
    lines = [line for line in text.splitlines() if line]
    if len(lines) != 3:
        message = f"a row has a heading, a line of English and one of Chinese, not {lines}"
        raise ValueError(message)
    return lines[0], {"en": lines[1], "zh": lines[2]}


ENDPOINTS = read("endpoints")
BODIES = read("bodies")
OBJECTS = read("objects")
MEANINGS = read("errors")["codes"]

LIMITS: dict[str, Words] = {
    "prompt": {"en": "Prompt", "zh": "提示词"},
    "json": {"en": "Body without files", "zh": "不含文件的请求体"},
    "file": {"en": "One file in a form", "zh": "表单里的单个文件"},
    "body": {"en": "Any body", "zh": "任何请求体"},
    "pixels": {"en": "Pixels of a reference", "zh": "参考图的像素"},
    "fields": {"en": "Fields in a form", "zh": "表单字段数"},
    "clip": {"en": "Seconds of a film that is sent", "zh": "发来的影片的秒数"},
    "references": {"en": "`references`", "zh": "`references`"},
}
