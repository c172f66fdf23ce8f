"""filmgate under measurement: real `filmgate serve` processes."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.contender import PROMPT, CannotMeasure, Contender

from servers import KEY, Server

SEATS = 2
INSTANT, ENDLESS = "sora-2", "sora-2-pro"  #: models of the stand-in engine


def address_of(server: Server) -> tuple[str, int]:
    parts = urlsplit(server.url)
    return str(parts.hostname), int(parts.port or 0)


@contextmanager
def full(folder: Path, film: Path) -> Iterator[Contender]:
    """
    One that has *film* and whose seats are taken for good.

    What is created in it is kept and waits; nothing more is driven.
    """
    settings = {"FILMGATE_SEATS": str(SEATS)}
    with Server(folder / "full", film=film, settings=settings) as server:
        contender = _contender(server, model=ENDLESS, name="filmgate")
        video = make(contender, INSTANT)
        for _ in range(SEATS):
            take_seat(contender)
        yield _contender(server, model=ENDLESS, name="filmgate", video=video)


@contextmanager
def driving(folder: Path, film: Path) -> Iterator[Contender]:
    """One whose engine makes every film at once, so that its worker never rests."""
    settings = {"FILMGATE_SEATS": str(SEATS)}
    with Server(folder, film=film, settings=settings) as server:
        yield _contender(server, model=INSTANT, name="filmgate, driving")


def completed(folder: Path) -> int:
    """How many films a data folder has finished."""
    with closing(sqlite3.connect(f"file:{folder / 'filmgate.db'}?mode=ro", uri=True)) as rows:
        sql = "SELECT count(*) FROM jobs WHERE status = 'completed'"
        return int(rows.execute(sql).fetchone()[0])


def make(contender: Contender, model: str, **wishes: str) -> str:
    """The id of a finished film."""
    body = {"model": model, "prompt": PROMPT, **wishes}
    video = contender.call("POST", "/v1/videos", body)["id"]
    _wait_for(contender, video, "completed")
    return str(video)


def take_seat(contender: Contender) -> None:
    """One seat less, for good."""
    taken = contender.call("POST", "/v1/videos", {"model": ENDLESS, "prompt": PROMPT})
    _wait_for(contender, taken["id"], "in_progress")


def plain(server: Server) -> Contender:
    return _contender(server, model=INSTANT, name="filmgate")


def _contender(server: Server, *, model: str, name: str, video: str = "video_1") -> Contender:
    return Contender(
        name=name, address=address_of(server), pid=server.pid, key=KEY, model=model, video=video
    )


def _wait_for(contender: Contender, video: str, status: str) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until:
        found = contender.call("GET", f"/v1/videos/{video}")["status"]
        if found == status:
            return
        if found == "failed":
            break
        time.sleep(0.05)
    message = f"{video} did not become {status}."
    raise CannotMeasure(message)
