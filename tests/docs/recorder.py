"""A proxy on loopback that hands requests on, and knows who sent which."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

#: How each language of the examples calls itself in `User-Agent`.
AGENTS = {"curl": "curl/", "python": "OpenAI/Python", "js": "OpenAI/JS"}

Seen = set[tuple[str, str, str]]  #: language, method and path

_OURS = ("connection", "transfer-encoding", "date", "server")


@contextmanager
def recording(url: str) -> Iterator[tuple[str, Seen]]:
    """Its address, and what was answered without an error so far."""
    seen: Seen = set()

    class Handler(_Handler):
        target = str(urlsplit(url).netloc)

        def saw(self) -> None:
            agent = self.headers.get("user-agent", "")
            for language, begins in AGENTS.items():
                if begins in agent:
                    seen.add((language, self.command, urlsplit(self.path).path))

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as proxy:
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{proxy.server_port}", seen
        finally:
            proxy.shutdown()


class _Handler(BaseHTTPRequestHandler):
    target: str

    def saw(self) -> None:
        """The request was answered with success."""

    def _hand_on(self) -> None:
        connection = http.client.HTTPConnection(self.target, timeout=120)
        try:
            connection.request(self.command, self.path, self._body(), dict(self.headers))
            answer = connection.getresponse()
            if answer.status < 400:
                self.saw()
            self.send_response_only(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in _OURS:
                    self.send_header(name, value)
            self.end_headers()
            # As it comes: an event must not wait for the next one.
            while piece := answer.read1(1 << 16):
                self.wfile.write(piece)
                self.wfile.flush()
        finally:
            connection.close()

    def do_GET(self) -> None:
        self._hand_on()

    def do_POST(self) -> None:
        self._hand_on()

    def do_PUT(self) -> None:
        self._hand_on()

    def do_PATCH(self) -> None:
        self._hand_on()

    def do_DELETE(self) -> None:
        self._hand_on()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass

    def _body(self) -> bytes | None:
        if "chunked" in self.headers.get("transfer-encoding", ""):
            del self.headers["transfer-encoding"]
            return b"".join(self._chunks())
        length = int(self.headers.get("content-length", "0"))
        return self.rfile.read(length) if length else None

    def _chunks(self) -> Iterator[bytes]:
        while size := int(self.rfile.readline(), 16):
            yield self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
