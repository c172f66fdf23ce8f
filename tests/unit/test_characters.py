import io
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from fakes import A_KITE, A_STILL, still_done
from filmgate import InvalidRequest, Role
from filmgate.domain.character import Window
from filmgate.domain.errors import Conflict, NotFound
from filmgate.domain.request import Shot
from filmgate.gateway.submission import Given, Upload
from filmgate.ports import Cut
from filmgate.web.playing import playing
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


@pytest.mark.parametrize("ours", [False, True])
@pytest.mark.parametrize(
    ("window", "parts"),
    [
        (None, []),
        (Window(), [(0.0, 3.0)]),
        (Window(end=8.0), []),
        (Window(start=1.0, end=2.5, param="timestamps"), [(1.0, 2.5)]),
    ],
    ids=["none", "default", "longer", "said"],
)
async def test_a_window_is_what_is_kept(
    house: House,
    monkeypatch: pytest.MonkeyPatch,
    window: Window | None,
    parts: list[tuple[float, float]],
    *,
    ours: bool,
) -> None:
    """Of a film of four seconds; one that nobody has named may be longer than that."""
    given = clip()
    if ours:
        film = await house.finished()
        given = Given(role=Role.SOURCE, param="from_task", job_id=film.id)
    cut, seen = house.eye.cut, []

    async def noted(path: Path, folder: Path, start: float, end: float, *, param: str) -> Cut:
        seen.append((start, end))
        return await cut(path, folder, start, end, param=param)

    monkeypatch.setattr(house.eye, "cut", noted)
    made = await house.casting.create("Ann", given, house.caller, None, window=window)
    assert seen == parts
    assert house.shelf.blobs[made.clip] == (b"film.mp4" if ours else b"a clip")
    assert list(house.folder.glob("given_*")) == []


async def test_a_window_outside_the_film_is_refused_by_its_field(house: House) -> None:
    window = Window(start=2.0, end=5.0, param="timestamps")
    with pytest.raises(InvalidRequest) as refused:
        await house.casting.create("Ann", clip(), house.caller, None, window=window)
    assert refused.value.param == "timestamps"


async def test_a_still_is_no_character(house: House) -> None:
    house.engine.steps = [still_done()]
    still = await house.submitted(A_STILL)
    await house.work()
    given = Given(role=Role.SOURCE, param="from_task", job_id=still.id)
    with pytest.raises(InvalidRequest, match="a still, not a film"):
        await house.casting.create("Ann", given, house.caller, None)


async def test_who_is_to_be_alone_shares_no_name(house: House) -> None:
    await house.casting.create("Ann", clip(), house.caller, None)
    kept = set(house.shelf.blobs)
    with pytest.raises(Conflict) as refused:
        await house.casting.create("ann", clip(), house.caller, None, alone="username")
    assert (refused.value.param, refused.value.code) == ("username", "name_taken")
    assert set(house.shelf.blobs) == kept

    mallory = await house.new_caller("mallory")
    await house.casting.create("ann", clip(), mallory, None, alone="username")


async def test_prompts_name_who_plays(house: House) -> None:
    old = await house.casting.create("Ann", clip(), house.caller, None)
    house.clock.move(timedelta(seconds=1))
    ann = await house.casting.create("Ann", clip(), house.caller, None)
    bob = await house.casting.create("bob.b-1", clip(), house.caller, None)
    mallory = await house.new_caller("mallory")
    await house.casting.create("eve", clip(), mallory, None)

    shots = (Shot(seconds=2, prompt="@bob.b-1跑步"), Shot(seconds=2, prompt="@Bob.B-1. x@ann"))
    wish = replace(A_KITE, prompt="＠ann, @ANN and @eve @home", storyboard=shots)
    asked, given = await playing(wish, house.casting, house.caller)
    assert asked.prompt == "Ann, Ann and @eve @home"
    assert [shot.prompt for shot in asked.storyboard] == ["bob.b-1跑步", "bob.b-1. x@ann"]
    assert [one.character_id for one in given] == [ann.id, bob.id]
    assert old.id != ann.id

    plain, nobody = await playing(A_KITE, house.casting, house.caller)
    assert (plain, nobody) == (A_KITE, [])


async def test_nobodys_id_is_not_found(house: House) -> None:
    wish = replace(A_KITE, prompt=f"char_{'0' * 32} runs")
    with pytest.raises(NotFound) as refused:
        await playing(wish, house.casting, house.caller)
    assert (refused.value.param, refused.value.code) == ("prompt", "character_not_found")
