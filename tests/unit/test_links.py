from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from fakes import A_STILL, still_done
from filmgate.domain.asset import Variant
from filmgate.domain.errors import Forbidden, NotFound
from filmgate.domain.job import Job
from house import House


def parts(url: str | None) -> tuple[str, str, str]:
    """The path's end, and the two parts of the query."""
    assert url is not None
    link = urlsplit(url)
    query = parse_qs(link.query)
    return link.path.rpartition("/")[2], query["expires"][0], query["signature"][0]


async def follow(house: House, job: Job, url: str | None) -> Variant:
    name, expires, signature = parts(url)
    assert name.startswith(job.id)
    _, asset = await house.gateway.linked(
        job.id, Variant.VIDEO, expires=expires, signature=signature
    )
    return asset.variant


async def test_a_link_shows_the_film(house: House) -> None:
    job = await house.finished()
    url = house.gateway.link(job)

    assert str(url).startswith(f"https://films.example/films/{job.id}.mp4?expires=")
    assert await follow(house, job, url) is Variant.VIDEO


async def test_there_is_no_link_before_there_is_a_film(house: House) -> None:
    assert house.gateway.link(await house.submitted()) is None


async def test_a_link_is_the_same_within_the_hour_and_ends(house: House) -> None:
    job = await house.finished()
    url = house.gateway.link(job)
    house.clock.move(timedelta(minutes=10))
    assert house.gateway.link(job) == url

    house.clock.move(timedelta(hours=25))
    with pytest.raises(Forbidden):
        await follow(house, job, url)
    assert house.gateway.link(job) != url


async def test_a_link_ends_with_its_film(house: House) -> None:
    job = await house.finished()
    assert job.expires_at is not None
    house.clock.move(timedelta(days=29, hours=23))
    _, expires, _ = parts(house.gateway.link(job))
    assert int(expires) == int(job.expires_at.timestamp())

    house.clock.move(timedelta(hours=1))
    assert house.gateway.link(job) is None


async def test_revoking_ends_every_link_and_a_new_one_works(house: House) -> None:
    job = await house.finished()
    old = house.gateway.link(job)
    job = await house.gateway.revoke_links(job.id, house.caller)

    with pytest.raises(Forbidden):
        await follow(house, job, old)
    assert await follow(house, job, house.gateway.link(job)) is Variant.VIDEO


@pytest.mark.parametrize(
    "change", ["signature", "expires", "endless", "variant", "job", "nobody", "x"]
)
async def test_a_link_cannot_be_changed(house: House, change: str) -> None:
    job, other = await house.finished(), await house.finished()
    _, expires, signature = parts(house.gateway.link(job))
    variant, job_id = Variant.VIDEO, job.id
    match change:
        case "signature":
            signature = signature[:-1] + ("0" if signature[-1] != "0" else "1")
        case "expires":
            expires = str(int(expires) + 1)
        case "endless":
            expires = "9" * 5000
        case "variant":
            variant = Variant.THUMBNAIL
        case "job":
            job_id = other.id
        case "nobody":
            job_id = "video_x"
        case _:
            expires = "é"
    with pytest.raises(Forbidden):
        await house.gateway.linked(job_id, variant, expires=expires, signature=signature)


async def test_a_deleted_film_has_no_link_any_more(house: House) -> None:
    job = await house.finished()
    url = house.gateway.link(job)
    await house.gateway.delete(job.id, house.caller)
    with pytest.raises(Forbidden):
        await follow(house, job, url)


async def test_a_still_has_a_link_with_its_own_ending(house: House) -> None:
    house.engine.steps = [still_done()]
    job = await house.submitted(A_STILL)
    await house.work()
    url = house.gateway.link(await house.now(job))
    assert parts(url)[0] == f"{job.id}.png"


async def test_an_expired_film_says_so(house: House) -> None:
    job = await house.finished()
    house.clock.move(timedelta(days=30))
    with pytest.raises(NotFound) as gone:
        await house.gateway.output(job.id, Variant.VIDEO, house.caller)
    assert gone.value.code == "video_expired"
