import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest

from fakes import MovedClock
from filmgate.dispatch.embedded import SWEEP_EVERY, EmbeddedDispatcher, every


class Run:
    """A dispatcher that runs, and what it has looked at."""

    def __init__(self) -> None:
        self.clock = MovedClock()
        self.dispatcher = EmbeddedDispatcher(self.clock)
        self.looks: list[str] = []
        self.sweeps = 0

    async def look(self, job_id: str) -> None:
        self.looks.append(job_id)
        if job_id == "broken":
            raise RuntimeError

    async def sweep(self) -> None:
        self.sweeps += 1

    async def until(self, condition: Callable[[], bool]) -> None:
        running = asyncio.create_task(self.dispatcher.run(self.look, self.sweep))
        async with asyncio.timeout(5):
            while not condition():
                await asyncio.sleep(0)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_pokes_are_delivered_in_order_of_time() -> None:
    run = Run()
    later = run.clock.now() + timedelta(seconds=3)
    run.dispatcher.poke("late", at=later + timedelta(seconds=1))
    run.dispatcher.poke("soon", at=later)
    run.dispatcher.poke("now")
    await run.until(lambda: len(run.looks) == 3)
    assert run.looks == ["now", "soon", "late"]
    assert run.clock.now() >= later


async def test_doubled_pokes_are_merged_and_the_earliest_wins() -> None:
    run = Run()
    run.dispatcher.poke("a", at=run.clock.now() + timedelta(days=1))
    run.dispatcher.poke("a")
    run.dispatcher.poke("a")
    run.dispatcher.poke("b", at=run.clock.now() + timedelta(seconds=1))
    await run.until(lambda: "b" in run.looks)
    assert run.looks == ["a", "b"]


async def test_a_look_that_breaks_stops_nothing() -> None:
    run = Run()
    run.dispatcher.poke("broken")
    run.dispatcher.poke("next", at=run.clock.now() + timedelta(seconds=1))
    await run.until(lambda: "next" in run.looks)


async def test_who_is_closed_looks_at_nothing_more() -> None:
    run = Run()
    run.dispatcher.poke("before")
    run.dispatcher.close()
    run.dispatcher.poke("after")
    await run.until(lambda: run.sweeps == 3)
    assert run.looks == []


async def test_sweeps_come_at_the_start_and_again() -> None:
    run = Run()
    start = run.clock.now()
    await run.until(lambda: run.sweeps == 3)
    assert run.clock.now() - start >= 2 * timedelta(seconds=SWEEP_EVERY)


async def test_what_breaks_once_is_called_again(caplog: pytest.LogCaptureFixture) -> None:
    calls = 0

    async def call() -> None:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise KeyError

    clock = MovedClock()
    calling = asyncio.create_task(every(60, call, clock))
    while calls < 3:
        await asyncio.sleep(0)
    calling.cancel()
    await asyncio.gather(calling, return_exceptions=True)
    assert "look.broken" in caplog.text
