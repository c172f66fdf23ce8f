import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from fakes import A_KITE
from filmgate.domain.errors import Conflict, NotFound
from filmgate.domain.job import Job
from house import House

KEYED: dict[str, Any] = {"fingerprint": "f1"}


async def kept(house: House) -> Sequence[Job]:
    jobs, _ = await house.page(limit=500)
    return jobs


async def test_the_same_key_gives_the_same_job(house: House) -> None:
    first = await house.submitted(claim=house.claim())
    again = await house.submitted(claim=house.claim())

    assert again == first
    assert [job.id for job in await kept(house)] == [first.id]


async def test_many_at_once_with_one_key_make_one_job(house: House) -> None:
    made = await asyncio.gather(*(house.submitted(claim=house.claim()) for _ in range(100)))

    assert len({job.id for job in made}) == 1
    assert len(await kept(house)) == 1


async def test_the_same_key_with_another_request_is_a_mistake(house: House) -> None:
    await house.submitted(claim=house.claim())
    with pytest.raises(Conflict) as refused:
        await house.submitted(claim=house.claim(fingerprint="f2"))
    assert refused.value.code == "idempotency_key_reused"
    assert len(await kept(house)) == 1


async def test_two_different_requests_at_once_with_one_key_make_one_job(house: House) -> None:
    claims = [house.claim(fingerprint=f"f{n}") for n in range(2)]
    ended = await asyncio.gather(
        *(house.submitted(claim=claim) for claim in claims), return_exceptions=True
    )
    assert sorted(type(end).__name__ for end in ended) == ["Conflict", "Job"]
    assert len(await kept(house)) == 1


async def test_a_key_is_free_again_after_a_day(house: House) -> None:
    first = await house.submitted(claim=house.claim())
    house.clock.move(timedelta(hours=24, seconds=1))
    second = await house.submitted(claim=house.claim(fingerprint="f2"))
    assert second.id != first.id
    assert await house.submitted(claim=house.claim(fingerprint="f2")) == second


async def test_a_key_whose_job_was_deleted_says_so(house: House) -> None:
    job = await house.submitted(claim=house.claim())
    await house.gateway.delete(job.id, house.caller)
    with pytest.raises(NotFound):
        await house.submitted(claim=house.claim())


async def test_a_first_try_makes_a_job_of_its_own(house: House) -> None:
    made = [await house.submitted(**KEYED) for _ in range(2)]
    assert len({job.id for job in made}) == 2


async def test_a_retry_gets_the_job_whose_answer_was_lost(house: House) -> None:
    lost = [await house.submitted(**KEYED) for _ in range(20)]
    found = await asyncio.gather(*(house.submitted(**KEYED, retry=1) for _ in range(20)))

    assert {job.id for job in found} == {job.id for job in lost}
    assert len(await kept(house)) == 20


async def test_a_second_retry_gets_what_the_first_one_did_not_hear_of(house: House) -> None:
    lost, others = await house.submitted(**KEYED), await house.submitted(**KEYED)
    first = await house.submitted(**KEYED, retry=1)
    second = await house.submitted(**KEYED, retry=2)
    of_another = await house.submitted(**KEYED, retry=1)

    assert (first.id, second.id, of_another.id) == (lost.id, lost.id, others.id)


@pytest.mark.parametrize("how", ["used", "old", "deleted", "another's", "other words"])
async def test_a_retry_makes_a_job_when_none_is_its_own(house: House, how: str) -> None:
    first = await house.submitted(**KEYED)
    words = dict(KEYED)
    match how:
        case "used":
            await house.gateway.get(first.id, house.caller)
        case "old":
            house.clock.move(timedelta(minutes=15))
        case "deleted":
            await house.jobs.delete(first.id, caller_id=house.caller.id, at=house.clock.now())
        case "another's":
            house.caller = await house.new_caller("bob")
        case _:
            words["fingerprint"] = "f2"

    assert (await house.submitted(**words, retry=1)).id != first.id


async def test_a_retry_without_a_fingerprint_makes_a_job(house: House) -> None:
    first = await house.submitted()
    assert (await house.submitted(retry=1)).id != first.id


async def test_a_retry_waits_for_the_first_try_that_is_still_being_made(house: House) -> None:
    add, gate = house.jobs.add, asyncio.Event()

    async def slow(*args: Any) -> str:
        await gate.wait()
        return await add(*args)

    house.jobs.add = slow  # type: ignore[assignment, method-assign]
    first = asyncio.create_task(house.submitted(**KEYED))
    await asyncio.sleep(0.01)
    retry = asyncio.create_task(house.submitted(**KEYED, retry=1))
    await asyncio.sleep(0.01)
    assert not retry.done()
    gate.set()

    assert (await retry).id == (await first).id
    assert len(await kept(house)) == 1


async def test_two_first_tries_at_once_are_two_requests(house: House) -> None:
    made = await asyncio.gather(*(house.submitted(**KEYED) for _ in range(2)))
    assert len({job.id for job in made}) == 2


async def test_a_retry_goes_on_when_the_first_try_was_refused(house: House) -> None:
    wrong = replace(A_KITE, prompt=" ")
    with pytest.raises(Exception, match="prompt"):
        await house.submitted(wrong, **KEYED)
    assert (await house.submitted(**KEYED, retry=1)).status == "queued"
