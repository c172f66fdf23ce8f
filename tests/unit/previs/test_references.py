"""What a caller sends along with a prompt: pictures of somebody, of the end, and knobs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from filmgate.engines.previs.picture.photo import BadReferenceError
from filmgate.engines.previs.scene import Guest
from unit.previs.studio import (
    BLUE,
    FPS,
    GREEN,
    RED,
    apart,
    frames,
    heard,
    length,
    made,
    order,
    plain,
    portrait,
    share,
)

VISIBLY = 8.0
BIG = {"width": 480, "height": 270, "seconds": 1.0}


def guest(path: Path, name: str | None = None) -> Guest:
    return Guest(picture=str(path), name=name)


@pytest.mark.parametrize("place", ["a beach", "a city at night", "a kitchen", "the moon"])
def test_a_characters_portrait_is_seen_in_the_film(tmp_path: Path, place: str) -> None:
    ada = guest(portrait(tmp_path / "p.png"), "Ada")
    empty = frames(made(order(tmp_path, f"Ada on {place}")))[12]

    seen = frames(made(order(tmp_path, f"Ada on {place}", guests=(ada,))))[12]

    # Skies are blue too: only what she has changed counts.
    new = np.where(np.abs(seen - empty).max(axis=2, keepdims=True) > 30, seen, 0)
    for colour in (RED, GREEN, BLUE):
        assert share(new, colour) > 0.002


def test_two_characters_stand_apart(tmp_path: Path) -> None:
    red = guest(plain(tmp_path / "r.png", RED, (80, 80)), "Ada")
    blue = guest(plain(tmp_path / "b.png", BLUE, (80, 80)), "Bo")

    seen = frames(made(order(tmp_path, "Ada and Bo on a beach", guests=(red, blue))))[12]

    def middle(colour: tuple[int, int, int]) -> float:
        return float(np.argwhere(np.abs(seen - colour).max(axis=2) < 60)[:, 1].mean())

    assert abs(middle(RED) - middle(BLUE)) > 18  # a head is 25 wide


def test_a_character_plays_the_part_that_the_prompt_names(tmp_path: Path) -> None:
    ada = guest(portrait(tmp_path / "p.png"), "Ada")
    prompt = "a woman and a dog on a beach"

    def shown(**changes: object) -> np.ndarray[tuple[int, ...], np.dtype[np.int16]]:
        return frames(made(order(tmp_path, prompt, guests=(ada,), **changes)))[12]

    assert np.array_equal(shown(), shown(negative="woman"))
    assert not np.array_equal(shown(), shown(negative="dog"))


def test_a_name_is_written_over_a_character_unless_captions_are_not_wanted(
    tmp_path: Path,
) -> None:
    def shown(name: str, *, captions: bool) -> np.ndarray[tuple[int, ...], np.dtype[np.int16]]:
        ada = guest(portrait(tmp_path / "p.png"), name)
        wanted = order(tmp_path, "a beach", guests=(ada,), captions=captions, **BIG)
        return frames(made(wanted))[12]

    assert apart(shown("Ada", captions=True), shown("Beatrice", captions=True)) > 0.05
    assert apart(shown("Ada", captions=False), shown("Beatrice", captions=False)) < 0.01
    # What no font can write is left out.
    assert len(shown("\U000143f2", captions=True)) == 270


def test_a_subject_is_cut_out_of_its_plain_backdrop(tmp_path: Path) -> None:
    image = Image.new("RGB", (200, 200), (255, 0, 255))
    ImageDraw.Draw(image).ellipse((40, 40, 160, 160), fill=BLUE)
    image.save(tmp_path / "thing.png")

    wanted = order(tmp_path, "a meadow", guests=(guest(tmp_path / "thing.png"),))
    seen = frames(made(wanted))[12]

    assert share(seen, BLUE) > 0.02
    assert share(seen, (255, 0, 255)) < 0.001


def test_a_subject_keeps_the_outline_that_it_came_with(tmp_path: Path) -> None:
    image = Image.new("RGBA", (200, 200), (255, 0, 255, 0))
    image.paste((0, 0, 0, 0), (0, 0, 200, 100))
    ImageDraw.Draw(image).rectangle((60, 0, 140, 199), fill=(*BLUE, 255))
    image.save(tmp_path / "thing.png")

    wanted = order(tmp_path, "a meadow", guests=(guest(tmp_path / "thing.png"),))
    seen = frames(made(wanted))[12]

    assert share(seen, BLUE) > 0.02
    for hidden in ((255, 0, 255), (0, 0, 0)):
        assert share(seen, hidden, near=25) < 0.01


def test_a_subject_before_a_scene_is_a_card_with_soft_edges(tmp_path: Path) -> None:
    halves = np.zeros((100, 100, 3), np.uint8)
    halves[:50], halves[50:] = RED, BLUE
    Image.fromarray(halves).save(tmp_path / "thing.png")

    wanted = order(tmp_path, "a meadow", guests=(guest(tmp_path / "thing.png"),))
    seen = frames(made(wanted))[12]

    assert share(seen, RED) > 0.01
    assert share(seen, BLUE) > 0.01


def test_a_clear_picture_is_nobody(tmp_path: Path) -> None:
    Image.new("RGBA", (50, 50), (0, 0, 0, 0)).save(tmp_path / "nobody.png")

    wanted = order(tmp_path, "a meadow", guests=(guest(tmp_path / "nobody.png"),))

    assert len(frames(made(wanted))) == FPS


def test_guests_come_into_a_film_of_a_picture(tmp_path: Path) -> None:
    scene = plain(tmp_path / "white.png", (250, 250, 250), (192, 108))
    ada = guest(portrait(tmp_path / "p.png"), "Ada")

    wanted = order(tmp_path, "Ada", reference=str(scene), guests=(ada,))

    assert share(frames(made(wanted))[12], RED) > 0.004


def test_a_film_ends_on_its_last_frame(tmp_path: Path) -> None:
    last = plain(tmp_path / "last.png", RED, (192, 108))

    shown = frames(made(order(tmp_path, "a lake", last=str(last), seconds=2.0)))

    reds = [share(picture, RED, near=12) for picture in shown]
    assert reds[-1] == 1
    assert max(reds[: int(0.75 * len(shown))]) < 0.05
    nearness = [apart(picture, shown[-1]) for picture in shown[-9:]]
    assert nearness == sorted(nearness, reverse=True)


def test_a_film_goes_from_its_first_frame_to_its_last(tmp_path: Path) -> None:
    first = plain(tmp_path / "first.png", BLUE, (192, 108))
    last = plain(tmp_path / "last.png", RED, (192, 108))

    shown = frames(made(order(tmp_path, "on", reference=str(first), last=str(last))))

    assert share(shown[0], BLUE) > 0.5
    assert share(shown[-1], RED, near=12) == 1


def test_a_last_frame_of_another_shape_is_seen_whole(tmp_path: Path) -> None:
    halves = np.zeros((200, 100, 3), np.uint8)
    halves[:20], halves[20:180], halves[180:] = RED, GREEN, BLUE
    Image.fromarray(halves).save(tmp_path / "tall.png")

    shown = frames(made(order(tmp_path, "a lake", last=str(tmp_path / "tall.png"))))

    column = shown[-1][:, 96]
    assert np.abs(column[4] - RED).max() < 40
    assert np.abs(column[-5] - BLUE).max() < 40


def test_what_is_no_last_frame_is_refused(tmp_path: Path) -> None:
    (tmp_path / "last.png").write_bytes(b"nothing")

    with pytest.raises(BadReferenceError, match="reference image cannot be read"):
        made(order(tmp_path, "a lake", last=str(tmp_path / "last.png")))


@pytest.mark.parametrize("named", ["rain", "beach", "dog", "night", "{comic}"])
def test_what_a_negative_prompt_names_is_not_drawn(tmp_path: Path, named: str) -> None:
    prompt = "a dog on a beach at night in the rain {comic}"
    with_it = frames(made(order(tmp_path, prompt, captions=False)))[12]

    without = frames(made(order(tmp_path, prompt, captions=False, negative=named)))[12]

    assert apart(with_it, without) > (0.8 if named == "dog" else VISIBLY)


def test_a_film_without_audio_has_no_track_for_it(tmp_path: Path) -> None:
    assert heard(made(order(tmp_path, "the sea", sound=False))) is None
    assert heard(made(order(tmp_path, "the sea", sound=True))) is not None


def test_a_film_may_have_thirty_frames_a_second(tmp_path: Path) -> None:
    path = made(order(tmp_path, "the sea", fps=30))

    assert len(frames(path)) == 30
    assert length(path) == pytest.approx(1.0)


def test_captions_can_be_left_out(tmp_path: Path) -> None:
    plainly, silently = (
        frames(made(order(tmp_path, "the sea at noon", captions=captions, **BIG)))[12]
        for captions in (True, False)
    )

    assert apart(plainly[230:], silently[230:]) > 6
    assert apart(plainly[:220], silently[:220]) < 1.5


@pytest.mark.parametrize(
    "prompt", ["a boat on a lake", "a cat in the kitchen", "an astronaut on the moon"]
)
def test_variants_of_one_prompt_are_visibly_different(tmp_path: Path, prompt: str) -> None:
    shown = [frames(made(order(tmp_path, prompt, seed=seed)))[0] for seed in range(4)]

    assert min(apart(a, b) for n, a in enumerate(shown) for b in shown[:n]) > 10
