from datetime import timedelta

from filmgate.domain.asset import Variant
from filmgate.domain.claim import Claim
from filmgate.domain.events import EventKind
from filmgate.gateway.retention import Retention
from filmgate.storage.database.claims import ClaimRows
from house import House


def retention(house: House) -> Retention:
    return Retention(
        jobs=house.jobs,
        claims=ClaimRows(house.database),
        blobs=house.shelf,
        clock=house.clock,
        others=(house.files.tidy,),
    )


async def test_an_expired_film_goes_and_its_job_stays(house: House) -> None:
    old = await house.finished()
    house.clock.move(timedelta(days=15))
    young = await house.finished()
    house.clock.move(timedelta(days=15))

    await retention(house).sweep()

    job = await house.gateway.get(old.id, house.caller)
    assert (job.status, job.expired_at) == ("completed", house.clock.now())
    assert await house.jobs.outputs(old.id) == {}
    assert Variant.VIDEO in await house.jobs.outputs(young.id)
    assert all(key.startswith(young.id) for key in house.shelf.blobs)
    assert (await house.jobs.events(old.id))[-1].kind is EventKind.EXPIRED


async def test_a_key_is_forgotten_after_a_day(house: House) -> None:
    claim = Claim(caller_id=house.caller.id, path="/v1/videos", key="k", fingerprint="f")
    await house.submitted(claim=claim)
    house.clock.move(timedelta(days=1))
    await retention(house).sweep()
    assert await house.database.row("SELECT count(*) FROM claims") == (0,)
