"""Engines that share a machine: whoever comes has the other let go of its memory."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from fakes import Scripted, busy, done
from filmgate import Account, EngineUnavailable
from filmgate.domain.job import Status
from filmgate.ports import Frees
from filmgate.storage.database.accounts import AccountRows
from house import House, open_house


@dataclass
class Heavy(Scripted):
    """Has a GPU's memory until it is told to let go."""

    freed: list[str] = field(default_factory=list)
    deaf: bool = False

    async def free(self, account: Account) -> None:
        self.freed.append(account.id)
        if self.deaf:
            raise EngineUnavailable("off")


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """Two accounts on a machine, each with an engine of its own."""
    house = await open_house(tmp_path, Heavy())
    house.routes.add(Heavy(name="other"))
    await house.accounts.change(house.account.id, {"machine": "gpu"})
    rows = AccountRows(house.database)
    other = Account(id="account_2", engine="other", label="y", seats=1, machine="gpu")
    await rows.add(other, at=house.clock.now())
    yield house
    await house.worker.drain(3600)
    await house.database.close()


def heavy(house: House, name: str) -> Heavy:
    engine = house.routes.engines[name]
    assert isinstance(engine, Heavy)
    assert isinstance(engine, Frees)
    return engine


async def make(house: House, name: str) -> Status:
    heavy(house, name).steps = [busy(), done()]
    model = "kite-1" if name == "scripted" else "other/kite-1"
    job = await house.submitted(house.wish(model))
    await house.work()
    return (await house.now(job)).status


async def test_the_other_lets_go_when_one_comes(house: House) -> None:
    one, other = heavy(house, "scripted"), heavy(house, "other")
    assert await make(house, "scripted") is Status.COMPLETED
    assert await make(house, "scripted") is Status.COMPLETED
    assert (one.freed, other.freed) == ([], [])
    assert await make(house, "other") is Status.COMPLETED
    assert (one.freed, other.freed) == (["account_1"], [])
    assert await make(house, "other") is Status.COMPLETED
    assert await make(house, "scripted") is Status.COMPLETED
    assert (one.freed, other.freed) == (["account_1"], ["account_2"])


async def test_one_that_cannot_be_told_is_in_nobodys_way(house: House) -> None:
    assert await make(house, "scripted") is Status.COMPLETED
    heavy(house, "scripted").deaf = True
    assert await make(house, "other") is Status.COMPLETED
    assert await make(house, "other") is Status.COMPLETED
    assert heavy(house, "scripted").freed == ["account_1"]


async def test_an_engine_that_keeps_nothing_is_not_told(house: House) -> None:
    await make(house, "scripted")
    house.routes.engines["scripted"] = Scripted()
    assert await make(house, "other") is Status.COMPLETED
