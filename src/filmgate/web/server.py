"""The HTTP server, embedded in our own event loop."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress

from granian.constants import Interfaces
from granian.server.embed import Server
from starlette.types import ASGIApp

from filmgate.domain.errors import CannotStart
from filmgate.system import most_files

BACKLOG = 1024  #: connections that wait to be taken
OWN_FILES = 256  #: of those that may be open: the rows, films, engines and the store


class HTTPServer:
    """granian, without its supervisor and its signal handlers."""

    def __init__(
        self, app: ASGIApp, *, host: str, port: int, chosen_by: str = "--port"
    ) -> None:
        self.host = host
        self.port = _free_port(host, port, chosen_by)
        self._server = Server(
            app,
            address=host,
            port=self.port,
            interface=Interfaces.ASGINL,
            backlog=BACKLOG,
            # Else no more than the backlog are taken, and watching clients stay for long.
            backpressure=max(most_files() - OWN_FILES, OWN_FILES),
            websockets=False,
            log_enabled=False,
        )

    @property
    def url(self) -> str:
        host = "127.0.0.1" if self.host in ("0.0.0.0", "::") else self.host  # noqa: S104
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    async def run(self) -> None:
        """Serve until `stop`."""
        await self._server.serve()

    async def started(self) -> None:
        """Return once the address answers."""
        host = "127.0.0.1" if self.host in ("0.0.0.0", "::") else self.host  # noqa: S104
        while True:
            try:
                _, writer = await asyncio.open_connection(host, self.port)
            except OSError:
                await asyncio.sleep(0.005)
            else:
                writer.close()
                return

    def stop(self) -> None:
        """Stop accepting; requests under way are answered."""
        with suppress(AttributeError):  # asked to stop before it had started
            self._server.stop()  # type: ignore[no-untyped-call]


def _free_port(host: str, port: int, chosen_by: str) -> int:
    # granian shares ports (SO_REUSEPORT), so that a second server would quietly take
    # half of the first one's requests. A plain bind tells.
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            message = f"{host}:{port}: {error.strerror}. Choose another with {chosen_by}."
            raise CannotStart(message) from error
        return int(probe.getsockname()[1])
