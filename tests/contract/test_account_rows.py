"""What every database promises of accounts, and of the installation."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from filmgate.domain.account import Account, WhenDown
from filmgate.domain.errors import Conflict
from filmgate.storage.database.accounts import AccountRows
from filmgate.storage.database.connection import Database
from filmgate.storage.database.installation import InstallationRows
from filmgate.storage.database.postgres import PostgreSQL
from filmgate.storage.database.prepare import prepare
from filmgate.storage.database.sqlite import SQLite
from postgres import Postgres

NOW = datetime(2026, 11, 21, tzinfo=UTC)
WHOLE = Account(
    id="account_1",
    engine="kiln",
    label="gpu",
    seats=3,
    base_url="http://gpu.lan/v1",
    secret="sealed",
    proxy="sealed as well",
    when_down=WhenDown.WAIT,
)


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    server = Postgres()
    yield server
    server.remove()


@pytest.fixture(params=["sqlite", "postgresql"])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    opened: Database
    if request.param == "sqlite":
        prepare(tmp_path / "test.db")
        opened = SQLite(tmp_path / "test.db")
    else:
        opened = PostgreSQL(request.getfixturevalue("server").new_database())
    yield opened
    await opened.close()


@pytest.fixture
def rows(database: Database) -> AccountRows:
    return AccountRows(database)


async def test_an_account_comes_back_as_it_was_kept(rows: AccountRows) -> None:
    bare = Account(id="account_2", engine="loom", label="gpu", seats=1)
    await rows.add(WHOLE, at=NOW)
    await rows.add(bare, at=NOW + timedelta(seconds=1))

    assert await rows.get("account_1") == WHOLE
    assert await rows.all() == [WHOLE, bare]
    assert await rows.of("loom") == [bare]
    assert await rows.get("account_none") is None


async def test_a_label_is_taken_once_at_an_engine(rows: AccountRows) -> None:
    second = replace(WHOLE, id="account_2")
    await rows.add(WHOLE, at=NOW)
    with pytest.raises(Conflict, match="'gpu' already"):
        await rows.add(second, at=NOW)
    await rows.add(replace(second, label="other"), at=NOW)
    with pytest.raises(Conflict, match="'gpu' already"):
        await rows.change("account_2", {"label": "gpu", "seats": 9})
    assert [account.seats for account in await rows.all()] == [3, 3]

    assert await rows.remove("account_1", at=NOW)
    assert await rows.change("account_2", {"label": "gpu"})


async def test_only_what_is_given_is_changed(rows: AccountRows) -> None:
    await rows.add(WHOLE, at=NOW)
    assert await rows.change("account_1", {"seats": 7, "secret": None, "proxy": None})
    assert await rows.change("account_1", {})
    assert await rows.get("account_1") == replace(WHOLE, seats=7, secret=None, proxy=None)
    assert not await rows.change("account_none", {"seats": 7})
    assert not await rows.change("account_none", {})


async def test_what_is_kept_is_made_or_changed(rows: AccountRows) -> None:
    await rows.add(WHOLE, at=NOW)
    await rows.rest("account_1", at=NOW, until=NOW + timedelta(hours=1), reason="account_x")
    rests = await rows.get("account_1")
    assert rests is not None
    second = replace(WHOLE, id="account_3", label="other")
    given = replace(WHOLE, id="account_2", seats=7, base_url=None)

    assert await rows.keep([(given, {"seats": 7}), (second, {})], at=NOW) == [
        "account_1",
        "account_3",
    ]
    assert await rows.all() == [replace(rests, seats=7), second]
    assert await rows.keep([(given, {})], at=NOW) == ["account_1"]
    assert await rows.keep([(given, {"base_url": None})], at=NOW) == ["account_1"]
    assert await rows.get("account_1") == replace(WHOLE, seats=7, base_url=None)
    assert await rows.keep([], at=NOW) == []


async def test_all_are_kept_or_none(rows: AccountRows) -> None:
    await rows.add(WHOLE, at=NOW)
    other = replace(WHOLE, label="other")  # its id is taken
    with pytest.raises(Exception, match=r"UNIQUE|unique"):
        await rows.keep([(replace(WHOLE, seats=9), {"seats": 9}), (other, {})], at=NOW)
    assert await rows.all() == [WHOLE]


async def test_two_who_keep_the_same_account_make_one(rows: AccountRows) -> None:
    kept = await asyncio.gather(
        *(rows.keep([(replace(WHOLE, id=f"account_{n}"), {})], at=NOW) for n in range(8))
    )
    assert len({one for (one,) in kept}) == len(await rows.all()) == 1


async def test_a_removed_account_is_still_found_by_its_id(rows: AccountRows) -> None:
    await rows.add(WHOLE, at=NOW)
    assert await rows.remove("account_1", at=NOW)

    assert not await rows.remove("account_1", at=NOW)
    assert not await rows.change("account_1", {"seats": 1})
    assert (await rows.all(), await rows.of("kiln")) == ([], [])
    found = await rows.get("account_1")
    assert found is not None
    assert (found.secret, found.base_url) == (WHOLE.secret, WHOLE.base_url)
    await rows.add(replace(WHOLE, id="account_2"), at=NOW)


async def test_an_engine_of_ours_has_one_account_at_every_start(rows: AccountRows) -> None:
    own = Account(id="account_1", engine="hearth", label="here", seats=2, per_node=True)
    assert await rows.ensure(own, at=NOW) == own
    again = await rows.ensure(replace(own, id="account_2", seats=4), at=NOW)
    assert again == replace(own, seats=4)
    assert await rows.all() == [again]


async def test_the_longest_rest_holds_and_one_of_many_began_it(rows: AccountRows) -> None:
    await rows.add(WHOLE, at=NOW)
    ends = [NOW + timedelta(seconds=n) for n in (5, 60, 30, 8)]
    began = await asyncio.gather(
        *(rows.rest("account_1", at=NOW, until=end, reason="account_exhausted") for end in ends)
    )
    found = await rows.get("account_1")

    assert sorted(began) == [False, False, False, True]
    assert found is not None
    assert (found.rests_until, found.rest_reason) == (ends[1], "account_exhausted")
    assert await rows.rest("account_1", at=ends[1], until=ends[1], reason="account_rejected")


async def test_a_new_address_secret_or_proxy_ends_a_rest(rows: AccountRows) -> None:
    await rows.add(WHOLE, at=NOW)
    until = NOW + timedelta(minutes=5)
    for change, rests in (
        ({"seats": 1}, until),
        ({"base_url": None}, None),
        ({"secret": "s"}, None),
        ({"proxy": "p"}, None),
    ):
        await rows.rest("account_1", at=NOW, until=until, reason="account_rejected")
        await rows.change("account_1", change)  # type: ignore[arg-type]
        found = await rows.get("account_1")
        assert found is not None
        assert found.rests_until == rests


async def test_the_first_value_of_an_installation_stands(database: Database) -> None:
    installation = InstallationRows(database)
    found = await asyncio.gather(*(installation.first("key_check", str(n)) for n in range(9)))
    assert len(set(found)) == 1
    assert await installation.first("key_check", "late") == found[0]
