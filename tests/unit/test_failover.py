"""Where a job goes when those that it was meant for are not well."""

from dataclasses import replace
from datetime import timedelta

import pytest

from fakes import busy, done
from filmgate import AfterLoss, Operation, Role
from filmgate.domain.errors import (
    AccountExhausted,
    AccountRejected,
    ContentRejected,
    EngineUnavailable,
    EngineUnreachable,
    FilmgateError,
    TicketLost,
)
from filmgate.domain.job import Job, Status
from filmgate.gateway.submission import Given
from house import House
from unit.switchboard import ASKED, join, means, seat


async def made_by(house: House, job: Job) -> list[str]:
    """The accounts that were asked, in order."""
    return [attempt.account_id for attempt in await house.jobs.attempts(job.id)]


async def worked(house: House, job: Job) -> Job:
    await house.work()
    return await house.now(job)


@pytest.mark.parametrize(
    "error", [AccountRejected("no"), AccountExhausted("no more"), EngineUnavailable("down")]
)
async def test_another_engine_makes_what_the_first_refuses(
    house: House, error: FilmgateError
) -> None:
    other = await join(house, "other")
    means(house, "scripted", "other")
    house.engine.after_loss = AfterLoss.NEVER
    job = await house.submitted(ASKED)
    house.engine.steps, other.steps = [error], [done()]
    ended = await worked(house, job)
    assert (ended.status, ended.take.engine, ended.choice) == (Status.COMPLETED, "other", 1)
    assert await made_by(house, job) == ["account_1", "other_1"]
    assert ended.plan.price == job.plan.price


async def test_a_job_that_has_nobody_else_waits_or_fails(house: House) -> None:
    other = await join(house, "other")
    means(house, "scripted", "other")
    job = await house.submitted(ASKED)
    house.engine.steps = [AccountExhausted("no more")]
    other.steps = [AccountExhausted("no more")]
    waits = await worked(house, job)
    assert (waits.status, waits.choice) == (Status.QUEUED, 1)
    house.clock.move(timedelta(minutes=2))
    other.steps = [done()]
    await house.sweep()
    assert (await worked(house, job)).status is Status.COMPLETED
    assert await made_by(house, job) == ["account_1", "other_1", "other_1"]


@pytest.mark.parametrize(
    ("error", "asked"),
    [
        # Another account of the same engine is asked before another engine.
        (AccountExhausted("no more"), ["account_1", "scripted_2"]),
        # An engine that is overloaded is so for all of its accounts.
        (EngineUnavailable("overloaded"), ["account_1", "other_1"]),
        # What nobody answered at one address may work at another.
        (EngineUnreachable("nobody there"), ["account_1", "other_1"]),
    ],
)
async def test_accounts_of_the_engine_come_before_other_engines(
    house: House, error: FilmgateError, asked: list[str]
) -> None:
    await seat(house, "scripted", 2)
    other = await join(house, "other")
    means(house, "scripted", "other")
    job = await house.submitted(ASKED)
    house.engine.steps, other.steps = [error, done()], [done()]
    assert (await worked(house, job)).status is Status.COMPLETED
    assert await made_by(house, job) == asked


async def test_another_address_of_the_engine_may_be_well(house: House) -> None:
    await seat(house, "scripted", 2, base_url="http://elsewhere.example")
    await join(house, "other")
    means(house, "scripted", "other")
    job = await house.submitted(ASKED)
    house.engine.steps = [EngineUnavailable("overloaded"), done()]
    assert (await worked(house, job)).choice == 0
    assert await made_by(house, job) == ["account_1", "scripted_2"]


async def test_an_account_that_may_not_run_it_is_not_asked(house: House) -> None:
    await seat(house, "scripted", 2, models=("swallow",))
    other = await join(house, "other")
    means(house, "scripted", "other")
    job = await house.submitted(ASKED)
    house.engine.steps, other.steps = [AccountRejected("no")], [done()]
    assert (await worked(house, job)).choice == 1


async def test_what_is_wrong_with_the_request_is_so_everywhere(house: House) -> None:
    await join(house, "other")
    means(house, "scripted", "other")
    job = await house.submitted(ASKED)
    house.engine.steps = [ContentRejected("no")]
    ended = await worked(house, job)
    assert (ended.status, ended.choice) == (Status.FAILED, 0)


async def test_what_may_have_been_paid_for_stays(house: House) -> None:
    await join(house, "other")
    means(house, "scripted", "other")
    house.engine.after_loss = AfterLoss.NEVER
    job = await house.submitted(ASKED)
    house.engine.steps = [EngineUnavailable("cut off", unanswered=True)]
    ended = await worked(house, job)
    assert (ended.status, ended.choice) == (Status.FAILED, 0)
    assert ended.failure is not None
    assert ended.failure.code == "submission_interrupted"


@pytest.mark.parametrize("error", [TicketLost("forgotten"), AccountRejected("no")])
async def test_a_job_with_a_ticket_stays_with_its_engine(
    house: House, error: FilmgateError
) -> None:
    other = await join(house, "other")
    means(house, "scripted", "other")
    house.engine.after_loss = AfterLoss.NEVER
    job = await house.submitted(ASKED)
    house.engine.steps = [busy(), error, error]
    ended = await worked(house, job)
    assert (ended.choice, other.submissions) == (0, [])


async def test_a_queued_job_moves_when_its_engine_is_not_well(house: House) -> None:
    other = await join(house, "other")
    means(house, "scripted", "other")
    job = await house.submitted(ASKED)
    await house.accounts.change("account_1", {"disabled": True})
    other.steps = [done()]
    ended = await worked(house, job)
    assert (ended.status, ended.take.engine) == (Status.COMPLETED, "other")
    assert house.engine.submissions == []


async def test_a_job_skips_engines_that_are_not_well_either(house: House) -> None:
    await join(house, "broken")
    await join(house, "gone")
    other = await join(house, "other")
    means(house, "scripted", "broken", "gone", "other")
    job = await house.submitted(ASKED)
    await house.accounts.change("account_1", {"disabled": True})
    await house.accounts.change("broken_1", {"disabled": True})
    del house.routes.engines["gone"]
    other.steps = [done()]
    assert (await worked(house, job)).choice == 3


async def test_a_job_that_nobody_can_make_now_waits_where_it_is(house: House) -> None:
    await join(house, "other")
    means(house, "scripted", "other")
    job = await house.submitted(ASKED)
    for account_id in ("account_1", "other_1"):
        await house.accounts.change(account_id, {"disabled": True})
    assert (await worked(house, job)).choice == 0
    await house.accounts.change("account_1", {"disabled": False})
    house.clock.move(timedelta(seconds=1))
    house.engine.steps = [done()]
    await house.sweep()
    assert (await worked(house, job)).status is Status.COMPLETED


async def test_a_whole_queue_moves_when_its_engine_is_not_well(house: House) -> None:
    other = await join(house, "other")
    means(house, "scripted", "other")
    jobs = [await house.submitted(ASKED) for _ in range(4)]
    house.pokes.kept.clear()  # all were looked at: there was no seat
    await house.accounts.change("account_1", {"disabled": True})
    other.steps = [done() for _ in jobs]
    await house.sweep()
    for job in jobs:
        assert (await worked(house, job)).status is Status.COMPLETED


async def test_a_cancelled_job_moves_nowhere(house: House) -> None:
    await join(house, "other")
    means(house, "scripted", "other")
    job = await house.submitted(ASKED)
    failover = house.worker._routing
    await house.gateway.cancel(job.id, house.caller)
    assert await failover.switch(job, 0)
    assert not await failover.switch(job, 1)
    await house.accounts.change("account_1", {"disabled": True})
    assert await failover.healthy(job) == job


# -- a film that starts from another one


async def remix(house: House) -> Job:
    """Of a film that `account_1` has made."""
    source = await house.finished()
    means(house, "scripted", "other")
    given = Given(role=Role.SOURCE, param="video_id", job_id=source.id)
    request = replace(ASKED, operation=Operation.REMIX)
    return await house.submitted(request, given=[given])


async def test_a_remix_waits_for_an_account_that_rests(house: House) -> None:
    await join(house, "other")
    await seat(house, "scripted", 2)
    job = await remix(house)
    house.engine.steps = [AccountExhausted("no more")]
    waits = await worked(house, job)
    assert (waits.status, waits.choice) == (Status.QUEUED, 0)
    await house.sweep()
    assert (await worked(house, job)).choice == 0
    house.clock.move(timedelta(minutes=2))
    house.engine.steps = [done()]
    await house.sweep()
    assert (await worked(house, job)).status is Status.COMPLETED
    assert await made_by(house, job) == ["account_1", "account_1"]


async def test_a_remix_is_made_from_the_film_when_its_account_is_gone(house: House) -> None:
    await join(house, "other")
    await seat(house, "scripted", 2)
    job = await remix(house)
    assert job.take.source_ticket == "t1"
    await house.accounts.change("account_1", {"disabled": True})
    house.engine.steps = [done()]
    ended = await worked(house, job)
    assert (ended.status, ended.take.engine, ended.choice) == (Status.COMPLETED, "scripted", 1)
    assert ended.take.source_ticket is None
    assert await made_by(house, job) == ["scripted_2"]
    assert house.engine.inputs[-1] == house.engine.inputs[0]


async def test_a_remix_that_its_account_refuses_goes_elsewhere(house: House) -> None:
    other = await join(house, "other")
    job = await remix(house)
    house.engine.steps, other.steps = [AccountRejected("no")], [done()]
    ended = await worked(house, job)
    assert (ended.take.engine, ended.take.source_ticket) == ("other", None)
