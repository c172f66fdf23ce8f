"""What every store promises workers: one owner at a time, and seats that cannot leak."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from fakes import Scripted
from filmgate.domain.errors import OwnershipLost
from filmgate.domain.job import AttemptState, Failure, Job, Owned, Status
from filmgate.ports import Refusal
from filmgate.storage.database.connection import Database
from house import House, open_house

FAILURE = Failure(code="generation_failed", message="smoke")
Change = Callable[[House, Owned], Awaitable[object]]
CHANGES: dict[str, Change] = {
    "percent": lambda h, o: h.rows.keep_percent(o, 50, at=h.clock.now()),
    "complete": lambda h, o: h.rows.complete(o, [], at=h.clock.now(), expires=h.clock.now()),
    "fail": lambda h, o: h.rows.fail(o, FAILURE, at=h.clock.now()),
    "retry": lambda h, o: h.rows.retry(
        o, FAILURE, at=h.clock.now(), due=h.clock.now(), counts=True
    ),
    "interrupt": lambda h, o: h.rows.interrupt(o, at=h.clock.now(), counts=True),
    "release": lambda h, o: h.rows.release(o),
    "cancelled": lambda h, o: h.rows.cancelled(o, at=h.clock.now()),
}


@pytest.fixture
async def house(tmp_path: Path, database: Database) -> House:
    return await open_house(tmp_path, Scripted(), seats=3, database=database)


async def own(house: House, job: Job, worker: str) -> Owned | Refusal:
    return await house.rows.own(
        job.id,
        worker=worker,
        accounts=[house.account],
        attempt_id=house.new_id("attempt_"),
        at=house.clock.now(),
    )


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
async def test_a_stale_owner_can_change_nothing(house: House, change: Change) -> None:
    job = await house.submitted()
    stale, owner = await own(house, job, "w1"), await own(house, job, "w2")
    assert isinstance(stale, Owned)
    assert isinstance(owner, Owned)
    assert (owner.attempt.id, owner.epoch, owner.resumed) == (
        stale.attempt.id,
        stale.epoch + 1,
        True,
    )

    with pytest.raises(OwnershipLost):
        await change(house, stale)

    # Nothing of the refused change is kept, not even its half about the attempt.
    assert (await house.now(job)).status is Status.IN_PROGRESS
    assert await house.states(job) == [AttemptState.OPEN]
    await change(house, owner)


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
async def test_an_owner_of_an_earlier_epoch_is_stale_too(house: House, change: Change) -> None:
    job = await house.submitted()
    earlier = await own(house, job, "w1")
    assert isinstance(earlier, Owned)
    await own(house, job, "w2")
    assert isinstance(await own(house, job, "w1"), Owned)

    with pytest.raises(OwnershipLost):
        await change(house, earlier)


async def test_the_first_ticket_stays(house: House) -> None:
    job = await house.submitted()
    owned = await own(house, job, "w1")
    assert isinstance(owned, Owned)
    await house.rows.keep_ticket(owned.attempt.id, "first")
    await house.rows.keep_ticket(owned.attempt.id, "second")
    (attempt,) = await house.jobs.attempts(job.id)
    assert attempt.ticket == "first"


async def test_seats_hold_under_a_crowd_and_come_back(house: House) -> None:
    jobs = [await house.submitted() for _ in range(20)]
    answers = await asyncio.gather(*(own(house, job, "w1") for job in jobs))
    seated = [answer for answer in answers if isinstance(answer, Owned)]
    assert len(seated) == 3
    assert {a for a in answers if not isinstance(a, Owned)} == {Refusal.NO_SEAT}

    later = house.clock.now() + timedelta(hours=1)
    await house.rows.retry(seated[0], FAILURE, at=house.clock.now(), due=later, counts=True)
    await house.rows.interrupt(seated[1], at=house.clock.now(), counts=True)

    assert await own(house, seated[0].job, "w1") is Refusal.NOT_DUE
    again = [await own(house, job, "w1") for job in jobs[-3:]]
    assert [isinstance(answer, Owned) for answer in again] == [True, True, False]


async def test_only_progress_may_be_lost_in_a_power_cut(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[bool] = []
    write = house.database.write

    async def noted(unit: Any, *, durable: bool = True) -> Any:
        synced.append(durable)
        return await write(unit, durable=durable)

    monkeypatch.setattr(house.database, "write", noted)
    for name, change in CHANGES.items():
        job = await house.submitted()
        owned = await own(house, job, "w1")
        assert isinstance(owned, Owned)
        await house.rows.keep_ticket(owned.attempt.id, "t1")
        await change(house, owned)
        accepted, intent, ticket, changed = synced[-4:]
        assert (accepted, intent, ticket) == (True, True, True)
        assert changed is (name != "percent")
        if name in ("percent", "release"):
            await house.unattended.forget(job.id)
