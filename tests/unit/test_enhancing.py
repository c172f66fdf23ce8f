"""Who writes a better prompt, and what happens when one of them fails."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from filmgate.bootstrap.accounts import accounts_of
from filmgate.bootstrap.connecting import asking
from filmgate.bootstrap.enhancing import enhancing_of
from filmgate.bootstrap.folder import opened as folder_of
from filmgate.config import Settings
from filmgate.domain.account import Account
from filmgate.domain.composer import compose
from filmgate.domain.enhancement import Detail, Enhancement
from filmgate.domain.errors import (
    AccountExhausted,
    AccountRejected,
    ContentRejected,
    EngineMisbehaved,
    EngineUnavailable,
    FilmgateError,
    InvalidRequest,
)
from filmgate.gateway.enhancing import Enhancing
from filmgate.outbound import Outbound
from filmgate.storage.sealing import FernetCipher
from unit.account_office import Office, opened
from upstreams.openai_chat import SAID, OpenAIChat

WISH = Enhancement(prompt="a kite", seconds=10, detail=Detail.SHORT)


@dataclass
class Writer:
    """An enhancer that says the account's label, or goes wrong as it is told."""

    name: str = "kiln"
    fails: dict[str, FilmgateError] = field(default_factory=dict)  #: by label, at once
    stops: dict[str, FilmgateError] = field(default_factory=dict)  #: after a word
    going: asyncio.Event = field(default_factory=asyncio.Event)
    open: dict[str, int] = field(default_factory=dict)
    most: dict[str, int] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def discover(self, account: Account) -> Sequence[str]:
        raise NotImplementedError

    async def enhance(self, wish: Enhancement, account: Account) -> AsyncGenerator[str]:
        label = account.label
        self.asked.append(label)
        self.open[label] = self.open.get(label, 0) + 1
        self.most[label] = max(self.open[label], self.most.get(label, 0))
        try:
            await self.going.wait()
            if label in self.fails:
                raise self.fails[label]
            yield f"{label}: "
            if label in self.stops:
                raise self.stops[label]
            yield wish.prompt
        finally:
            self.open[label] -= 1


@dataclass
class Desk:
    office: Office
    writer: Writer
    enhancing: Enhancing

    async def written(self) -> str:
        async with aclosing(self.enhancing.enhance(WISH)) as pieces:
            return "".join([piece async for piece in pieces])

    async def states(self) -> dict[str, str]:
        now = self.office.clock.now()
        shown = await self.office.accounts.list()
        return {one.account.label: one.account.state(now) for one in shown}


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with opened(tmp_path) as office:
        writer = Writer()
        writer.going.set()
        enhancing = Enhancing([writer], accounts=office.accounts, clock=office.clock)
        yield Desk(office, writer, enhancing)


async def test_without_an_account_the_rules_write(desk: Desk) -> None:
    assert await desk.written() == compose("a kite", seconds=10, detail=Detail.SHORT).text
    assert desk.writer.asked == []


async def test_with_an_account_its_model_writes(desk: Desk) -> None:
    await desk.office.add("a")
    assert await desk.written() == "a: a kite"


async def test_one_that_is_switched_off_is_as_if_there_were_none(desk: Desk) -> None:
    account = await desk.office.add("a")
    await desk.office.accounts.change(account, {"disabled": True})
    assert (await desk.written()).startswith("PRIMARY: A kite.")


async def test_the_highest_priority_comes_first(desk: Desk) -> None:
    await desk.office.add("a")
    await desk.office.add("b", priority=5, seats=1)
    async with aclosing(desk.enhancing.enhance(WISH)) as pieces:
        assert await anext(pieces) == "b: "
        assert await desk.written() == "a: a kite"  # rather than wait


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (AccountRejected("No."), "rejected"),
        (AccountExhausted("No.", retry_after=timedelta(seconds=30)), "resting"),
        (EngineUnavailable("No."), "active"),
    ],
    ids=lambda one: type(one).__name__,
)
async def test_before_the_first_word_another_account_goes_on(
    desk: Desk, error: FilmgateError, state: str
) -> None:
    for label in ("a", "b"):
        await desk.office.add(label)
    desk.writer.fails = {"a": error}
    assert await desk.written() == "b: a kite"
    assert desk.writer.asked == ["a", "b"]
    assert await desk.states() == {"a": state, "b": "active"}


async def test_after_the_first_word_nobody_does(desk: Desk) -> None:
    for label in ("a", "b"):
        await desk.office.add(label)
    desk.writer.stops = {"a": AccountExhausted("No.")}
    pieces = desk.enhancing.enhance(WISH)
    assert await anext(pieces) == "a: "
    with pytest.raises(AccountExhausted):
        await anext(pieces)
    assert desk.writer.asked == ["a"]
    assert await desk.states() == {"a": "resting", "b": "active"}


@pytest.mark.parametrize("error", [ContentRejected("No."), EngineMisbehaved("No.")])
async def test_what_is_not_an_accounts_fault_is_not_tried_again(
    desk: Desk, error: FilmgateError
) -> None:
    for label in ("a", "b"):
        await desk.office.add(label)
    desk.writer.fails = {"a": error}
    with pytest.raises(type(error)):
        await desk.written()
    assert desk.writer.asked == ["a"]


async def test_when_all_fail_the_last_says_why(desk: Desk) -> None:
    for label in ("a", "b"):
        await desk.office.add(label)
    desk.writer.fails = {"a": EngineUnavailable("A."), "b": AccountExhausted("B.")}
    with pytest.raises(AccountExhausted, match="B"):
        await desk.written()


async def test_when_all_rest_it_is_said_how_long(desk: Desk) -> None:
    for label in ("a", "b"):
        await desk.office.add(label)
    desk.writer.fails = {
        "a": AccountExhausted("No.", retry_after=timedelta(seconds=30)),
        "b": AccountRejected("No."),
    }
    with pytest.raises(AccountRejected):
        await desk.written()
    desk.office.clock.move(timedelta(seconds=10))
    with pytest.raises(EngineUnavailable) as caught:
        await desk.written()
    assert caught.value.retry_after == timedelta(seconds=20)


async def test_when_all_are_rejected_nobody_knows_how_long(desk: Desk) -> None:
    await desk.office.add("a")
    desk.writer.fails = {"a": AccountRejected("No.")}
    with pytest.raises(AccountRejected):
        await desk.written()
    with pytest.raises(EngineUnavailable) as caught:
        await desk.written()
    assert caught.value.retry_after is None


async def test_it_rests_after_too_many_errors_in_a_row(desk: Desk) -> None:
    await desk.office.add("a")
    failing: dict[str, FilmgateError] = {"a": EngineUnavailable("No.", unanswered=True)}
    desk.writer.fails = failing
    for _ in range(2):
        with pytest.raises(EngineUnavailable):
            await desk.written()
    desk.writer.fails = {}
    await desk.written()
    desk.writer.fails = failing
    for _ in range(3):
        assert await desk.states() == {"a": "active"}
        with pytest.raises(EngineUnavailable):
            await desk.written()
    assert await desk.states() == {"a": "resting"}


async def test_seats_hold_and_are_given_back(desk: Desk) -> None:
    await desk.office.add("a", seats=1)
    await desk.office.add("b", seats=2)
    desk.writer.going.clear()
    writing = [asyncio.create_task(desk.written()) for _ in range(9)]
    while desk.enhancing._wanted.total() < len(writing):
        await asyncio.sleep(0)
    desk.writer.going.set()
    assert sorted(await asyncio.gather(*writing)) == ["a: a kite"] * 3 + ["b: a kite"] * 6
    assert desk.writer.most == {"a": 1, "b": 2}
    assert desk.writer.open == {"a": 0, "b": 0}


async def test_whoever_leaves_gives_the_seat_back(desk: Desk) -> None:
    await desk.office.add("a", seats=1)
    async with aclosing(desk.enhancing.enhance(WISH)) as pieces:
        await anext(pieces)
        waiting = asyncio.create_task(desk.written())
        await asyncio.sleep(0.01)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
    assert desk.writer.open == {"a": 0}
    assert await desk.written() == "a: a kite"


async def test_more_seats_hold_at_once(desk: Desk) -> None:
    account = await desk.office.add("a", seats=1)
    async with aclosing(desk.enhancing.enhance(WISH)) as pieces:
        await anext(pieces)
        await desk.office.accounts.change(account, {"seats": 2})
        assert await desk.written() == "a: a kite"


async def test_whatever_is_installed_writes(tmp_path: Path) -> None:
    """As bootstrap puts it together: the account is an operator's, as at any engine."""
    outbound = Outbound()
    async with opened(tmp_path) as office, OpenAIChat() as standin:
        accounts = accounts_of(
            Settings(data=tmp_path), office.database, FernetCipher("the gateway's own"),
            office.clock, office.new_id,
        )  # fmt: skip
        await accounts.add(
            "openai_chat", {"base_url": standin.url, "secret": standin.secret, "seats": 2}
        )
        enhancing = enhancing_of(accounts, outbound, office.clock)
        pieces = [piece async for piece in enhancing.enhance(WISH)]
        assert pieces == list(SAID)
    await outbound.close()


async def test_it_is_not_connected_to_a_models_name(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    async with folder_of(settings) as folder, asking(settings, folder) as (names, _):
        shown = await folder.accounts.add("openai_chat", {"secret": "sk-of-nobody"})
        with pytest.raises(InvalidRequest) as caught:
            await names.discover(shown.account.id)
    assert caught.value.message == (
        "openai_chat makes no films, it writes better prompts; all that it needs is an "
        "account: filmgate accounts add openai_chat"
    )


def test_a_wish_is_checked_when_it_is_made() -> None:
    fields: dict[str, Any] = {"prompt": "风筝", "seconds": 60}
    assert Enhancement(**fields).detail is Detail.MEDIUM
