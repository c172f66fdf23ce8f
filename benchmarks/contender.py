"""A server under measurement, and the processes that servers are."""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

PROMPT = "A red sailboat near a lighthouse at sunset, camera slowly pushes in"


class CannotMeasure(Exception):
    """A server did not start, or what it answered makes no sense."""


@dataclass(frozen=True, kw_only=True)
class Contender:
    name: str
    address: tuple[str, int]
    pid: int
    key: str = "nobody"
    model: str = "sora-2"  #: what `create` asks for
    video: str = "video_1"  #: a finished film that it has
    film: str = "/v1/videos/{video}/content"

    def create(self) -> bytes:
        body = json.dumps({"model": self.model, "prompt": PROMPT, "seconds": "4"}).encode()
        return self._request("POST", "/v1/videos", body)

    def retrieve(self) -> bytes:
        return self._request("GET", f"/v1/videos/{self.video}")

    def content(self, byte_range: str | None) -> bytes:
        path = self.film.format(video=self.video)
        return self._request("GET", path, byte_range=byte_range)

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """One request, apart from any measurement: the JSON of its answer."""
        connection = http.client.HTTPConnection(*self.address, timeout=60)
        try:
            connection.request(method, path, body and json.dumps(body), self._headers())
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        if answer.status != 200:
            message = f"{self.name} answered {method} {path} with {answer.status}: {text!r}"
            raise CannotMeasure(message)
        return json.loads(text)

    def _headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.key}", "content-type": "application/json"}

    def _request(
        self, method: str, path: str, body: bytes = b"", *, byte_range: str | None = None
    ) -> bytes:
        host, port = self.address
        headers = {"host": f"{host}:{port}", "accept": "*/*", **self._headers()}
        if byte_range:
            headers["range"] = byte_range
        if body:
            headers["content-length"] = str(len(body))
        lines = [f"{method} {path} HTTP/1.1", *(f"{k}: {v}" for k, v in headers.items())]
        return "\r\n".join([*lines, "", ""]).encode() + body


@contextmanager
def process(
    command: Sequence[str | Path], *, log: Path, environment: Mapping[str, str] | None = None
) -> Iterator[int]:
    """The process id of *command*; it and its children have ended when the block has."""
    with log.open("ab") as file:
        started = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            env=None if environment is None else dict(environment),
        )
        try:
            yield started.pid
        finally:
            _end(started)


def _end(started: subprocess.Popen[bytes]) -> None:
    try:
        tree = psutil.Process(started.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        tree = []
    started.terminate()
    try:
        started.wait(10)
    except subprocess.TimeoutExpired:
        started.kill()
        started.wait()
    _, alive = psutil.wait_procs(tree, timeout=1)
    for child in alive:
        child.kill()


def free_address() -> tuple[str, int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return "127.0.0.1", int(probe.getsockname()[1])


def wait_until_up(address: tuple[str, int], path: str, *, pid: int, log: Path) -> None:
    """Return once *path* is answered with anything below 500."""
    until = time.monotonic() + 120
    while time.monotonic() < until:
        connection = http.client.HTTPConnection(*address, timeout=5)
        try:
            connection.request("GET", path)
            if connection.getresponse().status < 500:
                return
        except (OSError, http.client.HTTPException):
            if not psutil.pid_exists(pid) or psutil.Process(pid).status() == "zombie":
                break
            time.sleep(0.005)
        finally:
            connection.close()
    message = f"No server at {address}: {log.read_text()[-1000:]}"
    raise CannotMeasure(message)
