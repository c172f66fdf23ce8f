"""`filmgate create`: a film from a prompt."""

from __future__ import annotations

import argparse
import base64
import os
import sys
from pathlib import Path
from typing import Any

from filmgate.bootstrap.settings import connection, read_settings
from filmgate.cli.client import Client
from filmgate.cli.film import make
from filmgate.cli.problem import Problem


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("prompt", help="what to film")
    parser.add_argument("--model", default="sora-2", help="sora-2 by default")
    parser.add_argument("--size", help="such as 1280x720")
    parser.add_argument("--seconds", help="such as 8")
    parser.add_argument("--reference", type=Path, help="an image for the first frame")
    parser.add_argument(
        "-o", "--output", type=Path, default=Path("film.mp4"), help="where the film goes"
    )


def run(args: argparse.Namespace) -> int:
    body = {"prompt": args.prompt, "model": args.model}
    for name in ("size", "seconds"):
        if getattr(args, name):
            body[name] = getattr(args, name)
    if args.reference:
        body["input_reference"] = _data_url(args.reference)
    if found := connection():
        video = make(Client(*found), body, args.output)
    else:
        # Imported here, because who asks a server needs none of the gateway.
        from filmgate.cli.local import gateway  # noqa: PLC0415

        with gateway(read_settings()) as client:
            video = make(client, body, args.output)
    sys.stdout.write(
        f"{args.output}: {video['size']}, {video['seconds']} s, "
        f"made by {video['engine']} as {video['id']}\n"
    )
    return 0


def _data_url(path: Path) -> dict[str, Any]:
    try:
        content = path.read_bytes()
    except OSError as error:
        message = f"{path}: {os.strerror(error.errno or 0)}"
        raise Problem(message) from None
    # What the bytes are is found out by the server.
    encoded = base64.b64encode(content).decode()
    return {"image_url": f"data:application/octet-stream;base64,{encoded}"}
