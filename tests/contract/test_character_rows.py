"""What every store promises of characters."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from fakes import A_KITE, Scripted
from filmgate.domain.caller import Caller
from filmgate.domain.character import Character
from filmgate.domain.errors import Conflict
from filmgate.storage.database.characters import CharacterRows
from filmgate.storage.database.connection import Database
from house import House, open_house


@pytest.fixture
async def house(tmp_path: Path, database: Database) -> House:
    return await open_house(tmp_path, Scripted(), database=database)


def character(house: House, name: str, caller: Caller | None = None) -> Character:
    return Character(
        id=house.new_id("char_"),
        caller_id=(caller or house.caller).id,
        name=name,
        clip="clip",
        portrait="portrait",
        created_at=house.clock.now(),
    )


async def test_the_newest_of_a_name_is_found_by_it(house: House) -> None:
    rows, mallory = CharacterRows(house.database), await house.new_caller("mallory")
    made = [character(house, name) for name in ("Ann", "bob", "小明", "other")]
    made.append(character(house, "eve", mallory))
    house.clock.move(timedelta(seconds=1))
    made.append(character(house, "ANN"))
    for one in made:
        assert await rows.add(one, None) == one.id
    names = ["ann", "bob", "小明", "eve", "nobody", "x' OR 1=1"]
    found = await rows.named(names, caller_id=house.caller.id)
    assert found == {"ann": made[5], "bob": made[1], "小明": made[2]}
    assert await rows.named([], caller_id=house.caller.id) == {}


async def test_of_two_at_once_one_is_alone(house: House) -> None:
    rows = CharacterRows(house.database)
    made = [character(house, name) for name in ("ann", "Ann")]
    adding = [rows.add(one, house.claim(one.id), alone=True) for one in made]
    answers = await asyncio.gather(*adding, return_exceptions=True)
    [refused] = [answer for answer in answers if isinstance(answer, Conflict)]
    assert refused.code == "name_taken"
    [kept] = [one for one, answer in zip(made, answers, strict=True) if answer == one.id]
    assert await rows.named(["ann"], caller_id=house.caller.id) == {"ann": kept}


async def test_a_film_and_the_character_that_it_becomes_are_one(house: House) -> None:
    await house.finished(replace(A_KITE, casts="char_1"))
    assert (await house.casting.get("char_1", house.caller)).caller_id == house.caller.id
