"""How many creates and retrieves a server takes, and what each costs it."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks import gateway, load, machine, peers
from benchmarks.contender import Contender
from benchmarks.effort import Effort, in_turn
from benchmarks.report import Section, Table, at_least, ratios, runs, spread

from films import tiny_film

CONNECTIONS = 16
WARM_UP = 1.0  #: seconds
CREATE_AIM = 20.0  #: times LiteLLM's rate
RETRIEVE_AIM = 50.0

_WHO_DOES_WHAT = (
    "`POST /v1/videos` with JSON. **filmgate**: key checked, job committed and synced, its "
    "engine's seats taken, so that jobs wait. **filmgate, driving**: the same while its worker "
    f"drives jobs of a stand-in engine through {gateway.SEATS} seats: copy, probe, stills, "
    "checksum, store. **LiteLLM**: key checked, passed on to an upstream without latency, "
    "nothing kept; the upstream's processor time is not counted. **bare Starlette**: returns "
    "a constant."
)

Request = Callable[[Contender], bytes]


@dataclass(frozen=True)
class Run:
    rate: load.Rate
    cpu: machine.CPU  #: the server's, for all of the run's requests


def create(effort: Effort, folder: Path) -> Section:
    """Jobs taken on. filmgate's are rows on the disk before they are answered."""
    film = folder / "tiny.mp4"
    tiny_film(film)
    measured = _together(effort, folder, film, Contender.create)
    driving = [
        _drive(effort, folder / f"driving-{turn}", film) for turn in range(effort.rounds)
    ]
    measured["filmgate, driving"] = [run for run, _, _ in driving]
    during = [films for _, films, _ in driving]
    alone = [films for _, _, films in driving]
    finished = [
        ["while creates come in", runs(during), spread(during)],
        ["after they have stopped", runs(alone), spread(alone)],
    ]
    return Section(
        f"Create, {CONNECTIONS} connections",
        [
            _WHO_DOES_WHAT,
        ],
        [
            *_tables(measured, CREATE_AIM),
            Table(["films finished a second, driving", "each run", "spread"], finished),
        ],
    )


def retrieve(effort: Effort, folder: Path) -> Section:
    """The same finished job, asked for over and over."""
    film = folder / "tiny.mp4"
    tiny_film(film)
    measured = _together(effort, folder, film, Contender.retrieve)
    return Section(
        f"Retrieve, {CONNECTIONS} connections",
        [
            (
                "`GET /v1/videos/{id}` of a finished job: filmgate reads its row, LiteLLM asks "
                "the upstream."
            ),
        ],
        _tables(measured, RETRIEVE_AIM),
    )


def _together(
    effort: Effort, folder: Path, film: Path, request: Request
) -> dict[str, list[Run]]:
    with ExitStack() as stack:
        contenders = [
            stack.enter_context(gateway.full(folder, film)),
            stack.enter_context(peers.litellm(folder, film)),
            stack.enter_context(peers.bare(folder, film)),
        ]
        for contender in contenders:
            _run(contender, request(contender), WARM_UP)
        measured: dict[str, list[Run]] = {one.name: [] for one in contenders}
        for contender, run in in_turn(
            contenders, effort.rounds, lambda one: _run(one, request(one), effort.seconds)
        ):
            measured[contender.name].append(run)
    shutil.rmtree(folder / "full")
    return measured


def _run(contender: Contender, request: bytes, seconds: float) -> Run:
    before = machine.cpu(contender.pid)
    rate = load.requests(contender.address, request, connections=CONNECTIONS, seconds=seconds)
    return Run(rate, machine.cpu(contender.pid) - before)


def _drive(effort: Effort, data: Path, film: Path) -> tuple[Run, float, float]:
    """A run, and films a second during and after it. The server is new, its queue empty."""
    with gateway.driving(data, film) as contender:
        gateway.make(contender, gateway.INSTANT)
        before = gateway.completed(data)
        run = _run(contender, contender.create(), effort.seconds)
        between, stopped = gateway.completed(data), time.perf_counter()
        time.sleep(effort.seconds)
        after, took = gateway.completed(data), time.perf_counter() - stopped
    shutil.rmtree(data)
    return run, (between - before) / run.rate.seconds, (after - between) / took


def _tables(measured: dict[str, list[Run]], aim: float) -> list[Table]:
    rates = {name: [run.rate.per_second for run in them] for name, them in measured.items()}
    rows = [
        [
            name,
            runs(rates[name]),
            spread(rates[name]),
            spread([run.rate.p50 for run in them]),
            spread([run.rate.p99 for run in them]),
        ]
        for name, them in measured.items()
    ]
    compared = []
    for name in ("LiteLLM", "bare Starlette"):
        found = ratios(rates["filmgate"], rates[name])
        verdict = at_least(found, aim) if name == "LiteLLM" else ""
        compared.append([f"filmgate ÷ {name}", runs(found), spread(found), verdict])
    return [
        Table(["requests a second", "each run", "spread", "p50 ms", "p99 ms"], rows),
        Table(["ratio", "each round", "spread", "aim"], compared),
        Table(
            [
                "where the time goes: processor ms a request",
                *("server", "of it main thread", "other threads", "child processes"),
                *("main thread busy", "load generator"),
            ],
            [_costs(name, them) for name, them in measured.items()],
        ),
    ]


def _costs(name: str, them: Sequence[Run]) -> list[str]:
    def each(cost: Callable[[Run], float]) -> str:
        return f"{median(cost(run) / run.rate.requests for run in them) * 1000:.3f}"

    busy = median(run.cpu.main / run.rate.seconds for run in them)
    return [
        name,
        each(lambda run: run.cpu.total),
        each(lambda run: run.cpu.main),
        each(lambda run: run.cpu.threads),
        each(lambda run: run.cpu.children),
        f"{busy:.0%}",
        each(lambda run: run.rate.cpu),
    ]
