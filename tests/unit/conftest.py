"""A gateway on real rows, with everything else faked."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fakes import Scripted
from house import House, open_house

HOUR = 3600  # of a clock that jumps


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    house = await open_house(tmp_path, Scripted())
    yield house
    await house.worker.drain(HOUR)
    await house.database.close()
