"""`filmgate demo`: the whole path in one command, over HTTP, and what came of it."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from filmgate.bootstrap.serving import inspect_film
from filmgate.bootstrap.settings import read_settings
from filmgate.cli.film import make
from filmgate.cli.local import gateway

PROMPT = "A red sailboat near a lighthouse at sunset, gentle waves, camera slowly pushes in"

SDK = """\
from openai import OpenAI

client = OpenAI(base_url="http://127.0.0.1:8000/v1", api_key="fg-…, which it shows")
video = client.videos.create_and_poll(prompt={prompt!r}, seconds="8")
client.videos.download_content(video.id).write_to_file("film.mp4")
"""


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("prompt", nargs="?", default=PROMPT, help="what to film")
    parser.add_argument("--folder", type=Path, default=Path(), help="where the film goes")


def run(args: argparse.Namespace) -> int:
    prompt = args.prompt or PROMPT
    film, thumbnail = args.folder / "film.mp4", args.folder / "thumbnail.webp"
    sys.stdout.write(f"{prompt}\n")
    with TemporaryDirectory(prefix="filmgate-demo-") as folder:
        settings = replace(read_settings(), data=Path(folder))
        with gateway(settings) as client:
            body = {"prompt": prompt, "size": "1280x720", "seconds": "8"}
            started = time.monotonic()
            video = make(client, body, film)
            took = time.monotonic() - started
            client.download(f"/v1/videos/{video['id']}/content?variant=thumbnail", thumbnail)
        found = asyncio.run(inspect_film(film, Path(folder)))
    sys.stdout.write(
        f"\n  {film}   {found.size}, {found.seconds:.2f} s, "
        f"{' + '.join(found.codecs)}, {found.fps:g} fps, "
        f"{film.stat().st_size:,} bytes\n"
        f"  {thumbnail}   {thumbnail.stat().st_size:,} bytes\n"
        f"  made by {video['engine']} in {took:.1f} s, asked for as {video['model']}\n\n"
        f"The same with the official SDK, against `filmgate serve`:\n\n"
        f"{_indented(SDK.format(prompt=prompt))}\n"
    )
    return 0


def _indented(text: str) -> str:
    return "".join(f"    {line}" if line.strip() else line for line in text.splitlines(True))
