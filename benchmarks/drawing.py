"""How fast previs draws, measured as it is used: a process for each film."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

import av
from benchmarks import machine
from benchmarks.contender import CannotMeasure
from benchmarks.effort import Effort, in_turn
from benchmarks.report import Section, Table, at_least, number, runs, spread

from filmgate.engines.previs.scene import Order

SECONDS = 8.0
SIZE = (1280, 720)
AIM = 2.0  #: times as fast as the film plays
LONGEST = 120.0  #: seconds until a renderer is given up

PROMPTS = {
    "rain": "Heavy rain on a street at dusk, a woman with an umbrella walks home",
    "snow": "Snow falls on a mountain village, smoke rises from the houses, slow pan",
    "retro grain": "{retro} A car drives through the desert, camera tracking",
    "sea at sunset": "A red sailboat near a lighthouse at sunset, camera slowly pushes in",
    "city at night": "A city skyline at night, cars pass, the camera pulls back",
    "forest": "A deer in a foggy forest in autumn, handheld",
}


@dataclass(frozen=True)
class _Drawn:
    seconds: float
    cpu: float
    peak: float  #: MB


def previs(effort: Effort, folder: Path) -> Section:
    drawn: dict[str, list[_Drawn]] = {name: [] for name in PROMPTS}
    for name, one in in_turn(
        list(PROMPTS), effort.films, lambda name: _draw(PROMPTS[name], folder)
    ):
        drawn[name].append(one)
    rows = []
    for name, films in drawn.items():
        seconds = [film.seconds for film in films]
        speeds = [SECONDS / s for s in seconds]
        rows.append(
            [
                name,
                runs(seconds),
                spread(speeds),
                number(median(film.cpu for film in films)),
                number(max(film.peak for film in films)),
                at_least(speeds, AIM),
            ]
        )
    every = [SECONDS / film.seconds for films in drawn.values() for film in films]
    rows.append(["all", "", spread(every), "", "", at_least(every, AIM)])
    columns = ["prompt", "seconds, each run", "× real time", "processor s", "peak MB", "aim"]
    width, height = SIZE
    return Section(
        "Previs",
        [f"A film of {SECONDS:g} s, {width}x{height}, with sound; process start included."],
        [Table(columns, rows)],
    )


def _draw(prompt: str, folder: Path) -> _Drawn:
    film = folder / "drawn.mp4"
    film.unlink(missing_ok=True)
    width, height = SIZE
    order = Order(
        prompt=prompt, width=width, height=height, seconds=SECONDS, seed=0, output=str(film)
    )
    log = folder / "previs.log"
    started = time.perf_counter()
    with (
        log.open("wb") as complaints,
        subprocess.Popen(
            [sys.executable, "-m", "filmgate.engines.previs"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=complaints,
        ) as process,
    ):
        used = _carry_out(process, order)
        took = time.perf_counter() - started
    if process.returncode != 0:
        message = f"previs: {log.read_text()[-500:]}"
        raise CannotMeasure(message)
    _check(film)
    return _Drawn(took, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024 / machine.MB)


def _carry_out(process: subprocess.Popen[bytes], order: Order) -> resource.struct_rusage:
    """What the renderer used. Its standard input stays open, or it would end with it."""
    alarm = threading.Timer(LONGEST, process.kill)
    alarm.start()
    try:
        if process.stdin is None or process.stdout is None:
            raise AssertionError("the renderer was started with pipes")
        process.stdin.write(json.dumps(asdict(order)).encode() + b"\n")
        process.stdin.flush()
        process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
    finally:
        alarm.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    return used


def _check(film: Path) -> None:
    with av.open(str(film)) as container:
        kinds = {stream.type for stream in container.streams}
        seconds = (container.duration or 0) / av.time_base
    if kinds != {"video", "audio"} or abs(seconds - SECONDS) > 0.5:
        message = f"previs made {seconds} s of {sorted(kinds)}."
        raise CannotMeasure(message)
