"""What one job asks of the database, and what it leaves there."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks import installation
from benchmarks.contender import Contender, free_address, process, wait_until_up
from benchmarks.effort import FULL, Effort
from benchmarks.following import create, until
from benchmarks.installation import Rows, Upstream
from benchmarks.report import Section, Table, number

from films import tiny_film
from servers import KEY

JOBS, FEWER_JOBS = 100, 20
IDLE = 20.0  #: seconds for which nothing is asked
SECONDS = 8.0  #: that films take; a poll each second

_HOW = (
    "Counted, not timed; what the same installation does in as many seconds without any job is "
    "taken off. One `POST /v1/videos`, one film of an upstream, fetched and stored; no "
    "webhooks, and nobody asks for the job. **alone**: one job after the other, so that no "
    "commit is shared; the film is there at the first poll. **together**: {jobs} jobs at once, "
    "{seconds:g} s each, polled every second, without news. **moving**: the same, each poll "
    "bringing a new percent. SQLite: statements and rows as its connections saw them, bytes "
    "of the write-ahead log. PostgreSQL: statements and commits from its log, the rest from "
    "its own statistics, without autovacuum and without the whole pages that it logs after "
    "each checkpoint; Procrastinate's are in it, each a commit of its own."
)
_STATISTICS = """
    SELECT (SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_user_tables),
           (SELECT wal_bytes FROM pg_stat_wal),
           (SELECT sum(fsyncs) FROM pg_stat_io WHERE object = 'wal')
"""
_SAID = re.compile(r"^([^|\n]*)\|LOG:  (?:statement|execute [^:]*): *(\w+)", re.MULTILINE)
_FRAME = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "PRAGMA")

Counts = Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class Counted:
    """An installation, and how to read what it has done so far."""

    rows: Rows
    contender: Contender
    upstream: Upstream
    read: Callable[[], Counts]


def footprint(effort: Effort, folder: Path) -> Section:
    """Statements, rows, commits and bytes of a job, on both."""
    jobs = JOBS if effort == FULL else FEWER_JOBS
    film = folder / "tiny.mp4"
    tiny_film(film)
    lines = []
    for kind in (_sqlite, _postgresql):
        with kind(folder, film) as counted:
            lines += _measure(counted, jobs)
    columns = [
        *("a job", "statements", "of them BEGIN, COMMIT and the like", "rows written"),
        *("commits", "of them synced", "KB of log"),
    ]
    how = _HOW.format(jobs=jobs, seconds=SECONDS)
    return Section("What a job asks of the database", [how], [Table(columns, lines)])


def _measure(counted: Counted, jobs: int) -> list[list[str]]:
    above, name = counted.upstream, counted.rows.name
    above.change(seconds=0.01, poll_after=100)
    _make(counted, 3, at_once=1)
    time.sleep(1)
    idle = _spent(counted, lambda: time.sleep(IDLE), {})
    idle = {what: count / IDLE for what, count in idle.items()}
    alone = _spent(counted, lambda: _make(counted, jobs // 5, at_once=1), idle)
    above.change(seconds=SECONDS, poll_after=1000)
    still = _spent(counted, lambda: _make(counted, jobs, at_once=jobs), idle)
    above.change(step=0.5)
    moving = _spent(counted, lambda: _make(counted, jobs, at_once=jobs), idle)
    above.change(step=0)
    return [
        _line(f"{name}, alone", alone, jobs // 5),
        _line(f"{name}, together", still, jobs),
        _line(f"{name}, moving", moving, jobs),
        _line(f"{name}, idle, a second", idle, 1),
    ]


def _make(counted: Counted, jobs: int, *, at_once: int) -> None:
    for _ in range(jobs // at_once):
        done = counted.rows.count("completed") + at_once
        create(counted.contender, at_once)
        until(lambda done=done: counted.rows.count("completed") >= done, "no films")  # type: ignore[misc]


def _spent(counted: Counted, what: Callable[[], None], idle: Counts) -> dict[str, float]:
    before, began = counted.read(), time.monotonic()
    what()
    time.sleep(1.5)  # PostgreSQL's statistics come late
    after, took = counted.read(), time.monotonic() - began
    return {
        each: count - before.get(each, 0) - idle.get(each, 0) * took
        for each, count in after.items()
    }


def _line(name: str, spent: Counts, jobs: int) -> list[str]:
    names = ("statements", "frame", "rows", "commits", "synced", "bytes")
    figures = [spent.get(each, 0) / jobs for each in names]
    figures[-1] /= 1e3
    return [name, *(number(max(0.0, figure)) for figure in figures)]


@contextmanager
def _sqlite(folder: Path, film: Path) -> Iterator[Counted]:
    data = folder / "counted"
    data.mkdir()
    counts = folder / "counts.json"
    rows = installation.sqlite(data)
    with installation.upstream(folder, film) as above, ExitStack() as stack:
        address = free_address()
        script = str(Path(__file__).parent / "counted.py")
        log = data / "serve.log"
        environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith("FILMGATE_")},  # noqa: TID251
            "FILMGATE_ADMIN_KEY": KEY,
            "FILMGATE_MODELS": f"sora-2={installation.ENGINE}/sora-2",
        }
        command = [
            *(sys.executable, script, str(counts), "serve"),
            *("--port", str(address[1]), "--data", str(data)),
        ]
        pid = stack.enter_context(process(command, log=log, environment=environment))
        wait_until_up(address, "/health", pid=pid, log=log)

        def read() -> Counts:
            counts.unlink(missing_ok=True)
            os.kill(pid, signal.SIGUSR1)
            until(counts.exists, "no counts", within=10)
            said = Counter(json.loads(counts.read_text()))
            changed = said.pop("rows")
            return {
                "statements": said.total(),
                "frame": sum(n for word, n in said.items() if word.startswith(_FRAME)),
                "rows": changed,
                "commits": said["COMMIT"] + said["COMMIT, synced"],
                "synced": said["COMMIT, synced"],
                "bytes": Path(f"{rows.path}-wal").stat().st_size,
            }

        contender = Contender(name=rows.name, address=address, pid=pid, key=KEY)
        installation.seat(contender, above, JOBS)
        yield Counted(rows=rows, contender=contender, upstream=above, read=read)


@contextmanager
def _postgresql(folder: Path, film: Path) -> Iterator[Counted]:
    settings = (
        "log_line_prefix = '%a|';log_statement = 'all';autovacuum = off;full_page_writes = off"
    )
    with (
        installation.upstream(folder, film) as above,
        installation.postgresql(settings=settings) as rows,
        installation.following(rows, folder / "counted-pg", above, seats=JOBS) as contender,
    ):

        def read() -> Counts:
            ((changed, size, synced),) = rows.all(_STATISTICS)
            log = Path(str(rows.log)).read_text(errors="replace")
            ours = [found for found in _SAID.findall(log) if found[0].startswith("filmgate")]
            said = Counter(word.upper() for _, word in ours)
            alone = sum(who == "filmgate dispatch" for who, _ in ours)
            return {
                "statements": said.total(),
                "frame": sum(n for word, n in said.items() if word.startswith(_FRAME)),
                "rows": float(changed),
                "commits": said["COMMIT"] + alone,
                "synced": float(synced),
                "bytes": float(size),
            }

        yield Counted(rows=rows, contender=contender, upstream=above, read=read)
