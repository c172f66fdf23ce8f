"""Which account of an engine is asked first, and which may not run a job at all."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fakes import A_KITE, A_STILL, HD
from filmgate import EngineUnavailable, Size, Take
from filmgate.domain.account import Account, Limit
from filmgate.domain.errors import Unsupported
from filmgate.domain.request import GenerationRequest, Media
from filmgate.gateway.pool import Pool

NOW = datetime(2026, 11, 21, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
KITE = replace(A_KITE, size=HD, seconds=8.0)


def account(label: str, **fields: Any) -> Account:
    return Account(
        **{"id": f"account_{label}", "engine": "kiln", "label": label, "seats": 2, **fields}
    )


def take(request: GenerationRequest = KITE, **fields: Any) -> Take:
    return Take(**{"engine": "kiln", "model": "kiln-1", "request": request, **fields})


def order(pool: Pool, job: Take | None = None) -> str:
    return "".join(one.label for one in pool.usable(job or take(), NOW))


def firsts(pool: Pool, count: int) -> str:
    return "".join(order(pool)[0] for _ in range(count))


def test_each_is_first_in_its_turn() -> None:
    pool = Pool([account("a"), account("b"), account("c")])
    assert [order(pool) for _ in range(4)] == ["abc", "bca", "cab", "abc"]


def test_a_turn_can_be_gone_through_again() -> None:
    turn = Pool([account("a"), account("b")]).usable(take(), NOW)
    assert [one.label for one in turn] == [one.label for one in turn] == ["a", "b"]


def test_higher_priorities_are_asked_first_and_have_their_own_turns() -> None:
    low, high = [account("a"), account("b")], [account("c", priority=5)]
    pool = Pool([*low, *high, account("d", priority=-5)])
    assert [order(pool) for _ in range(2)] == ["cabd", "cbad"]


def test_weights_are_shares_that_are_spread() -> None:
    pool = Pool([account("a", weight=1), account("b", weight=3)])
    said = firsts(pool, 8)
    assert Counter(said) == {"a": 2, "b": 6}
    assert "aa" not in said
    assert order(pool) in ("ab", "ba")  # each once


def test_who_may_not_work_now_has_no_turn() -> None:
    pool = Pool(
        [
            account("a", disabled=True),
            account("b", rests_until=LATER),
            account("c"),
            account("d", rejected_at=NOW),
            account("e", expires_at=NOW),
            account("f", models=("kiln-2",)),
        ]
    )
    assert firsts(pool, 3) == "ccc"
    assert order(pool) == "c"
    assert order(pool, take(model="kiln-2")) == "fc"
    assert order(Pool([])) == ""


def test_turns_go_on_in_a_pool_that_is_read_again() -> None:
    accounts = [account("a"), account("b"), account("c")]
    first = Pool(accounts)
    order(first)
    assert order(Pool(accounts, like=first)) == "bca"
    # Of other priorities nothing can be said.
    changed = [account("a", priority=1), *accounts[1:]]
    assert order(Pool(changed, like=first)) == "abc"


def test_one_that_has_changed_is_put_in_its_places() -> None:
    pool = Pool([account("a", weight=2), account("b")])
    pool.put(account("a", weight=2, disabled=True))
    pool.put(account("z"))  # is not among them
    assert firsts(pool, 3) == "bbb"
    assert [one.disabled for one in pool.accounts] == [True, False]
    assert pool.seats_at(NOW) == 3  # of b: two for films, one for stills


def test_an_engine_inside_us_has_the_seats_of_this_node() -> None:
    pool = Pool([account("a", per_node=True)])
    assert [one.seats for one in pool.usable(take(), NOW, here=7)] == [7]
    assert [one.seats for one in pool.usable(take(), NOW)] == [2]
    assert pool.seats_at(NOW) == 2
    (own,) = pool.accounts
    assert (own.seats_for(Media.IMAGE), own.seats_for(Media.VIDEO)) == (2, 2)
    assert account("b").seats_for(Media.IMAGE) == 1


@pytest.mark.parametrize(
    ("fields", "job", "says"),
    [
        ({"models": ("kiln-2",)}, take(), "It may not run kiln-1."),
        ({"still_seats": 0}, take(A_STILL), "It makes no stills."),
        ({"groups": ("a",)}, take(groups=("b", "c")), "It is in none of the groups b, c."),
        ({"plan": "free"}, take(plans=("pro", "max")), "Its plan is free, not pro or max."),
        ({}, take(plans=("pro",)), "Its plan is not known, not pro."),
        ({}, take(account_id="account_b"), "It has not made the film that this starts from."),
        (
            {"limits": (Limit(Size(640, 360), 20),)},
            take(),
            "It makes nothing as large as 1280x7",
        ),
        (
            {"limits": (Limit(Size(640, 360), 20), Limit(HD, 4))},
            take(),
            "It makes at most 4 s of 1280x720.",
        ),
    ],
)
def test_what_no_waiting_brings_is_said(fields: dict[str, Any], job: Take, says: str) -> None:
    pool = Pool([account("a", **fields), account("c", **fields)])
    with pytest.raises(Unsupported) as refused:
        pool.check(job, NOW)
    assert (refused.value.code, refused.value.param) == ("no_account_for_this", "model")
    assert "No account of the engine 'kiln' may make this. " in refused.value.message
    assert refused.value.message.count(says) == 1
    assert order(pool, job) == ""


@pytest.mark.parametrize(
    ("fields", "job"),
    [
        ({"models": ("kiln-1",)}, take()),
        ({"still_seats": 0}, take()),
        ({"still_seats": 0, "per_node": True}, take(A_STILL)),
        ({"groups": ("a", "b")}, take(groups=("b", "c"))),
        ({"plan": "pro"}, take(plans=("pro", "max"))),
        ({}, take(account_id="account_a")),
        ({"limits": (Limit(HD, 8),)}, take()),
        # The same pixels upright; one of the larger may be as long.
        ({"limits": (Limit(HD, 4), Limit(Size(1080, 1920), 8))}, take()),
        ({"limits": (Limit(HD, 4),)}, take(replace(KITE, seconds=None))),
        ({"limits": (Limit(HD, 4),)}, take(replace(KITE, size=None))),
    ],
)
def test_what_an_account_has_it_may_be_given(fields: dict[str, Any], job: Take) -> None:
    assert Pool([account("a", **fields)]).check(job, NOW)


@pytest.mark.parametrize(
    "fields", [{"rests_until": LATER}, {"rejected_at": NOW}], ids=["rests", "rejected"]
)
def test_what_passes_is_waited_for(fields: dict[str, Any]) -> None:
    pool = Pool([account("a", **fields), account("b", models=("kiln-2",))])
    assert not pool.check(take(), NOW)


@pytest.mark.parametrize(
    ("accounts", "says"),
    [
        ([], "has no account here. Its operator adds one: filmgate accounts add kiln"),
        ([account("a", disabled=True)], "is disabled or has expired"),
        ([account("a", expires_at=NOW), account("b", models=("x",))], "filmgate accounts list"),
    ],
)
def test_what_only_the_operator_can_mend_is_told(accounts: list[Account], says: str) -> None:
    with pytest.raises(EngineUnavailable) as refused:
        Pool(accounts).check(take(), NOW)
    assert refused.value.code == "no_account"
    assert says in refused.value.message
