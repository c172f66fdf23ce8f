"""What every database promises of the names that operators point at models."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from filmgate.domain.model import Model, Option
from filmgate.engines.openai_videos import SORA_2
from filmgate.engines.previs import PREVIS_1, PREVIS_STILL
from filmgate.ports import Named
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


@pytest.mark.parametrize("model", [PREVIS_1, PREVIS_STILL, SORA_2, options()])
async def test_a_name_comes_back_as_it_was_pointed(rows: NameRows, model: Model) -> None:
    named = Named(name="影/sora-2", engine="loom", model=model, settings={"steps": [4, None]})
    await rows.point(named, at=NOW)
    assert await rows.all() == [named]


async def test_a_name_means_one_thing_and_then_nothing(rows: NameRows) -> None:
    for name, model in (("b", SORA_2), ("a", SORA_2), ("b", PREVIS_1)):
        await rows.point(Named(name=name, engine=model.name, model=model), at=NOW)
    assert [(one.name, one.engine) for one in await rows.all()] == [
        ("a", "sora-2"),
        ("b", "previs-1"),
    ]
    assert await rows.remove("b")
    assert not await rows.remove("b")
    assert [one.name for one in await rows.all()] == ["a"]
