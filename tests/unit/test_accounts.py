"""Accounts: who may be asked, who rests, and whose secrets are safe."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from fakes import A_KITE, HD
from filmgate import Size, Take
from filmgate.domain.account import Account, AccountState, Limit, WhenDown
from filmgate.domain.errors import (
    AccountExhausted,
    AccountRejected,
    Conflict,
    EngineUnavailable,
    InvalidRequest,
    NotFound,
    Unsupported,
)
from unit.account_office import SECRET, Office, opened


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with opened(tmp_path) as office:
        yield office


async def test_an_account_has_its_secret_only_for_whoever_asks_the_engine(
    office: Office, tmp_path: Path
) -> None:
    made = await office.accounts.add("kiln", {"secret": SECRET})
    shown = await office.accounts.list()
    (found,) = await office.accounts.active("kiln")

    assert found.secret == SECRET
    assert (made.secret_set, made.reference, made.account.secret) == (True, None, None)
    assert shown == [made]
    assert SECRET not in repr(found) + repr(made)
    await office.database.close()
    assert SECRET.encode() not in b"".join(p.read_bytes() for p in tmp_path.glob("test.db*"))


async def test_what_is_left_out_is_small_and_safe(office: Office) -> None:
    account = (await office.accounts.add("kiln", {})).account

    assert (account.label, account.seats, account.still_seats) == ("default", 3, 1)
    assert (account.base_url, account.when_down) == (None, WhenDown.FAIL)
    assert (account.plan, account.models, account.groups, account.limits) == (None, (), (), ())
    assert (account.priority, account.weight, account.machine) == (0, 1, None)


async def test_an_account_is_changed_field_by_field(office: Office) -> None:
    account_id = await office.add(secret=SECRET, seats=2, base_url="http://gpu.lan:8000/v1/")
    await office.accounts.change(account_id, {"seats": 5, "when_down": WhenDown.WAIT})
    found = await office.accounts.get(account_id)

    assert (found.seats, found.when_down, found.secret) == (5, WhenDown.WAIT, SECRET)
    assert found.base_url == "http://gpu.lan:8000/v1"

    shown = await office.accounts.change(account_id, {"secret": None, "base_url": None})
    assert (shown.secret_set, shown.account.base_url, shown.account.seats) == (False, None, 5)
    assert await office.accounts.change(account_id, {}) == shown


async def test_everything_about_an_account_comes_back(office: Office) -> None:
    noon = office.clock.now() + timedelta(hours=12)
    given: dict[str, Any] = {
        "seats": 8, "still_seats": 0, "plan": "pro", "models": ("kiln-1",),
        "groups": ("pro", "east"), "limits": (Limit(HD, 1234.567), Limit(Size(1920, 1080), 8)),
        "per_day": 40, "per_month": 900, "priority": -3, "weight": 2, "machine": "gpu1",
        "expires_at": noon, "disabled": True,
    }  # fmt: skip
    account_id = await office.add(**given, machine_seats=2)
    shown = await office.accounts.show(account_id)
    found = await office.accounts.get(account_id)

    assert {name: getattr(found, name) for name in given} == given
    assert (shown.state, shown.machine_seats) == (AccountState.DISABLED, 2)
    bare: dict[str, Any] = {
        "plan": None, "models": (), "groups": (), "limits": (), "per_day": None,
        "per_month": None, "machine": None, "expires_at": None, "disabled": False,
    }  # fmt: skip
    shown = await office.accounts.change(account_id, bare)  # type: ignore[arg-type]
    assert {name: getattr(shown.account, name) for name in bare} == bare
    assert (shown.state, shown.machine_seats) == (AccountState.ACTIVE, None)


async def test_a_machine_has_a_seat_until_it_is_said_how_many(office: Office) -> None:
    first = await office.add("a", machine="gpu1")
    assert (await office.accounts.show(first)).machine_seats == 1
    second = await office.accounts.add("loom", {"machine": "gpu1", "machine_seats": 4})
    assert second.machine_seats == 4
    # It is on one, so its seats may be said alone.
    assert (await office.accounts.change(first, {"machine_seats": 2})).machine_seats == 2
    shown, made = await office.accounts.keep(
        [
            ("kiln", {"label": "a", "machine": "gpu2", "machine_seats": 3}),
            ("kiln", {"label": "b", "machine": "gpu1"}),
        ]
    )
    assert ([one.machine_seats for one in shown], made) == ([3, 2], 1)
    with pytest.raises(InvalidRequest, match="Say which machine"):
        await office.accounts.keep([("kiln", {"label": "a", "machine_seats": 3})])


async def test_a_secret_may_lie_elsewhere_and_is_read_there_each_time(office: Office) -> None:
    account_id = await office.add(secret="env:KEY")
    (shown,) = await office.accounts.list()
    assert (shown.secret_set, shown.reference) == (True, "env:KEY")
    assert (await office.accounts.get(account_id)).secret == SECRET

    office.elsewhere["env:KEY"] = "another"
    office.clock.move(timedelta(seconds=2))
    assert (await office.accounts.get(account_id)).secret == "another"


async def test_a_secret_that_is_not_there_is_told_when_it_is_given(office: Office) -> None:
    with pytest.raises(InvalidRequest, match=r"env:GONE is not there") as refused:
        await office.add(secret="env:GONE")
    assert refused.value.param == "secret"
    assert await office.accounts.list() == []


async def test_an_account_whose_secret_has_gone_gets_no_work_and_is_told_of_once(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    account_id = await office.add("broken", secret="env:KEY")
    await office.add("whole", secret=SECRET)
    del office.elsewhere["env:KEY"]

    for _ in range(3):
        office.clock.move(timedelta(seconds=2))
        assert await office.candidates() == ["whole"]
    with pytest.raises(AccountRejected, match=r"'broken' cannot be read: env:KEY is not there"):
        await office.accounts.get(account_id)
    assert caplog.text.count("account.unreadable") == 1

    office.elsewhere["env:KEY"] = SECRET
    office.clock.move(timedelta(seconds=2))
    assert await office.candidates() == ["broken", "whole"]


async def test_another_key_opens_no_account(office: Office) -> None:
    account_id = await office.add(secret=SECRET)
    stranger = office.process(key="a stranger's")

    assert await stranger.active("kiln") == []
    with pytest.raises(AccountRejected, match="another key"):
        await stranger.get(account_id)


@pytest.mark.parametrize(
    ("fields", "param", "says"),
    [
        ({"label": " "}, "label", "1 to 200 printable"),
        ({"label": "a\nb"}, "label", "1 to 200 printable"),
        ({"label": "a" * 201}, "label", "1 to 200 printable"),
        ({"seats": 0}, "seats", "'seats' is 0. It is a whole number from 1 to 100000."),
        ({"seats": 100_001}, "seats", "'seats' is 100001"),
        ({"still_seats": -1}, "still_seats", "from 0 to 100000"),
        ({"machine": "gpu1", "machine_seats": 0}, "machine_seats", "from 1 to 100000"),
        ({"machine_seats": 2}, "machine_seats", "Say which machine it is"),
        ({"machine": None, "machine_seats": 2}, "machine_seats", "of no use without"),
        ({"per_day": 0}, "per_day", "from 1 to 1000000000"),
        ({"per_month": -1}, "per_month", "'per_month' is -1"),
        ({"priority": 101}, "priority", "from -100 to 100"),
        ({"weight": 0}, "weight", "from 1 to 100"),
        ({"plan": "two words"}, "plan", "Invalid value: 'two words'. 'plan' is a word"),
        ({"plan": ""}, "plan", "of 1 to 40 characters"),
        ({"plan": "p" * 41}, "plan", "of 1 to 40 characters"),
        ({"machine": "a\nb"}, "machine", "'machine' is a word"),
        ({"groups": ("pro", "a]")}, "groups", "Invalid value: 'a]'"),
        ({"groups": tuple(f"g{n}" for n in range(101))}, "groups", "has 101 items; the most"),
        ({"models": (" ",)}, "models", "of 1 to 200 printable characters"),
        ({"models": ("m" * 201,)}, "models", "of 1 to 200 printable characters"),
        ({"limits": (Limit(HD, 0),)}, "limits.1280x720", "0 s of 1280x720"),
        ({"limits": (Limit(HD, 10_000),)}, "limits.1280x720", "at most 9999"),
        ({"limits": (Limit(Size(0, 9), 4),)}, "limits.0x9", "A limit is a size and"),
        ({"base_url": "ftp://x/v1"}, "base_url", "http:// or https://"),
        ({"base_url": "gpu.lan"}, "base_url", "http:// or https://"),
        ({"base_url": "http://"}, "base_url", "and a host"),
        ({"base_url": "http://x:0/"}, "base_url", "and a host"),
        ({"base_url": "http://x:y/"}, "base_url", "can be read"),
        ({"base_url": "http://[/"}, "base_url", "can be read"),
        ({"base_url": "http://x y/"}, "base_url", "a space"),
        ({"base_url": f"http://{'x' * 2000}"}, "base_url", "2007 characters"),
        ({"base_url": "http://me:hush@x/v1"}, "base_url", "Give the secret as 'secret'"),
        ({"base_url": "http://x/v1?key=hush"}, "base_url", "a query or a fragment"),
        ({"base_url": "http://x/v1#hush"}, "base_url", "a query or a fragment"),
        ({"proxy": ""}, "proxy", "'proxy' must begin with http://, https://, socks5:// or"),
        ({"proxy": "None"}, "proxy", "must begin with"),
        ({"proxy": "socks5://hush@x"}, "proxy", "a user without a password"),
        ({"proxy": f"socks5://{'x' * 2000}"}, "proxy", "2009 characters; the most is 2000"),
        ({"secret": ""}, "secret", "1 to 8192 printable"),
        ({"secret": "hush\nhush"}, "secret", "in one line"),
        ({"secret": "h" * 8193}, "secret", "1 to 8192"),
    ],
)
async def test_bad_fields_are_refused_by_name(
    office: Office, fields: dict[str, Any], param: str, says: str
) -> None:
    account_id = await office.add("good")
    for refused in (office.add(**fields), office.accounts.change(account_id, fields)):  # type: ignore[arg-type]
        with pytest.raises(InvalidRequest) as error:
            await refused
        assert error.value.param == param
        assert says in error.value.message
        assert "hush" not in error.value.message
    assert await office.candidates() == ["good"]


async def test_an_engine_must_be_installed(office: Office) -> None:
    with pytest.raises(
        InvalidRequest, match=r"No engine 'oven' is installed\. There is: hearth, kiln"
    ):
        await office.accounts.add("oven", {})


async def test_a_label_is_unique_at_its_engine_and_free_after_a_removal(office: Office) -> None:
    first, other = await office.add("a"), await office.add("b")
    await office.accounts.add("loom", {"label": "a"})
    with pytest.raises(Conflict, match="an account 'a' already"):
        await office.add("a")
    with pytest.raises(Conflict, match="an account 'a' already"):
        await office.accounts.change(other, {"label": "a"})
    await office.accounts.change(first, {"label": "a"})

    await office.accounts.remove(first)
    await office.accounts.change(other, {"label": "a"})
    assert await office.candidates() == ["a"]


async def test_a_removed_account_gets_no_work_but_finishes_what_it_has(office: Office) -> None:
    account_id = await office.add(secret=SECRET)
    assert await office.candidates() == ["a"]
    await office.accounts.remove(account_id)

    assert await office.candidates() == []
    assert (await office.accounts.get(account_id)).secret == SECRET
    assert await office.accounts.list() == []
    for gone in (office.accounts.remove(account_id), office.accounts.change(account_id, {})):
        with pytest.raises(NotFound, match="There is no account"):
            await gone


async def test_an_account_that_there_never_was_is_not_found(office: Office) -> None:
    for asked in (
        office.accounts.get("account_none"),
        office.accounts.remove("account_none"),
        office.accounts.change("account_none", {}),
    ):
        with pytest.raises(NotFound, match="There is no account 'account_none'"):
            await asked


async def test_an_engine_inside_us_has_its_one_account(office: Office) -> None:
    own = Account(id="account_own", engine="kiln", label="here", seats=2, per_node=True)
    await office.rows.ensure(own, at=office.clock.now())

    for refused in (
        office.accounts.add("hearth", {}),
        office.add("another"),
        office.accounts.change("account_own", {"seats": 9}),
        office.accounts.remove("account_own"),
    ):
        with pytest.raises(InvalidRequest, match="FILMGATE_SEATS"):
            await refused
    assert await office.candidates() == ["here"]


async def test_changes_are_seen_here_at_once_and_elsewhere_within_two_seconds(
    office: Office,
) -> None:
    assert await office.candidates(office.others) == []
    await office.add()
    assert await office.candidates() == ["a"]
    assert await office.candidates(office.others) == []
    office.clock.move(timedelta(seconds=2))
    assert await office.candidates(office.others) == ["a"]


async def test_the_rows_are_read_again_when_one_has_changed(office: Office) -> None:
    account_id = await office.add(secret=SECRET)
    await office.candidates(office.others)
    office.rows.asked = 0
    for _ in range(3):
        office.clock.move(timedelta(seconds=2))
        assert await office.candidates(office.others) == ["a"]
    assert office.rows.asked == 0

    await office.accounts.change(account_id, {"secret": "env:KEY"})
    # What lies elsewhere may change without its row.
    for asked in (1, 2):
        office.clock.move(timedelta(seconds=2))
        assert await office.candidates(office.others) == ["a"]
        assert office.rows.asked == asked


async def test_thousands_of_jobs_ask_the_rows_once(office: Office) -> None:
    await office.add()
    office.rows.asked = 0
    found = await asyncio.gather(*(office.candidates() for _ in range(1000)))
    assert found == [["a"]] * 1000
    assert office.rows.asked == 1


async def test_what_was_read_before_a_change_is_not_kept_after_it(office: Office) -> None:
    account_id = await office.add("a", seats=1)
    office.rows.answering.clear()
    early = asyncio.create_task(office.candidates())
    await asyncio.sleep(0)  # it has read, and has no answer yet
    await office.accounts.change(account_id, {"label": "b"})
    office.rows.answering.set()

    assert await early == ["a"]
    assert await office.candidates() == ["b"]


async def test_a_job_may_start_wait_or_never_be_made(office: Office) -> None:
    wish = Take(engine="kiln", model="kiln-1", request=A_KITE)
    with pytest.raises(EngineUnavailable, match="filmgate accounts add kiln") as refused:
        await office.accounts.check(wish)
    assert refused.value.code == "no_account"

    account = await office.accounts.get(await office.add())
    assert await office.accounts.check(wish)
    await office.accounts.blame(account, AccountExhausted("slow down"))
    assert not await office.accounts.check(wish)
    await office.accounts.change(account.id, {"models": ("kiln-2",)})
    with pytest.raises(Unsupported, match=r"It may not run kiln-1\."):
        await office.accounts.check(wish)
