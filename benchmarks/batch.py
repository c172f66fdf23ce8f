"""What a batch costs those who wait for an answer while it is made."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any
from uuid import uuid4

from benchmarks import gateway
from benchmarks.contender import PROMPT, CannotMeasure, Contender
from benchmarks.effort import FULL, Effort
from benchmarks.report import Section, Table, below, number

from films import tiny_film

LINES, FEWER_LINES = 2_000, 200
BAD = 100  #: one line of so many asks for what its endpoint refuses
PAUSE = 0.2  #: seconds between two creates of somebody who waits
ALONE = 20.0  #: seconds of creates without a batch
PATIENCE = 3_600.0  #: seconds until a batch is given up
RATIO_AIM = 2.0

_HOW = (
    "`POST /v1/videos` by one client, {pause:g} s after each answer, first alone, then from a "
    "batch's creation to its end: {lines:,} lines of `/v1/videos`, of which {bad} ask for "
    "seconds that nobody makes. The engine is the stand-in, so that nearly all of the work is "
    "ours: copy, probe, stills, checksum, store."
)


@dataclass(frozen=True)
class _Measured:
    alone: list[float]  #: seconds that each create took
    during: list[float]
    counts: dict[str, int]
    seconds: float  #: that the batch took


def batch(effort: Effort, folder: Path) -> Section:
    """Creates before and during a batch, and the counts of that when it has ended."""
    lines = LINES if effort == FULL else FEWER_LINES
    film = folder / "tiny.mp4"
    tiny_film(film)
    with gateway.driving(folder / "batch", film) as contender:
        gateway.make(contender, gateway.INSTANT)
        found = _measure(contender, lines)
    wanted = {"total": lines, "completed": lines - lines // BAD, "failed": lines // BAD}
    if found.counts != wanted:
        message = f"The batch counted {found.counts}, not {wanted}."
        raise CannotMeasure(message)
    ratio = median(found.during) / median(found.alone)
    rows = [
        ["alone", *_figures(found.alone), ""],
        ["during the batch", *_figures(found.during), ""],
        ["ratio", "", number(ratio), "", below([ratio], RATIO_AIM, "×")],
    ]
    made = [
        [
            *(f"{found.counts[name]:,}" for name in ("total", "completed", "failed")),
            number(found.seconds),
            number(lines / found.seconds),
        ]
    ]
    return Section(
        "Batch",
        [_HOW.format(pause=PAUSE, lines=lines, bad=lines // BAD)],
        [
            Table(["ms of a create", "creates", "p50", "p95", "aim"], rows),
            Table(["lines", "completed", "failed", "seconds", "lines a second"], made),
        ],
    )


def _measure(contender: Contender, lines: int) -> _Measured:
    alone: list[float] = []
    end = time.perf_counter() + ALONE
    for took in _creates(contender):
        alone.append(took)
        if time.perf_counter() > end:
            break
    began = time.perf_counter()
    batch_id = _begin(contender, lines)
    during: list[float] = []
    for took in _creates(contender):
        during.append(took)
        now = contender.call("GET", f"/v1/batches/{batch_id}")
        seconds = time.perf_counter() - began
        if now["status"] == "completed":
            return _Measured(alone, during, now["request_counts"], seconds)
        if now["status"] == "failed" or seconds > PATIENCE:
            break
    message = f"The batch did not complete: {now}."
    raise CannotMeasure(message)


def _creates(contender: Contender) -> Iterator[float]:
    """What each create takes, over a connection that stays open; one at a time, for ever."""
    body = json.dumps({"model": contender.model, "prompt": PROMPT, "seconds": "4"})
    with closing(http.client.HTTPConnection(*contender.address, timeout=60)) as connection:
        while True:
            started = time.perf_counter()
            _sent(connection, contender, "/v1/videos", body.encode(), "application/json")
            yield time.perf_counter() - started
            time.sleep(PAUSE)


def _begin(contender: Contender, lines: int) -> str:
    """The id of a new batch."""
    boundary = uuid4().hex
    parts = [
        ('name="purpose"', "batch"),
        ('name="file"; filename="lines.jsonl"', "\n".join(map(_line, range(lines)))),
    ]
    form = "".join(
        f"--{boundary}\r\nContent-Disposition: form-data; {head}\r\n\r\n{content}\r\n"
        for head, content in parts
    )
    kind = f"multipart/form-data; boundary={boundary}"
    content = f"{form}--{boundary}--\r\n".encode()
    with closing(http.client.HTTPConnection(*contender.address, timeout=60)) as connection:
        file = _sent(connection, contender, "/v1/files", content, kind)
    wanted = {
        "input_file_id": file["id"],
        "endpoint": "/v1/videos",
        "completion_window": "24h",
    }
    return str(contender.call("POST", "/v1/batches", wanted)["id"])


def _line(count: int) -> str:
    seconds = "4" if (count + 1) % BAD else "9999"
    body = {"model": gateway.INSTANT, "prompt": PROMPT, "seconds": seconds}
    line = {"custom_id": f"{count}", "method": "POST", "url": "/v1/videos", "body": body}
    return json.dumps(line)


def _sent(
    connection: http.client.HTTPConnection,
    contender: Contender,
    path: str,
    content: bytes,
    kind: str,
) -> Any:
    headers = {"authorization": f"Bearer {contender.key}", "content-type": kind}
    connection.request("POST", path, content, headers)
    answer = connection.getresponse()
    text = answer.read()
    if answer.status != 200:
        message = f"{path} was answered with {answer.status}: {text!r}"
        raise CannotMeasure(message)
    return json.loads(text)


def _figures(seconds: list[float]) -> list[str]:
    ordered = sorted(seconds)
    p95 = ordered[len(ordered) * 95 // 100]
    return [f"{len(ordered):,}", number(median(ordered) * 1000), number(p95 * 1000)]
