"""What ten thousand films under way at somebody else's cost the process that follows them."""

from __future__ import annotations

import http.client
import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from benchmarks import installation, machine
from benchmarks.contender import PROMPT, CannotMeasure, Contender, process
from benchmarks.effort import FULL, Effort
from benchmarks.installation import Rows, Upstream
from benchmarks.report import Section, Table, below, number

from films import tiny_film

JOBS, FEWER_JOBS = 10_000, 1_000
SECONDS, FEWER_SECONDS = 40.0, 15.0  #: of each phase
EVERY = 5.0  #: seconds between two polls, as the upstream asks for
SELDOM = 20.0  #: the same, while they are submitted
PER_SECOND = 2.0  #: films that are done, while it is measured
STEP = 6.0  #: seconds for a percent, while films get on
SETTLED = 8.0  #: seconds after what came before
PATIENCE = 300.0  #: seconds until filmgate is given up
MEMORY_AIM = 30.0  #: KB a job
LAG_AIM = 1.5  #: times the seconds between two polls

_HOW = (
    "{jobs:,} films under way at an upstream that asks to be polled every {every:g} s, through "
    "one `filmgate serve`; films on the local disk. **still**: no film gets on, so nothing is "
    "to be written down; {rate:g} films a second are done, and fetched, looked at and stored. "
    "**moving**: beside that each film gets on by a percent every {step:g} s, and nearly every "
    "poll has news, which is written down. **aiohttp**: a loop for each film that asks and "
    "sleeps, and keeps nothing. 100% is one core; all share them. Lag is from the moment in "
    "which the upstream had the film to that in which the job was `completed`."
)
_WARNING = (["WARNING"], ["ERROR"])
_ENDED = """
    SELECT attempts.ticket, jobs.finished_at
    FROM jobs JOIN attempts ON attempts.job_id = jobs.id
    WHERE jobs.status = 'completed'
"""


@dataclass(frozen=True)
class Phase:
    """What a window of time cost."""

    who: str
    what: str
    seconds: float
    polls: float  #: a second
    cpu: machine.CPU
    below: float  #: share of a core, of the upstream
    database: float  #: share of a core
    lags: Sequence[float] = ()  #: seconds, sorted

    def row(self) -> list[str]:
        def share(seconds: float) -> str:
            return f"{seconds / self.seconds:.0%}"

        own = self.cpu.main + self.cpu.threads
        lags = ["", "", "", ""]
        if self.lags:
            p50, p99 = (self.lags[len(self.lags) * n // 100] for n in (50, 99))
            aim = below([p99], LAG_AIM * EVERY, "s")
            lags = [str(len(self.lags)), number(p50), number(p99), aim]
        return [
            self.who, self.what, number(self.polls), share(self.cpu.main),
            share(self.cpu.threads), share(self.cpu.children),
            f"{own / self.seconds / self.polls * 1e6:,.0f}",
            f"{self.database:.0%}" if self.database else "", f"{self.below:.0%}", *lags,
        ]  # fmt: skip


@dataclass(frozen=True)
class Memory:
    """Proportional memory with none, half and all of the films under way, in MB."""

    who: str
    jobs: int
    none: float
    half: float
    whole: float
    seconds: float  #: from the first create until the last one was submitted

    def row(self) -> list[str]:
        each = (self.whole - self.none) / self.jobs * 1e3
        late = (self.whole - self.half) / (self.jobs / 2) * 1e3
        return [
            self.who, *(number(mb) for mb in (self.none, self.half, self.whole)),
            number(each), number(late), below([each], MEMORY_AIM, "KB"),
            number(self.jobs / self.seconds),
        ]  # fmt: skip


def following(effort: Effort, folder: Path) -> Section:
    """Polls, processor time, memory and lag, on both databases, beside the floor."""
    whole = effort == FULL
    jobs, seconds = (JOBS, SECONDS) if whole else (FEWER_JOBS, FEWER_SECONDS)
    film = folder / "tiny.mp4"
    tiny_film(film)
    phases, memories = [], []
    with installation.databases(folder) as kinds:
        for rows, data in kinds:
            with installation.upstream(folder, film) as above:
                found, memory = _follow(rows, data, above, jobs=jobs, seconds=seconds)
            phases += found
            memories.append(memory)
    with installation.upstream(folder, film) as above:
        phases.append(_floor(folder, above, jobs=jobs, seconds=seconds))
    columns = [
        *("who", "films", "polls a second", "main thread", "other threads", "children"),
        *("µs a poll, without children", "database server", "upstream"),
        *("films done", "lag p50 s", "p99 s", "aim"),
    ]
    return Section(
        f"Following {jobs:,} films",
        [_HOW.format(jobs=jobs, every=EVERY, rate=PER_SECOND, step=STEP)],
        [
            Table(columns, [phase.row() for phase in phases]),
            Table(
                [
                    *("proportional memory", "MB with none", "with half", "with all"),
                    *("KB a job", "of the second half", "aim", "submitted a second"),
                ],
                [memory.row() for memory in memories],
            ),
        ],
    )


def _follow(
    rows: Rows, data: Path, above: Upstream, *, jobs: int, seconds: float
) -> tuple[list[Phase], Memory]:
    with installation.following(rows, data, above, seats=jobs) as contender:
        above.change(seconds=0.1)
        create(contender, 1)
        until(lambda: rows.count("completed") == 1, f"{rows.name}: no film")
        above.change(seconds=0, poll_after=int(SELDOM * 1000))
        time.sleep(SETTLED)
        none = machine.pss(contender.pid)
        began = time.monotonic()
        _fill(contender, above, jobs // 2)
        halfway = time.monotonic() - began
        time.sleep(SETTLED)
        half = machine.pss(contender.pid)
        began = time.monotonic()
        _fill(contender, above, jobs - jobs // 2)
        took = halfway + time.monotonic() - began
        time.sleep(SETTLED)
        memory = Memory(rows.name, jobs, none, half, machine.pss(contender.pid), took)
        print(" | ".join(memory.row()), flush=True)
        above.change(per_second=PER_SECOND, poll_after=int(EVERY * 1000))
        time.sleep(SELDOM * 1.2)
        still = _phase(contender.pid, rows, above, "still", seconds)
        above.change(step=STEP)
        moving = _phase(contender.pid, rows, above, "moving", seconds)
        above.change(per_second=0)
        print(f"{rows.name} warned: {_warnings(data)}", flush=True)
    return [still, moving], memory


def _warnings(data: Path) -> dict[str, int]:
    """How often the server warned of what."""
    lines = (data / "serve.log").read_text().splitlines()
    words = (line.split()[2:5] for line in lines)
    return dict(Counter(" ".join(word) for word in words if word[:1] in _WARNING))


def _fill(contender: Contender, above: Upstream, jobs: int) -> None:
    wanted = above.state()["begun"] + jobs
    create(contender, jobs)
    until(lambda: above.state()["begun"] >= wanted, f"{contender.name}: no submissions")


def _phase(pid: int, rows: Rows | None, above: Upstream, what: str, seconds: float) -> Phase:
    time.sleep(SETTLED)
    database = rows.pid if rows else None
    began, at = time.perf_counter(), time.time()
    polls, cpu = above.state()["polls"], machine.cpu(pid)
    below_us = machine.cpu(above.pid)
    theirs = machine.cpu(database).total if database else 0.0
    time.sleep(seconds)
    took = time.perf_counter() - began
    cpu, below_us = machine.cpu(pid) - cpu, machine.cpu(above.pid) - below_us
    theirs = (machine.cpu(database).total - theirs) / took if database else 0.0
    state, until_at = above.state(), time.time()
    lags: list[float] = []
    if rows:
        time.sleep(LAG_AIM * EVERY * 2)
        lags = _lags(rows, state["done"], at, until_at)
    phase = Phase(
        who=rows.name if rows else "aiohttp", what=what, seconds=took,
        polls=(state["polls"] - polls) / took, cpu=cpu, below=below_us.total / took,
        database=theirs, lags=lags,
    )  # fmt: skip
    print(" | ".join(phase.row()), flush=True)
    return phase


def _lags(rows: Rows, done: dict[str, float], since: float, to: float) -> list[float]:
    """Of what was done between the two; one that is not `completed` yet lags for ever."""
    ended = {ticket: at / 1e6 for ticket, at in rows.all(_ENDED)}
    return sorted(
        ended.get(ticket, float("inf")) - at for ticket, at in done.items() if since <= at < to
    )


def _floor(folder: Path, above: Upstream, *, jobs: int, seconds: float) -> Phase:
    script = Path(__file__).parent / "polling.py"
    command = [sys.executable, str(script), above.url, str(jobs), str(EVERY)]
    with process(command, log=folder / "polling.log") as pid:
        until(lambda: above.state()["begun"] >= jobs, "aiohttp: no submissions")
        return _phase(pid, None, above, "still", seconds)


def create(contender: Contender, jobs: int, *, clients: int = 8) -> list[str]:
    """The ids of so many new jobs."""
    body = json.dumps({"model": contender.model, "prompt": PROMPT, "seconds": "4"})
    headers = {
        "authorization": f"Bearer {contender.key}", "content-type": "application/json",
    }  # fmt: skip

    def some(count: int) -> list[str]:
        ids = []
        with closing(http.client.HTTPConnection(*contender.address, timeout=60)) as connection:
            for _ in range(count):
                connection.request("POST", "/v1/videos", body, headers)
                answer = connection.getresponse()
                text = answer.read()
                if answer.status != 200:
                    raise CannotMeasure(f"A create was answered with {answer.status}: {text!r}")
                ids.append(str(json.loads(text)["id"]))
        return ids

    clients = min(clients, jobs)
    counts = [jobs // clients + (n < jobs % clients) for n in range(clients)]
    with ThreadPoolExecutor(clients) as pool:
        return [one for ids in pool.map(some, counts) for one in ids]


def until(true: Callable[[], bool], complaint: str, *, within: float = PATIENCE) -> None:
    """Return once it is *true*; asked for a few times a second."""
    end = time.monotonic() + within
    while not true():
        if time.monotonic() > end:
            raise CannotMeasure(f"{complaint} within {within:g} s.")
        time.sleep(0.2)
