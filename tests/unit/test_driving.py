"""Attempts that do not go smoothly: lost answers, lost tickets, lost time."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from drives import CUT, FETCHED, breaking, code_of, until
from fakes import busy, done, lost
from filmgate import (
    AfterLoss,
    EngineMisbehaved,
    EngineUnavailable,
    InvalidRequest,
    Output,
)
from filmgate.domain.account import WhenDown
from filmgate.domain.deadlines import Deadlines
from filmgate.domain.errors import (
    AccountExhausted,
    AccountRejected,
    FilmgateError,
    OutputExpired,
)
from filmgate.domain.job import AttemptState, Failure, Owned, Status
from filmgate.gateway.driving import BROKEN, TELLING
from filmgate.gateway.policy import MAX_ATTEMPTS
from filmgate.storage.database.accounts import AccountRows
from house import House

FAILED, OPEN, SUCCEEDED = AttemptState.FAILED, AttemptState.OPEN, AttemptState.SUCCEEDED


@pytest.fixture(autouse=True)
def paid(house: House) -> None:
    house.engine.after_loss = AfterLoss.NEVER


async def test_an_answer_that_was_lost_is_not_asked_for_by_paying_again(house: House) -> None:
    house.engine.steps = [CUT, done()]
    job = await house.submitted()
    await house.work()
    assert await code_of(house, job) == "submission_interrupted"
    assert len(house.engine.submissions) == 1


async def test_a_bug_after_the_request_left_is_an_answer_that_was_lost(house: House) -> None:
    house.engine.steps = [RuntimeError("bug"), done()]
    job = await house.submitted()
    await house.work()
    assert await code_of(house, job) == "submission_interrupted"


@pytest.mark.parametrize(
    "again", [[], [CUT, EngineUnavailable("down")], [AccountExhausted("slower")]]
)
async def test_who_knows_the_attempt_is_asked_for_it(
    house: House, again: list[FilmgateError]
) -> None:
    house.engine.after_loss = AfterLoss.ASK
    house.engine.steps = [CUT, *again, busy(), done()]
    job = await house.submitted()
    await house.work()
    assert (await house.now(job)).status is Status.COMPLETED
    assert len(set(house.engine.submissions)) == 1
    assert await house.states(job) == [SUCCEEDED]


async def test_a_refusal_of_the_request_ends_the_asking(house: House) -> None:
    house.engine.after_loss = AfterLoss.ASK
    house.engine.steps = [CUT, InvalidRequest("no such size")]
    job = await house.submitted()
    await house.work()
    assert await code_of(house, job) == "invalid_value"


async def test_a_successor_asks_for_what_was_sent(house: House) -> None:
    house.engine.after_loss = AfterLoss.ASK
    job = await house.submitted()
    owned = await house.rows.own(
        job.id,
        worker="dead",
        accounts=[house.account],
        attempt_id="attempt_dead",
        at=house.clock.now(),
    )
    assert isinstance(owned, Owned)
    await house.rows.keep_sending(owned, at=house.clock.now())
    house.engine.steps = [done()]
    await house.sweep()
    await house.work()
    assert house.engine.submissions == ["attempt_dead"]
    assert await house.states(job) == [SUCCEEDED]


async def test_who_may_have_forgotten_the_attempt_is_not_asked(house: House) -> None:
    house.engine.after_loss = AfterLoss.ASK
    job = await house.submitted()
    owned = await house.rows.own(
        job.id,
        worker="dead",
        accounts=[house.account],
        attempt_id="attempt_dead",
        at=house.clock.now(),
    )
    assert isinstance(owned, Owned)
    await house.rows.keep_sending(owned, at=house.clock.now())
    house.clock.move(timedelta(days=1))
    house.engine.steps = [done()]
    await house.sweep()
    await house.work()
    assert (house.engine.submissions, await code_of(house, job)) == (
        [],
        "submission_interrupted",
    )


async def test_a_successor_sends_what_never_left(house: House) -> None:
    job = await house.submitted()
    await house.rows.own(
        job.id,
        worker="dead",
        accounts=[house.account],
        attempt_id="attempt_dead",
        at=house.clock.now(),
    )
    house.engine.steps = [done()]
    await house.sweep()
    await house.work()
    assert house.engine.submissions == ["attempt_dead"]
    assert (await house.now(job)).status is Status.COMPLETED


async def test_a_job_that_is_asked_about_is_cancelled_once_it_has_a_ticket(
    house: House,
) -> None:
    house.engine.after_loss = AfterLoss.ASK
    house.engine.steps = [CUT]
    job = await house.submitted()
    await house.pokes.deliver(house.worker.look)
    await until(lambda: len(house.engine.submissions) > 1)
    await house.gateway.cancel(job.id, house.caller)
    await house.pokes.deliver(house.worker.look)
    assert (await house.now(job)).status is Status.IN_PROGRESS
    house.engine.release(busy())
    await house.work()
    assert (await house.now(job)).status is Status.CANCELLED
    assert house.engine.cancelled == ["t1"]


async def test_whoever_was_away_sends_nothing(house: House) -> None:
    house.alive = False
    house.engine.steps = [done()]
    job = await house.submitted()
    await house.work()
    assert house.engine.submissions == []
    assert (await house.now(job)).status is Status.IN_PROGRESS
    assert await house.states(job) == [OPEN]


async def test_an_account_that_is_exhausted_rests_and_its_job_waits(house: House) -> None:
    tries = MAX_ATTEMPTS + 2
    house.engine.steps = [*[AccountExhausted("slower")] * tries, done()]
    job = await house.submitted()
    for _ in range(tries):
        await house.sweep()
        await house.work()
        assert (await house.now(job)).status is Status.QUEUED
        assert await house.accounts.active("scripted") == []
        house.clock.move(timedelta(minutes=2))
    await house.sweep()
    await house.work()
    assert await house.states(job) == [*[FAILED] * tries, SUCCEEDED]


async def test_an_account_that_is_rejected_gets_nothing_until_it_is_let_in(
    house: House,
) -> None:
    house.engine.steps = [AccountRejected("who are you?"), done()]
    job = await house.submitted()
    await house.work()
    house.clock.move(timedelta(hours=3))
    await house.sweep()
    await house.work()
    assert (await house.now(job)).status is Status.QUEUED
    await AccountRows(house.database).check("account_1", at=house.clock.now(), accepted=True)
    house.clock.move(timedelta(seconds=3))
    await house.sweep()
    await house.work()
    assert await house.states(job) == [FAILED, SUCCEEDED]


async def test_a_machine_that_is_off_is_waited_for(house: House) -> None:
    await house.accounts.change(house.account.id, {"when_down": WhenDown.WAIT})
    house.engine.steps = [EngineUnavailable("off")] * (MAX_ATTEMPTS + 2)
    house.engine.steps += [done()]
    job = await house.submitted()
    for _ in range(MAX_ATTEMPTS + 3):
        await house.sweep()
        await house.work()
        house.clock.move(timedelta(minutes=1))
    assert (await house.now(job)).status is Status.COMPLETED


@pytest.mark.parametrize(
    "error",
    [CUT, EngineUnavailable("down"), EngineMisbehaved("what"), AccountRejected("who?")],
)
async def test_a_question_that_was_not_answered_is_asked_again(
    house: House, error: FilmgateError
) -> None:
    house.engine.steps = [busy(), error, error, busy(50), done()]
    job = await house.submitted()
    await house.work()
    assert (await house.now(job)).status is Status.COMPLETED
    assert len(house.engine.submissions) == 1


async def test_a_ticket_is_lost_when_the_engine_says_so_twice(house: House) -> None:
    house.engine.steps = [busy(), lost(), busy(), lost(), lost()]
    job = await house.submitted()
    await house.work()
    assert await code_of(house, job) == "ticket_lost"
    assert house.engine.steps == []


async def test_no_progress_is_waited_for_so_long(house: House) -> None:
    house.deadlines["*"] = Deadlines(stalled=timedelta(minutes=10))
    house.engine.steps = [busy(10), *[busy(20)] * 1000]
    job = await house.submitted()
    began = house.clock.now()
    await house.work()
    assert await code_of(house, job) == "timed_out"
    assert timedelta(minutes=10) < house.clock.now() - began < timedelta(minutes=12)
    assert house.engine.cancelled == ["t1"]


async def test_progress_does_not_help_for_ever(house: House) -> None:
    house.deadlines["*"] = Deadlines(stalled=timedelta(minutes=2), total=timedelta(minutes=3))
    house.engine.steps += [busy(n) for n in range(1, 99)]
    job = await house.submitted()
    await house.work()
    assert await code_of(house, job) == "timed_out"


async def test_nobody_waits_for_a_seat_for_ever(house: House) -> None:
    house.deadlines["*"] = Deadlines(waiting=timedelta(hours=1), total=timedelta(hours=9))
    house.engine.steps = [busy()]
    first, second = await house.submitted(), await house.submitted()
    await house.started()
    house.clock.move(timedelta(hours=1))
    await house.sweep()
    assert await code_of(house, second) == "timed_out"
    assert (await house.now(first)).status is Status.IN_PROGRESS
    failure = Failure(code="timed_out", message="late")
    assert not await house.unattended.give_up(first.id, failure, at=house.clock.now())


async def test_a_break_in_a_download_is_no_end(house: House) -> None:
    house.engine.steps = [busy(), FETCHED, FETCHED, FETCHED]
    house.engine.breaks = [CUT, EngineUnavailable("down")]
    job = await house.submitted()
    await house.work()
    assert (await house.now(job)).status is Status.COMPLETED


async def test_a_film_that_is_gone_is_an_error_that_says_so(house: House) -> None:
    house.engine.steps = [busy(), FETCHED]
    house.engine.breaks = [OutputExpired("The link has expired.")]
    job = await house.submitted()
    await house.work()
    assert await code_of(house, job) == "output_expired"


async def test_what_is_no_film_is_fetched_again(house: House) -> None:
    house.engine.steps = [busy(), *[done(outputs=(Output("text/html", url="x"),))] * BROKEN]
    job = await house.submitted()
    await house.work()
    assert await code_of(house, job) == "engine_misbehaved"
    assert house.engine.steps == []


async def test_a_film_that_cannot_be_read_is_fetched_anew(house: House) -> None:
    house.engine.steps = [busy(), FETCHED, FETCHED]
    film = house.eye.film
    house.eye.film = breaking(film, [EngineMisbehaved("no film")])  # type: ignore[method-assign]
    job = await house.submitted()
    await house.work()
    assert (await house.now(job)).status is Status.COMPLETED
    assert house.engine.fetches == 2


async def test_progress_waits_for_a_better_moment(house: House) -> None:
    """More percents than can be written are told by later polls."""
    keep, gate = house.rows.keep_percent, asyncio.Event()

    async def slow(*args: Any, **kwargs: Any) -> None:
        await gate.wait()
        await keep(*args, **kwargs)

    house.rows.keep_percent = slow  # type: ignore[method-assign]
    await house.accounts.change(house.account.id, {"seats": TELLING + 1})
    jobs = [await house.submitted() for _ in range(TELLING + 1)]
    for _ in jobs:
        house.engine.release(busy(10))
    await house.pokes.deliver(house.worker.look)
    await until(lambda: len(house.engine.submissions) > TELLING)
    gate.set()
    for _ in jobs:
        house.engine.release(done())
    await house.work()
    assert {(await house.now(job)).status for job in jobs} == {Status.COMPLETED}
    told = [await house.jobs.events(job.id) for job in jobs]
    assert len(told) == len(jobs)


async def test_what_was_cut_off_before_anything_was_sent_is_tried_again(house: House) -> None:
    """As an upload that comes first, and may be repeated."""

    async def uploads(*args: Any, **kwargs: Any) -> Any:
        del args, kwargs
        raise CUT

    house.engine.submit = uploads  # type: ignore[method-assign]
    job = await house.submitted()
    await house.pokes.deliver(house.worker.look)
    await until(lambda: not house.worker._tasks)
    assert (await house.now(job)).status is Status.QUEUED
    assert await house.states(job) == [FAILED]


async def test_what_the_engine_took_is_kept_with_the_attempt(house: House) -> None:
    told = replace(done(), cost=120_000)
    house.engine.steps = [busy(), replace(busy(20), cost=90_000), told, told]
    job = await house.submitted()
    await house.work()
    (attempt,) = await house.jobs.attempts(job.id)
    assert (attempt.state, attempt.cost) == (SUCCEEDED, 120_000)
