"""How an account fares: what makes it rest or be rejected, and what ends that."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from filmgate.domain.account import Account, AccountState
from filmgate.domain.errors import (
    AccountExhausted,
    AccountRejected,
    ContentRejected,
    EngineMisbehaved,
    EngineUnavailable,
    EngineUnreachable,
    FilmgateError,
    GenerationFailed,
    InvalidRequest,
    StorageUnavailable,
    SubmissionInterrupted,
    TicketLost,
    TimedOut,
)
from unit.account_office import SECRET, Office, opened

UNANSWERED = EngineUnavailable("nobody answers", unanswered=True)


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with opened(tmp_path) as office:
        yield office


async def state(office: Office, account_id: str) -> AccountState:
    return (await office.accounts.show(account_id)).state


@pytest.mark.parametrize(
    ("error", "seconds"),
    [
        (AccountExhausted("slow down"), 60),
        (AccountExhausted("slow down", retry_after=timedelta(seconds=7)), 7),
        (AccountExhausted("slow down", retry_after=timedelta(0)), 60),
        (AccountExhausted("slow down", retry_after=timedelta(milliseconds=1)), 1),
        (AccountExhausted("next month", retry_after=timedelta(days=20)), 3600),
    ],
)
async def test_an_account_that_is_used_up_rests(
    office: Office, error: FilmgateError, seconds: int
) -> None:
    account = await office.accounts.get(await office.add())
    await office.add("fresh")
    assert await office.candidates() == ["a", "fresh"]
    await office.accounts.blame(account, error)

    assert await office.candidates() == ["fresh"]
    shown = (await office.accounts.list())[0]
    assert (shown.state, shown.account.rest_reason) == (AccountState.RESTING, error.code)
    office.clock.move(timedelta(seconds=seconds, microseconds=-1))
    assert await office.candidates() == ["fresh"]
    office.clock.move(timedelta(microseconds=1))
    assert await office.candidates() == ["a", "fresh"]


async def test_a_rejected_account_stays_so_until_it_is_let_in(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    account = await office.accounts.get(await office.add())
    for _ in range(3):
        await office.accounts.blame(account, AccountRejected("wrong key"))
    assert caplog.text.count("account.rejected") == 1
    office.clock.move(timedelta(days=30))
    assert await office.candidates() == []
    shown = (await office.accounts.show(account.id)).account
    assert (shown.rest_reason, shown.rests_until) == ("account_rejected", None)
    assert shown.rejected_at is not None

    await office.rows.check(account.id, at=office.clock.now(), accepted=False)
    assert await state(office, account.id) is AccountState.REJECTED
    await office.rows.check(account.id, at=office.clock.now(), accepted=True)
    assert await state(office, account.id) is AccountState.ACTIVE


@pytest.mark.parametrize(
    "error",
    [
        EngineUnreachable("no connection"),
        SubmissionInterrupted("nobody knows"),
        TimedOut("too long"),
        UNANSWERED,
    ],
    ids=lambda error: type(error).__name__,
)
async def test_an_account_that_fails_three_times_in_a_row_rests_for_five_minutes(
    office: Office, error: FilmgateError
) -> None:
    account = await office.accounts.get(await office.add())
    for _ in range(2):
        await office.accounts.blame(account, error)
        assert await office.candidates() == ["a"]
    await office.accounts.blame(account, error)

    assert await office.candidates() == []
    shown = (await office.accounts.show(account.id)).account
    assert (shown.errors, shown.rest_reason) == (3, error.code)
    office.clock.move(timedelta(minutes=5))
    assert await office.candidates() == ["a"]


@pytest.mark.parametrize(
    "error",
    [
        ContentRejected("no"),
        EngineUnavailable("overloaded"),
        EngineMisbehaved("what is this"),
        GenerationFailed("broken"),
        InvalidRequest("bad"),
        StorageUnavailable("ours"),
        TicketLost("forgotten"),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_what_is_not_the_accounts_fault_counts_for_nothing(
    office: Office, error: FilmgateError
) -> None:
    account = await office.accounts.get(await office.add())
    for _ in range(9):
        await office.accounts.blame(account, error)
    assert (await office.accounts.show(account.id)).account.errors == 0
    assert await office.candidates() == ["a"]


async def test_what_it_makes_makes_its_errors_forgotten(office: Office) -> None:
    before = await office.accounts.get(await office.add())
    for _ in range(2):
        await office.accounts.blame(before, UNANSWERED)
    # It was given this job before it failed the others.
    assert before.errors == 0
    await office.accounts.worked(before)
    await office.accounts.worked(before)
    await office.accounts.blame(before, UNANSWERED)
    assert (await office.accounts.show(before.id)).account.errors == 1
    assert await office.candidates() == ["a"]


async def test_how_many_errors_it_takes_is_a_setting(office: Office) -> None:
    accounts = office.process(most_errors=1)
    account = await accounts.get(await office.add())
    await accounts.blame(account, UNANSWERED)
    assert await office.candidates(accounts) == []


async def test_many_refusals_at_once_are_one_rest(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    account = await office.accounts.get(await office.add(secret=SECRET))
    for seconds in (9, 30, 3):
        error = AccountExhausted(SECRET, retry_after=timedelta(seconds=seconds))
        await office.accounts.blame(account, error)

    assert caplog.text.count("account.rests") == 1
    assert SECRET not in caplog.text
    office.clock.move(timedelta(seconds=29))
    assert await office.candidates() == []
    office.clock.move(timedelta(seconds=1))
    assert await office.candidates() == ["a"]


async def test_a_new_secret_ends_what_was_wrong_and_more_seats_do_not(office: Office) -> None:
    account = await office.accounts.get(await office.add(secret="old"))
    await office.accounts.blame(account, AccountRejected("wrong key"))

    await office.accounts.change(account.id, {"seats": 3})
    assert await office.candidates() == []
    await office.accounts.change(account.id, {"secret": SECRET})
    assert await office.candidates() == ["a"]


async def test_blame_is_seen_at_once_even_of_one_that_cannot_be_read_any_more(
    office: Office,
) -> None:
    account = await office.accounts.get(await office.add(secret="env:KEY"))
    assert await office.candidates() == ["a"]
    del office.elsewhere["env:KEY"]
    await office.accounts.blame(account, AccountRejected("wrong key"))
    office.clock.move(timedelta(seconds=2))
    assert await office.candidates() == []
    # Whoever has never asked for the others has nothing to bring up to date.
    await office.others.blame(account, AccountRejected("wrong key"))
    assert await state(office, account.id) is AccountState.REJECTED


async def test_an_account_has_its_states_in_their_order(office: Office) -> None:
    now = office.clock.now()
    expires = now + timedelta(days=1)
    account = await office.accounts.get(await office.add(expires_at=expires))
    await office.accounts.blame(
        account, AccountExhausted("slow", retry_after=timedelta(days=1))
    )
    assert await state(office, account.id) is AccountState.RESTING
    await office.accounts.blame(account, AccountRejected("no"))
    assert await state(office, account.id) is AccountState.REJECTED
    office.clock.move(timedelta(days=1))
    assert await state(office, account.id) is AccountState.EXPIRED
    await office.accounts.change(account.id, {"disabled": True})
    assert await state(office, account.id) is AccountState.DISABLED
    assert await office.candidates() == []


async def test_no_time_at_all_is_a_state(office: Office) -> None:
    """A rest that is over is none, to the microsecond."""
    now = office.clock.now()
    rested = Account(id="a", engine="kiln", label="a", seats=1, rests_until=now)
    assert rested.state(now) is AccountState.ACTIVE
