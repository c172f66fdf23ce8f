from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fakes import MovedClock, ids
from filmgate.domain.errors import (
    CannotStart,
    Conflict,
    InvalidRequest,
    NotFound,
    Unauthenticated,
)
from filmgate.gateway.keys import REMEMBERED, Keys
from filmgate.storage.database.callers import CallerRows
from filmgate.storage.database.prepare import prepare
from filmgate.storage.database.sqlite import SQLite


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[SQLite]:
    prepare(tmp_path / "test.db")
    database = SQLite(tmp_path / "test.db")
    yield database
    await database.close()


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def keys(database: SQLite, clock: MovedClock) -> Keys:
    return Keys(
        CallerRows(database),
        clock=clock,
        new_id=ids(),
        new_secret=lambda: "random-and-long-enough",
    )


async def test_a_new_key_lets_its_caller_in(keys: Keys) -> None:
    made, key = await keys.create("alice")
    assert key == "fg-random-and-long-enough"
    assert await keys.caller(key) == made.caller
    assert (made.caller.name, made.caller.admin, made.hint) == ("alice", False, "ough")


async def test_only_the_hash_is_kept(keys: Keys, database: SQLite) -> None:
    _, key = await keys.create("alice", value="my-old-deployed-key")
    assert key == "my-old-deployed-key"
    assert key not in str(await database.rows("SELECT * FROM api_keys"))
    assert [key.hint for key in await keys.list()] == [""]  # it is short


async def test_two_keys_of_a_name_stand_for_one_caller(keys: Keys) -> None:
    first, _ = await keys.create("alice")
    second, _ = await keys.create("alice", value="another-one", admin=True)
    assert first.caller.id == second.caller.id
    assert [key.caller.admin for key in await keys.list()] == [False, True]


async def test_a_revoked_key_lets_nobody_in(keys: Keys) -> None:
    made, key = await keys.create("alice")
    await keys.revoke(made.id)
    with pytest.raises(Unauthenticated):
        await keys.caller(key)
    assert [bool(key.revoked_at) for key in await keys.list()] == [True]


async def test_a_key_that_another_process_revokes_ends_within_seconds(
    keys: Keys, database: SQLite, clock: MovedClock
) -> None:
    made, key = await keys.create("alice", value="alices-own-key")
    guest = await keys.guest("this machine")
    await keys.caller(key)
    await CallerRows(database).revoke(made.id, at=clock.now())
    assert await keys.caller(key) == made.caller
    clock.move(REMEMBERED)
    for _ in range(2):
        with pytest.raises(Unauthenticated):
            await keys.caller(key)
    assert (await keys.caller(guest)).name == "this machine"


async def test_bad_keys_are_refused_by_field(keys: Keys) -> None:
    for name, value, param in [
        (" ", None, "name"),
        ("a", "short", "value"),
        ("a", "ключключ", "value"),
    ]:
        with pytest.raises(InvalidRequest) as refused:
            await keys.create(name, value=value)
        assert refused.value.param == param
    await keys.create("a", value="used-already")
    with pytest.raises(Conflict):
        await keys.create("b", value="used-already")
    with pytest.raises(NotFound):
        await keys.revoke("key_none")


async def test_the_first_start_makes_a_key_and_shows_it_once(keys: Keys) -> None:
    first = await keys.first(None)
    assert first is not None
    assert (await keys.caller(first)).admin
    assert await keys.first(None) is None


async def test_a_preset_key_is_taken_and_not_shown(keys: Keys) -> None:
    assert await keys.first("the-operators-own") is None
    assert await keys.first("the-operators-own") is None
    assert (await keys.caller("the-operators-own")).admin
    assert len(await keys.list()) == 1


async def test_a_preset_key_that_another_node_takes_along_meanwhile_is_taken(
    keys: Keys, database: SQLite, clock: MovedClock
) -> None:
    rows = CallerRows(database)
    find, seen = rows.by_key, []

    async def not_yet(key: str) -> object:
        seen.append(key)
        if len(seen) == 1:
            await keys.first("the-operators-own")
            return None
        return await find(key)

    rows.by_key = not_yet  # type: ignore[method-assign, assignment]
    late = Keys(rows, clock=clock, new_id=ids(), new_secret=lambda: "long-enough")
    assert await late.first("the-operators-own") is None
    assert len(await keys.list()) == 1


async def test_a_preset_key_that_cannot_be_used_stops_the_start(keys: Keys) -> None:
    with pytest.raises(CannotStart, match="8 to 200"):
        await keys.first("short")
    made, _ = await keys.create("alice", value="not-an-admin")
    for _ in range(2):
        with pytest.raises(CannotStart, match="Preset another"):
            await keys.first("not-an-admin")
        await keys.revoke(made.id)


async def test_a_guest_comes_in_and_leaves_no_key(keys: Keys) -> None:
    caller = await keys.caller(await keys.guest("this machine"))
    assert (caller.name, caller.admin) == ("this machine", False)
    assert await keys.list() == []
    again = await keys.caller(await keys.guest("this machine"))
    assert again == caller
    assert await keys.first(None) is not None
