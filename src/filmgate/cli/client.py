"""Our own HTTP client for our own server: a few calls, so the standard library does."""

from __future__ import annotations

import json
import shutil
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from os import SEEK_END
from pathlib import Path
from typing import Any, BinaryIO
from uuid import uuid4

from filmgate.cli.problem import Problem

TIMEOUT = 30  #: seconds
CHUNK = 1 << 20  #: bytes of a file that are sent at once
JSON = {"content-type": "application/json"}


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

    def upload(
        self, path: str, fields: Mapping[str, str], file: BinaryIO, *, patience: float
    ) -> Any:
        """The JSON answer to a form with a *file*, within *patience* seconds of its end."""
        boundary = uuid4().hex
        head = "".join(
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in fields.items()
        )
        head += (
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="film.mp4"'
            "\r\n\r\n"
        )
        parts = head.encode(), f"\r\n--{boundary}--\r\n".encode()
        size = file.seek(0, SEEK_END) + sum(map(len, parts))
        headers = {
            "content-type": f"multipart/form-data; boundary={boundary}",
            "content-length": str(size),
        }
        body = _form(file, *parts)
        with self._open("POST", path, body, headers=headers, patience=patience) as answer:
            return json.loads(answer.read())

    def download(self, path: str, to: Path) -> None:
        """Save an answer in a file."""
        with self._open("GET", path, None) as answer, to.open("wb") as file:
            shutil.copyfileobj(answer, file)

    def _open(
        self,
        method: str,
        path: str,
        data: bytes | Iterator[bytes] | None,
        *,
        headers: Mapping[str, str] = JSON,
        patience: float = TIMEOUT,
    ) -> Any:
        if not self.url.startswith(("http://", "https://")):
            message = f"FILMGATE_URL={self.url} is not an http address."
            raise Problem(message)
        request = urllib.request.Request(  # noqa: S310 (the scheme is checked)
            self.url.rstrip("/") + path,
            data=data,
            method=method,
            headers={"authorization": f"Bearer {self.key}", **headers},
        )
        try:
            return urllib.request.urlopen(request, timeout=patience)  # noqa: S310
        except urllib.error.HTTPError as error:
            raise Problem(_reason(error)) from None
        except (urllib.error.URLError, OSError) as error:
            message = f"{self.url} does not answer: {error}. Is `filmgate serve` running?"
            raise Problem(message) from None


def _form(file: BinaryIO, head: bytes, end: bytes) -> Iterator[bytes]:
    """The whole body, piece by piece: a film need not fit into memory."""
    file.seek(0)
    yield head
    while chunk := file.read(CHUNK):
        yield chunk
    yield end


def _reason(error: urllib.error.HTTPError) -> str:
    try:
        return str(json.loads(error.read())["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return f"the gateway answered {error.code}"
