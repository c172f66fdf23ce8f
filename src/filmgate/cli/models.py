"""`filmgate models`: what callers' model names mean."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from filmgate.cli.connect import row
from filmgate.cli.desk import Fields, desk_of
from filmgate.cli.problem import Problem
from filmgate.domain.model import Pick


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", help="folder for the database and the films")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    actions.add_parser("list", help="every name that is pointed at a model")
    found = actions.add_parser("of", help="what an account may use, asked without paying")
    found.add_argument("account", help="account_…, as `accounts list` shows it")
    point = actions.add_parser("point", help="let a name mean a model")
    point.add_argument("name", help="what callers say, such as sora-2 or wan-fast")
    point.add_argument("model", help="the engine's own name for it")
    whose = point.add_mutually_exclusive_group(required=True)
    whose.add_argument("--account", help="account_…, which is asked whether it may use it")
    whose.add_argument("--engine", help="an engine that knows the model without being asked")
    point.add_argument("--settings", type=Path, help="a file of JSON that the engine is given")
    point.add_argument(
        "--anyway", action="store_true", help="even if the account lacks a node or a file"
    )
    point.add_argument("--also", action="store_true", help="after what the name means already")
    point.add_argument("--weight", type=int, default=1, help="its share, for --pick weighted")
    point.add_argument("--plan", action="append", help="only accounts of this plan; repeatable")
    point.add_argument(
        "--pick",
        choices=[one.value for one in Pick],
        help="which of the name's models is tried first",
    )
    removed = actions.add_parser("remove", help="let a name mean what FILMGATE_MODELS says")
    removed.add_argument("name", help="as `models list` shows it")


def run(args: argparse.Namespace) -> int:
    for line in asyncio.run(_lines(args)):
        sys.stdout.write(line + "\n")
    return 0


async def _lines(args: argparse.Namespace) -> Sequence[str]:
    async with desk_of(args) as desk:
        match args.action:
            case "of":
                return [row(model) for model in await desk.discover(args.account)]
            case "point":
                named = await desk.point(args.name, _meant(args))
                return [f"{args.name} means {_candidates(named)}"]
            case "remove":
                await desk.remove_name(args.name)
                return [f"{args.name} is not pointed at anything any more"]
            case _:
                return [f"{one['name']}  {_candidates(one)}" for one in await desk.names()]


def _candidates(named: Fields) -> str:
    """What a name means, in order: `fal/wan, else comfyui/wan`; and which is tried first."""
    found = named["candidates"]
    pick = f"  ({named['pick']})" if len(found) > 1 else ""
    return ", else ".join(_candidate(one, named["pick"]) for one in found) + pick


def _candidate(one: Fields, pick: str) -> str:
    words = [f"{one['engine']}/{one['model']['name']}"]
    if pick == Pick.WEIGHTED:
        words.append(f"weight {one['weight']}")
    if one["plans"]:
        words.append(f"plan {' or '.join(one['plans'])}")
    return " ".join(words)


def _meant(args: argparse.Namespace) -> Fields:
    settings: object = {}
    if args.settings:
        try:
            settings = json.loads(args.settings.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            message = f"--settings {args.settings} cannot be read: {error}"
            raise Problem(message) from None
        if not isinstance(settings, dict):
            message = f"--settings {args.settings} holds no JSON object."
            raise Problem(message)
    whose = {"account_id": args.account} if args.account else {"engine": args.engine}
    said = {"also": args.also, "weight": args.weight, "pick": args.pick}
    plans = args.plan or []
    fixed = {"model": args.model, "settings": settings, "anyway": args.anyway}
    return {**fixed, **said, "plans": plans, **whose}
