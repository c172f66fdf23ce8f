"""`filmgate migrate`: from one machine to many."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Iterator
from urllib.parse import urlsplit

from filmgate.bootstrap.moving import Migrated, migrate, target_settings
from filmgate.cli.problem import Problem
from filmgate.domain.errors import FilmgateError


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", help="folder for the database and the films")
    target = parser.add_mutually_exclusive_group()
    target.add_argument(
        "--to-env", metavar="NAME", help="variable that holds the URL of an empty PostgreSQL"
    )
    target.add_argument("--to", metavar="URL", help="the same URL, if it has no password")
    parser.add_argument(
        "--storage", metavar="URL", help="where the films go, such as s3://bucket/prefix"
    )


def run(args: argparse.Namespace) -> int:
    given = {"data": args.data, "database_url": args.to, "storage_url": args.storage}
    if args.to and _has_password(args.to):
        message = (
            "A password on the command line can be seen by everybody on this machine. Put the "
            "URL into a variable, and name that with --to-env."
        )
        raise Problem(message)
    options = {name: value for name, value in given.items() if value is not None}
    settings = target_settings(options, url_in=args.to_env)
    try:
        done = asyncio.run(migrate(settings))
    except FilmgateError as error:
        raise Problem(error.message) from None
    for line in _lines(done):
        sys.stdout.write(line + "\n")
    return 0


def _has_password(url: str) -> bool:
    try:
        return urlsplit(url).password is not None or "password=" in url
    except ValueError:
        return True  # nobody knows


def _lines(done: Migrated) -> Iterator[str]:
    for table, count in done.rows.items():
        yield f"{table:20}{count:>12}"
    films = done.films
    if films is None:
        yield "The films stay in the data folder, which every node needs then."
    else:
        yield f"{'films and files':20}{films.count:>12}  {films.size / 1e6:.1f} MB"
        if films.there:
            yield f"{films.there} of them were there already."
        for key in films.missing:
            yield f"has no file, so nothing was copied: {key}"
        for key in films.damaged:
            yield f"not as it was stored, and copied as it is: {key}"
    yield "Everything has arrived. The folder is as it was: do not start filmgate on it again."
    yield f"Every node needs this as FILMGATE_SECRET_KEY: what is in {done.secret_at}."
