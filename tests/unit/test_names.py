"""Names that operators point at models."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from fakes import A_KITE, KITE, Scripted
from filmgate import Engine, InvalidRequest
from filmgate.domain.account import Account
from filmgate.domain.errors import AccountRejected, CannotStart, NotFound
from filmgate.domain.model import Model, Pick
from filmgate.gateway.names import MOST_CANDIDATES, Names
from filmgate.ports import Candidate, Named
from filmgate.storage.database.accounts import AccountRows
from filmgate.storage.database.names import NameRows
from house import House

CLOUD = replace(KITE, name="cloud-1")


class Asked(Scripted):
    """An engine that tells whoever asks what an account may use."""

    async def discover(self, account: object) -> list[Model]:
        del account
        if self.refusals:
            raise self.refusals.pop()
        return [CLOUD]


class Own(Asked):
    """An engine whose models are what a name's settings say."""

    def __init__(self) -> None:
        super().__init__(name="own")
        self.lacks: list[str] = []

    def model_of(self, model: str, settings: Mapping[str, Any]) -> Model:
        if "steps" not in settings:
            raise InvalidRequest("How many steps?", param="settings")
        return replace(KITE, name=model)

    async def missing(self, settings: Mapping[str, Any], account: Account) -> Sequence[str]:
        del settings, account
        return self.lacks


def only(named: Named) -> Candidate:
    (candidate,) = named.candidates
    return candidate


class Shelf:
    """What can be loaded."""

    def __init__(self) -> None:
        self.own = Own()
        self.engines: dict[str, Engine] = {"other": Asked(name="other"), "own": self.own}
        self.loads: list[str] = []

    async def load(self, name: str) -> Engine:
        self.loads.append(name)
        await asyncio.sleep(0)
        if name not in self.engines:
            message = f"No engine {name!r} is installed."
            raise CannotStart(message)
        return self.engines[name]


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def names(house: House, shelf: Shelf) -> Names:
    house.routes.add(Asked())
    return Names(
        NameRows(house.database),
        accounts=house.accounts,
        routes=house.routes,
        load=shelf.load,
        clock=house.clock,
    )


async def test_a_name_means_what_an_account_may_use(house: House, names: Names) -> None:
    pointed = await names.point(
        "sora-2", model="cloud-1", account_id=house.account.id, settings={"steps": 4}
    )
    assert [(one.engine, one.model) for one in pointed.candidates] == [("scripted", CLOUD)]
    for name in ("sora-2", "sora-2-2025-10-06"):
        route = house.routes.resolve(name)
        assert (route.promise.name, route.model) == (name, CLOUD)
        assert route.settings == {"steps": 4}
    await names.remove("sora-2")
    with pytest.raises(NotFound, match="filmgate connect"):
        house.routes.resolve("sora-2")


async def test_settings_may_say_what_a_model_is(
    house: House, names: Names, shelf: Shelf
) -> None:
    account = Account(id="account_own", engine="own", label="x", seats=1)
    await AccountRows(house.database).add(account, at=house.clock.now())
    # A model of its own has that name, and is another.
    mine: dict[str, Any] = {
        "model": "kite-1",
        "account_id": account.id,
        "settings": {"steps": 4},
    }
    shelf.own.lacks = ["node X", "model file y"]
    with pytest.raises(InvalidRequest, match="own at 'x' lacks what this needs: node X; m"):
        await names.point("fast", **mine)
    assert await names.list() == []
    shelf.own.models = lambda: (replace(KITE, seconds=(60.0,)),)  # type: ignore[method-assign]
    for fields in ({**mine, "anyway": True}, {**mine, "engine": "own", "account_id": None}):
        assert only(await names.point("fast", **fields)).model == KITE
        assert house.routes.resolve("fast").model == KITE
    with pytest.raises(InvalidRequest, match="How many steps"):
        await names.point("fast", **{**mine, "settings": {"step": 4}})
    shelf.own.lacks = []
    assert only(await names.point("fast", **mine)).model == KITE
    plain = await names.point("cloud", **{**mine, "model": "cloud-1", "settings": {}})
    assert only(plain).model == CLOUD


async def test_a_name_means_several_models_in_order(house: House, names: Names) -> None:
    first: dict[str, Any] = {"model": "kite-1", "engine": "scripted", "settings": {}}
    second = {**first, "engine": "other", "also": True}
    await names.point("sora-2", **first)
    pointed = await names.point(
        "sora-2", **second, weight=3, plans=["pro", "plus"], pick="weighted"
    )
    assert pointed.pick is Pick.WEIGHTED
    assert [(one.engine, one.weight, one.plans) for one in pointed.candidates] == [
        ("scripted", 1, ()),
        ("other", 3, ("pro", "plus")),
    ]
    for name in ("sora-2", "sora-2-2025-10-06"):
        ways = house.routes.ways(name)
        assert (ways.name, ways.pick) == (name, Pick.WEIGHTED)
        assert [(way.name, way.weight) for way in ways.routes] == [
            ("scripted/kite-1", 1),
            ("other/kite-1", 3),
        ]
    # The same once more changes it where it is, and leaves the rest as it was.
    again = await names.point("sora-2", **{**first, "also": True}, weight=9)
    assert [(one.engine, one.weight) for one in again.candidates] == [
        ("scripted", 9),
        ("other", 3),
    ]
    assert again.pick is Pick.WEIGHTED
    # With other settings it is another one.
    slow = await names.point("sora-2", **{**second, "settings": {"steps": 9}})
    assert [one.settings for one in slow.candidates] == [{}, {}, {"steps": 9}]
    alone = await names.point("sora-2", **{**second, "also": False})
    assert (len(alone.candidates), alone.pick) == (1, Pick.FIRST)


async def test_two_that_add_to_a_name_both_do(names: Names) -> None:
    same: dict[str, Any] = {"model": "kite-1", "engine": "scripted", "also": True}
    await names.point("x", model="kite-1", engine="scripted", settings={})
    await asyncio.gather(
        *(names.point("x", settings={"steps": number}, **same) for number in range(5))
    )
    (named,) = await names.list()
    assert len(named.candidates) == 6
    for number in range(5, MOST_CANDIDATES - 1):
        await names.point("x", settings={"steps": number}, **same)
    with pytest.raises(InvalidRequest, match="means 20 models already"):
        await names.point("x", settings={"steps": 99}, **same)


async def test_a_job_keeps_what_its_name_adds(house: House, names: Names) -> None:
    await names.point("kite-fast", model="kite-1", engine="scripted", settings={"steps": 4})
    request = replace(A_KITE, model="kite-fast")
    job = await house.submitted(request)
    await names.remove("kite-fast")
    (take,) = (await house.now(job)).plan.takes
    assert (take.model, take.settings) == ("kite-1", {"steps": 4})


async def test_another_node_follows(house: House, names: Names, shelf: Shelf) -> None:
    elsewhere = type(house.routes)([], [])
    follower = Names(
        NameRows(house.database),
        accounts=house.accounts,
        routes=elsewhere,
        load=shelf.load,
        clock=house.clock,
    )
    await names.point("far", model="kite-1", engine="other", settings={})
    await names.point("near", model="kite-1", engine="scripted", settings={})
    await follower.open()
    await follower.refresh()
    assert elsewhere.resolve("far").engine is shelf.engines["other"]
    # An engine that is not installed here is said once, and its names are refused.
    assert shelf.loads == ["other", "scripted", "other"]
    with pytest.raises(NotFound):
        elsewhere.resolve("near")
    assert [model.name for model, _ in elsewhere.models()] == ["far", "kite-1", "kite-still"]


async def test_an_engine_is_loaded_once(names: Names, shelf: Shelf) -> None:
    await asyncio.gather(
        *(names.point(name, model="kite-1", engine="other", settings={}) for name in "abc")
    )
    assert shelf.loads == ["other"]


async def test_what_an_engine_says_now_counts_more_than_what_it_said(
    house: House, names: Names
) -> None:
    await names.point("kite-fast", model="kite-1", engine="scripted", settings={})
    longer = replace(KITE, seconds=(60.0,))
    house.routes.add(type("Newer", (Asked,), {"models": lambda _: (longer,)})())
    await names.refresh()
    assert house.routes.resolve("kite-fast").model == longer


async def test_an_account_that_is_of_no_use_says_why(house: House, names: Names) -> None:
    engine = house.routes.engines["scripted"]
    assert isinstance(engine, Scripted)
    engine.refusals = [AccountRejected("no")]
    with pytest.raises(AccountRejected):
        await names.discover(house.account.id)


@pytest.mark.parametrize(
    ("name", "fields", "param"),
    [
        ("sora-2", {"model": "kite-1", "engine": "nobody"}, "engine"),
        ("sora-2", {"model": "kite-1"}, "engine"),
        ("sora-2", {"model": "sora-3", "engine": "scripted"}, "model"),
        (" ", {"model": "kite-1", "engine": "scripted"}, "name"),
        ("a\nb", {"model": "kite-1", "engine": "scripted"}, "name"),
        ("x" * 201, {"model": "kite-1", "engine": "scripted"}, "name"),
        ("x", {"model": "kite-1", "engine": "scripted", "weight": 0}, "weight"),
        ("x", {"model": "kite-1", "engine": "scripted", "weight": 101}, "weight"),
        ("x", {"model": "kite-1", "engine": "scripted", "plans": ["pro"] * 21}, "plans"),
        ("x", {"model": "kite-1", "engine": "scripted", "plans": [""]}, "plans"),
        ("x", {"model": "kite-1", "engine": "scripted", "plans": ["x" * 41]}, "plans"),
        ("x", {"model": "kite-1", "engine": "scripted", "plans": ["a\nb"]}, "plans"),
        ("x", {"model": "kite-1", "engine": "scripted", "pick": "dearest"}, "pick"),
        ("x", {"model": "kite-1", "engine": "scripted", "also": True}, "also"),
    ],
)
async def test_a_name_that_cannot_be_pointed_says_why(
    names: Names, name: str, fields: dict[str, Any], param: str
) -> None:
    with pytest.raises(InvalidRequest) as caught:
        await names.point(name, settings={}, **fields)
    assert caught.value.param == param
    assert await names.list() == []


async def test_a_name_that_is_not_pointed_anywhere_cannot_be_removed(names: Names) -> None:
    with pytest.raises(NotFound):
        await names.remove("sora-2")
