"""Files: what is kept, what is refused, and what a crash or a rival leaves."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from filmgate.domain.errors import Conflict, InvalidRequest, NotFound
from filmgate.domain.file import (
    BATCH_OUTPUT,
    LONGEST_KEPT,
)
from unit.file_shop import ANN, BOB, PowerCut, Shop, claim, opened, sent


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with opened(tmp_path) as shop:
        yield shop


async def test_a_file_is_kept_until_it_is_deleted(shop: Shop) -> None:
    file = await shop.files.add(ANN, sent(), purpose="vision")
    shop.clock.move(timedelta(days=1000))
    await shop.files.tidy()

    found = await shop.files.get(file.id, ANN)
    assert found == file
    assert (found.filename, found.purpose, found.size) == ("story.txt", "vision", 7)
    assert found.sha256 == hashlib.sha256(b"a story").hexdigest()
    assert await shop.read(found) == b"a story"

    await shop.files.delete(file.id, ANN)
    with pytest.raises(NotFound):
        await shop.files.get(file.id, ANN)
    with pytest.raises(NotFound):
        await shop.files.delete(file.id, ANN)
    assert shop.stored() == 1  # until somebody tidies up
    await shop.files.tidy()
    assert (shop.stored(), shop.rows("files")) == (0, 0)


async def test_a_file_goes_when_its_time_has_come(shop: Shop) -> None:
    file = await shop.files.add(ANN, sent(), purpose="vision", kept=timedelta(hours=2))
    shop.clock.move(timedelta(hours=2, seconds=-1))
    await shop.files.tidy()
    assert await shop.read(await shop.files.get(file.id, ANN)) == b"a story"

    shop.clock.move(timedelta(seconds=1))
    with pytest.raises(NotFound):
        await shop.files.get(file.id, ANN)
    await shop.files.tidy()
    assert (shop.stored(), shop.rows("files")) == (0, 0)


async def test_the_input_of_a_batch_is_kept_for_30_days(shop: Shop) -> None:
    now = shop.clock.now()
    by_purpose = await shop.files.add(ANN, sent(), purpose="batch")
    as_told = await shop.files.add(ANN, sent(), purpose="batch", kept=timedelta(hours=1))
    assert by_purpose.expires_at == now + timedelta(days=30)
    assert as_told.expires_at == now + timedelta(hours=1)


async def test_a_file_made_here_is_its_callers(shop: Shop) -> None:
    path = shop.folder / "work" / "output"
    path.write_bytes(b"lines")
    until = shop.clock.now() + timedelta(days=2)
    made = await shop.files.store(
        ANN.id, path, filename="out.jsonl", purpose=BATCH_OUTPUT, expires_at=until
    )
    assert await shop.files.get(made.id, ANN) == made
    assert (made.purpose, made.expires_at, made.size) == ("batch_output", until, 5)
    assert shop.left() == []


async def test_another_callers_file_is_as_good_as_none(shop: Shop) -> None:
    file = await shop.files.add(ANN, sent(), purpose="vision")
    with pytest.raises(NotFound) as error:
        await shop.files.get(file.id, BOB, param="input_reference.file_id")
    assert error.value.param == "input_reference.file_id"
    assert error.value.code == "file_not_found"
    with pytest.raises(NotFound):
        await shop.files.delete(file.id, BOB)
    assert await shop.files.get(file.id, ANN) == file


@pytest.mark.parametrize(
    ("filename", "purpose", "kept", "param"),
    [
        ("", "vision", None, "file"),
        ("  ", "vision", None, "file"),
        ("a" * 256, "vision", None, "file"),
        ("a\nb", "vision", None, "file"),
        ("a\x7fb", "vision", None, "file"),
        ("a\ud800b", "vision", None, "file"),
        ("a", "batch_output", None, "purpose"),
        ("a", "", None, "purpose"),
        ("a", "vision", timedelta(seconds=3599), "expires_after.seconds"),
        ("a", "vision", LONGEST_KEPT + timedelta(seconds=1), "expires_after.seconds"),
    ],
)
async def test_a_file_that_cannot_be_is_refused_by_name(
    shop: Shop, filename: str, purpose: str, kept: timedelta | None, param: str
) -> None:
    with pytest.raises(InvalidRequest) as error:
        await shop.files.add(ANN, sent(filename=filename), purpose=purpose, kept=kept)
    assert error.value.param == param
    assert (shop.stored(), shop.rows("files")) == (0, 0)


@pytest.mark.parametrize("name", ["影片　一.mp4", "a\u202fb.png", "a" * 255, '"; x="y', ".."])
async def test_a_file_can_have_any_name_that_can_be_read(shop: Shop, name: str) -> None:
    file = await shop.files.add(ANN, sent(filename=name), purpose="user_data")
    assert (await shop.files.get(file.id, ANN)).filename == name


async def test_the_same_key_gives_the_same_file(shop: Shop) -> None:
    first = await shop.files.add(ANN, sent(), purpose="vision", claim=claim())
    again = await shop.files.add(ANN, sent(), purpose="vision", claim=claim())
    assert again == first
    with pytest.raises(Conflict):
        await shop.files.add(ANN, sent(), purpose="vision", claim=claim(fingerprint="other"))
    other = await shop.files.add(ANN, sent(), purpose="vision", claim=claim("other"))
    assert other.id != first.id
    assert (shop.stored(), shop.rows("files")) == (2, 2)


async def test_twenty_at_once_with_one_key_make_one_file(shop: Shop) -> None:
    made = await asyncio.gather(
        *(shop.files.add(ANN, sent(), purpose="vision", claim=claim()) for _ in range(20))
    )
    assert len({file.id for file in made}) == 1
    assert (shop.stored(), shop.rows("files")) == (1, 1)


async def test_two_that_differ_at_once_with_one_key_make_one_file(shop: Shop) -> None:
    made = await asyncio.gather(
        shop.files.add(ANN, sent(), purpose="vision", claim=claim(fingerprint="a")),
        shop.files.add(ANN, sent(), purpose="vision", claim=claim(fingerprint="b")),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in made) == ["Conflict", "File"]
    assert (shop.stored(), shop.rows("files")) == (1, 1)


async def test_a_file_whose_maker_died_is_never_seen_and_goes(shop: Shop) -> None:
    shop.blobs.dead = True
    with pytest.raises(PowerCut):
        await shop.files.add(ANN, sent(), purpose="vision")
    shop.blobs.dead = False

    listed, more = await shop.files.list(
        ANN, purpose=None, after=None, limit=10, newest_first=True
    )
    assert (list(listed), more, shop.stored()) == ([], False, 1)
    await shop.files.tidy()
    assert shop.stored() == 1  # it might still be on its way
    shop.clock.move(timedelta(hours=6))
    await shop.files.tidy()
    assert (shop.stored(), shop.rows("files")) == (0, 0)


async def test_a_tidying_that_died_is_done_by_the_next(shop: Shop) -> None:
    made = [await shop.files.add(ANN, sent(), purpose="vision") for _ in range(5)]
    for file in made[:4]:
        await shop.files.delete(file.id, ANN)
    shop.blobs.dead = True
    with pytest.raises(PowerCut):
        await shop.files.tidy(limit=2)
    shop.blobs.dead = False
    assert shop.rows("files") == 5
    await shop.files.tidy(limit=2)
    assert (shop.stored(), shop.rows("files")) == (1, 1)
