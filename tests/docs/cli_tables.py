"""The commands, from their parsers' own actions: `--help` differs between Pythons."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

from docs.pages import Language
from docs.tables import code, say, table
from filmgate.cli import COMMANDS, _parser

WIDTH = 88  #: columns

_HEAD = {
    "en": ("Argument", "Default", "What it is"),
    "zh": ("参数", "默认值", "含义"),
}
_SPACE = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True, kw_only=True)
class Argument:
    """One argument of a command."""

    dest: str
    names: tuple[str, ...]  #: `-o`, `--output`; of a positional: none
    metavar: str  #: empty for a switch
    required: bool
    default: str
    help: str

    @property
    def shown(self) -> str:
        """As the table has it."""
        return " ".join(filter(None, (", ".join(self.names), self.metavar)))

    @property
    def used(self) -> str:
        """As the usage has it, unbreakable."""
        name = self.names[0] if self.names else ""
        text = _SPACE.join(filter(None, (name, self.metavar)))
        return text if self.required else f"[{text}]"


@dataclass(frozen=True, kw_only=True)
class Command:
    """A command, or one of its actions."""

    name: str
    about: str
    arguments: tuple[Argument, ...]
    actions: tuple[str, ...]

    @property
    def usage(self) -> str:
        """In lines of at most `WIDTH` columns."""
        options = [a.used for a in self.arguments if a.names]
        rest = [a.used for a in self.arguments if not a.names]
        last = ["ACTION …"] if self.actions else []
        text = " ".join([self.name, *options, *rest, *last])
        lines = textwrap.wrap(
            text,
            WIDTH,
            subsequent_indent="    ",
            break_long_words=False,
            break_on_hyphens=False,
        )
        return "\n".join(lines).replace(_SPACE, " ")


def commands() -> list[Command]:
    """Every command in the order of the help, each followed by its actions."""
    return [command for command in _all() if command.name != "filmgate"]


def usage(language: Language) -> str:
    """Every command: its usage, and a table of its arguments."""
    return "\n\n".join(_section(command, language) for command in commands())


def _section(command: Command, language: Language) -> str:
    words = [word for word in command.name.split() if not word.isupper()]
    level = "#" * (len(words) + 1)
    about = say(command.about, language)
    if not about.endswith((".", "。")):
        about = f"{about[0].upper()}{about[1:]}" + ("." if language == "en" else "。")
    lines = [f"{level} {command.name}", about, f"```text\n{command.usage}\n```"]
    if command.arguments:
        rows = [
            (code(a.shown), code(a.default), say(a.help, language)) for a in command.arguments
        ]
        lines.append(table(_HEAD[language], rows))
    return "\n\n".join(lines)


def _all() -> Iterator[Command]:
    parser = _parser(list(COMMANDS))
    yield from _walk(parser, parser.prog, "")


def _walk(parser: argparse.ArgumentParser, name: str, about: str) -> Iterator[Command]:
    nested = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
    yield Command(
        name=name,
        about=parser.description or about,
        arguments=tuple(_arguments(parser)),
        actions=tuple(name for action in nested for name in action.choices),
    )
    before = [a.dest.upper() for a in parser._actions if nested and not a.option_strings]
    for action in nested:
        helps = {choice.dest: choice.help or "" for choice in action._choices_actions}
        for word, inner in action.choices.items():
            full = " ".join([name, *before[: before.index(action.dest.upper())], word])
            yield from _walk(inner, full, helps[word])


def _arguments(parser: argparse.ArgumentParser) -> Iterator[Argument]:
    for action in parser._actions:
        if isinstance(action, argparse._HelpAction | argparse._SubParsersAction):
            continue
        switch = action.nargs == 0
        dest = action.dest.upper()
        yield Argument(
            dest=action.dest,
            names=tuple(action.option_strings),
            metavar="" if switch else str(action.metavar or dest),
            required=action.required,
            default="" if action.default is None or switch else str(action.default),
            help=action.help or "",
        )


PARTS = {"commands": usage}
