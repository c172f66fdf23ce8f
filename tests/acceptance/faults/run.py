"""
One run of the fault harness: jobs, kills, and what became of the promises.

`make soak` is this; so is `python tests/acceptance/faults/run.py --jobs 300 --kills 30`.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import secrets
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))  # run as a script

from acceptance.faults import outages
from acceptance.faults.cluster import cluster
from acceptance.faults.evidence import Evidence, Ledger
from acceptance.faults.killing import Killer
from acceptance.faults.plan import Plan
from acceptance.faults.rows import read
from acceptance.faults.stage import Stage, Trouble, staged
from acceptance.faults.table import table
from acceptance.faults.traffic import Traffic
from acceptance.faults.verdict import ENDED, judge, webhooks_lost

AT_ONCE = 8  #: films that are read at once to be compared


async def play(plan: Plan, folder: Path, *trouble: Trouble) -> Evidence:
    """The whole run, with *trouble* beside the plan's kills."""
    began = time.monotonic()
    async with staged(plan, folder) as stage:
        for node in stage.fleet.nodes:
            node.supervised = bool(trouble)
        remotes = list(stage.remotes.values())
        killer = Killer(plan, stage.fleet.nodes, remotes, stage.client)
        await asyncio.gather(
            killer.run(), feed(stage, killer), *(one(stage) for one in trouble)
        )
        return await settled(stage, killer, began)


async def feed(stage: Stage, killer: Killer) -> None:
    """Create the plan's jobs, evenly over its kills; without kills, over its seconds."""
    plan, creating = stage.plan, set[asyncio.Task[None]]()
    began = time.monotonic()

    def done() -> float:
        if plan.kills:
            return len(killer.kills) / plan.kills
        return (time.monotonic() - began) / plan.over

    for number in range(plan.jobs):
        share = (number - plan.ahead) / max(1, plan.jobs - plan.ahead)
        while done() < share:
            await asyncio.sleep(0.02)
        task = asyncio.create_task(stage.traffic.create(number))
        creating.add(task)
        if len(creating) > plan.ahead:
            _, creating = await asyncio.wait(creating, return_when=asyncio.FIRST_COMPLETED)
    await asyncio.gather(*creating)


async def settled(stage: Stage, killer: Killer, began: float) -> Evidence:
    """Wait until nothing changes any more, compare the films, stop all, read the rows."""
    plan, traffic = stage.plan, stage.traffic
    now = time.monotonic()
    calm, deadline = now + plan.calm, now + plan.within
    while True:
        if time.monotonic() > calm:
            for remote in stage.remotes.values():
                await remote.behave(stage.client)
        shown = await traffic.listed()
        seen = Evidence(
            plan=plan, accepted=traffic.accepted, promised=traffic.promised, shown=shown,
            films={}, ledgers={}, arrivals=stage.receiver.arrivals, kills=killer.kills,
            attempts=[], rows=[],
        )  # fmt: skip
        all_ended = all(job["status"] in ENDED for job in shown)
        if time.monotonic() > deadline or (all_ended and not webhooks_lost(seen)):
            break
        await asyncio.sleep(0.5)
    films = await compared(traffic, [j["id"] for j in shown if j["status"] == "completed"])
    await asyncio.to_thread(stage.fleet.stop)
    ledgers = {
        mode: Ledger.of(await remote.ledger(stage.client))
        for mode, remote in stage.remotes.items()
    }
    attempts, rows = read(stage.fleet.nodes[0].data, plan.database_url)
    return Evidence(
        plan=plan, accepted=traffic.accepted, promised=traffic.promised, shown=shown,
        films=films, ledgers=ledgers, arrivals=stage.receiver.arrivals, kills=killer.kills,
        attempts=attempts, rows=rows, ends=traffic.ends, answers=traffic.answers,
        sleeps=stage.sleeps, seconds=time.monotonic() - began,
    )  # fmt: skip


async def compared(traffic: Traffic, jobs: list[str]) -> dict[str, str]:
    """The SHA-256 of each film as it is served."""
    room = asyncio.Semaphore(AT_ONCE)

    async def one(job: str) -> tuple[str, str]:
        async with room:
            return job, await traffic.film(job)

    return dict(await asyncio.gather(*map(one, jobs)))


def main() -> int:
    parser = argparse.ArgumentParser(description="Kill filmgate, and look what became of it.")
    parser.add_argument("--jobs", type=int, default=3000)
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**31))
    parser.add_argument("--seats", type=int, default=8)
    parser.add_argument(
        "--cluster", action="store_true", help="three nodes on PostgreSQL and S3"
    )
    parser.add_argument(
        "--outages", action="store_true", help="a sleeping node, and both services away"
    )
    parser.add_argument("--keep", type=Path, help="a folder that is left as it was at the end")
    options: Any = parser.parse_args()
    given = {name: getattr(options, name) for name in ("jobs", "kills", "seed", "seats")}
    with contextlib.ExitStack() as stack:
        trouble: list[Trouble] = []
        folder = options.keep or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        if options.cluster:
            shared = folder / "shared"
            shared.mkdir(parents=True)
            services = stack.enter_context(cluster(shared))
            given |= services.fields
            if options.outages:
                trouble = [outages.one_by_one(services)]
        plan = Plan(**given, calm=300, within=600)
        seen = asyncio.run(play(plan, folder, *trouble))
    verdict = judge(seen)
    sys.stdout.write(table(seen, verdict))
    return 1 if verdict.broken else 0


if __name__ == "__main__":
    sys.exit(main())
