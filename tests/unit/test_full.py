"""What no seat is free for is remembered for a moment, and not without end."""

from __future__ import annotations

from dataclasses import replace

from fakes import A_KITE
from filmgate.gateway.full import FULL_FOR, MOST, Full
from house import House


async def test_a_kind_is_full_for_a_moment_and_until_a_seat_is_free(house: House) -> None:
    full, job = Full(house.clock), await house.submitted()
    other = await house.submitted(replace(A_KITE, seconds=8.0))
    full.note(job)
    assert (full.of(job), full.of(other)) == (True, False)
    full.forget("another")
    assert full.of(job)
    house.clock.move(FULL_FOR)
    assert not full.of(job)
    full.note(job)
    full.forget(job.take.engine)
    assert not full.of(job)


async def test_only_so_many_kinds_are_remembered(house: House) -> None:
    full, job = Full(house.clock), await house.submitted()
    full.note(job)
    for number in range(MOST - 1):
        take = replace(job.take, groups=(str(number),))
        full.note(replace(job, plan=replace(job.plan, takes=(take,))))
    assert full.of(job)
    last = replace(job.take, groups=("last",))
    full.note(replace(job, plan=replace(job.plan, takes=(last,))))
    assert not full.of(job)
