"""`filmgate backup`: the data folder in one file, whether a server runs on it or not."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from filmgate.bootstrap.backups import back_up
from filmgate.cli.settings import settings_from


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", help="file to write, such as films.tar or films.tar.gz")
    parser.add_argument("--data", help="folder for the database and the films")
    parser.add_argument(
        "--with-secret-key",
        action="store_true",
        help="put the secret key in, too: then whoever has the file can read every secret",
    )


def run(args: argparse.Namespace) -> int:
    file = Path(args.file)
    done = back_up(settings_from(args), file, with_secret_key=args.with_secret_key)
    for key in done.left_out:
        sys.stderr.write(f"left out, because it has no file any more: {key}\n")
    for key in done.damaged:
        sys.stderr.write(f"not as it was stored, and kept as it is: {key}\n")
    films = done.manifest.blobs - len(done.left_out)
    sys.stdout.write(
        f"{file}: {done.manifest.jobs} jobs, {films} films and other files, "
        f"{done.manifest.size / 1e6:.1f} MB\n"
    )
    if not args.with_secret_key:
        sys.stdout.write("The secret key is not in it. Keep a copy of that elsewhere.\n")
    return 0
