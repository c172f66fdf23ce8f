"""`filmgate restore`: a backup, as the content of a new data folder."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from filmgate.bootstrap.backups import restore
from filmgate.cli.settings import settings_from


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", help="what `filmgate backup` has written")
    parser.add_argument("--data", help="folder for the database and the films")
    parser.add_argument(
        "--resume",
        action="store_true",
        help="make unfinished jobs, even if they were made and paid for since the backup",
    )


def run(args: argparse.Namespace) -> int:
    settings = settings_from(args)
    done = restore(settings, Path(args.file), resume=args.resume)
    made = done.manifest
    say = sys.stdout.write
    say(f"{settings.data}: {made.jobs} jobs of {made.made_at:%Y-%m-%d %H:%M} UTC\n")
    if done.ended:
        say(
            f"Not made again, because they may have been since: {done.ended.jobs} jobs, "
            f"{done.ended.batches} batches and {done.ended.lines} lines of others.\n"
        )
    if not done.has_key:
        say(
            "The secret key is not in the backup. Before the start, put the one of then into "
            f"{settings.data / 'secret.key'}, or set FILMGATE_SECRET_KEY to it.\n"
        )
    return 0
