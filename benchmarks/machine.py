"""What the machine is, and what a process and its children take of it. Linux only."""

from __future__ import annotations

import os
import platform
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from types import TracebackType
from typing import Self

import psutil

MB = 1_000_000


@dataclass(frozen=True)
class CPU:
    """Seconds of processor time, user and system together."""

    main: float  #: the first thread: in a Python server its event loop
    threads: float  #: the process's other threads
    children: float  #: processes below it, those that have ended included

    @property
    def total(self) -> float:
        return self.main + self.threads + self.children

    def __sub__(self, before: CPU) -> CPU:
        return CPU(
            self.main - before.main,
            self.threads - before.threads,
            self.children - before.children,
        )


def cpu(pid: int) -> CPU:
    """What a process and everything below it have used so far."""
    process = psutil.Process(pid)
    times = process.cpu_times()
    main = next((t.user_time + t.system_time for t in process.threads() if t.id == pid), 0.0)
    below = times.children_user + times.children_system
    for child in process.children(recursive=True):
        try:
            used = child.cpu_times()
        except psutil.NoSuchProcess:
            continue
        below += used.user + used.system + used.children_user + used.children_system
    return CPU(main, times.user + times.system - main, below)


def pss(pid: int) -> float:
    """MB of proportional memory of a process and everything below it."""
    process = psutil.Process(pid)
    tree = [process, *process.children(recursive=True)]
    return sum(_pss(one.pid) for one in tree) / MB


def alone(pid: int) -> float:
    """MB of proportional memory of a process, without those below it."""
    return _pss(pid) / MB


def _pss(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0  # it has ended
    return next((int(line.split()[1]) << 10 for line in lines if line.startswith("Pss:")), 0)


class Peak:
    """The highest `pss` while the block runs, asked for every *every* seconds."""

    def __init__(self, pid: int, *, every: float = 0.1) -> None:
        self.before = pss(pid)
        self.highest = self.before
        self._pid = pid
        self._every = every
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end.set()
        self._thread.join()

    @property
    def growth(self) -> float:
        """MB above what it had before."""
        return self.highest - self.before

    def _watch(self) -> None:
        while not self._end.wait(self._every):
            self.highest = max(self.highest, pss(self._pid))


def busy() -> float:
    """How many cores somebody uses at the moment."""
    return float(psutil.cpu_percent(1.0)) / 100 * (os.cpu_count() or 1)


def cores() -> int:
    return os.cpu_count() or 1


def words(folder: Path) -> dict[str, str]:
    """The machine in words; the data of the servers lies in *folder*."""
    return {
        "cores": str(os.cpu_count()),
        "processor": _processor(),
        "memory": f"{psutil.virtual_memory().total / 1e9:.0f} GB",
        "system": f"{_system()}, kernel {platform.release().partition('-')[0]}",
        "Python": platform.python_version(),
        "disk": f"{_filesystem(folder)}; 4 kB written and synced in {_sync(folder):.2f} ms",
    }


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return value.strip()
    return platform.machine()


def _system() -> str:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        return platform.system()


def _filesystem(folder: Path) -> str:
    mounts = psutil.disk_partitions(all=True)
    mounts = [mount for mount in mounts if folder.is_relative_to(mount.mountpoint)]
    return str(max(mounts, key=lambda mount: len(mount.mountpoint)).fstype)


def _sync(folder: Path) -> float:
    """Milliseconds: what a durable commit cannot be faster than."""
    took = []
    path = folder / "sync"
    with path.open("wb", buffering=0) as file:
        for _ in range(50):
            started = time.perf_counter()
            file.write(bytes(4096))
            os.fsync(file.fileno())
            took.append(time.perf_counter() - started)
    path.unlink()
    return median(took) * 1000
