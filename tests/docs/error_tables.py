"""The error codes: from the classes and the code, each with what it means."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache
from pathlib import Path

from docs.api_words import MEANINGS
from docs.pages import ROOT, Language
from docs.tables import code, table
from filmgate.dialects.openai import envelope
from filmgate.domain import errors

_SOURCES = ROOT / "src" / "filmgate"
_LITERAL = re.compile(r"""\bcode=["']([a-z_]+)["']""")

#: What Starlette answers by itself; `envelope.http_error` names these.
FRAMEWORK = {"unknown_url": 404, "method_not_allowed": 405, "range_not_satisfiable": 416}


class Seen(Enum):
    """Where a caller meets a code."""

    ANSWER = "answer"  #: with an HTTP status
    FILM = "film"  #: in `error` of a video that failed
    FAULT = "fault"  #: in `errors` of a batch whose file cannot be used
    LINE = "line"  #: in `error` of a line of a batch's error file
    NOWHERE = "nowhere"


#: Codes that no answer carries. `internal_error` is met in both places.
_FILM = frozenset(
    {
        "account_exhausted",
        "account_rejected",
        "cancelled",
        "engine_misbehaved",
        "engine_unavailable",
        "generation_failed",
        "internal_error",
        "interrupted_too_often",
        "invalid_value",
        "moderation_blocked",
        "output_expired",
        "restored",
        "submission_interrupted",
        "ticket_lost",
        "timed_out",
    }
)
_FAULT = frozenset(
    {
        "duplicate_custom_id",
        "empty_file",
        "file_not_found",
        "file_too_large",
        "invalid_custom_id",
        "invalid_file_purpose",
        "invalid_json_line",
        "invalid_method",
        "invalid_type",
        "line_too_long",
        "mismatched_url",
        "missing_required_parameter",
        "string_above_max_length",
        "too_many_requests",
    }
)
_LINE = frozenset({"batch_cancelled", "batch_expired"})
_NOWHERE = frozenset({"ownership_lost"})
#: What is met as an answer, too.
_BOTH = frozenset(
    {
        "file_not_found",
        "internal_error",
        "invalid_type",
        "invalid_value",
        "missing_required_parameter",
        "string_above_max_length",
    }
)
#: What a request for stills answers when its job fails; no other request waits.
_WAITED = 502


@dataclass(frozen=True, order=True)
class Code:
    status: int
    code: str


@cache
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
    return _named(head, Seen.FILM, language)


def faults(language: Language) -> str:
    """The codes that batches with an unusable file carry."""
    head = {"en": ("`errors.data[].code`", "Meaning"), "zh": ("`errors.data[].code`", "含义")}
    return _named(head[language], Seen.FAULT, language)


def lines(language: Language) -> str:
    """The codes in a batch's error file."""
    head = {"en": ("`error.code`", "Meaning"), "zh": ("`error.code`", "含义")}[language]
    return _named(head, Seen.LINE, language)


def inside(language: Language) -> str:
    """The codes that stay in the log."""
    head = {"en": ("`code`", "Meaning"), "zh": ("`code`", "含义")}[language]
    return _named(head, Seen.NOWHERE, language)


def types(language: Language) -> str:
    """`error.type` by HTTP status."""
    head = {"en": ("HTTP", "`type`"), "zh": ("HTTP", "`type`")}[language]
    statuses = {found.status for found in codes() if Seen.ANSWER in seen(found.code)}
    rows = [(str(status), code(_type(status))) for status in sorted({*statuses, _WAITED})]
    return table(head, rows)


def seen(name: str) -> set[Seen]:
    places = {Seen.FILM: _FILM, Seen.FAULT: _FAULT, Seen.LINE: _LINE, Seen.NOWHERE: _NOWHERE}
    found = {place for place, names in places.items() if name in names}
    return found | {Seen.ANSWER} if name in _BOTH or not found else found


def _named(head: Sequence[str], place: Seen, language: Language) -> str:
    names = sorted({found.code for found in codes() if place in seen(found.code)})
    return table(head, [(code(name), MEANINGS[name][language]) for name in names])


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
        values = [keyword.value for keyword in call.keywords if keyword.arg == "code"]
        # A line of a batch's error file has its code first.
        values += call.args[:1] if made == "NotMade" else []
        for value in values:
            yield from (Code(status, name) for name in _constants(value))


def _constants(value: ast.expr) -> Iterator[str]:
    """The text that *value* is, or may be."""
    if isinstance(value, ast.IfExp):
        yield from _constants(value.body)
        yield from _constants(value.orelse)
    elif isinstance(value, ast.Constant) and isinstance(value.value, str) and value.value:
        yield value.value


PARTS = {
    "error-answers": answers,
    "error-films": films,
    "error-faults": faults,
    "error-lines": lines,
    "error-inside": inside,
    "error-types": types,
}
