"""What a video object says of money, at every point of its job's life."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from fakes import KITE, Scripted
from filmgate.dialects.openai.video_objects import capabilities, render
from filmgate.domain.model import Price
from house import open_house
from till import Till

Money = tuple[float, float | None, float | None]


@pytest.fixture
async def till(tmp_path: Path) -> AsyncIterator[Till]:
    till = Till(await open_house(tmp_path, Scripted(), seats=9))
    yield till
    await till.house.database.close()


async def money(till: Till) -> Money:
    """Price, charged and cost, in dollars."""
    made = render(await till.house.now(till.job), None).filmgate
    return made.price_usd, made.charged_usd, made.cost_usd


async def test_a_cancelled_film_is_charged_once_the_engine_has_stopped(till: Till) -> None:
    await till.add()
    assert await money(till) == (0.4, None, None)
    await till.own(ticket=True)
    await till.cancel()
    assert render(await till.house.now(till.job), None).status == "failed"
    assert await money(till) == (0.4, None, None)
    await till.stop()
    assert await money(till) == (0.4, 0.3, 0.3)
    await till.rows.keep_cost(till.owned.attempt.id, 250_000)
    assert await money(till) == (0.4, 0.3, 0.25)


async def test_a_failed_film_is_charged_nothing(till: Till) -> None:
    await till.add()
    await till.own()
    await till.fail()
    assert await money(till) == (0.4, 0.0, None)


async def test_a_free_film_is_charged_nothing(till: Till) -> None:
    await till.add(price=0, cost=0)
    assert await money(till) == (0.0, None, None)
    await till.own(ticket=True)
    await till.complete()
    assert await money(till) == (0.0, 0.0, None)


async def test_what_was_made_before_there_was_a_ledger(till: Till) -> None:
    await till.add()
    await till.house.database.write(lambda c: c.execute("DELETE FROM charges").rowcount)
    await till.own(ticket=True)
    await till.complete()
    assert await money(till) == (0.4, None, 0.3)


def test_a_model_says_what_its_default_size_costs() -> None:
    by_size = replace(KITE, prices=(Price(rate=50_000, sizes=(KITE.default_size,)),))
    shown = [capabilities(one, Scripted()).price_per_second_usd for one in (KITE, by_size)]
    assert shown == [0.1, 0.05]
