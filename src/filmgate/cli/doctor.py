"""`filmgate doctor`: what works here, and what is missing."""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from filmgate import __version__
from filmgate.bootstrap.folder import DATABASE
from filmgate.bootstrap.settings import Settings, connection
from filmgate.cli.client import TIMEOUT, Client
from filmgate.cli.film import make
from filmgate.cli.local import gateway
from filmgate.cli.problem import Problem
from filmgate.cli.settings import settings_from
from filmgate.domain.errors import CannotStart
from filmgate.system import FolderLock

LITTLE_SPACE = 1 << 30  #: bytes

#: Asks in a child process, so that the libraries for film stay out of this one.
FONT = """
from filmgate.engines.previs.picture.caption import font_for
font = font_for("影片", 20)
print(font.getname()[0] if font else "")
"""


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", help="folder for the database and the films")


def run(args: argparse.Namespace) -> int:
    settings = settings_from(args)
    bad = 0
    for good, line in _findings(settings):
        bad += not good
        sys.stdout.write(f"{'ok ' if good else 'NO '} {line}\n")
    return 1 if bad else 0


def _findings(settings: Settings) -> Iterator[tuple[bool, str]]:
    python = ".".join(map(str, sys.version_info[:3]))
    yield True, f"filmgate {__version__} on Python {python}, {sys.platform}"
    yield _folder(settings.data)
    yield _film()
    font = subprocess.run(  # noqa: S603
        [sys.executable, "-c", FONT], capture_output=True, text=True, check=False
    ).stdout.strip()
    yield (
        True,
        (
            f"captions in Chinese and Japanese with {font}"
            if font
            else "no font for Chinese or Japanese: previs leaves such captions out "
            "(on Debian: apt install fonts-noto-cjk)"
        ),
    )
    if found := connection():
        yield _server(*found)
        yield _link(*found)
    else:
        yield True, "FILMGATE_URL is not set: commands work in this process"


def _folder(data: Path) -> tuple[bool, str]:
    if not data.exists():
        return True, f"{data} will be made at the first start"
    free = shutil.disk_usage(data).free
    if free < LITTLE_SPACE:
        return False, f"{data} has only {free >> 20} MB left"
    try:
        FolderLock(data).release()
        state = "free" if (data / DATABASE).exists() else "empty"
    except CannotStart:
        state = "in use by a running server"
    except OSError as error:
        return False, f"{data} cannot be written: {error.strerror}"
    return True, f"{data} is {state}, {free >> 30} GB left"


def _film() -> tuple[bool, str]:
    with TemporaryDirectory(prefix="filmgate-doctor-") as folder:
        settings = Settings(data=Path(folder) / "data")
        body = {"prompt": "rain", "model": "previs-1", "size": "64x64", "seconds": "1"}
        try:
            with gateway(settings) as client:
                make(client, body, Path(folder) / "film.mp4")
        except Problem as problem:
            return False, f"previs cannot make a film: {problem}"
    return True, "previs makes films (H.264 and AAC)"


def _link(url: str, key: str) -> tuple[bool, str]:
    """A link to a film, tried as a browser does: without a key."""
    try:
        videos = Client(url, key).call("GET", "/v1/videos?limit=100")["data"]
    except Problem as problem:
        return False, f"{url}: {problem}"
    link = next((video["url"] for video in videos if video["url"]), None)
    if link is None:
        return True, "there is no film yet whose link could be tried"
    base = link.partition("/films/")[0]
    try:
        with urllib.request.urlopen(link, timeout=TIMEOUT) as answer:  # noqa: S310
            answer.read(1)
    except (urllib.error.URLError, OSError, ValueError) as error:
        return False, (
            f"links to films begin with {base}, where they do not work from here: {error}. "
            "Set FILMGATE_PUBLIC_URL to where browsers reach the gateway"
        )
    return True, f"links to films work: they begin with {base}"


def _server(url: str, key: str) -> tuple[bool, str]:
    try:
        models = Client(url, key).call("GET", "/v1/models")["data"]
    except Problem as problem:
        return False, f"{url}: {problem}"
    return True, f"{url} answers with {len(models)} models"
