"""`filmgate connect`: from a key or an address to films that an engine makes."""

from __future__ import annotations

import argparse
import asyncio
import getpass
import sys
from collections.abc import Sequence

from filmgate.cli.accounts import secret_of
from filmgate.cli.desk import Desk, Fields, desk_of
from filmgate.cli.problem import Problem
from filmgate.domain.errors import FilmgateError

NAMES = {"video": ("sora-2", "sora-2-pro"), "image": ("gpt-image-2",)}
#: What is asked for under a Sora name unless the caller says something else.
USUAL_SIZE, USUAL_SECONDS = "720x1280", 4.0
SHOWN = 40  #: models


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("engine", help="the engine's name, such as fal or comfyui")
    parser.add_argument("--data", help="folder for the database and the films")
    parser.add_argument("--label", default="default", help="what you call the account")
    parser.add_argument("--url", help="where the engine is, such as http://gpu.lan:8000/v1")
    parser.add_argument("--seats", type=int, help="films that it makes at once")
    secret = parser.add_mutually_exclusive_group()
    secret.add_argument("--secret", help="where its secret is: env:NAME or file:PATH")
    secret.add_argument(
        "--secret-stdin", action="store_true", help="read its secret from standard input"
    )
    parser.add_argument("--model", help="the engine's model that is to make the films")
    parser.add_argument(
        "--name",
        action="append",
        help="a name that is to mean the model; repeatable. Otherwise sora-2 and sora-2-pro",
    )


def run(args: argparse.Namespace) -> int:
    fields = _account_fields(args)
    asyncio.run(_connect(args, fields))
    return 0


async def _connect(args: argparse.Namespace, fields: Fields) -> None:
    async with desk_of(args) as desk:
        account, models = await _checked(desk, args.engine, fields)
        model = _chosen(models, args.model)
        for name in args.name or NAMES[model["media"]]:
            await desk.point(name, {"account_id": account["id"], "model": model["name"]})
            _say(f"{name} means {account['engine']}/{model['name']} from now on.")
    _say(price(model))
    if model["media"] == "video":
        if USUAL_SIZE not in model["sizes"] and "x" in "".join(model["sizes"][:1]):
            sizes = ", ".join(model["sizes"])
            _say(f"It makes no {USUAL_SIZE}, which sora-2 means by default. Ask for: {sizes}.")
        _say('Next: filmgate create "a kite over the sea"')


async def _checked(desk: Desk, engine: str, fields: Fields) -> tuple[Fields, Sequence[Fields]]:
    """The account, new or changed, and what it may use. One that is of no use is not kept."""
    same = [
        one
        for one in await desk.accounts()
        if (one["engine"], one["label"]) == (engine, fields["label"])
    ]
    if same:
        account = await desk.change_account(same[0]["id"], fields)
        return account, await desk.discover(account["id"])
    account = await desk.add_account(engine, fields)
    try:
        return account, await desk.discover(account["id"])
    except (FilmgateError, Problem):
        await desk.remove_account(account["id"])
        raise


def _account_fields(args: argparse.Namespace) -> Fields:
    secret = secret_of(args)
    if secret is None and args.url is None and sys.stdin.isatty():
        secret = getpass.getpass(f"{args.engine}'s API key (not shown): ").strip() or None
    fields = {
        "label": args.label,
        "base_url": args.url,
        "seats": args.seats,
        "secret": secret,
    }
    return {name: value for name, value in fields.items() if value is not None}


def _chosen(models: Sequence[Fields], wanted: str | None) -> Fields:
    by_name = {model["name"]: model for model in models}
    if wanted in by_name:
        return by_name[wanted]
    if not models:
        message = "The account works, but there is no model that it may use."
        raise Problem(message)
    if wanted is None and len(models) == 1:
        return models[0]
    _say(f"The account works. It may use {len(models)} models:")
    for number, model in enumerate(models[:SHOWN], 1):
        _say(f"{number:4}  {row(model)}")
    if wanted is not None:
        message = f"There is no model {wanted!r} among them."
        raise Problem(message)
    if not sys.stdin.isatty():
        message = "Say which is to make the films: --model NAME."
        raise Problem(message)
    answer = input("Which one is to make the films? Its number or name: ").strip()
    if answer.isdigit() and 1 <= int(answer) <= len(models):
        return models[int(answer) - 1]
    if answer in by_name:
        return by_name[answer]
    message = f"There is no model {answer!r} among them."
    raise Problem(message)


def row(model: Fields) -> str:
    """A model on one line."""
    lengths: list[str] = model["seconds"]
    words = [model["name"], _some(model["sizes"])]
    if lengths:
        words.append(f"{_some(lengths)} s")
    if model["price_usd"]:
        words.append(f"${model['price_usd']:g} a {'second' if lengths else 'still'}")
    return "  ".join(words)


def _some(values: list[str]) -> str:
    return " ".join(values) if len(values) <= 4 else f"{values[0]} … {values[-1]}"


def price(model: Fields) -> str:
    """What the shortest usual film of it costs, or a still, in a sentence."""
    size = USUAL_SIZE if USUAL_SIZE in model["sizes"] else model["default_size"]
    rate = model["prices_usd"].get(size, model["price_usd"])
    if not rate:
        return "What it costs is not known here: the engine's own pages say."
    if model["media"] == "image":
        return f"A still of {size} costs about ${rate:.2f}."
    lengths = [float(text) for text in model["seconds"] if text.replace(".", "").isdigit()]
    seconds = min((s for s in lengths if s >= USUAL_SECONDS), default=USUAL_SECONDS)
    return f"{seconds:g} s of {size} cost about ${seconds * rate:.2f}."


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
