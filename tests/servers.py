"""Real `filmgate serve` processes for tests and benchmarks."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import surroundings

KEY = "fg-test-key-of-nobody"
HERE = Path(__file__).parent
STANDIN_MODELS = (
    "sora-2=standin/instant,sora-2-pro=standin/endless,previs-demo=previs/previs-1,"
    "gpt-image-2=standin/still"
)


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Server:
    """
    One server process on a free loopback port. Used as a context manager.

    With *film* it also has the stand-in engine, which hands out that film: then
    `sora-2` is instant and `sora-2-pro` never ends.
    """

    data: Path
    film: Path | None = None
    settings: dict[str, str] = field(default_factory=dict)
    url: str = ""
    measured: bool = False  #: by coverage, if that is on: a third slower

    def __enter__(self) -> Server:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        return self._process.pid

    def start(self) -> None:
        environment = {
            **surroundings.environment(measured=self.measured),
            "FILMGATE_ADMIN_KEY": KEY,
            **self.settings,
        }
        if self.film:
            environment |= {
                "PYTHONPATH": str(HERE / "standin"),
                "STANDIN_FILM": str(self.film),
                "FILMGATE_MODELS": STANDIN_MODELS,
            }
            environment |= self.settings
        self.data.mkdir(parents=True, exist_ok=True)
        self._log = (self.data / "serve.log").open("a")
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", "filmgate", "serve"),
                *("--port", "0", "--data", str(self.data)),
            ],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )
        stdout = self._process.stdout
        assert stdout is not None
        for line in stdout:
            if "listens on " in line:
                self.url = line.split("listens on ")[1].split(";")[0]
                return
        message = f"no server: {(self.data / 'serve.log').read_text()[-2000:]}"
        raise AssertionError(message)

    def stop(self, *, within: float = 15) -> int:
        """SIGTERM; the exit code."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        return self._end(within)

    def kill(self) -> None:
        """SIGKILL."""
        self._process.kill()
        self._end(5)

    def end(self) -> None:
        """See that it is gone, whatever a test left undone."""
        if self.url and self._process.poll() is None:
            self.kill()

    def _end(self, within: float) -> int:
        try:
            code = self._process.wait(within)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise
        finally:
            assert self._process.stdout is not None
            self._process.stdout.close()
            self._log.close()
        return code

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        key: str | None = KEY,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """One request; *body* is sent as JSON unless it is bytes."""
        sent = {"content-type": "application/json"} if body is not None else {}
        if key:
            sent["authorization"] = f"Bearer {key}"
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(
            self.url + path, data=data, method=method, headers=sent | (headers or {})
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return Answer(answer.status, _headers(answer), answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, _headers(error), error.read())


def _headers(answer: Any) -> dict[str, str]:
    return {name.lower(): value for name, value in answer.headers.items()}
