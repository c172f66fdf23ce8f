"""Films that become characters: once, with the film, and not at all without it."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from drives import AWAY, breaking, until
from fakes import A_KITE, busy, done
from filmgate import InvalidRequest
from filmgate.domain.errors import NotFound
from filmgate.domain.job import Status
from house import House

ANN = "char_00000000000000000000000000000001"
DEBUT = replace(A_KITE, casts=ANN)


def left(house: House) -> list[str]:
    """What the store has of characters."""
    return [key for key in house.shelf.blobs if key.startswith("char_")]


async def test_a_film_becomes_a_character(house: House) -> None:
    job = await house.finished(DEBUT)
    ann = await house.casting.get(ANN, house.caller)
    assert ann.name == f"character-{job.id[-8:]}"
    assert (await house.casting.named([ann.name], house.caller)) == {ann.name: ann}
    assert house.shelf.blobs[ann.clip] == b"film.mp4"
    assert sorted(left(house)) == [ann.clip, ann.portrait]


async def test_whoever_dies_before_the_film_is_shown_leaves_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    complete, dead, calls = house.rows.complete, asyncio.Event(), []

    async def dying(*args: Any, **kwargs: Any) -> bool:
        calls.append(args)
        if len(calls) == 1:
            await dead.wait()
        return await complete(*args, **kwargs)

    monkeypatch.setattr(house.rows, "complete", dying)
    house.engine.steps = [done(), done()]
    job = await house.submitted(DEBUT)
    await house.pokes.deliver(house.worker.look)
    await until(lambda: len(calls) == 1)
    with pytest.raises(NotFound):
        await house.casting.get(ANN, house.caller)

    other = house.new_worker("w2")
    await other.look(job.id)
    await house.work(other)
    ann = await house.casting.get(ANN, house.caller)
    dead.set()
    await until(lambda: not house.worker._tasks)
    assert (await house.now(job)).status is Status.COMPLETED
    assert sorted(left(house)) == [ann.clip, ann.portrait]


async def test_a_character_that_cannot_be_kept_does_not_cost_the_film(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(house.shelf, "copy", breaking(house.shelf.copy, [AWAY]))
    job = await house.finished(DEBUT)
    assert job.status is Status.COMPLETED
    assert f"character.lost job={job.id} character={ANN}" in caplog.text
    with pytest.raises(NotFound):
        await house.casting.get(ANN, house.caller)


async def test_a_film_that_is_not_wanted_any_more_becomes_nobody(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    complete = house.rows.complete

    async def too_late(*args: Any, **kwargs: Any) -> bool:
        await house.gateway.cancel(args[0].job.id, house.caller)
        return await complete(*args, **kwargs)

    monkeypatch.setattr(house.rows, "complete", too_late)
    job = await house.finished(DEBUT)
    assert job.status is Status.CANCELLED
    assert left(house) == []


async def test_a_store_that_is_away_keeps_what_is_to_be_dropped(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(house.shelf, "delete", breaking(house.shelf.delete, [AWAY, AWAY]))
    house.engine.steps = [busy(), InvalidRequest("no")]
    job = await house.submitted(DEBUT)
    await house.work()
    assert (await house.now(job)).status is Status.FAILED
    assert "character.left" in caplog.text
