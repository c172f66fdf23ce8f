"""What a model says that films cost."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fakes import KITE
from filmgate import Media, Operation, Size
from filmgate.domain.model import Model, Price, prices_by_size
from filmgate.domain.request import GenerationRequest
from filmgate.gateway.routing import sora
from filmgate.storage.database.frozen import freeze_model, thaw_model

HD, LARGE, ODD = Size(1280, 720), Size(1920, 1080), Size(1000, 600)
EDITED = frozenset({Operation.REMIX, Operation.EDIT})
PRICED = replace(
    KITE,
    sizes=(HD, LARGE),
    default_size=HD,
    price=100_000,
    prices=(
        Price(rate=300_000, operations=EDITED),
        *prices_by_size({HD: 50_000, LARGE: 75_000}, audio=False),
        Price(rate=150_000, sizes=(LARGE,)),
    ),
)


def asked(
    size: Size | None = None,
    seconds: float | None = 4.0,
    audio: bool | None = None,
    operation: Operation = Operation.CREATE,
) -> GenerationRequest:
    return GenerationRequest(
        model="kite-1",
        media=Media.VIDEO,
        prompt="a kite",
        size=size,
        seconds=seconds,
        audio=audio,
        operation=operation,
    )


@pytest.mark.parametrize(
    ("request_", "micros"),
    [
        (asked(), 400_000),
        (asked(HD), 400_000),
        (asked(HD, 2.5), 250_000),
        (asked(LARGE), 600_000),
        (asked(ODD), 400_000),
        (asked(LARGE, audio=True), 600_000),
        (asked(HD, audio=False), 200_000),
        (asked(LARGE, audio=False), 300_000),
        (asked(ODD, audio=False), 400_000),
        (asked(LARGE, audio=False, operation=Operation.EDIT), 1_200_000),
        (asked(LARGE, operation=Operation.EXTEND), 600_000),
        (asked(LARGE, seconds=None), 150_000),
    ],
)
def test_a_film_costs_what_the_first_price_that_fits_says(
    request_: GenerationRequest, micros: int
) -> None:
    assert PRICED.costs(request_) == micros


def test_a_model_with_one_price_has_it_for_all() -> None:
    assert [KITE.rate(size) for size in (None, HD, LARGE, ODD)] == [KITE.price] * 4


def test_a_rate_is_that_of_the_default_size_unless_one_is_given() -> None:
    assert (PRICED.rate(), PRICED.rate(LARGE), PRICED.rate(audio=False)) == (
        100_000,
        150_000,
        50_000,
    )
    assert replace(PRICED, default_size=LARGE).rate() == 150_000


def test_sizes_of_one_rate_share_a_price() -> None:
    rates = {HD: 1, LARGE: 2, ODD: 1}
    assert prices_by_size(rates, audio=True) == (
        Price(rate=1, sizes=(HD, ODD), audio=True),
        Price(rate=2, sizes=(LARGE,), audio=True),
    )
    assert prices_by_size({}) == ()


def test_a_name_of_the_sora_family_costs_what_its_model_costs() -> None:
    promise = sora("sora-2", PRICED)
    assert [promise.costs(asked(size)) for size in (HD, LARGE)] == [400_000, 600_000]


def test_prices_are_kept_with_a_name() -> None:
    assert thaw_model(freeze_model(PRICED)) == PRICED


def test_a_name_that_was_kept_before_there_were_prices_has_its_one_price() -> None:
    text = freeze_model(replace(PRICED, prices=()))
    older = text.replace(',"prices":[]', "")
    assert older != text
    thawed: Model = thaw_model(older)
    assert thawed.costs(asked(LARGE)) == 400_000
