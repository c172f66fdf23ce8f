"""Nodes of filmgate, each a process on a port of its own, which it keeps when it dies."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import aiohttp
import psutil

import surroundings
from acceptance.faults.plan import MODES, SECRET, Plan
from ports import free_ports
from servers import KEY

AUTHORIZED = {"authorization": f"Bearer {KEY}"}
LONGEST_START = 60.0


@dataclass
class Node:
    """One `filmgate serve`."""

    data: Path
    settings: Mapping[str, str]
    port: int
    supervised: bool = False  #: ends at its start, as without a database: begun anew

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def start(self) -> None:
        """Start it; it does not answer yet."""
        self.data.mkdir(parents=True, exist_ok=True)
        self._log: IO[str] = (self.data / "serve.log").open("a")
        command = (sys.executable, "-m", "filmgate", "serve", "--data", str(self.data))
        self._process = subprocess.Popen(
            [*command, "--port", str(self.port)],
            env=surroundings.environment() | dict(self.settings),
            stdout=self._log,
            stderr=self._log,
        )

    async def ready(self, client: aiohttp.ClientSession) -> None:
        """Until it answers; an `AssertionError` with the end of its log if it ended."""
        deadline = time.monotonic() + LONGEST_START
        while time.monotonic() < deadline and (self.alive or self.supervised):
            if not self.alive:
                self.start()
            try:
                async with client.get(f"{self.url}/v1/videos?limit=1") as answer:
                    if answer.status == 200:
                        return
            except (aiohttp.ClientError, TimeoutError):
                pass
            await asyncio.sleep(0.02)
        raise AssertionError(f"{self.data.name} does not answer: {self.said()}")

    def said(self, characters: int = 3000) -> str:
        return (self.data / "serve.log").read_text()[-characters:]

    def signal(self, number: int) -> None:
        self._process.send_signal(number)

    def kill(self) -> float:
        """SIGKILL, and when that was."""
        at = time.time()
        self._process.kill()
        self._process.wait()
        self._log.close()
        return at

    def stop(self, within: float = 30) -> int:
        """SIGTERM; the exit code."""
        if self.alive:
            self._process.send_signal(signal.SIGTERM)
        try:
            return self._process.wait(within)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise
        finally:
            self._log.close()

    def ports(self) -> set[int]:
        """Its ends of the connections that it has."""
        try:
            connections = psutil.Process(self.pid).net_connections("tcp")
        except psutil.Error:
            return set()
        return {found.laddr.port for found in connections if len(found.laddr)}


@dataclass
class Fleet:
    """All nodes of a run. Used as an async context manager: then each of them answers."""

    plan: Plan
    folder: Path
    settings: Mapping[str, str] = field(default_factory=dict)
    nodes: list[Node] = field(default_factory=list)

    async def __aenter__(self) -> Fleet:
        ports = free_ports(self.plan.nodes)
        models = ",".join(f"{ours}={engine}/{ours}" for ours, engine in MODES.values())
        settings = {
            "FILMGATE_ADMIN_KEY": KEY,
            "FILMGATE_SECRET_KEY": "a secret key of nobody at all",
            "FILMGATE_MODELS": models,
            "FILMGATE_PRIVATE_ADDRESSES": "allow",
            "FILMGATE_SUBMIT_TIMEOUT": "3",
            "UPSTREAM_KEY": SECRET,
            **self.plan.settings,
            **self.settings,
        }
        if self.plan.database_url:
            settings["FILMGATE_DATABASE_URL"] = self.plan.database_url
        self.nodes = [
            Node(self.folder / f"node-{number}", settings, port)
            for number, port in enumerate(ports, 1)
        ]
        try:
            async with aiohttp.ClientSession(headers=AUTHORIZED) as client:
                for node in self.nodes:
                    node.start()
                    await node.ready(client)
        except BaseException:
            self.end()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        self.end()

    def end(self) -> None:
        for node in self.nodes:
            if hasattr(node, "_process") and node.alive:
                node.signal(signal.SIGCONT)
                node.kill()

    def stop(self) -> list[int]:
        """SIGTERM to all; the exit codes."""
        for node in self.nodes:
            node.signal(signal.SIGTERM)
        return [node.stop() for node in self.nodes]

    async def add_account(self, client: aiohttp.ClientSession, mode: str, url: str) -> None:
        """The one account at an upstream, with its seats."""
        account = {
            "engine": MODES[mode][1],
            "label": mode,
            "base_url": url,
            "seats": self.plan.seats,
            "secret": "env:UPSTREAM_KEY",
        }
        url = f"{self.nodes[0].url}/admin/accounts"
        async with client.post(url, json=account) as answer:
            assert answer.status < 300, await answer.text()
