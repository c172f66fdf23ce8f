"""What every test stands on: loopback only, and real servers."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from films import tiny_film
from servers import Server

LOOPBACK = ("127.", "::1", "localhost", "0.0.0.0", "::")


def _loopback_only(event: str, args: tuple[Any, ...]) -> None:
    if event not in ("socket.connect", "socket.sendto"):
        return
    address = args[1]
    if isinstance(address, tuple) and not str(address[0]).startswith(LOOPBACK):
        message = f"a test tried to reach {address[0]}"
        raise AssertionError(message)


sys.addaudithook(_loopback_only)


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real film of one second, 64x64, with sound."""
    path = tmp_path_factory.mktemp("film") / "tiny.mp4"
    tiny_film(path)
    return path


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, film: Path) -> Iterator[Server]:
    """A server whose `sora-2` is instant, `sora-2-pro` endless, `previs-1` real."""
    with Server(tmp_path_factory.mktemp("data"), film=film) as running:
        yield running
