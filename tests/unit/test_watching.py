"""Who waits for news of a job."""

import asyncio
from pathlib import Path

import pytest

from fakes import A_KITE, Scripted
from filmgate.domain.events import EventKind
from filmgate.gateway import jobs
from filmgate.gateway.watching import Watchers
from house import open_house


def test_whoever_still_watches_hears_of_it() -> None:
    told: list[str] = []
    watchers = Watchers(told.append)
    with watchers.on("video_1") as stays:
        with watchers.on("video_1") as goes:
            pass
        watchers.tell("video_1")
        assert (stays.is_set(), goes.is_set()) == (True, False)
    watchers.tell("video_1")
    assert told == ["video_1", "video_1"]
    assert not watchers._bells


async def test_whoever_misses_a_bell_looks_after_a_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "LOOK_AGAIN", 0.01)
    house = await open_house(tmp_path, Scripted())
    job = await house.submitted(A_KITE)
    seen: list[EventKind] = []
    async with asyncio.timeout(10):
        async for news in house.gateway.watch(job.id, house.caller):
            if not seen:
                at = house.clock.now()
                await house.jobs.cancel(job.id, caller_id=house.caller.id, at=at)
            seen.append(news.kind)
    await house.database.close()
    assert seen == [EventKind.CREATED, EventKind.CANCELLED]
