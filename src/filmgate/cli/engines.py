"""`filmgate engines`: from a file that an engine's users have to a name that callers use."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from filmgate.bootstrap.connecting import proposed
from filmgate.cli.connect import row
from filmgate.cli.desk import Fields, desk_of
from filmgate.cli.problem import Problem
from filmgate.domain.errors import InvalidRequest


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", help="folder for the database and the films")
    parser.add_argument("engine", help="the engine's name, such as comfyui")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    brought = actions.add_parser(
        "import", help="let a name mean a file that says how it is made"
    )
    brought.add_argument("file", type=Path, help="for comfyui a workflow in its API format")
    brought.add_argument("--name", required=True, help="what callers say, such as wan-fast")
    brought.add_argument(
        "--account", required=True, help="account_…, which is asked whether it lacks anything"
    )
    brought.add_argument(
        "--slot",
        action="append",
        type=_pair,
        metavar="WISH=PLACE",
        help="where a wish goes, such as prompt=6.inputs.text; fixed=PLACE leaves one alone",
    )
    brought.add_argument(
        "--size",
        action="append",
        metavar="WIDTHxHEIGHT",
        help="one that callers may ask for; repeatable, the first is the default",
    )
    brought.add_argument(
        "--seconds",
        action="append",
        type=float,
        help="a length that callers may ask for; repeatable, the first is the default",
    )
    brought.add_argument(
        "--set",
        action="append",
        type=_pair,
        metavar="SETTING=VALUE",
        help="another setting of the engine, such as steps=4",
    )
    brought.add_argument(
        "--anyway", action="store_true", help="even if the account lacks a node or a file"
    )


def run(args: argparse.Namespace) -> int:
    try:
        found = proposed(args.engine, args.file.read_bytes(), _said(args))
    except OSError as error:
        message = f"{args.file} cannot be read: {error.strerror}."
        raise Problem(message) from None
    except InvalidRequest as error:
        message = f"{args.file}: {error.message}"
        raise Problem(message) from None
    _say(*found.found)
    if found.open:
        raise Problem("Some of it only you can say.\n" + "\n".join(found.open))
    fields = {
        "account_id": args.account,
        "model": args.file.stem,
        "settings": found.settings,
        "anyway": args.anyway,
    }
    pointed = asyncio.run(_point(args, fields))
    (meant,) = pointed["candidates"]
    _say(
        row(meant["model"]),
        f"{args.name} means {meant['engine']}/{meant['model']['name']} from now on.",
        f'Next: filmgate create --model {args.name} "a kite over the sea"',
    )
    return 0


async def _point(args: argparse.Namespace, fields: Fields) -> Fields:
    async with desk_of(args) as desk:
        return await desk.point(args.name, fields)


def _said(args: argparse.Namespace) -> dict[str, Any]:
    slots: dict[str, list[str]] = {}
    for slot, place in args.slot or ():
        slots.setdefault(slot, []).append(place)
    said = {"sizes": args.size, "seconds": args.seconds}
    return {
        **{name: _value(text) for name, text in args.set or ()},
        **{name: values for name, values in said.items() if values},
        "slots": slots,
    }


def _value(text: str) -> object:
    """JSON if it is, else the words themselves."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _pair(text: str) -> Sequence[str]:
    name, equals, value = text.partition("=")
    if not (name and equals and value):
        message = f"{text!r} is not NAME=VALUE"
        raise argparse.ArgumentTypeError(message)
    return name, value


def _say(*lines: str) -> None:
    sys.stdout.writelines(f"{line}\n" for line in lines)
