"""Real proxies on loopback, each in a process of its own, which say what they let through."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Self

import surroundings
from ports import free_port

USER, PASSWORD = "someone", "hush-hush-0123"

_SOCKS = (
    "import asyncio; asyncio.set_event_loop(asyncio.new_event_loop());"
    "from asyncio_socks_server.__main__ import main; main()"
)


@dataclass
class RealProxy(ABC):
    """A process that lets `USER` with `PASSWORD` through. Used as a context manager."""

    folder: Path

    scheme: ClassVar[str]
    passes: ClassVar[re.Pattern[str]]  #: a line of its log; its group is where to

    port: int = 0

    @abstractmethod
    def command(self) -> Sequence[str]: ...

    @property
    def log(self) -> Path:
        return self.folder / f"{self.scheme}.{self.port}.log"

    @property
    def url(self) -> str:
        return f"{self.scheme}://{USER}:{PASSWORD}@127.0.0.1:{self.port}"

    @property
    def shown(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"

    @property
    def passed(self) -> list[str]:
        """The host:port of each connection that it has let through, once it is over."""
        return self.passes.findall(self.log.read_text())

    async def counted(self, least: int) -> list[str]:
        """Those, as soon as there are *least*."""
        async with asyncio.timeout(20):
            while len(self.passed) < least:
                await asyncio.sleep(0.02)
        return self.passed

    def __enter__(self) -> Self:
        self.port = free_port()
        with self.log.open("w") as log:
            self._process = subprocess.Popen(
                self.command(),
                env=surroundings.environment(),
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
            )
        until = time.monotonic() + 60
        while time.monotonic() < until and self._process.poll() is None:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
                return self
            time.sleep(0.05)
        self.__exit__()
        raise AssertionError(f"{self.scheme} did not start: {self.log.read_text()}")

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


@dataclass
class HttpProxy(RealProxy):
    """proxy.py, which forwards and tunnels."""

    scheme = "http"
    passes = re.compile(
        r"access_log:\d+ - \S+ - (?:CONNECT|[A-Z]+) (?!None)([^ /]+)(?:/\S*)? - "
    )

    def command(self) -> Sequence[str]:
        return (
            *(sys.executable, "-m", "proxy", "--hostname", "127.0.0.1"),
            *("--port", str(self.port), "--num-workers", "1", "--num-acceptors", "1"),
            *("--basic-auth", f"{USER}:{PASSWORD}", *self.options()),
        )

    def options(self) -> Sequence[str]:
        return ()


@dataclass
class HttpsProxy(HttpProxy):
    """The same, which is spoken to through TLS."""

    scheme = "https"
    key: Path = Path()
    certificate: Path = Path()

    def options(self) -> Sequence[str]:
        return "--key-file", str(self.key), "--cert-file", str(self.certificate)


@dataclass
class SocksProxy(RealProxy):
    """asyncio-socks-server, as strict as the standards."""

    scheme = "socks5"
    passes = re.compile(r"TCP stream between .* and \('(.+?)\)$", re.MULTILINE)

    def command(self) -> Sequence[str]:
        config = self.folder / f"socks.{self.port}.json"
        config.write_text(
            json.dumps(
                {
                    "LISTEN_HOST": "127.0.0.1",
                    "LISTEN_PORT": self.port,
                    "AUTH_METHOD": 2,
                    "USERS": {USER: PASSWORD},
                    "STRICT": True,
                    "ACCESS_LOG": True,
                }
            )
        )
        return sys.executable, "-c", _SOCKS, "--config", str(config)

    @property
    def passed(self) -> list[str]:
        return [to.replace("', ", ":") for to in super().passed]
