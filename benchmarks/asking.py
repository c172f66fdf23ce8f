"""What an engine's adapter adds to a question that a bare aiohttp session asks as well."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import msgspec
from benchmarks import installation
from benchmarks.effort import Effort, in_turn
from benchmarks.report import Section, Table, ratios, runs, spread

from filmgate import Account, Workshop
from filmgate.engines.openai_videos import OpenAIVideos
from filmgate.outbound import Outbound
from films import tiny_film

AT_ONCE = (1, 64)
WARM_UP = 200  #: polls
SECRET = "a-secret-of-nobody"

_HOW = (
    "`GET /videos/{id}` of a film under way, asked by one process over kept connections. "
    "**engine**: `openai_videos.poll`, as the gateway's worker calls it: the address checked, "
    "the request timed and traced, the answer read whole, its status told apart, its JSON "
    "validated, its hint kept. **aiohttp**: `session.get`, `read` and msgspec's `decode` of "
    "the same answer into the two fields that say how far it is, with the same headers."
)

Poll = Callable[[], Awaitable[object]]


class _Video(msgspec.Struct):
    id: str
    status: str
    progress: int = 0


@dataclass(frozen=True)
class _Run:
    cpu: float  #: processor µs of ours a poll
    wall: float  #: µs a poll


def asking(effort: Effort, folder: Path) -> Section:
    """Polls one after the other and many at once, in turn in one process."""
    film = folder / "tiny.mp4"
    tiny_film(film)
    with installation.upstream(folder, film) as above, asyncio.Runner() as runner:
        measured = runner.run(_measured(effort, above.url, folder))
    rows, compared = [], []
    for many in AT_ONCE:
        ours, theirs = measured["engine", many], measured["aiohttp", many]
        for name, them in (("engine", ours), ("aiohttp", theirs)):
            cpu, wall = [run.cpu for run in them], [run.wall for run in them]
            rows.append([name, str(many), runs(cpu), spread(cpu), spread(wall)])
        for what, of in (("processor", "cpu"), ("wall", "wall")):
            found = ratios(*([getattr(run, of) for run in them] for them in (ours, theirs)))
            compared.append(
                [f"engine ÷ aiohttp, {what}", str(many), runs(found), spread(found)]
            )
    columns = ["µs a poll", "at once", "processor, each run", "spread", "wall"]
    return Section(
        "Asking an engine",
        [_HOW],
        [
            Table(columns, rows),
            Table(["ratio", "at once", "each round", "spread"], compared),
        ],
    )


async def _measured(
    effort: Effort, base: str, folder: Path
) -> dict[tuple[str, int], list[_Run]]:
    outbound = Outbound()
    engine = OpenAIVideos(Workshop(folder=folder, cores=1, outbound=outbound))
    account = Account(
        id="account_1", engine=engine.name, label="x", seats=1, base_url=base, secret=SECRET
    )
    connector = aiohttp.TCPConnector(limit=max(AT_ONCE))
    headers = {"authorization": f"Bearer {SECRET}", "accept-encoding": "identity"}
    async with aiohttp.ClientSession(connector=connector, headers=headers) as session:
        async with session.post(f"{base}/videos", json={"prompt": "A kite"}) as answer:
            ticket = str((await answer.json())["id"])

        async def bare() -> object:
            async with session.get(f"{base}/videos/{ticket}") as answer:
                return msgspec.json.decode(await answer.read(), type=_Video)

        async def ours() -> object:
            return await engine.poll(ticket, account)

        polls: dict[str, Poll] = {"engine": ours, "aiohttp": bare}
        measured: dict[tuple[str, int], list[_Run]] = {}
        for many in AT_ONCE:
            for poll in polls.values():
                await _run(poll, many=many, count=WARM_UP)
            for name, poll in in_turn(list(polls), effort.rounds, polls.__getitem__):
                run = await _run(poll, many=many, seconds=effort.seconds)
                measured.setdefault((name, many), []).append(run)
    await outbound.close()
    return measured


async def _run(poll: Poll, *, many: int, seconds: float = 0.0, count: int = 0) -> _Run:
    done, started, used = 0, time.perf_counter(), time.process_time()
    until = started + seconds

    async def ask() -> None:
        nonlocal done
        while time.perf_counter() < until or done < count:
            await poll()
            done += 1

    async with asyncio.TaskGroup() as group:
        for _ in range(many):
            group.create_task(ask())
    took = (time.process_time() - used, time.perf_counter() - started)
    return _Run(*(1e6 * each / done for each in took))
