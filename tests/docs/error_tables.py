"""The error codes: from the classes and the code, each with what it means."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from docs.error_words import MEANINGS
from docs.pages import ROOT, Language
from docs.tables import code, table
from filmgate.dialects.openai import envelope
from filmgate.domain import errors

_SOURCES = ROOT / "src" / "filmgate"
_LITERAL = re.compile(r"""\bcode=["']([a-z_]+)["']""")

#: What Starlette answers by itself; `envelope.http_error` names these.
FRAMEWORK = {"unknown_url": 404, "method_not_allowed": 405}


class Seen(Enum):
    """Where a caller meets a code."""

    ANSWER = "answer"  #: with an HTTP status
    FILM = "film"  #: in `error` of a video that failed
    NOWHERE = "nowhere"


#: Codes that no answer carries. `internal_error` is met in both places.
_FILM = frozenset(
    {
        "cancelled",
        "engine_misbehaved",
        "engine_unavailable",
        "generation_failed",
        "internal_error",
        "interrupted_too_often",
        "moderation_blocked",
        "submission_interrupted",
        "ticket_lost",
    }
)
_NOWHERE = frozenset({"ownership_lost"})
_BOTH = frozenset({"internal_error"})


@dataclass(frozen=True, order=True)
class Code:
    status: int
    code: str


def codes() -> set[Code]:
    """Every code with the HTTP status of its class."""
    found = {Code(kind.status, kind.code) for kind in _classes(errors.FilmgateError)}
    found |= {Code(status, name) for name, status in FRAMEWORK.items()}
    for path in sorted(_SOURCES.rglob("*.py")):
        found |= set(_raised(path))
    return found


def literals() -> set[str]:
    """The same by eye: every `code="…"` in the source."""
    texts = [path.read_text(encoding="utf-8") for path in _SOURCES.rglob("*.py")]
    return {found for text in texts for found in _LITERAL.findall(text)}


def answers(language: Language) -> str:
    """The codes that answers carry, by status."""
    head = {"en": ("HTTP", "`code`", "Meaning"), "zh": ("HTTP", "`code`", "含义")}[language]
    rows = [
        (str(found.status), code(found.code), MEANINGS[found.code][language])
        for found in sorted(codes())
        if Seen.ANSWER in seen(found.code)
    ]
    return table(head, rows)


def films(language: Language) -> str:
    """The codes that failed videos carry."""
    head = {"en": ("`error.code`", "Meaning"), "zh": ("`error.code`", "含义")}[language]
    names = sorted(found.code for found in codes() if Seen.FILM in seen(found.code))
    return table(head, [(code(name), MEANINGS[name][language]) for name in names])


def inside(language: Language) -> str:
    """The codes that stay in the log."""
    head = {"en": ("`code`", "Meaning"), "zh": ("`code`", "含义")}[language]
    names = sorted(found.code for found in codes() if Seen.NOWHERE in seen(found.code))
    return table(head, [(code(name), MEANINGS[name][language]) for name in names])


def types(language: Language) -> str:
    """`error.type` by HTTP status."""
    head = {"en": ("HTTP", "`type`"), "zh": ("HTTP", "`type`")}[language]
    statuses = sorted({found.status for found in codes() if Seen.ANSWER in seen(found.code)})
    return table(head, [(str(status), code(_type(status))) for status in statuses])


def seen(name: str) -> set[Seen]:
    if name in _NOWHERE:
        return {Seen.NOWHERE}
    if name in _FILM:
        return {Seen.FILM} | ({Seen.ANSWER} if name in _BOTH else set())
    return {Seen.ANSWER}


def _type(status: int) -> str:
    body = envelope._envelope(status, "", param=None, code=None)
    return str(body["error"]["type"])


def _classes(kind: type[errors.FilmgateError]) -> Iterator[type[errors.FilmgateError]]:
    if kind.__module__ == errors.__name__:  # and not a test's own
        yield kind
    for child in kind.__subclasses__():
        yield from _classes(child)


def _raised(path: Path) -> Iterator[Code]:
    """Codes that a call gives by name, with the status of the class that it makes."""
    for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(call, ast.Call):
            continue
        made = getattr(call.func, "id", "") or getattr(call.func, "attr", "")
        status = getattr(getattr(errors, made, None), "status", 500)
        for keyword in call.keywords:
            value = keyword.value
            if keyword.arg == "code" and isinstance(value, ast.Constant) and value.value:
                yield Code(status, str(value.value))


PARTS = {
    "error-answers": answers,
    "error-films": films,
    "error-inside": inside,
    "error-types": types,
}
