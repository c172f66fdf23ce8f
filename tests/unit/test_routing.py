from dataclasses import replace

import pytest

from fakes import KITE, Scripted
from filmgate import Size
from filmgate.domain.errors import CannotStart, NotFound
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
