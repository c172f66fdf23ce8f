"""The official SDKs, unchanged but for base URL and key: the newest and the oldest we serve."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import surroundings
from dialects.wire import new_key
from films import image
from servers import Server

SCRIPTS = "Scripts" if os.name == "nt" else "bin"
OLDEST = Path(__file__).parents[2] / ".venv-sdk2" / SCRIPTS / "python"
EXCHANGE = Path(__file__).with_name("sdk_exchange.py")


@pytest.mark.parametrize("python", [Path(sys.executable), OLDEST], ids=["newest", "oldest"])
def test_an_unchanged_sdk_does_all_it_can_with_videos(
    server: Server, tmp_path: Path, python: Path
) -> None:
    if not python.with_name(python.name + ".exe" * (os.name == "nt")).exists():
        pytest.skip("`make .venv-sdk2/.done` installs the oldest SDK")
    first_frame = tmp_path / "first.png"
    first_frame.write_bytes(image((720, 1280)))

    exchange = subprocess.run(
        [
            *(python, "-W", "ignore::DeprecationWarning", EXCHANGE),
            *(server.url, new_key(server), first_frame),
        ],
        check=False,
        capture_output=True,
        text=True,
        timeout=90,
        env=surroundings.environment(),
    )

    assert (exchange.returncode, exchange.stderr) == (0, "")
