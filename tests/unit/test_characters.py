import io

import pytest

from filmgate import InvalidRequest, Role
from filmgate.domain.errors import NotFound
from filmgate.gateway.submission import Given, Upload
from house import House


def clip(content: bytes = b"a clip") -> Given:
    upload = Upload(param="video", file=io.BytesIO(content))
    return Given(role=Role.SOURCE, param="video", upload=upload)


async def test_a_character_is_made_of_a_clip_and_found_again(house: House) -> None:
    made = await house.casting.create(" Ann ", clip(), house.caller, None)

    assert made.name == "Ann"
    assert await house.casting.get(made.id, house.caller) == made
    assert set(house.shelf.blobs) >= {made.clip, made.portrait}


async def test_a_character_can_be_made_of_a_film_of_ours(house: House) -> None:
    film = await house.finished()
    given = Given(role=Role.SOURCE, param="video.id", job_id=film.id)
    made = await house.casting.create("Ann", given, house.caller, None)
    assert house.shelf.blobs[made.clip] == b"film.mp4"


async def test_another_callers_character_is_not_found(house: House) -> None:
    made = await house.casting.create("Ann", clip(), house.caller, None)
    mallory = await house.new_caller("mallory")
    with pytest.raises(NotFound) as refused:
        await house.casting.get(made.id, mallory)
    assert refused.value.code == "character_not_found"


@pytest.mark.parametrize("name", ["", " ", "a\nb", "x" * 81])
async def test_a_character_needs_a_name(house: House, name: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        await house.casting.create(name, clip(), house.caller, None)
    assert refused.value.param == "name"
    assert house.shelf.blobs == {}


async def test_the_same_key_makes_one_character(house: House) -> None:
    first = await house.casting.create("Ann", clip(), house.caller, house.claim())
    again = await house.casting.create("Ann", clip(), house.caller, house.claim())
    assert again == first


async def test_of_two_at_once_with_one_key_one_is_left(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await house.casting.create("Ann", clip(), house.caller, house.claim())

    async def unseen(*_: object, **__: object) -> None:
        """The other was not there yet when this one looked."""

    monkeypatch.setattr(house.casting._claims, "standing", unseen)
    again = await house.casting.create("Ann", clip(), house.caller, house.claim())
    assert again == first
    assert [key for key in house.shelf.blobs if key.startswith("char_")] == [
        first.clip,
        first.portrait,
    ]
