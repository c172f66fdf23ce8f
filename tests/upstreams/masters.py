"""The film of each task: it plays, and no two are the same."""

from __future__ import annotations

import hashlib
import tempfile
from functools import lru_cache
from pathlib import Path

from films import tiny_film


@lru_cache(maxsize=4)
def master(width: int = 64, height: int = 64) -> bytes:
    """A film of one second that every task's film begins with."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "master.mp4"
        tiny_film(path, size=(width, height))
        return path.read_bytes()


def film_of(task_id: str, *, padding: int = 64) -> bytes:
    """The bytes of a task's film: the same ones at each call in a process."""
    seed = hashlib.sha256(task_id.encode()).digest()
    filling = (seed * (padding // len(seed) + 1))[:padding]
    return master() + (len(filling) + 8).to_bytes(4, "big") + b"free" + filling


def corrupt(film: bytes) -> bytes:
    """As long, and no player opens it."""
    return b"\0" * 4096 + film[4096:]
