"""One film from prompt to file, with a progress bar: what `create` and `demo` share."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

from filmgate.cli.client import Client
from filmgate.cli.problem import Problem

POLL = 0.2  #: seconds; the server is ours
WIDTH = 32  #: characters of the bar


def make(client: Client, body: dict[str, Any], output: Path) -> dict[str, Any]:
    """Ask for the film, wait with a bar, and save it; the finished video object."""
    video = client.call("POST", "/v1/videos", body)
    try:
        while video["status"] in ("queued", "in_progress"):
            _draw(video["status"], video["progress"])
            time.sleep(POLL)
            video = client.call("GET", f"/v1/videos/{video['id']}")
    finally:
        if sys.stderr.isatty():
            sys.stderr.write("\r\033[K")
    if video["status"] != "completed":
        raise Problem(video["error"]["message"])
    client.download(f"/v1/videos/{video['id']}/content", output)
    return dict(video)


def _draw(status: str, percent: int) -> None:
    if not sys.stderr.isatty():
        return
    full = percent * WIDTH // 100
    bar = "█" * full + "░" * (WIDTH - full)
    sys.stderr.write(f"\r\033[K{bar} {percent:3d} %  {status.replace('_', ' ')}")
    sys.stderr.flush()
