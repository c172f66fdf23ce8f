from dataclasses import replace

import pytest

from fakes import KITE, Scripted
from filmgate import Size
from filmgate.domain.errors import CannotStart, InvalidRequest, NotFound
from filmgate.domain.model import Alias
from filmgate.domain.request import GenerationRequest
from filmgate.gateway.routing import Routes, read_aliases, sora


def routes(pointers: dict[str, str]) -> Routes:
    engine = Scripted()
    return Routes([engine], read_aliases(pointers, [engine]))


def test_a_sora_name_keeps_its_promise_on_any_engine() -> None:
    route = routes({"sora-2": "scripted/kite-1"}).resolve("sora-2")
    assert route.model == KITE
    assert len(route.promise.sizes) == 6  # type: ignore[arg-type]
    assert route.promise.seconds == (4.0, 8.0, 12.0, 16.0, 20.0)
    assert route.promise.default_size == Size(720, 1280)


def test_dated_names_follow_their_family() -> None:
    names = [m.name for m, _ in routes({"sora-2-pro": "scripted/kite-1"}).models()]
    assert names == ["kite-1", "kite-still", "sora-2-pro", "sora-2-pro-2025-10-06"]


def test_other_names_promise_what_the_model_can() -> None:
    route = routes({"kite-fast": "scripted/kite-1"}).resolve("kite-fast")
    assert (route.promise.name, route.promise.sizes) == ("kite-fast", KITE.sizes)


def test_an_engines_own_names_work_too() -> None:
    found = routes({})
    assert found.resolve("kite-1").promise == KITE
    assert found.resolve("scripted/kite-1").promise == KITE


def test_what_is_left_out_is_what_the_model_has() -> None:
    wide = replace(KITE, sizes=(Size(1280, 768),), default_size=Size(1280, 768))
    long = replace(wide, seconds=(5.0, 10.0), default_seconds=5.0)
    promise = sora("sora-2", long)
    asked = GenerationRequest(model="sora-2", media=promise.media, prompt="a kite")
    promise.check(asked)
    complete = promise.fill(asked)
    assert (complete.size, complete.seconds) == (Size(1280, 768), 5.0)
    long.check(complete)


def test_a_name_that_nobody_pointed_anywhere_is_refused() -> None:
    with pytest.raises(NotFound, match="`sora-2-pro` points at no engine here"):
        routes({"sora-2": "scripted/kite-1"}).resolve("sora-2-pro")


def test_a_pointer_to_nothing_stops_the_start() -> None:
    with pytest.raises(CannotStart, match="There is: scripted/kite-1"):
        routes({"sora-2": "scripted/swallow"})


@pytest.mark.parametrize(
    ("name", "plain", "groups"),
    [
        ("kite-1|[pro]", "kite-1", ("pro",)),
        ("kite-1|[pro,plus]", "kite-1", ("pro", "plus")),
        ("kite-1|[ pro , plus,pro]", "kite-1", ("pro", "plus")),
        ("scripted/kite-1|[pro]", "scripted/kite-1", ("pro",)),
        ("kite-1", "kite-1", ()),
    ],
)
def test_groups_of_accounts_follow_a_name(
    name: str, plain: str, groups: tuple[str, ...]
) -> None:
    ways = routes({}).ways(name)
    (route,) = ways.routes
    assert (ways.name, route.model, route.groups) == (plain, KITE, groups)


@pytest.mark.parametrize(
    "name",
    [
        "kite-1|",
        "kite-1|pro",
        "kite-1|[]",
        "kite-1|[pro",
        "kite-1|pro]",
        "kite-1|[pro,]",
        "kite-1|[ ]",
        "kite-1|[pro]x",
        "kite-1|[pro]|[plus]",
        "kite-1|[[pro]]",
        "|[pro]",
        f"kite-1|[{'x' * 41}]",
        f"kite-1|[{','.join(map(str, range(21)))}]",
    ],
)
def test_groups_that_are_written_wrongly_say_what_is_right(name: str) -> None:
    with pytest.raises(InvalidRequest, match=r"like this: `sora-2\|\[pro,plus\]`") as refused:
        routes({}).ways(name)
    assert refused.value.param == "model"


def test_a_name_that_has_a_bar_is_one() -> None:
    alias = Alias(promise=replace(KITE, name="a|b"), engine="scripted", model=KITE)
    (route,) = Routes([Scripted()], [alias]).ways("a|b").routes
    assert (route.model, route.groups) == (KITE, ())


def test_an_unknown_name_with_groups_is_unknown() -> None:
    with pytest.raises(NotFound, match="swallow"):
        routes({}).ways("swallow|[pro]")


def test_a_name_leaves_out_engines_that_are_not_here() -> None:
    aliases = [
        Alias(promise=replace(KITE, name="a"), engine=engine, model=KITE)
        for engine in ("gone", "scripted")
    ]
    found = Routes([Scripted()], [*aliases, replace(aliases[0], promise=KITE)])
    assert [way.engine.name for way in found.ways("a").routes] == ["scripted"]
    # One that points at nothing that is here means nothing, whatever the engine calls it.
    with pytest.raises(NotFound):
        found.ways("kite-1")
    assert [model.name for model, _ in found.models()] == ["a", "kite-still"]
