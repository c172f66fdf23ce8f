"""The command line: one module per command, found by its name."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

from filmgate import __version__
from filmgate.cli.problem import Problem
from filmgate.domain.errors import CannotStart, StorageUnavailable

#: A command is a module here with `add(parser)` and `run(args) -> int`. Only the one that
#: is asked for is imported when it runs.
COMMANDS = {
    "serve": "Start the gateway.",
    "create": "Make a film from a prompt.",
    "demo": "Make a film over HTTP with a gateway started for it.",
    "keys": "Create, list and revoke API keys.",
    "connect": "Let an engine make the films: check a key, choose a model.",
    "models": "List, point and remove the names that callers use.",
    "route": "Say which engine would make a film, and why. Nothing is made.",
    "engines": "Import what an engine's users have, such as ComfyUI's workflows.",
    "accounts": "Add, import, list, check, change and remove accounts at engines.",
    "films": "Keep films that were made elsewhere, under their old ids.",
    "usage": "Say what callers were charged, and what engines took.",
    "backup": "Write rows and films to one file, while the server runs or not.",
    "restore": "Make a backup the content of a new data folder.",
    "migrate": "Copy a data folder to PostgreSQL and an object store.",
    "doctor": "Say what works here and what is missing.",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; the exit code is 0, 1 for a problem, 2 for wrong usage, 130 for Ctrl-C."""
    parser = _parser(sys.argv[1:] if argv is None else argv)
    args = parser.parse_args(argv)
    try:
        return int(import_module(f"filmgate.cli.{args.command}").run(args))
    except (Problem, CannotStart, StorageUnavailable) as problem:
        sys.stderr.write(f"filmgate: {problem}\n")
        return 1
    except KeyboardInterrupt:
        return 130


def _parser(argv: Sequence[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="filmgate", description="Keep your Sora code; choose the engine."
    )
    parser.add_argument("--version", action="version", version=f"filmgate {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, doc in COMMANDS.items():
        command = commands.add_parser(name, help=doc, description=doc)
        if name in argv:
            import_module(f"filmgate.cli.{name}").add(command)
    return parser
