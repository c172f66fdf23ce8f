"""Every method of the official SDKs for Python: the newest and the oldest we serve."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

import surroundings
from dialects.wire import new_key
from films import tiny_film
from servers import Server

SCRIPTS = "Scripts" if os.name == "nt" else "bin"
OLDEST = Path(__file__).parents[2] / ".venv-sdk2" / SCRIPTS / "python"
SURFACE = Path(__file__).with_name("sdk_surface.py")
PLAIN = {"OpenAI, plain", "AsyncOpenAI, plain"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, film: Path) -> Iterator[Server]:
    """One that posts webhooks to this machine."""
    settings = {"FILMGATE_PRIVATE_ADDRESSES": "allow"}
    folder = tmp_path_factory.mktemp("data")
    with Server(folder, film=film, settings=settings) as running:
        yield running


@pytest.mark.parametrize(
    ("python", "forms", "expected"),
    [
        (Path(sys.executable), (), PLAIN | {"OpenAI, raw", "OpenAI, streaming"}),
        (OLDEST, ("plain",), PLAIN),
    ],
    ids=["newest", "oldest"],
)
def test_an_unchanged_sdk_calls_every_method_it_has(
    server: Server, tmp_path: Path, python: Path, forms: Sequence[str], expected: set[str]
) -> None:
    if not python.with_name(python.name + ".exe" * (os.name == "nt")).exists():
        pytest.skip("`make .venv-sdk2/.done` installs the oldest SDK")
    film = tmp_path / "two-seconds.mp4"
    tiny_film(film, size=(320, 180), seconds=2)

    exchange = subprocess.run(
        [
            *(python, "-W", "ignore::DeprecationWarning", SURFACE),
            *map(str, (server.url, new_key(server), film, *forms)),
        ],
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
        env=surroundings.environment() | {"PYTHONPATH": str(SURFACE.parents[1])},
    )

    assert (exchange.returncode, exchange.stderr) == (0, "")
    ways = json.loads(exchange.stdout)["ways"]
    assert ways.keys() == expected
    for did in ways.values():
        assert did["not called"] == []
        # So that finding no methods cannot pass for calling all of them.
        assert {"videos.extend", "uploads.parts.create", "webhooks.unwrap"} <= {*did["called"]}
