"""What else breaks while jobs run: a node that sleeps, a database, a store, a disk."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from acceptance.faults.cluster import Cluster
from acceptance.faults.stage import Stage, Trouble

MEGABYTE = 1 << 20
AFTERWARDS = 5.0  #: seconds to recover before the next
PATIENCE = 30.0  #: seconds that something in flight is waited for


class Stoppable(Protocol):
    """A service that can go away and come back, such as `Postgres` or `ObjectStore`."""

    def start(self) -> None: ...

    def stop(self) -> None: ...


class Pausable(Protocol):
    """A service that can take connections and answer nothing."""

    def pause(self) -> None: ...

    def resume(self) -> None: ...


def one_by_one(
    services: Cluster, *, node: float = 60, database: float = 5, store: float = 30
) -> Trouble:
    """Each outage that a cluster should live through, for so many seconds."""
    parts = (
        paused_node(node),  # first: while there is much to submit
        stopped(services.postgres, database),
        stopped(services.store, store),
        silent(services.store, store / 3),
    )

    async def trouble(stage: Stage) -> None:
        for part in parts:
            await part(stage)
            await asyncio.sleep(AFTERWARDS)

    return trouble


def paused_node(seconds: float, *, number: int = 0) -> Trouble:
    """
    SIGSTOP of a node while the plain upstream answers a submit of its, for so long.

    The answer waits for it, and another takes its jobs over meanwhile. What callers are
    shown of ended jobs is noted before it goes on.
    """

    async def trouble(stage: Stage) -> None:
        node = stage.fleet.nodes[number]
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            if await _submits(stage, node.ports()):
                node.signal(signal.SIGSTOP)
                if await _submits(stage, node.ports()):
                    break
                node.signal(signal.SIGCONT)  # it had its answer just before
            await asyncio.sleep(0.01)
        stage.sleeps.append(time.time())
        node.signal(signal.SIGSTOP)
        try:
            await asyncio.sleep(seconds)
            others = [one for one in stage.fleet.nodes if one is not node]
            await stage.traffic.listed(others)
        finally:
            node.signal(signal.SIGCONT)

    return trouble


async def _submits(stage: Stage, ports: set[int]) -> bool:
    now = await stage.remotes["plain"].ledger(stage.client, "/now")
    return any(one["kind"] == "create" and one["port"] in ports for one in now["flights"])


def stopped(service: Stoppable, seconds: float, *, after: float = 3) -> Trouble:
    """It goes away and comes back."""

    async def trouble(_: Stage) -> None:
        await asyncio.sleep(after)
        await asyncio.to_thread(service.stop)
        try:
            await asyncio.sleep(seconds)
        finally:
            await asyncio.to_thread(service.start)

    return trouble


def silent(service: Pausable, seconds: float, *, after: float = 3) -> Trouble:
    """It takes connections and answers nothing."""

    async def trouble(_: Stage) -> None:
        await asyncio.sleep(after)
        service.pause()
        try:
            await asyncio.sleep(seconds)
        finally:
            service.resume()

    return trouble


def filled(folder: Path, seconds: float, *, left: int = MEGABYTE, after: float = 3) -> Trouble:
    """Somebody fills the disk of *folder* but for so many bytes, and cleans up later."""

    async def trouble(_: Stage) -> None:
        await asyncio.sleep(after)
        filler = folder / "filler"
        until = time.monotonic() + seconds
        try:
            while time.monotonic() < until:
                _fill(filler, left)
                await asyncio.sleep(0.2)
        finally:
            filler.unlink(missing_ok=True)

    return trouble


def _fill(file: Path, left: int) -> None:
    disk = os.statvfs(file.parent)
    more = disk.f_bavail * disk.f_frsize - left
    if more > 0:
        with file.open("ab") as filler, contextlib.suppress(OSError):
            filler.write(bytes(more))


@contextlib.contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[bool]:
    """A tmpfs of that size at *folder*; False where none can be mounted."""
    folder.mkdir(parents=True, exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    try:
        mounted = subprocess.run(mount, check=False, capture_output=True).returncode == 0
    except FileNotFoundError:
        mounted = False
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", str(folder)], check=True)
