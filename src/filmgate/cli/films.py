"""`filmgate films`: films that were made elsewhere, kept under their old ids."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from pathlib import Path
from typing import BinaryIO

from filmgate.bootstrap.settings import connection
from filmgate.cli.client import Client
from filmgate.cli.problem import Problem
from filmgate.cli.settings import settings_from
from filmgate.domain.errors import FilmgateError

PATIENCE = 120  #: seconds that the server may look at a film


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", help="folder for the database and the films")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    kept = actions.add_parser("import", help="keep a downloaded film under its old id")
    kept.add_argument("file", type=Path, help="the film, an MP4 file")
    kept.add_argument(
        "--as", required=True, dest="id", metavar="ID", help="its id: s_…, video_… or gen_…"
    )
    kept.add_argument(
        "--caller", help="whose film it is: a caller's name or key_…; the only one if left out"
    )
    kept.add_argument("--model", default="sora-2", help="what remakes of it are asked of")
    kept.add_argument("--prompt", default="", help="what it was made of")


def run(args: argparse.Namespace) -> int:
    try:
        file = args.file.open("rb")
    except OSError as error:
        message = f"{args.file}: {os.strerror(error.errno or 0)}"
        raise Problem(message) from None
    with file:
        film = _kept(args, file)
    sys.stdout.write(f"{film['id']}: {film['size']}, {film['seconds']} s, {film['caller']}'s\n")
    return 0


def _kept(args: argparse.Namespace, file: BinaryIO) -> dict[str, str]:
    """The answer of a running server, or the same of the data folder itself."""
    found = connection()
    if found is None:
        # Imported here, because who asks a server needs none of the gateway.
        from filmgate.bootstrap.importing import import_film  # noqa: PLC0415
        from filmgate.gateway.importing import Old  # noqa: PLC0415

        old = Old(id=args.id, caller=args.caller, model=args.model, prompt=args.prompt)
        try:
            return asyncio.run(import_film(settings_from(args), file, old))
        except FilmgateError as error:
            raise Problem(error.message) from None
    if args.data:
        message = "--data and FILMGATE_URL are both given. Which installation is meant?"
        raise Problem(message)
    fields = {"id": args.id, "model": args.model, "prompt": args.prompt}
    if args.caller is not None:
        fields["caller"] = args.caller
    client = Client(*found)
    # A key that is refused is told of now: a large upload would only break off.
    client.call("GET", "/admin/keys")
    return dict(client.upload("/admin/films", fields, file, patience=PATIENCE))
