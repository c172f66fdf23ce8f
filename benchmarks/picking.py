"""How long it takes to find an account for a job, among ten and among ten thousand."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

from benchmarks.effort import Effort
from benchmarks.report import Section, Table, ratios, runs, spread

from fakes import A_KITE, Scripted
from filmgate import Account
from filmgate.domain.job import Owned
from filmgate.ports import AccountChange
from filmgate.storage.database.accounts import AccountRows
from filmgate.storage.database.frozen import micros
from house import House, open_house

_A_WHILE = timedelta(seconds=5)  #: longer than a copy of the rows is kept
#: Every second one.
_REST = """
    UPDATE accounts SET rests_until = :until WHERE CAST(substr(id, -1) AS INTEGER) % 2 = 1
"""
POOLS = (10, 10_000)
PICKS = 200  #: in one run
AT_ONCE = 500  #: accounts that are kept in one transaction

_HOW = (
    "**pick**: whose turn it is, among accounts of which every second one rests. **seat**: "
    "the same, and the transaction on SQLite that gives the job its owner, its attempt and "
    "the account's seat. **read anew**: every row and its pool, as after a change on another "
    "node; else a number is compared every two seconds (**compare**). In turn, in one process."
)


def picking(effort: Effort, folder: Path) -> Section:
    """Pools of both sizes, in turn."""
    measured: dict[tuple[str, int], list[float]] = {}
    with asyncio.Runner() as runner:
        for size in POOLS:
            (folder / str(size)).mkdir()
        houses = {size: runner.run(_furnished(folder / str(size), size)) for size in POOLS}
        for _ in range(effort.rounds):
            for size, house in houses.items():
                for what, took in runner.run(_round(house, size)).items():
                    measured.setdefault((what, size), []).append(took)
        for house in houses.values():
            runner.run(house.database.close())
    kinds = list(dict.fromkeys(what for what, _ in measured))
    rows = [
        [what, f"{size:,}", runs(measured[what, size]), spread(measured[what, size])]
        for what in kinds
        for size in POOLS
    ]
    compared = [
        [what, runs(found), spread(found)]
        for what in kinds
        for found in [ratios(measured[what, POOLS[1]], measured[what, POOLS[0]])]
    ]
    return Section(
        "Finding an account",
        [_HOW],
        [
            Table(["µs", "accounts", "each run", "spread"], rows),
            Table(["10,000 accounts ÷ 10", "each round", "spread"], compared),
        ],
    )


async def _furnished(folder: Path, size: int) -> House:
    house = await open_house(folder, Scripted())
    rows, now = AccountRows(house.database), house.clock.now()
    fresh: AccountChange = {}
    accounts = [
        Account(id=f"account_b{n:06}", engine="scripted", label=f"b{n}", seats=PICKS)
        for n in range(size)
    ]
    for first in range(0, size, AT_ONCE):
        await rows.keep([(one, fresh) for one in accounts[first : first + AT_ONCE]], at=now)
    house.clock.move(_A_WHILE)
    until = {"until": micros(house.clock.now() + timedelta(days=1))}
    await house.database.write(lambda connection: connection.execute(_REST, until))
    return house


async def _round(house: House, size: int) -> dict[str, float]:
    """Microseconds of each."""
    jobs = [await house.submitted(A_KITE) for _ in range(PICKS)]
    take = jobs[0].take
    house.clock.move(_A_WHILE)
    pool = await house.accounts.pool("scripted")
    assert len(pool.accounts) == size + 1
    now, left = house.clock.now(), iter(jobs)

    async def pick() -> None:
        assert next(iter(pool.usable(take, now))) is not None

    async def seat() -> None:
        job = next(left)
        owned = await house.rows.own(
            job.id, worker="w1", accounts=pool.usable(take, now),
            attempt_id=f"attempt_{job.id}", at=now,
        )  # fmt: skip
        assert isinstance(owned, Owned)

    async def anew() -> None:
        await house.accounts.change("account_1", {"seats": 3})
        await house.accounts.pool("scripted")

    async def compare() -> None:
        house.clock.move(_A_WHILE)
        await house.accounts.pool("scripted")

    return {
        "pick": await _timed(pick, PICKS),
        "seat": await _timed(seat, PICKS),
        "compare": await _timed(compare, PICKS),
        "read anew": await _timed(anew, 5),
    }


async def _timed(deed: Callable[[], Awaitable[None]], times: int) -> float:
    started = time.perf_counter()
    for _ in range(times):
        await deed()
    return (time.perf_counter() - started) / times * 1_000_000
