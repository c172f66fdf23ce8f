"""How long a server takes to start, and what it holds in memory when idle."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from benchmarks import machine, peers
from benchmarks.contender import wait_until_up
from benchmarks.effort import Effort, in_turn
from benchmarks.gateway import address_of, make, plain
from benchmarks.report import Section, Table, below, number, runs, spread

from servers import Server

SETTLED = 3.0  #: seconds after the start
AFTER_A_FILM = 10.0
START_AIM = 1.2  #: seconds
MEMORY_AIM = 110.0  #: MB

_new = count()


@dataclass(frozen=True)
class _Start:
    seconds: float
    cpu: float


def start_up(effort: Effort, folder: Path) -> Section:
    """From the command to the first answered request, the files being in memory."""
    existing = folder / "existing"
    _start_filmgate(existing)
    kinds: dict[str, Callable[[], _Start]] = {
        "filmgate, no data folder yet": lambda: _start_filmgate(folder / f"empty-{next(_new)}"),
        "filmgate, existing data folder": lambda: _start_filmgate(existing),
        "LiteLLM": lambda: _start_litellm(folder),
    }
    starts: dict[str, list[_Start]] = {kind: [] for kind in kinds}
    for kind, start in in_turn(list(kinds), effort.starts, lambda kind: kinds[kind]()):
        starts[kind].append(start)
    rows = []
    for kind, measured in starts.items():
        seconds = [start.seconds for start in measured]
        aim = below(seconds, START_AIM, "s") if kind.startswith("filmgate") else ""
        cpu = spread([start.cpu for start in measured])
        rows.append([kind, runs(seconds), spread(seconds), cpu, aim])
    return Section(
        "Start-up",
        ["From the start of the process to the first 200 of its health page."],
        [Table(["seconds", "each run", "spread", "processor seconds", "aim"], rows)],
    )


def memory(effort: Effort, folder: Path) -> Section:
    """Proportional memory of the whole process tree."""
    idle, after, theirs = [], [], []
    for turn in range(effort.memories):
        with Server(folder / f"memory-{turn}") as server:
            time.sleep(SETTLED)
            idle.append(machine.pss(server.pid))
            make(plain(server), "sora-2", seconds="4", size="1280x720")
            time.sleep(AFTER_A_FILM)
            after.append(machine.pss(server.pid))
        # No upstream: it is not asked for anything.
        with peers.litellm_process(folder, ("127.0.0.1", 9)) as other:
            time.sleep(SETTLED)
            theirs.append(machine.pss(other.pid))
    rows = [
        ["filmgate, idle", runs(idle), spread(idle), below(idle, MEMORY_AIM, "MB")],
        [
            f"filmgate, {number(AFTER_A_FILM)} s after a previs film",
            runs(after),
            spread(after),
            below(after, MEMORY_AIM, "MB"),
        ],
        ["LiteLLM, idle", runs(theirs), spread(theirs), ""],
    ]
    return Section(
        "Idle memory",
        ["Proportional set size of the server and everything that it started."],
        [Table(["MB", "each run", "spread", "aim"], rows)],
    )


def _start_filmgate(data: Path) -> _Start:
    server = Server(data)
    started = time.perf_counter()
    with server:
        wait_until_up(address_of(server), "/health", pid=server.pid, log=data / "serve.log")
        took = time.perf_counter() - started
        return _Start(took, machine.cpu(server.pid).total)


def _start_litellm(folder: Path) -> _Start:
    started = time.perf_counter()
    with peers.litellm_process(folder, ("127.0.0.1", 9)) as other:
        took = time.perf_counter() - started
        return _Start(took, machine.cpu(other.pid).total)
