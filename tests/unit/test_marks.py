"""`watermark`: who marks what is made, and that it happens once."""

from dataclasses import replace
from pathlib import Path

import pytest

from drives import AWAY, FETCHED, breaking
from fakes import A_KITE, A_STILL, KITE, Scripted, done, still_done
from filmgate.domain.asset import Variant
from filmgate.domain.deadlines import Deadlines
from filmgate.gateway.plan import take_of
from filmgate.gateway.routing import Route
from house import House

MARKED = replace(A_KITE, watermark=True)


@pytest.mark.parametrize(
    ("watermarks", "asked", "ours"),
    [
        (False, True, True),
        (False, False, False),
        (False, None, False),
        (True, True, False),
        (True, False, False),
    ],
)
def test_what_the_engine_does_not_mark_itself_is_marked_by_us(
    *, watermarks: bool, asked: bool | None, ours: bool
) -> None:
    model = replace(KITE, watermarks=watermarks)
    route = Route(promise=model, engine=Scripted(), model=model, deadlines=Deadlines())
    take = take_of(replace(A_KITE, watermark=asked), route)
    assert (take.mark, take.request.watermark) == (ours, asked)


@pytest.mark.parametrize("asked", [True, False, None])
async def test_a_film_is_marked_if_that_was_asked_for(
    house: House, *, asked: bool | None
) -> None:
    film = Path(house.folder / "made.mp4")
    film.write_bytes(b"as it was made")
    house.engine.steps = [done(outputs=(replace(FETCHED.outputs[0], url=None, path=film),))]
    job = await house.submitted(replace(A_KITE, watermark=asked))
    await house.work()

    kept = house.shelf.blobs[(await house.jobs.outputs(job.id))[Variant.VIDEO].key]
    assert kept == (b"marked as it was made" if asked else b"as it was made")
    assert not film.exists()


async def test_a_film_that_is_stored_again_is_not_marked_again(house: House) -> None:
    house.shelf.put = breaking(house.shelf.put, [AWAY])  # type: ignore[method-assign]
    house.engine.steps = [FETCHED]
    job = await house.submitted(MARKED)
    await house.work()

    kept = house.shelf.blobs[(await house.jobs.outputs(job.id))[Variant.VIDEO].key]
    assert kept == b"marked fetched film"
    assert house.engine.fetches == 1
    assert [path for path in house.folder.iterdir() if path.suffix != ".db"] == []


async def test_a_still_is_marked_and_so_is_what_it_looked_like_on_the_way(
    house: House,
) -> None:
    house.engine.steps = [still_done(previews=1)]
    job = await house.submitted(replace(A_STILL, watermark=True))
    await house.work()
    assert [path.name for path in house.eye.marked] == ["step0.png", "still.png"]
    assert (await house.now(job)).status == "completed"
