"""What every store promises of seats: of which media, how many a day, and on what machine."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from fakes import A_KITE, A_STILL, Scripted
from filmgate.domain.account import Account
from filmgate.domain.job import Failure, Job, Owned, Status
from filmgate.domain.request import GenerationRequest, Media
from filmgate.ports import Refusal
from filmgate.storage.database.accounts import AccountRows
from filmgate.storage.database.connection import Database
from house import House, open_house

FAILURE = Failure(code="account_exhausted", message="slower")
ANY = {"id": "account_a", "engine": "scripted", "label": "a", "seats": 3}


@pytest.fixture
async def house(tmp_path: Path, database: Database) -> House:
    return await open_house(tmp_path, Scripted(), seats=3, database=database)


async def account(house: House, **fields: Any) -> Account:
    made = Account(**{**ANY, **fields})
    await AccountRows(house.database).add(made, at=house.clock.now())
    return made


async def seat(house: House, *accounts: Account, **more: Any) -> Owned | Refusal:
    """For a new job, unless one is given."""
    job = more.pop("job", None) or await house.submitted(more.pop("request", A_KITE))
    return await house.rows.own(
        job.id,
        worker="w1",
        accounts=accounts,
        attempt_id=house.new_id("attempt_"),
        at=house.clock.now(),
        **more,
    )


async def seats(house: House, *accounts: Account, of: GenerationRequest = A_KITE) -> int:
    """How many jobs find a seat there."""
    taken = 0
    while isinstance(await seat(house, *accounts, request=of), Owned):
        taken += 1
    return taken


async def given_up(house: House, owned: Owned | Refusal) -> Job:
    assert isinstance(owned, Owned)
    now = house.clock.now()
    await house.rows.retry(owned, FAILURE, at=now, due=now, counts=False)
    return owned.job


async def test_films_and_stills_have_seats_of_their_own(house: House) -> None:
    one = await account(house, seats=2, still_seats=1)
    assert await seats(house, one) == 2
    assert await seats(house, one, of=A_STILL) == 1
    none = await account(house, id="account_b", label="b", still_seats=0)
    assert await seats(house, none, of=A_STILL) == 0


async def test_inside_a_node_films_and_stills_share_them(house: House) -> None:
    one = await account(house, seats=2, still_seats=1, per_node=True)
    assert await seats(house, one, of=A_STILL) == 2
    assert await seats(house, one) == 0


async def test_one_that_has_failed_has_fewer_until_it_makes_something(house: House) -> None:
    one = await account(house, seats=3)
    assert await seats(house, replace(one, errors=2)) == 1
    assert await seats(house, replace(one, errors=9)) == 0
    assert await seats(house, one) == 2


async def test_a_day_and_a_month_have_only_so_many(house: House) -> None:
    one = await account(house, seats=50, per_day=2, per_month=3)
    first = await seat(house, one)
    assert await seats(house, one) == 1
    await given_up(house, first)  # refused: it has cost nothing
    assert await seats(house, one) == 1
    house.clock.move(timedelta(days=1))
    assert await seats(house, one) == 1  # of the month
    house.clock.move(timedelta(days=31))
    assert await seats(house, one) == 2


@pytest.mark.parametrize(
    ("ticket", "code"), [("t1", "generation_failed"), (None, "submission_interrupted")]
)
async def test_what_may_have_cost_something_counts(
    house: House, ticket: str | None, code: str
) -> None:
    one = await account(house, seats=50, per_day=1)
    owned = await seat(house, one)
    assert isinstance(owned, Owned)
    if ticket:
        await house.rows.keep_ticket(owned.attempt.id, ticket)
    failure = Failure(code=code, message="who knows")
    await house.rows.fail(owned, failure, at=house.clock.now())
    assert await seats(house, one) == 0


async def test_accounts_of_a_machine_share_its_seats(house: House) -> None:
    comfy = await account(house, machine="gpu")
    sglang = await account(house, id="account_b", label="b", machine="gpu")
    apart = await account(house, id="account_c", label="c", machine="other")
    assert await seats(house, comfy, sglang) == 1
    await AccountRows(house.database).machine("gpu", seats=2)
    assert await seats(house, comfy, sglang) == 1
    assert await seats(house, apart) == 1


async def test_whose_memory_a_machine_holds_is_known(house: House) -> None:
    comfy = await account(house, machine="gpu")
    sglang = await account(house, id="account_b", label="b", machine="gpu")
    first = await seat(house, comfy)
    assert isinstance(first, Owned)
    assert first.displaced is None
    job = await given_up(house, first)
    second = await seat(house, sglang, job=job)
    assert isinstance(second, Owned)
    assert second.displaced == comfy.id
    await house.rows.move_in(sglang.id)
    third = await seat(house, sglang, job=await given_up(house, second))
    assert isinstance(third, Owned)
    assert third.displaced is None


async def test_nobody_is_displaced_while_it_works(house: House) -> None:
    comfy = await account(house, machine="gpu")
    sglang = await account(house, id="account_b", label="b", machine="gpu")
    await AccountRows(house.database).machine("gpu", seats=2)
    assert isinstance(await seat(house, comfy), Owned)
    beside = await seat(house, sglang)
    assert isinstance(beside, Owned)
    assert beside.displaced is None


async def test_whoever_has_failed_a_job_is_asked_last(house: House) -> None:
    one, other = await account(house), await account(house, id="account_b", label="b")
    job = await given_up(house, await seat(house, one, other))
    assert await house.rows.tried(job.id) == {one.id}
    again = await seat(house, one, other, job=job)
    assert isinstance(again, Owned)
    assert again.attempt.account_id == other.id
    await given_up(house, again)
    last = await seat(house, one, other, job=job)
    assert isinstance(last, Owned)
    assert last.attempt.account_id == one.id


async def test_of_many_that_are_full_only_the_first_is_tried(house: House) -> None:
    full = [await account(house, id=f"account_{n}", label=n, seats=1) for n in ("a", "b", "c")]
    free = await account(house, id="account_d", label="d", seats=1)
    assert await seats(house, *full) == 3
    owned = await seat(house, *full, free)
    assert isinstance(owned, Owned)
    assert owned.attempt.account_id == free.id
    assert await seat(house, *full, free) is Refusal.NO_SEAT


async def test_the_least_busy_is_found(house: House) -> None:
    small = await account(house, seats=1)
    large = await account(house, id="account_b", label="b", seats=4)
    first = await account(house, id="account_c", label="c", seats=1, priority=1)
    found = []
    for _ in range(6):
        owned = await seat(house, small, large, first, least_busy=True)
        assert isinstance(owned, Owned)
        found.append(owned.attempt.account_id)
    assert found == [first.id, small.id, *[large.id] * 4]


async def test_one_without_seats_is_not_the_least_busy(house: House) -> None:
    none = await account(house, still_seats=0)
    one = await account(house, id="account_b", label="b", still_seats=1)
    owned = await seat(house, none, one, request=A_STILL, least_busy=True)
    assert isinstance(owned, Owned)
    assert owned.attempt.account_id == one.id


async def test_a_queued_job_moves_on_and_never_back(house: House) -> None:
    job = await house.submitted()
    assert await house.rows.switch(job.id, 1, "another")
    assert not await house.rows.switch(job.id, 1, "another")
    assert not await house.rows.switch(job.id, 0, "scripted")
    assert (await house.now(job)).choice == 1
    assert await house.unattended.waiting("another", at=house.clock.now(), limit=9) == [job.id]


async def test_one_that_has_begun_stays(house: House) -> None:
    job = await house.submitted()
    assert isinstance(await seat(house, house.account, job=job), Owned)
    assert not await house.rows.switch(job.id, 1, "another")
    assert (await house.now(job)).status is Status.IN_PROGRESS


async def test_a_place_in_the_queue_is_known(house: House) -> None:
    jobs = [await house.submitted() for _ in range(3)]
    still = await house.submitted(A_STILL)
    assert [await house.jobs.place(job.id) for job in jobs] == [1, 2, 3]
    assert await house.jobs.place(still.id) == 1, "it takes a seat of another kind"
    assert isinstance(await seat(house, house.account, job=jobs[0]), Owned)
    assert [await house.jobs.place(job.id) for job in jobs] == [0, 1, 2]
    assert await house.jobs.waiting("scripted") == 3
    assert await house.jobs.unfinished("scripted") == 4
    assert await house.jobs.lately("scripted", Media.VIDEO) is None


async def test_who_made_a_film_is_known_while_it_is_there(house: House) -> None:
    one = await account(house)
    owned = await seat(house, one)
    assert isinstance(owned, Owned)
    await house.rows.keep_ticket(owned.attempt.id, "t1")
    assert await house.jobs.made_by(owned.job.id) is None
    house.clock.move(timedelta(seconds=9))
    now = house.clock.now()
    await house.rows.complete(owned, [], at=now, expires=now)
    found = await house.jobs.made_by(owned.job.id)
    assert found is not None
    assert (found.account_id, found.engine, found.ticket) == (one.id, "scripted", "t1")
    assert await house.jobs.lately("scripted", Media.VIDEO) == 9
    assert await house.jobs.lately("scripted", Media.IMAGE) is None
    await AccountRows(house.database).remove(one.id, at=now)
    assert await house.jobs.made_by(owned.job.id) is None
