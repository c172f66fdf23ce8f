"""How fast a film of 100 MB leaves a server, and what that does to its memory."""

from __future__ import annotations

import shutil
import time
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from itertools import product
from pathlib import Path
from statistics import median

from benchmarks import gateway, load, machine, peers
from benchmarks.contender import CannotMeasure, Contender
from benchmarks.effort import Effort, in_turn
from benchmarks.report import (
    Section,
    Table,
    at_least,
    below,
    number,
    ratios,
    runs,
    spread,
)

from films import tiny_film

FILM = 100_000_000  #: bytes, about
CLIENTS = (1, 4)
AIM = 20.0  #: times LiteLLM's throughput
GROWTH_AIM = 10.0  #: MB
QUIET = 1.0  #: seconds before the memory afterwards is read

#: What is asked for: a Range header, and the first byte and the length that it means.
PARTS: dict[str, tuple[str | None, int, int | None]] = {
    "whole film": (None, 0, None),
    "from 1 MB to the end": ("bytes=1048576-", 1 << 20, None),
    "8 MB in the middle": ("bytes=1048576-9437183", 1 << 20, 8 << 20),
}


@dataclass(frozen=True)
class Run:
    speed: float  #: MB of what was asked for, a second
    ignored: bool  #: the whole film came, not the range
    first_byte: float  #: milliseconds
    growth: float  #: MB, at most, while it ran
    kept: float  #: MB, a second afterwards
    cost: float  #: milliseconds of the server's processor time a MB that was asked for


Measured = dict[tuple[str, int], dict[str, list[Run]]]


def content(effort: Effort, folder: Path) -> Section:
    film = folder / "film.mp4"
    tiny_film(film, padding=FILM)
    size = film.stat().st_size
    measured: Measured = {}
    with ExitStack() as stack:
        contenders = [
            stack.enter_context(gateway.full(folder, film)),
            stack.enter_context(peers.litellm(folder, film)),
            stack.enter_context(peers.bare(folder, film)),
        ]
        if peers.nginx_version():
            contenders.append(stack.enter_context(peers.nginx(folder, film)))
        for part, clients in product(PARTS, CLIENTS):
            measure = partial(
                _run, part=part, clients=clients, size=size, seconds=effort.download_seconds
            )
            for contender, run in in_turn(contenders, effort.rounds, measure):
                measured.setdefault((part, clients), {}).setdefault(contender.name, []).append(
                    run
                )
    shutil.rmtree(folder / "full")
    notes = [
        (
            f"A film of {size / machine.MB:.0f} MB, from the system's cache. MB/s count what "
            "was asked for: LiteLLM ignores `Range` and sends everything. Memory is the "
            "server's proportional set size, asked for ten times a second: how far it rose "
            "while clients downloaded, and what of that was left a second later."
        )
    ]
    if not peers.nginx_version():
        notes.append("nginx is not installed here and was left out.")
    return Section(
        "Content", notes, [_speeds(measured), _compared(measured), _memory(measured)]
    )


def _run(contender: Contender, *, part: str, clients: int, size: int, seconds: float) -> Run:
    byte_range, first, length = PARTS[part]
    wanted = length or size - first
    used = machine.cpu(contender.pid)
    with machine.Peak(contender.pid) as peak:
        found = load.downloads(
            contender.address, contender.content(byte_range), clients=clients, seconds=seconds
        )
    used = machine.cpu(contender.pid) - used
    if found.size not in (wanted, size):
        message = f"{contender.name} sent {found.size} bytes of {part}."
        raise CannotMeasure(message)
    time.sleep(QUIET)
    delivered = found.answers * wanted / machine.MB
    return Run(
        speed=delivered / found.seconds,
        ignored=found.size != wanted,
        first_byte=found.first_byte,
        growth=peak.growth,
        kept=machine.pss(contender.pid) - peak.before,
        cost=used.total * 1000 / delivered,
    )


def _speeds(measured: Measured) -> Table:
    rows = []
    for (part, clients), contenders in measured.items():
        for name, them in contenders.items():
            speeds = [run.speed for run in them]
            note = ", ignores it" if them[0].ignored else ""
            rows.append(
                [
                    part,
                    str(clients),
                    name + note,
                    runs(speeds),
                    spread(speeds),
                    spread([run.first_byte for run in them]),
                    f"{median(run.cost for run in them):.2f}",
                    runs([run.growth for run in them]),
                    runs([run.kept for run in them]),
                ]
            )
    columns = [
        *("what", "clients", "server", "MB/s, each run", "spread", "slowest first byte, ms"),
        *("processor ms a MB", "memory rises by MB", "left afterwards"),
    ]
    return Table(columns, rows)


def _compared(measured: Measured) -> Table:
    rows = []
    for (part, clients), contenders in measured.items():
        ours = [run.speed for run in contenders["filmgate"]]
        for name, them in contenders.items():
            if name == "filmgate":
                continue
            found = ratios(ours, [run.speed for run in them])
            verdict = at_least(found, AIM) if name == "LiteLLM" else ""
            rows.append(
                [part, str(clients), f"filmgate ÷ {name}", runs(found), spread(found), verdict]
            )
    return Table(["ratio", "clients", "of MB/s", "each round", "spread", "aim"], rows)


def _memory(measured: Measured) -> Table:
    rises: dict[str, list[float]] = {}
    for contenders in measured.values():
        for name, them in contenders.items():
            rises.setdefault(name, []).extend(run.growth for run in them)
    rows = []
    for name, every in rises.items():
        highest = max(every)
        # All of them have to stay below, not the middle one.
        aim = below([highest], GROWTH_AIM, "MB") if name == "filmgate" else ""
        rows.append([name, number(highest), aim])
    return Table(["memory", "highest rise of all runs, MB", "aim"], rows)
