"""`filmgate route`: which engine would make a film, and why no other. Nothing is made."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Iterator

from filmgate.bootstrap.settings import connection
from filmgate.cli.client import Client
from filmgate.cli.desk import Fields
from filmgate.cli.problem import Problem
from filmgate.cli.settings import settings_from
from filmgate.domain.errors import FilmgateError

PROMPT = "a kite over the sea"  #: what is filmed makes no difference to most engines


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", help="what callers say, such as sora-2 or sora-2|[pro]")
    parser.add_argument("--data", help="folder for the database and the films")
    parser.add_argument("--prompt", default=PROMPT, help="what to film")
    parser.add_argument("--size", help="such as 1280x720")
    parser.add_argument("--seconds", help="such as 8")


def run(args: argparse.Namespace) -> int:
    wanted = {"model": args.name, "prompt": args.prompt}
    wanted |= {name: getattr(args, name) for name in ("size", "seconds") if getattr(args, name)}
    for line in _lines(_route(args, wanted)):
        sys.stdout.write(line + "\n")
    return 0


def _route(args: argparse.Namespace, wanted: dict[str, str]) -> Fields:
    """The answer to a dry run: of a running server, else of the data folder itself."""
    found = connection()
    if found is None:
        # Imported here, because who asks a server needs none of the gateway.
        from filmgate.bootstrap.explaining import routed  # noqa: PLC0415

        try:
            return asyncio.run(routed(settings_from(args), wanted))
        except FilmgateError as error:
            raise Problem(error.message) from None
    if args.data:
        message = "--data and FILMGATE_URL are both given. Which installation is meant?"
        raise Problem(message)
    return dict(Client(*found).call("POST", "/v1/videos?dry_run=true", wanted))


def _lines(route: Fields) -> Iterator[str]:
    yield f"{route['model']}  ({route['pick']})"
    for one in route["candidates"]:
        place = "-" if one["place"] is None else one["place"]
        price = f"  ${one['price_usd']:g}" if one["price_usd"] else ""
        chosen = "  chosen" if one["chosen"] else ""
        yield f"{place}  {one['engine']}/{one['model']}{price}{chosen}"
        yield f"   {one['reason']}"
        yield from _accounts(one)
    if route["error"]:
        yield f"It would be refused now: {route['error']['code']}"


def _accounts(candidate: Fields) -> Iterator[str]:
    """What only an admin is told."""
    states = candidate.get("account_states")
    if not states:
        return
    counts = ", ".join(f"{count} {state}" for state, count in states.items())
    waiting = candidate["waiting"]
    jobs = f"{waiting} {'job waits' if waiting == 1 else 'jobs wait'}"
    yield f"   accounts: {counts}; {candidate['usable_accounts']} may make this; {jobs}"
    for one in candidate["accounts"]:
        words = [one["id"], one["label"], one["state"], one["reason"]]
        yield f"   {'  '.join(filter(None, words))}"
    rest = sum(states.values()) - len(candidate["accounts"])
    if rest:
        yield f"   and {rest} more"
