"""Our own HTTP client for our own server: a few calls, so the standard library does."""

from __future__ import annotations

import json
import shutil
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filmgate.cli.problem import Problem

TIMEOUT = 30  #: seconds


@dataclass(frozen=True)
class Client:
    """A gateway's address and a key for it."""

    url: str
    key: str

    def call(self, method: str, path: str, body: object = None) -> Any:
        """The JSON answer; `Problem` with the gateway's own words otherwise."""
        data = None if body is None else json.dumps(body).encode()
        with self._open(method, path, data) as answer:
            return json.loads(answer.read())

    def download(self, path: str, to: Path) -> None:
        """Save an answer in a file."""
        with self._open("GET", path, None) as answer, to.open("wb") as file:
            shutil.copyfileobj(answer, file)

    def _open(self, method: str, path: str, data: bytes | None) -> Any:
        if not self.url.startswith(("http://", "https://")):
            message = f"FILMGATE_URL={self.url} is not an http address."
            raise Problem(message)
        request = urllib.request.Request(  # noqa: S310 (the scheme is checked)
            self.url.rstrip("/") + path,
            data=data,
            method=method,
            headers={
                "authorization": f"Bearer {self.key}",
                "content-type": "application/json",
            },
        )
        try:
            return urllib.request.urlopen(request, timeout=TIMEOUT)  # noqa: S310
        except urllib.error.HTTPError as error:
            raise Problem(_reason(error)) from None
        except (urllib.error.URLError, OSError) as error:
            message = f"{self.url} does not answer: {error}. Is `filmgate serve` running?"
            raise Problem(message) from None


def _reason(error: urllib.error.HTTPError) -> str:
    try:
        return str(json.loads(error.read())["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return f"the gateway answered {error.code}"
