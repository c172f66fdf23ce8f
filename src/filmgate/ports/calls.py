"""Requests to engines, as an engine's author makes them."""

from __future__ import annotations

import asyncio
import json
from base64 import b64encode
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import parsedate_to_datetime
from hashlib import sha256
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from filmgate.domain.errors import FilmgateError

T = TypeVar("T")

Sending = Callable[[], Awaitable[None]]

MOST_QUOTED = 500  #: characters of what an engine says
LONGEST_WAIT = timedelta(days=1)  #: that an engine may ask for


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request to an engine."""

    method: str
    url: str = field(repr=False)  #: may be signed
    home: str  #: where the engine is; may be a private address, as its operator says
    headers: Mapping[str, str] = field(default_factory=dict)
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)
    #: ^ headers for *home*'s own scheme, host and port; nobody else gets them
    body: bytes | None = field(default=None, repr=False)
    proxy: str | None = field(default=None, repr=False)  #: the account's own, as it has it


@dataclass(frozen=True, kw_only=True)
class Answer(Generic[T]):
    """What came back, whole."""

    status: int
    headers: Mapping[str, str]  #: by lower-case name
    body: T

    @property
    def retry_after(self) -> timedelta | None:
        """How long the engine asks to be left alone, if it says so."""
        said = self.headers.get("retry-after", "").strip()
        try:
            if said[:1].isalpha():
                # By its own clock: ours may be another.
                now = parsedate_to_datetime(self.headers.get("date", ""))
                wait = parsedate_to_datetime(said) - now
            else:
                wait = timedelta(seconds=float(said))
        except (ValueError, TypeError, OverflowError):
            return None
        return min(wait, LONGEST_WAIT) if wait >= timedelta() else None


@dataclass(frozen=True, kw_only=True)
class Complaint:
    """What an engine says of a failure, in its own error format."""

    message: str
    kind: type[FilmgateError] | None = None  #: what it means, if its status says less
    retry_after: timedelta | None = None  #: if it is said here, and not in the answer's head


#: Reads a failed answer. None: it is not in the engine's own error format.
Explain = Callable[[Answer[bytes]], Complaint | None]


@dataclass(frozen=True)
class FormFile:
    """A file in a form."""

    field: str
    name: str
    media_type: str
    content: bytes


class Upstreams(Protocol):
    """The way out to engines. What goes wrong is told by who is to blame."""

    async def ask(
        self,
        call: Call,
        shape: type[T],
        *,
        explain: Explain,
        sending: Sending | None = None,
        within: float | None = None,
    ) -> Answer[T]:
        """
        A 2xx answer, its JSON read as *shape*, or an error; `bytes` is left as it is.

        *sending* is awaited once, right before the request leaves. What it raises comes
        out as it is, and then nothing has left. *within* seconds all of the answer must
        be there; what is sent has longer if left out.
        """
        ...

    async def download(self, call: Call, path: Path, *, explain: Explain) -> None:
        """
        Write what is answered to *path*, going on after what is there already.

        What came before an error stays. `OutputExpired` if it is not to be had any more.
        """
        ...

    def listen(self, call: Call, heard: Callable[[str], None]) -> asyncio.Task[None]:
        """
        Open a websocket, and tell *heard* each text that comes, until its end.

        The task ends with the socket, or because there is none: nothing may rest on it.
        Whoever cancels it closes the socket.
        """
        ...


def data_url(media_type: str, content: bytes) -> str:
    """A link that holds all of *content*."""
    return f"data:{media_type};base64,{b64encode(content).decode()}"


def form(fields: Mapping[str, object], *files: FormFile) -> tuple[str, bytes]:
    """
    A form's media type and body, the files last; always the same bytes for the same.

    What is no text in a field is written as JSON.
    """
    parts = []
    for name, value in fields.items():
        text = value if isinstance(value, str) else json.dumps(value)
        parts.append((f'name="{_inside(name)}"', text.encode()))
    for file in files:
        head = f'name="{_inside(file.field)}"; filename="{_inside(file.name)}"'
        parts.append((f"{head}\r\ncontent-type: {file.media_type}", file.content))
    digest = sha256()
    for head, content in parts:
        digest.update(head.encode())
        digest.update(content)
    boundary = digest.hexdigest()  # which nothing has in it
    pieces = []
    for head, content in parts:
        start = f"--{boundary}\r\ncontent-disposition: form-data; {head}\r\n\r\n"
        pieces += [start.encode(), content, b"\r\n"]
    body = b"".join([*pieces, f"--{boundary}--\r\n".encode()])
    return f"multipart/form-data; boundary={boundary}", body


def _inside(name: str) -> str:
    """A name between quotation marks, as browsers write it."""
    return name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")


def quoted(said: str, *secrets: str | None) -> str:
    """What an engine said: on one line, not too long, and without *secrets*."""
    for secret in secrets:
        if secret:
            said = said.replace(secret, "***")
    line = "".join(letter for letter in " ".join(said.split()) if letter.isprintable())
    return line if len(line) <= MOST_QUOTED else f"{line[: MOST_QUOTED - 1]}…"
