"""In which of a name's ways a film is made."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from fakes import A_KITE, done
from filmgate import Operation, Role, Size
from filmgate.domain.account import AccountState
from filmgate.domain.errors import (
    EngineUnavailable,
    InvalidRequest,
    NotFound,
    TooManyRequests,
    Unsupported,
)
from filmgate.domain.model import Pick
from filmgate.gateway.choosing import Place
from filmgate.gateway.submission import Given, Submission
from filmgate.storage.database.accounts import AccountRows
from house import House
from unit.switchboard import ASKED, NAME, chosen, join, means, seat

OF_THREE = ("scripted", "second", "third")


@pytest.fixture
async def three(house: House) -> House:
    await join(house, "second", price=30_000)
    await join(house, "third", price=20_000)
    return house


async def rest(house: House, account_id: str, *, seconds: float = 60) -> None:
    now = house.clock.now()
    until = now + timedelta(seconds=seconds)
    rows = AccountRows(house.database)
    await rows.rest(account_id, at=now, until=until, reason="account_exhausted")
    house.accounts._forget()


async def test_the_operators_order_holds(three: House) -> None:
    means(three, "third", "scripted", "second")
    for _ in range(3):
        assert await chosen(three) == ["third", "scripted", "second"]


async def test_turns_are_spread_by_weight(three: House) -> None:
    means(three, *OF_THREE, pick=Pick.WEIGHTED, weights=(3, 2, 1))
    firsts = [(await chosen(three))[0] for _ in range(12)]
    assert Counter(firsts) == {"scripted": 6, "second": 4, "third": 2}
    assert Counter(firsts[:6]) == {"scripted": 3, "second": 2, "third": 1}
    assert await chosen(three) == ["scripted", "second", "third"]


async def test_turns_go_to_those_that_are_well(three: House) -> None:
    means(three, *OF_THREE, pick=Pick.WEIGHTED)
    await rest(three, "account_1")
    firsts = [await chosen(three) for _ in range(4)]
    assert (
        firsts
        == [
            ["second", "third", "scripted"],
            ["third", "second", "scripted"],
        ]
        * 2
    )


async def test_the_same_model_twice_has_two_shares(house: House) -> None:
    means(house, "scripted", "scripted", pick=Pick.WEIGHTED, weights=(1, 3))
    firsts = [(await house.chooser.choose(ASKED)).ways[0].number for _ in range(8)]
    assert Counter(firsts) == {0: 2, 1: 6}


async def test_a_look_takes_nobodys_turn(three: House) -> None:
    means(three, "scripted", "second", pick=Pick.WEIGHTED)
    for _ in range(3):
        assert (await chosen(three, trial=True))[0] == "scripted"
    assert [(await chosen(three))[0] for _ in range(3)] == ["scripted", "second", "scripted"]


async def test_a_film_with_a_reference_takes_one_turn(three: House) -> None:
    means(three, "scripted", "second", pick=Pick.WEIGHTED)
    source = await three.finished()
    frame = Given(role=Role.FIRST_FRAME, param="input_reference", job_id=source.id)
    jobs = [await three.submitted(ASKED, given=[frame]) for _ in range(4)]
    assert [job.take.engine for job in jobs] == ["scripted", "second"] * 2


async def test_the_cheapest_is_tried_first(three: House) -> None:
    means(three, *OF_THREE, pick=Pick.CHEAPEST)
    assert await chosen(three) == ["third", "second", "scripted"]
    job = await three.submitted(ASKED)
    assert (job.plan.price, job.take.cost) == (80_000, 80_000)
    assert [take.engine for take in job.plan.fallbacks] == ["second", "scripted"]


async def test_the_least_busy_is_tried_first(three: House) -> None:
    await seat(three, "third", 2)
    means(three, *OF_THREE, pick=Pick.LEAST_BUSY)
    made = [(await three.submitted(ASKED)).take.engine for _ in range(4)]
    # The third has two seats, so its first job is half a share.
    assert made == ["scripted", "second", "third", "third"]
    await three.accounts.change("third_1", {"disabled": True})
    assert (await chosen(three))[-1] == "third"


async def test_whoever_is_well_goes_before_whoever_rests(three: House) -> None:
    means(three, *OF_THREE)
    await rest(three, "account_1")
    await rest(three, "second_1")
    assert await chosen(three) == ["third", "scripted", "second"]
    three.clock.move(timedelta(seconds=61))
    assert await chosen(three) == list(OF_THREE)


async def test_what_cannot_be_is_refused_with_its_reason(three: House) -> None:
    means(three, *OF_THREE, plans=((), ("pro",), ()))
    await three.accounts.change("third_1", {"disabled": True})
    choice = await three.chooser.choose(ASKED)
    assert [way.route.engine.name for way in choice.ways] == ["scripted"]
    refusals = {one.route.engine.name: one.error for one in choice.refused}
    assert refusals["second"].code == "no_account_for_this"
    assert "Its plan is not known, not pro." in refusals["second"].message
    assert refusals["third"].code == "no_account"
    assert choice.error is None

    small = replace(ASKED, size=Size(64, 64))
    choice = await three.chooser.choose(small)
    assert ([*choice.ways], len(choice.refused)) == ([], 3)
    assert all(one.take is None and one.price == one.cost == 0 for one in choice.refused)
    with pytest.raises(InvalidRequest, match="64x64"):
        choice.plan()


async def test_a_name_that_nobody_knows_has_no_ways(house: House) -> None:
    with pytest.raises(NotFound, match="swallow"):
        await house.chooser.choose(replace(A_KITE, model="swallow"))


async def test_groups_say_whose_accounts(house: House) -> None:
    await seat(house, "scripted", 2, groups=("pro", "eu"))
    await seat(house, "scripted", 3, groups=("plus",))
    asked = replace(A_KITE, model="kite-1|[pro,plus]")
    house.engine.steps = [done()]
    job = await house.submitted(asked)
    await house.work()
    assert job.request.model == "kite-1|[pro,plus]"
    (attempt,) = await house.jobs.attempts(job.id)
    assert attempt.account_id in ("scripted_2", "scripted_3")
    with pytest.raises(Unsupported, match="none of the groups max") as refused:
        await house.submitted(replace(A_KITE, model="kite-1|[max]"))
    assert (refused.value.code, refused.value.param) == ("no_account_for_this", "model")


def remix(source_id: str) -> Submission:
    given = Given(role=Role.SOURCE, param="video_id", job_id=source_id)
    request = replace(ASKED, operation=Operation.REMIX, prompt="at night")
    return Submission(request=request, given=[given])


async def test_a_remix_goes_to_the_account_that_made_the_film(three: House) -> None:
    means(three, "second", "scripted", pick=Pick.CHEAPEST)
    source = await three.finished()
    await seat(three, "scripted", 2, priority=5)
    job = await three.gateway.submit(remix(source.id), three.caller)
    first, *others = (*job.plan.takes, *job.plan.fallbacks)
    assert (first.engine, first.account_id, first.source_ticket) == (
        "scripted",
        "account_1",
        "t1",
    )
    # After it any account of that engine, with the film's bytes; then the others.
    assert [(one.engine, one.account_id, one.source_ticket) for one in others] == [
        ("scripted", None, None),
        ("second", None, None),
    ]
    # It is worth waiting for one that rests.
    await rest(three, "account_1")
    job = await three.gateway.submit(remix(source.id), three.caller)
    assert job.take.account_id == "account_1"


@pytest.mark.parametrize("why", ["disabled", "rejected", "removed", "limited"])
async def test_without_that_account_the_films_bytes_will_do(house: House, why: str) -> None:
    means(house, "scripted")
    source = await house.finished()
    await seat(house, "scripted", 2)
    match why:
        case "disabled":
            await house.accounts.change("account_1", {"disabled": True})
        case "rejected":
            rows = AccountRows(house.database)
            await rows.reject("account_1", at=house.clock.now(), reason="account_rejected")
            house.accounts._forget()
        case "removed":
            await house.accounts.remove("account_1")
        case _:
            await house.accounts.change("account_1", {"models": ("swallow",)})
    job = await house.gateway.submit(remix(source.id), house.caller)
    assert (job.take.engine, job.take.account_id, job.take.source_ticket) == (
        "scripted",
        None,
        None,
    )
    assert job.plan.fallbacks == ()


async def test_a_film_made_elsewhere_has_no_account_here(house: House) -> None:
    await join(house, "second")
    source = await house.finished()
    means(house, "second")
    job = await house.gateway.submit(remix(source.id), house.caller)
    assert (job.take.engine, job.take.account_id) == ("second", None)


async def test_the_first_way_that_takes_the_references_says_what_they_are(
    three: House,
) -> None:
    means(three, *OF_THREE)
    given = Given(role=Role.MASK, param="mask", url="https://films.example/a.png")
    with pytest.raises(Unsupported, match="takes no mask"):
        await three.submitted(ASKED, given=[given])


# -- the queue


async def queued(house: House, count: int) -> list[str]:
    return [(await house.submitted()).id for _ in range(count)]


async def test_a_job_knows_its_place(house: House) -> None:
    await house.finished()  # in no time at all, by this clock
    await seat(house, "scripted", 2)
    jobs = await queued(house, 3)
    places = [
        await house.gateway.queue(await house.gateway.get(one, house.caller)) for one in jobs
    ]
    assert places == [Place(place=number, seconds=0.0) for number in (1, 2, 3)]


async def test_nobody_knows_how_long_without_films_or_accounts(house: House) -> None:
    (first,) = await queued(house, 1)
    job = await house.gateway.get(first, house.caller)
    assert await house.gateway.queue(job) == Place(place=1, seconds=None)
    await house.accounts.change("account_1", {"disabled": True})
    assert await house.gateway.queue(job) == Place(place=1, seconds=None)


async def test_a_job_that_waits_no_more_has_no_place(house: House) -> None:
    (first,) = await queued(house, 1)
    before = await house.gateway.get(first, house.caller)
    await house.gateway.cancel(first, house.caller)
    assert await house.gateway.queue(before) is None  # it was queued a moment ago
    assert await house.gateway.queue(await house.gateway.get(first, house.caller)) is None


async def test_a_full_queue_takes_no_more(house: House) -> None:
    house.submitting._most_waiting = 2
    await queued(house, 2)
    with pytest.raises(TooManyRequests) as refused:
        await house.submitted()
    assert (refused.value.code, refused.value.retry_after) == (
        "queue_full",
        timedelta(seconds=30),
    )
    await join(house, "second")
    means(house, "second", "scripted")
    assert (await house.submitted(ASKED)).take.engine == "second"


# -- a look at what would be


async def test_a_look_keeps_nothing(three: House) -> None:
    means(three, *OF_THREE, pick=Pick.WEIGHTED)
    source = await three.finished()
    before = (dict(three.shelf.blobs), await three.page())
    for _ in range(2):
        choice = await three.gateway.explain(remix(source.id), three.caller)
        assert [way.route.engine.name for way in choice.ways] == list(OF_THREE)
        assert choice.ways[0].take.source_ticket == "t1"
    assert (dict(three.shelf.blobs), await three.page()) == before
    assert not three.pokes.kept


async def test_an_admin_sees_the_accounts(house: House) -> None:
    await seat(house, "scripted", 2, plan="pro")
    await seat(house, "scripted", 3, secret="nobody sealed this")
    await rest(house, "scripted_2")
    await queued(house, 1)
    submission = Submission(request=A_KITE)
    (plain,) = (await house.gateway.explain(submission, house.caller)).ways
    assert (plain.accounts, plain.waiting) == ((), 0)

    admin = replace(house.caller, admin=True)
    (way,) = (await house.gateway.explain(submission, admin)).ways
    assert (way.waiting, way.price) == (1, 400_000)
    assert [(one.account.id, one.state, one.lacks, one.usable) for one in way.accounts] == [
        ("account_1", AccountState.ACTIVE, None, True),
        ("scripted_2", AccountState.RESTING, None, False),
        (
            "scripted_3",
            AccountState.ACTIVE,
            "Its secret or its proxy cannot be read.",
            False,
        ),
    ]
    small = replace(submission, request=replace(A_KITE, size=Size(64, 64)))
    (refused,) = (await house.gateway.explain(small, admin)).refused
    assert (refused.waiting, refused.accounts) == (1, ())


async def test_a_look_says_what_a_create_would_be_refused_for(house: House) -> None:
    house.submitting._most_waiting = 1
    await queued(house, 1)
    choice = await house.gateway.explain(Submission(request=A_KITE), house.caller)
    assert (len(choice.ways), choice.error and choice.error.code) == (1, "queue_full")
    house.left = 10
    choice = await house.gateway.explain(Submission(request=A_KITE), house.caller)
    assert choice.error is not None
    assert choice.error.code != "queue_full"


async def test_a_reference_that_nobody_takes_is_explained(house: House) -> None:
    source = await house.finished()
    given = Given(role=Role.LAST_FRAME, param="last_frame", job_id=source.id)
    submission = Submission(request=A_KITE, given=[given])
    choice = await house.gateway.explain(submission, house.caller)
    assert isinstance(choice.error, Unsupported)
    assert [one.error for one in choice.refused] == [choice.error]


async def test_a_node_without_that_engine_says_so(house: House) -> None:
    means(house, "scripted")
    del house.routes.engines["scripted"]
    with pytest.raises(NotFound, match=NAME):
        await chosen(house)


async def test_an_engine_without_accounts_is_refused(house: House) -> None:
    await house.accounts.remove("account_1")
    with pytest.raises(EngineUnavailable) as refused:
        await house.submitted()
    assert refused.value.code == "no_account"
