"""What thousands of clients that listen to their films cost the process that they listen to."""

from __future__ import annotations

import http.client
import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import installation, machine
from benchmarks.contender import PROMPT, CannotMeasure, Contender
from benchmarks.effort import FULL, Effort
from benchmarks.following import create, until
from benchmarks.report import Section, Table, below, number

from films import tiny_film

STREAMS, FEWER = (500, 5_000), (50, 500)
SECONDS, FEWER_SECONDS = 24.0, 16.0  #: for which all are open, and nothing happens
SELDOM = 3600.0  #: seconds between two polls
SETTLED = 3.0  #: seconds after what came before
MEMORY_AIM = 60.0  #: KB a stream
CLIENTS = 8  #: that cancel

_HOW = (
    "Streams of films that are in progress at an upstream, one film each, from one `filmgate "
    "serve` on SQLite, over a connection each, to one process that reads them. No film gets "
    "on, and no poll is due. **chat**: `POST /v1/chat/completions` with `stream`, which makes "
    "the film too, so that its memory is that of the job as well. **events**: `GET "
    "/v1/videos/{{id}}/events` of films that have been submitted before. Processor time is of "
    "{seconds:g} s in which nothing but heartbeats is sent, one every 15 s; 100% is one core. "
    "Then the films are cancelled, as fast as {clients} clients can: **ends** is from the "
    "first of these requests until the last stream has ended, **lag** from the moment in which "
    "a job ended in the rows until its stream has."
)
_OPEN = "SELECT id FROM jobs WHERE finished_at IS NULL"
_ENDED = "SELECT id, finished_at FROM jobs WHERE finished_at IS NOT NULL"


@dataclass(frozen=True, kw_only=True)
class Heard:
    """So many streams of a kind, from their first byte to their last."""

    kind: str
    streams: int
    opened: Sequence[float]  #: seconds until the first event, sorted
    memory: float  #: KB a stream
    idle: machine.CPU  #: shares of a core, without streams
    open: machine.CPU  #: and with them
    beats: float  #: heard by each
    ends: float  #: seconds
    lags: Sequence[float]  #: seconds, sorted

    def row(self) -> list[str]:
        return [
            self.kind, f"{self.streams:,}", number(_at(self.opened, 50) * 1e3),
            number(_at(self.opened, 99) * 1e3), number(self.memory),
            below([self.memory], MEMORY_AIM, "KB"), f"{self.idle.total:.1%}",
            f"{self.open.main:.1%}", f"{self.open.threads:.1%}", number(self.beats),
            number(self.ends), number(_at(self.lags, 50) * 1e3),
            number(_at(self.lags, 99) * 1e3),
        ]  # fmt: skip


def streams(effort: Effort, folder: Path) -> Section:
    """Both kinds, few and many."""
    whole = effort == FULL
    sizes, seconds = (STREAMS, SECONDS) if whole else (FEWER, FEWER_SECONDS)
    _allow(2 * max(sizes))
    film = folder / "tiny.mp4"
    tiny_film(film)
    found = [
        _measure(folder / f"{kind}-{many}", film, kind, many, seconds)
        for kind in ("chat", "events")
        for many in sizes
    ]
    columns = [
        *("streams", "open", "first event p50 ms", "p99 ms", "KB a stream", "aim"),
        *("idle without", "main thread", "other threads", "heartbeats each"),
        *("ends s", "lag p50 ms", "p99 ms"),
    ]
    ratio = f"{sizes[1]:,} ÷ {sizes[0]:,}"
    compared = [
        [few.kind, number(many.ends / few.ends), number(sizes[1] / sizes[0])]
        for few, many in zip(found[::2], found[1::2], strict=True)
    ]
    return Section(
        f"Listening to {sizes[1]:,} films",
        [_HOW.format(seconds=seconds, clients=CLIENTS)],
        [
            Table(columns, [one.row() for one in found]),
            Table(["until all have ended", ratio, "of streams"], compared),
        ],
    )


def _measure(folder: Path, film: Path, kind: str, many: int, seconds: float) -> Heard:
    folder.mkdir()
    rows = installation.sqlite(folder / "data")
    with (
        installation.upstream(folder, film) as above,
        installation.following(rows, folder / "data", above, seats=many + 1) as contender,
    ):
        above.change(seconds=0.1, poll_after=100)
        create(contender, 1)
        until(lambda: rows.count("completed") == 1, "no film")
        above.change(seconds=0, poll_after=int(SELDOM * 1000))
        made = create(contender, many) if kind == "events" else []
        until(lambda: above.state()["begun"] > len(made), "no submissions")
        time.sleep(SETTLED)
        before = machine.alone(contender.pid)
        idle = _share(contender.pid, seconds / 3)
        asks = [_watch(contender, one) for one in made] or [_chat(contender)] * many
        with _listening(contender, asks) as listener:
            opened = sorted(_said(listener)["opened"])
            until(lambda: above.state()["begun"] == many + 1, "no submissions")
            time.sleep(SETTLED)
            memory = (machine.alone(contender.pid) - before) * 1e3 / many
            went = _share(contender.pid, seconds)
            ids = [str(one) for (one,) in rows.all(_OPEN)]
            began = time.time()
            _cancel(contender, ids)
            said = _said(listener)
        ended = {one: at / 1e6 for one, at in rows.all(_ENDED)}
    lags = sorted(at - ended[one] for one, at in said["ended"].items())
    heard = Heard(
        kind=kind, streams=many, opened=opened, memory=memory, idle=idle, open=went,
        beats=said["beats"] / many, ends=max(said["ended"].values()) - began, lags=lags,
    )  # fmt: skip
    print(" | ".join(heard.row()), flush=True)
    return heard


def _share(pid: int, seconds: float) -> machine.CPU:
    """Of a core, while nothing is asked."""
    before, began = machine.cpu(pid), time.perf_counter()
    time.sleep(seconds)
    used, took = machine.cpu(pid) - before, time.perf_counter() - began
    return machine.CPU(used.main / took, used.threads / took, used.children / took)


def _chat(contender: Contender) -> str:
    body = json.dumps(
        {
            "model": contender.model,
            "messages": [{"role": "user", "content": PROMPT}],
            "stream": True,
        }
    )
    return _request(contender, "POST", "/v1/chat/completions", body)


def _watch(contender: Contender, video_id: str) -> str:
    return _request(contender, "GET", f"/v1/videos/{video_id}/events")


def _request(contender: Contender, method: str, path: str, body: str = "") -> str:
    host, port = contender.address
    lines = [
        *(f"{method} {path} HTTP/1.1", f"host: {host}:{port}"),
        *(f"authorization: Bearer {contender.key}", "content-type: application/json"),
        *(f"content-length: {len(body)}", "", body),
    ]
    return "\r\n".join(lines)


@contextmanager
def _listening(
    contender: Contender, requests: Sequence[str]
) -> Iterator[subprocess.Popen[str]]:
    """A process that has opened them all, and says so; then that they have ended."""
    script = Path(__file__).parent / "listening.py"
    job = {"address": contender.address, "requests": requests}
    with subprocess.Popen(
        [sys.executable, str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as listener:
        assert listener.stdin is not None
        listener.stdin.write(json.dumps(job) + "\n")
        listener.stdin.flush()
        try:
            yield listener
        finally:
            listener.kill()


def _said(listener: subprocess.Popen[str]) -> Any:
    assert listener.stdout is not None
    line = listener.stdout.readline()
    if not line:
        raise CannotMeasure("The streams broke off; the words of that stand above.")
    return json.loads(line)


def _cancel(contender: Contender, ids: Sequence[str]) -> None:
    headers = {"authorization": f"Bearer {contender.key}"}

    def some(mine: Sequence[str]) -> None:
        with closing(http.client.HTTPConnection(*contender.address, timeout=60)) as connection:
            for one in mine:
                connection.request("POST", f"/v1/videos/{one}/cancel", headers=headers)
                answer = connection.getresponse()
                if answer.read() and answer.status != 200:
                    raise CannotMeasure(f"{one} was not cancelled: {answer.status}.")

    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(some, [ids[n::CLIENTS] for n in range(CLIENTS)]))


def _allow(files: int) -> None:
    """Room for so many connections, here and in whatever is started."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < files:
        raise CannotMeasure(f"{files:,} open files are needed; `ulimit -Hn` says {hard:,}.")
    if soft < files:
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, hard))


def _at(values: Sequence[float], percent: int) -> float:
    return values[len(values) * percent // 100]
