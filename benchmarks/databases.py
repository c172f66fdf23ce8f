"""Creates and retrieves on PostgreSQL beside SQLite, and on three nodes beside one."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

import psutil
from benchmarks import gateway, installation, load, machine
from benchmarks.contender import Contender
from benchmarks.effort import FULL, Effort, in_turn
from benchmarks.installation import Rows, contender_of
from benchmarks.rates import CONNECTIONS, WARM_UP
from benchmarks.report import Section, Table, ratios, runs, spread

from films import tiny_film
from servers import Server

NODES = 3
SHARE = 0.3  #: of a core, for each node
FILMS_FOR, FEWER_FOR = 20.0, 5.0  #: seconds
#: Where a process's share of the processor is set, on Linux with groups of the first kind.
GROUPS = Path("/sys/fs/cgroup/cpu")
PERIOD = 10_000  #: microseconds in which a share may be used up

_HOW = (
    "As above: filmgate's seats are taken, so that jobs wait; films are on the local disk. The "
    "PostgreSQL is a server of its own on the same cores, on a socket, and syncs what it "
    "commits. Its processor time is its own and that of all its connections."
)
_NODES = (
    "Nodes that share a PostgreSQL, each with {share:.0%} of a core (a quota of the kernel's; "
    "there are {cores} cores, which PostgreSQL and the load share, so a node for each would "
    "measure those). One load generator a node, {connections} connections each. Films: the "
    "engine is instant and costs nothing, {seats} seats a node; what is measured is taking on, "
    "probe, stills, checksum and store."
)

Request = Callable[[Contender], bytes]


@dataclass(frozen=True)
class _Run:
    rate: load.Rate
    cpu: machine.CPU
    database: float  #: seconds of processor time


def databases(effort: Effort, folder: Path) -> Section:
    """What a create and a retrieve cost on each."""
    film = folder / "tiny.mp4"
    tiny_film(film)
    kinds: dict[str, Request] = {"create": Contender.create, "retrieve": Contender.retrieve}
    with ExitStack() as stack:
        contenders = {}
        for rows, data in stack.enter_context(installation.databases(folder)):
            contenders[rows.name] = (rows, stack.enter_context(_full(rows, data, film)))
        tables = []
        for kind, request in kinds.items():
            for rows, contender in contenders.values():
                _run(rows, contender, request(contender), WARM_UP)
            measured: dict[str, list[_Run]] = {name: [] for name in contenders}
            for name, run in in_turn(
                list(contenders),
                effort.rounds,
                lambda name, request=request: _run(  # type: ignore[misc]
                    *contenders[name], request(contenders[name][1]), effort.seconds
                ),
            ):
                measured[name].append(run)
            tables += _tables(kind, measured)
    return Section(f"PostgreSQL beside SQLite, {CONNECTIONS} connections", [_HOW], tables)


def _run(rows: Rows, contender: Contender, request: bytes, seconds: float) -> _Run:
    before, theirs = machine.cpu(contender.pid), _theirs(rows)
    rate = load.requests(contender.address, request, connections=CONNECTIONS, seconds=seconds)
    return _Run(rate, machine.cpu(contender.pid) - before, _theirs(rows) - theirs)


def _theirs(rows: Rows) -> float:
    return machine.cpu(rows.pid).total if rows.pid else 0.0


@contextmanager
def _full(rows: Rows, data: Path, film: Path) -> Iterator[Contender]:
    """One whose seats are taken for good, with a film; as `gateway.full`."""
    settings = {**rows.settings, "FILMGATE_SEATS": str(gateway.SEATS)}
    with Server(data, film=film, settings=settings) as server:
        contender = contender_of(server, rows.name, model=gateway.ENDLESS)
        video = gateway.make(contender, gateway.INSTANT)
        for _ in range(gateway.SEATS):
            gateway.take_seat(contender)
        yield contender_of(server, rows.name, model=gateway.ENDLESS, video=video)


def _tables(kind: str, measured: dict[str, list[_Run]]) -> list[Table]:
    rates = {name: [run.rate.per_second for run in them] for name, them in measured.items()}
    ours, theirs = rates["PostgreSQL"], rates["SQLite"]
    found = ratios(ours, theirs)
    rows = [_rates(name, them) for name, them in measured.items()]
    rows.append(["PostgreSQL ÷ SQLite", runs(found), spread(found), "", "", "", "", ""])
    columns = [
        *(f"{kind}s a second", "each run", "spread", "p50 ms", "p99 ms"),
        *("main thread ms", "other threads ms", "database server ms"),
    ]
    return [Table(columns, rows)]


def _rates(name: str, them: Sequence[_Run]) -> list[str]:
    def each(cost: Callable[[_Run], float]) -> str:
        return f"{median(cost(run) / run.rate.requests for run in them) * 1000:.3f}"

    rates = [run.rate.per_second for run in them]
    return [
        name, runs(rates), spread(rates),
        spread([run.rate.p50 for run in them]), spread([run.rate.p99 for run in them]),
        each(lambda run: run.cpu.main), each(lambda run: run.cpu.threads),
        each(lambda run: run.database),
    ]  # fmt: skip


def nodes(effort: Effort, folder: Path) -> Section:
    """Three beside one, each as fast as the others."""
    film = folder / "tiny.mp4"
    tiny_film(film)
    films_for = FILMS_FOR if effort == FULL else FEWER_FOR
    found: dict[int, dict[str, list[float]]] = {}
    for count, rates in in_turn(
        (1, NODES),
        effort.rounds,
        lambda count: _nodes(folder, film, count, effort.seconds, films_for),
    ):
        for kind, rate in rates.items():
            found.setdefault(count, {}).setdefault(kind, []).append(rate)
    rows = []
    for kind in found[1]:
        one, three = found[1][kind], found[NODES][kind]
        more = ratios(three, one)
        rows.append([kind, runs(one), runs(three), runs(more), spread(more)])
    columns = ["a second", "one node", f"{NODES} nodes", "ratio, each round", "spread"]
    how = _NODES.format(
        share=SHARE, cores=machine.cores(), connections=CONNECTIONS, seats=gateway.SEATS
    )
    return Section(f"{NODES} nodes beside one", [how], [Table(columns, rows)])


def _nodes(
    folder: Path, film: Path, count: int, seconds: float, films_for: float
) -> dict[str, float]:
    with ExitStack() as stack:
        rows = stack.enter_context(installation.postgresql())
        settings = {**rows.settings, "FILMGATE_SEATS": str(gateway.SEATS)}
        contenders = []
        for number in range(count):
            data = folder / f"node-{number}"
            stack.callback(shutil.rmtree, data, ignore_errors=True)
            server = stack.enter_context(Server(data, film=film, settings=settings))
            contenders.append(contender_of(server, f"node {number}", model=gateway.INSTANT))
        video = gateway.make(contenders[0], gateway.INSTANT)
        contenders = [replace(contender, video=video) for contender in contenders]
        for number, contender in enumerate(contenders):
            stack.enter_context(_share(contender.pid, f"filmgate-bench-{number}"))
        retrieves = _together([(c, c.retrieve()) for c in contenders], seconds)
        creates = _together([(c, c.create()) for c in contenders], seconds)
        before, began = rows.count("completed"), time.perf_counter()
        time.sleep(films_for)
        films = (rows.count("completed") - before) / (time.perf_counter() - began)
    return {"creates, while films are made": creates, "retrieves": retrieves, "films": films}


def _together(asked: Sequence[tuple[Contender, bytes]], seconds: float) -> float:
    """Requests a second of all of them at once."""
    with ThreadPoolExecutor(len(asked)) as pool:
        rates = pool.map(
            lambda one: load.requests(
                one[0].address, one[1], connections=CONNECTIONS, seconds=seconds
            ),
            asked,
        )
        return sum(rate.per_second for rate in rates)


@contextmanager
def _share(pid: int, name: str) -> Iterator[None]:
    """Give a process, and what it will start, `SHARE` of a core at the most."""
    group = GROUPS / name
    group.mkdir()
    try:
        (group / "cpu.cfs_period_us").write_text(str(PERIOD))
        (group / "cpu.cfs_quota_us").write_text(str(int(PERIOD * SHARE)))
        for each in (pid, *(child.pid for child in psutil.Process(pid).children())):
            (group / "cgroup.procs").write_text(str(each))
        yield
    finally:
        for each in (group / "cgroup.procs").read_text().split():
            (GROUPS / "cgroup.procs").write_text(each)
        group.rmdir()
