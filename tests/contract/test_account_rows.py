"""What every database promises of accounts, and of the installation."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from filmgate.domain.account import Account, Limit, WhenDown
from filmgate.domain.errors import Conflict
from filmgate.domain.request import Size
from filmgate.domain.webhook import Endpoint, EventType
from filmgate.storage.database.accounts import AccountRows
from filmgate.storage.database.callers import CallerRows
from filmgate.storage.database.connection import Database
from filmgate.storage.database.deliveries import DeliveryRows
from filmgate.storage.database.installation import InstallationRows
from filmgate.storage.database.postgres import PostgreSQL
from filmgate.storage.database.prepare import prepare
from filmgate.storage.database.sqlite import SQLite
from filmgate.storage.database.webhooks import EndpointRows
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


async def listening(database: Database, name: str, *, admin: bool) -> str:
    """An endpoint of a caller with such a key that asked for all that tells of accounts."""
    made = await CallerRows(database).add_key(
        f"key_{name}", name, key_hash=name, hint="", admin=admin, at=NOW
    )
    assert made is not None
    endpoint = Endpoint(
        id=f"whe_{name}",
        caller_id=made.caller.id,
        name=name,
        url="https://example.com",
        event_types=(EventType.ACCOUNT_EXPIRING, EventType.ACCOUNT_REJECTED),
        secret="sealed",
        created_at=NOW,
        updated_at=NOW,
    )
    return await EndpointRows(database).add(endpoint, None)


async def test_whoever_has_an_admin_key_and_asked_is_told_of_an_account(
    database: Database, rows: AccountRows
) -> None:
    operator = await listening(database, "operator", admin=True)
    await listening(database, "guest", admin=False)
    await listening(database, "former", admin=True)
    await CallerRows(database).revoke("key_former", at=NOW)
    await rows.add(WHOLE, at=NOW)
    later = NOW + timedelta(hours=1)

    assert await rows.warn("account_1", at=NOW)
    assert not await rows.warn("account_1", at=later)
    assert await rows.reject("account_1", at=NOW, reason="account_rejected")
    assert not await rows.reject("account_1", at=later, reason="account_rejected")
    await rows.check("account_1", at=NOW, accepted=True)
    assert await rows.reject("account_1", at=later, reason="account_rejected")

    due = await DeliveryRows(database).due(at=later, busy=[], limit=10)
    assert sorted((one.event_type, one.created_at, one.endpoint_id) for one in due) == [
        ("account.expiring", NOW, operator),
        ("account.rejected", NOW, operator),
        ("account.rejected", later, operator),
    ]
    assert {one.subject_id for one in due} == {"account_1"}
    assert len({one.event_id for one in due}) == 3


async def test_everything_about_an_account_comes_back(rows: AccountRows) -> None:
    rich = replace(
        WHOLE,
        still_seats=0,
        plan="pro",
        models=("kiln-1",),
        groups=("a", "b"),
        limits=(Limit(Size(1280, 720), 1234.567), Limit(Size(64, 64), 8.0)),
        per_day=4,
        per_month=90,
        priority=-3,
        weight=2,
        machine="gpu1",
        disabled=True,
        expires_at=NOW + timedelta(days=1),
    )
    await rows.add(rich, at=NOW)
    assert await rows.get("account_1") == rich
    assert await rows.machines() == {"gpu1": 1}
    await rows.machine("gpu1", seats=4)
    await rows.machine("gpu2", seats=2)
    await rows.change("account_1", {"machine": "gpu3"})
    assert await rows.machines() == {"gpu1": 4, "gpu2": 2, "gpu3": 1}


async def test_a_rejection_stands_until_the_account_is_let_in(rows: AccountRows) -> None:
    await rows.add(WHOLE, at=NOW)
    later = NOW + timedelta(hours=1)
    assert await rows.reject("account_1", at=NOW, reason="account_rejected")
    assert await rows.err("account_1") == 1
    assert await rows.err("account_1") == 2
    await rows.check("account_1", at=later, accepted=False)
    found = await rows.get("account_1")
    assert found == replace(
        WHOLE, rejected_at=NOW, checked_at=later, rest_reason="account_rejected", errors=2
    )
    await rows.work("account_1")
    await rows.check("account_1", at=later, accepted=True)
    assert await rows.get("account_1") == replace(WHOLE, checked_at=later)


async def test_a_new_time_is_told_of_again(rows: AccountRows) -> None:
    await rows.add(replace(WHOLE, expires_at=NOW), at=NOW)
    assert await rows.warn("account_1", at=NOW)
    await rows.change("account_1", {"seats": 2})
    assert not await rows.warn("account_1", at=NOW)
    await rows.change("account_1", {"expires_at": NOW + timedelta(days=1)})
    assert await rows.warn("account_1", at=NOW)


async def test_every_change_is_seen_in_the_version(rows: AccountRows) -> None:
    seen = [await rows.version()]
    await rows.add(WHOLE, at=NOW)
    for change in (
        rows.change("account_1", {"seats": 2}),
        rows.rest("account_1", at=NOW, until=NOW, reason="x"),
        rows.reject("account_1", at=NOW, reason="x"),
        rows.check("account_1", at=NOW, accepted=True),
        rows.machine("gpu1", seats=1),
        rows.remove("account_1", at=NOW),
    ):
        await change
        seen.append(await rows.version())
    assert seen == sorted(set(seen))
