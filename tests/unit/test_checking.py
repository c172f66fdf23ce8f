"""Accounts that are asked about: by hand, on a schedule, and before they expire."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from fakes import Scripted
from filmgate import (
    Account,
    AccountExhausted,
    AccountRejected,
    EngineUnreachable,
    FilmgateError,
    Refreshed,
)
from filmgate.domain.account import AccountState
from filmgate.domain.errors import NotFound
from filmgate.gateway.checking import Checks
from unit.account_office import SECRET, Office, opened

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
REJECTED = AccountRejected("kiln answered 401")


@dataclass
class Kiln(Scripted):
    """An engine that lets in whoever is not in *refuses*, and knows four models."""

    refuses: dict[str, FilmgateError] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    meanwhile: Callable[[], Awaitable[object]] | None = None

    async def let_in(self, account: Account) -> int:
        self.asked.append(account.label)
        if self.meanwhile:
            await self.meanwhile()
        if error := self.refuses.get(account.label):
            raise error
        return 4


@dataclass
class Mint(Kiln):
    """One that also makes new secrets of old ones."""

    given: Refreshed | FilmgateError | None = None
    refreshed: list[str | None] = field(default_factory=list)

    async def refresh(self, account: Account) -> Refreshed | None:
        self.refreshed.append(account.secret)
        if isinstance(self.given, FilmgateError):
            raise self.given
        return self.given


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with opened(tmp_path) as office:
        yield office


def checks_of(office: Office, engine: Kiln) -> Checks:
    return Checks(
        office.rows,
        accounts=office.accounts,
        ask=engine.let_in,
        engines={"kiln": engine},
        clock=office.clock,
    )


@pytest.fixture
def kiln() -> Kiln:
    return Kiln()


@pytest.fixture
def checks(office: Office, kiln: Kiln) -> Checks:
    return checks_of(office, kiln)


async def test_an_account_that_is_let_in_is_as_good_as_new(
    office: Office, checks: Checks, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    account = await office.accounts.get(await office.add(secret=SECRET))
    assert await office.candidates() == ["a"]
    for error in (REJECTED, AccountExhausted("slow down"), EngineUnreachable("down")):
        await office.accounts.blame(account, error)
    assert await office.candidates() == []

    found = await checks.check(account.id)
    assert (found.ok, found.models, found.error) == (True, 4, None)
    assert found.state is AccountState.ACTIVE
    shown = found.account
    assert (shown.errors, shown.rest_reason, shown.rejected_at) == (0, None, None)
    assert (shown.checked_at, shown.secret) == (office.clock.now(), None)
    assert await office.candidates() == ["a"]
    assert "account.accepted account=account_000001 engine=kiln" in caplog.text
    assert SECRET not in caplog.text


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (REJECTED, AccountState.REJECTED),
        (AccountExhausted("slow down"), AccountState.RESTING),
        (EngineUnreachable("down"), AccountState.ACTIVE),
    ],
)
async def test_what_the_engine_says_is_kept(
    office: Office, kiln: Kiln, checks: Checks, error: FilmgateError, state: AccountState
) -> None:
    account_id = await office.add()
    kiln.refuses["a"] = error
    found = await checks.check(account_id)
    assert (found.ok, found.models, found.error, found.state) == (False, None, error, state)
    assert found.account.errors == 0
    assert await office.candidates() == (["a"] if state is AccountState.ACTIVE else [])


async def test_a_rejected_account_that_is_not_let_in_stays_rejected(
    office: Office, kiln: Kiln, checks: Checks
) -> None:
    account = await office.accounts.get(await office.add())
    await office.accounts.blame(account, REJECTED)
    rejected_at = office.clock.now()
    for error in (REJECTED, AccountExhausted("slow down"), EngineUnreachable("down")):
        office.clock.move(MINUTE)
        kiln.refuses["a"] = error
        found = await checks.check(account.id)
        assert found.state is AccountState.REJECTED
        assert (found.account.rejected_at, found.account.rests_until) == (rejected_at, None)
        assert found.account.rest_reason == "account_rejected"
        assert found.account.checked_at == office.clock.now()


async def test_a_secret_that_this_node_cannot_read_is_told_and_nobody_is_asked(
    office: Office, kiln: Kiln, checks: Checks
) -> None:
    account_id = await office.add(secret="env:KEY")
    del office.elsewhere["env:KEY"]
    found = await checks.check(account_id)
    assert found.error is not None
    assert "env:KEY is not there" in found.error.message
    # Another node may be able to.
    assert found.state is AccountState.ACTIVE
    assert kiln.asked == []


async def test_who_is_not_there_cannot_be_checked(checks: Checks) -> None:
    with pytest.raises(NotFound, match="There is no account 'account_none'"):
        await checks.check("account_none")


async def test_a_rejected_account_is_asked_about_ever_more_seldom(
    office: Office, kiln: Kiln, checks: Checks
) -> None:
    account = await office.accounts.get(await office.add())
    await office.add("fine")
    await office.accounts.blame(account, REJECTED)
    began = office.clock.now()
    kiln.refuses["a"] = REJECTED
    times = []
    while office.clock.now() < began + timedelta(hours=6):
        office.clock.move(MINUTE)
        before = len(kiln.asked)
        await checks.sweep()
        if len(kiln.asked) > before:
            times.append((office.clock.now() - began) // MINUTE)

    assert times[:7] == [5, 10, 15, 23, 35, 53, 80]
    assert times[-2:] == [300, 360]
    assert set(kiln.asked) == {"a"}
    del kiln.refuses["a"]
    office.clock.move(timedelta(hours=1))
    await checks.sweep()
    assert await office.candidates() == ["a", "fine"]


async def test_many_are_asked_about_at_the_same_time_but_not_all(
    office: Office, kiln: Kiln, checks: Checks
) -> None:
    for number in range(20):
        account = await office.accounts.get(await office.add(f"a{number}"))
        await office.accounts.blame(account, REJECTED)
    at_once, most = 0, 0

    async def meanwhile() -> None:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await office.clock.sleep(0)
        at_once -= 1

    kiln.meanwhile = meanwhile
    office.clock.move(timedelta(minutes=5))
    await checks.sweep()
    assert len(kiln.asked) == 20
    assert 1 < most <= 8


async def test_the_disabled_the_expired_and_ours_are_left_alone(
    office: Office, kiln: Kiln, checks: Checks, caplog: pytest.LogCaptureFixture
) -> None:
    soon = office.clock.now() + DAY
    for fields in ({"disabled": True}, {}):
        label = f"a{len(fields)}"
        account = await office.accounts.get(
            await office.add(
                label, expires_at=soon - len(fields) * timedelta(hours=1), **fields
            )
        )
        await office.accounts.blame(account, REJECTED)
    own = Account(id="own", engine="hearth", label="own", seats=1, per_node=True)
    await office.rows.ensure(own, at=office.clock.now())
    await office.rows.reject("own", at=office.clock.now(), reason="account_rejected")
    office.clock.move(timedelta(days=2))
    await checks.sweep()
    assert kiln.asked == []
    assert caplog.text.count("account.expires") == 1


async def test_an_operator_is_told_once_a_week_before_a_secret_runs_out(
    office: Office, checks: Checks, caplog: pytest.LogCaptureFixture
) -> None:
    now = office.clock.now()
    account_id = await office.add(expires_at=now + timedelta(days=8))
    await office.add("for ever")
    await checks.sweep()
    assert "account.expires" not in caplog.text
    office.clock.move(DAY)
    for _ in range(3):
        await checks.sweep()
    line = f"account.expires account={account_id} engine=kiln label='a' at=2026-11-29T00:00:00"
    assert caplog.text.count(line) == caplog.text.count("account.expires") == 1

    await office.accounts.change(account_id, {"expires_at": now + timedelta(days=3)})
    await checks.sweep()
    assert caplog.text.count("account.expires") == 2


async def test_an_engine_that_can_refreshes_a_secret_before_it_runs_out(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    expires = office.clock.now() + timedelta(days=2)
    account_id = await office.add(secret=SECRET, expires_at=expires)
    mint = Mint(given=Refreshed(secret="sk-the-next", expires_at=expires + DAY))
    checks = checks_of(office, mint)
    await checks.sweep()
    assert mint.refreshed == []

    office.clock.move(timedelta(days=2, hours=-1))
    await checks.sweep()
    await checks.sweep()
    assert mint.refreshed == [SECRET]
    found = await office.accounts.get(account_id)
    assert (found.secret, found.expires_at) == ("sk-the-next", expires + DAY)
    assert "account.refreshed" in caplog.text
    assert "account.expires" not in caplog.text
    assert "sk-the-next" not in caplog.text + repr(mint.given)

    mint.given = Refreshed()
    office.clock.move(DAY)
    await checks.sweep()
    found = await office.accounts.get(account_id)
    assert (found.secret, found.expires_at) == ("sk-the-next", None)


@pytest.mark.parametrize("given", [None, AccountRejected("not any more")])
async def test_a_refresh_that_fails_is_told_and_tried_again(
    office: Office, caplog: pytest.LogCaptureFixture, given: FilmgateError | None
) -> None:
    expires = office.clock.now() + timedelta(hours=1)
    account_id = await office.add(secret=SECRET, expires_at=expires)
    mint = Mint(given=given)
    checks = checks_of(office, mint)
    for _ in range(11):
        await checks.sweep()
        office.clock.move(MINUTE)
    assert len(mint.refreshed) == 3
    assert caplog.text.count("account.expires") == 1
    assert ("account.unrefreshed" in caplog.text) is (given is not None)

    # Even after it has run out.
    mint.given = Refreshed(secret="sk-the-next")
    office.clock.move(timedelta(hours=2))
    await checks.sweep()
    shown = await office.accounts.show(account_id)
    assert (shown.state, shown.account.expires_at) == (AccountState.ACTIVE, None)


async def test_a_secret_that_lies_elsewhere_is_renewed_there(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    soon = office.clock.now() + timedelta(minutes=30)
    await office.add("elsewhere", secret="env:KEY", expires_at=soon)
    await office.add("none", expires_at=soon)
    mint = Mint(given=Refreshed(secret="sk-the-next"))
    await checks_of(office, mint).sweep()
    assert mint.refreshed == []
    assert caplog.text.count("account.expires") == 2
