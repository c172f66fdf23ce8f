"""What every database promises of the names that operators point at models."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from filmgate.domain.errors import InvalidRequest
from filmgate.domain.model import Model, Option, Pick
from filmgate.engines.openai_videos import SORA_2
from filmgate.engines.previs import PREVIS_1, PREVIS_STILL
from filmgate.ports import Candidate, Named
from filmgate.storage.database.connection import Database
from filmgate.storage.database.names import NameRows
from filmgate.storage.database.postgres import PostgreSQL
from filmgate.storage.database.prepare import prepare
from filmgate.storage.database.sqlite import SQLite
from postgres import Postgres

NOW = datetime(2026, 11, 21, tzinfo=UTC)


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    server = Postgres()
    yield server
    server.remove()


@pytest.fixture(params=["sqlite", "postgresql"])
async def rows(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[NameRows]:
    database: Database
    if request.param == "sqlite":
        prepare(tmp_path / "test.db")
        database = SQLite(tmp_path / "test.db")
    else:
        database = PostgreSQL(request.getfixturevalue("server").new_database())
    yield NameRows(database)
    await database.close()


def options() -> Model:
    kinds: tuple[type[str | int | float | bool], ...] = (str, int, float, bool)
    return Model(
        name="every kind",
        media=SORA_2.media,
        sizes=SORA_2.sizes,
        default_size=SORA_2.default_size,
        options={kind.__name__: Option(kind, "an option", ()) for kind in kinds},
    )


def pointed(name: str, *candidates: Candidate, pick: Pick = Pick.FIRST) -> Named:
    return Named(name=name, candidates=candidates, pick=pick)


async def point(rows: NameRows, named: Named) -> Named:
    return await rows.point(named.name, lambda _: named, at=NOW)


@pytest.mark.parametrize("model", [PREVIS_1, PREVIS_STILL, SORA_2, options()])
async def test_a_name_comes_back_as_it_was_pointed(rows: NameRows, model: Model) -> None:
    settings = {"steps": [4, None]}
    named = pointed(
        "影/sora-2",
        Candidate(engine="loom", model=model, settings=settings, weight=7, plans=("影", "pro")),
        Candidate(engine="loom", model=PREVIS_1),
        Candidate(engine="kite", model=SORA_2, plans=("free",)),
        pick=Pick.LEAST_BUSY,
    )
    assert await point(rows, named) == named
    assert await rows.all() == [named]


async def test_a_name_means_one_thing_and_then_nothing(rows: NameRows) -> None:
    for name, model in (("b", SORA_2), ("a", SORA_2), ("b", PREVIS_1)):
        await point(rows, pointed(name, Candidate(engine=model.name, model=model)))
    assert [(one.name, one.candidates[0].engine) for one in await rows.all()] == [
        ("a", "sora-2"),
        ("b", "previs-1"),
    ]
    assert await rows.remove("b")
    assert not await rows.remove("b")
    assert [one.name for one in await rows.all()] == ["a"]


async def test_fewer_leave_nothing_of_the_others(rows: NameRows) -> None:
    several = [Candidate(engine=f"e{number:02}", model=SORA_2) for number in range(12)]
    assert (await point(rows, pointed("a", *several))).candidates == tuple(several)
    assert await rows.all() == [pointed("a", *several)]
    await point(rows, pointed("a", *several[:2]))
    assert await rows.all() == [pointed("a", *several[:2])]
    assert await rows.remove("a")
    await point(rows, pointed("a", several[5]))
    assert await rows.all() == [pointed("a", several[5])]


async def test_whoever_points_a_name_sees_what_it_means_before(rows: NameRows) -> None:
    async def add(number: int) -> None:
        def meant(before: Named | None) -> Named:
            candidate = Candidate(engine=f"e{number}", model=SORA_2)
            return pointed("a", *(before.candidates if before else ()), candidate)

        await rows.point("a", meant, at=NOW)

    await add(0)
    await asyncio.gather(*map(add, range(1, 8)))
    (named,) = await rows.all()
    assert {one.engine for one in named.candidates} == {f"e{number}" for number in range(8)}


async def test_what_is_refused_changes_nothing(rows: NameRows) -> None:
    first = pointed("a", Candidate(engine="e", model=SORA_2))
    await point(rows, first)

    def refuse(before: Named | None) -> Named:
        assert before == first
        raise InvalidRequest("No.")

    with pytest.raises(InvalidRequest):
        await rows.point("a", refuse, at=NOW)
    assert await rows.all() == [first]
