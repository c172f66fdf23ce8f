"""The settings, as `filmgate.config` documents them."""

from __future__ import annotations

import ast
from dataclasses import fields

from docs.cli_tables import commands
from docs.pages import Language
from docs.tables import code, say, table
from filmgate.config import Settings, documented

_HEAD = {
    "en": ("Variable", "Option", "Default", "What it sets"),
    "zh": ("变量", "选项", "默认值", "含义"),
}
_NONE = {"en": "none", "zh": "无"}
_BELOW = {"en": "see below", "zh": "见下文"}


def settings(language: Language) -> str:
    """A row for each setting."""
    return table(
        _HEAD[language],
        [
            (
                code(variable),
                code(_option(variable)),
                _default(text, language),
                say(doc, language),
            )
            for variable, text, doc in documented()
        ],
    )


def _option(variable: str) -> str:
    """The option of `filmgate serve` that overrides the variable."""
    by_variable = {field.metadata["variable"]: field.name for field in fields(Settings)}
    serve = next(command for command in commands() if command.name == "filmgate serve")
    found = [a.names[0] for a in serve.arguments if a.dest == by_variable[variable]]
    return found[0] if found else ""


def _default(text: str, language: Language) -> str:
    """A default as one would write it in the variable."""
    if text == "None":
        return _NONE[language]
    if text in ("…", "{}"):
        return _BELOW[language]
    if text.startswith("{"):
        pairs: dict[str, str] = ast.literal_eval(text)
        return code(", ".join(f"{name}={pointer}" for name, pointer in pairs.items()))
    # A boolean's words are the variable's own, and a day is set in hours.
    text = {"False": "refuse", "1 day, 0:00:00": "24"}.get(text, text)
    return code(text.removesuffix(" days, 0:00:00").removesuffix(".0"))


PARTS = {"settings": settings}
