"""`filmgate usage`: what callers were charged, over HTTP or in the data folder itself."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from filmgate.bootstrap.settings import connection
from filmgate.cli.client import Client
from filmgate.cli.problem import Problem
from filmgate.cli.settings import settings_from


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", help="folder for the database and the films")
    parser.add_argument("--since", help="a day such as 2026-11-01, in UTC")
    parser.add_argument("--until", help="the day after the last one")


def run(args: argparse.Namespace) -> int:
    since, until = _day(args.since, "--since"), _day(args.until, "--until")
    if found := connection():
        if args.data:
            message = "--data and FILMGATE_URL are both given. Which installation is meant?"
            raise Problem(message)
        usage = _over_http(Client(*found), since, until)
    else:
        # Imported here, because who asks a server needs none of the gateway.
        from filmgate.bootstrap.usage import usage_in  # noqa: PLC0415

        usage = asyncio.run(usage_in(settings_from(args), since=since, until=until))
    for one in usage:
        sys.stdout.write(_line(one) + "\n")
    return 0


def _over_http(
    client: Client, since: datetime | None, until: datetime | None
) -> Sequence[dict[str, Any]]:
    given = {"since": since, "until": until}
    query = urlencode({name: int(at.timestamp()) for name, at in given.items() if at})
    return list(client.call("GET", f"/admin/usage?{query}")["data"])


def _day(text: str | None, argument: str) -> datetime | None:
    if text is None:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        message = f"{argument} {text} is no day such as 2026-11-01."
        raise Problem(message) from None


def _line(usage: dict[str, Any]) -> str:
    jobs = "1 job" if usage["jobs"] == 1 else f"{usage['jobs']} jobs"
    return (
        f"{usage['caller']}  {jobs}  charged ${usage['settled_usd']:.2f}  "
        f"refunded ${usage['refunded_usd']:.2f}  engines took ${usage['cost_usd']:.2f}"
    )
