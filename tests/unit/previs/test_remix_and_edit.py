"""A film with what the prompt changes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from filmgate.domain.request import Operation
from filmgate.engines.previs.picture.photo import BadReferenceError
from filmgate.engines.previs.scene import Guest
from unit.previs.studio import (
    BLUE,
    FPS,
    RED,
    after,
    apart,
    frames,
    heard,
    length,
    loudness,
    made,
    on,
    order,
    plain,
    portrait,
    share,
    somebodys_film,
)

BOAT = "a boat on a lake at dawn, pan left"
VISIBLY = 8.0


def remix(source: Path, prompt: str, *before: object, **changes: object) -> Path:
    target = str(source.parent / f"{source.stem}-remix.mp4")
    fields: dict[str, object] = {"output": target, "operation": Operation.REMIX} | changes
    return made(on(source, order(source.parent, prompt, **fields), *before))  # type: ignore[arg-type]


def test_a_remix_draws_the_same_scene_with_what_the_prompt_names(tmp_path: Path) -> None:
    first = order(tmp_path, BOAT, captions=False)
    source = made(first)
    night = made(order(tmp_path, "x", output=str(tmp_path / "other.mp4")))

    path = remix(source, "a boat at dawn", first, captions=False)

    assert [apart(a, b) for a, b in zip(frames(path), frames(source), strict=True)] == [0] * FPS
    assert apart(frames(night)[0], frames(path)[0]) > VISIBLY


@pytest.mark.parametrize("words", ["at night", "heavy snow", "on a beach", "a dragon"])
def test_a_remix_changes_what_it_names(tmp_path: Path, words: str) -> None:
    first = order(tmp_path, BOAT, captions=False)
    source = made(first)

    path = remix(source, words, first, captions=False)

    least = 0.8 if words == "a dragon" else VISIBLY
    assert apart(frames(path)[0], frames(source)[0]) > least


def test_a_remix_of_a_remix_keeps_what_both_named(tmp_path: Path) -> None:
    first = order(tmp_path, BOAT, captions=False)
    source = made(first)
    second = order(tmp_path, "at night", operation=Operation.REMIX)
    once = remix(source, second.prompt, first, captions=False)

    twice = remix(once, "heavy snow", first, second, captions=False)

    whole = "a boat on a lake at night in heavy snow, pan left"
    first_seed = on(source, replace(first, operation=Operation.REMIX, prompt=whole), first)
    asked = made(replace(first_seed, output=str(tmp_path / "asked.mp4")))
    assert [apart(a, b) for a, b in zip(frames(twice), frames(asked), strict=True)] == [0] * FPS


def test_an_edit_of_our_own_film_is_drawn_anew(tmp_path: Path) -> None:
    first = order(tmp_path, BOAT)
    source = made(first)

    path = remix(source, "in the rain", first, operation=Operation.EDIT)

    assert frames(path)[0].shape == frames(source)[0].shape
    assert np.array_equal(frames(path)[0], frames(remix(source, "in the rain", first))[0])


def test_a_remix_of_an_extended_film_has_all_of_its_shots(tmp_path: Path) -> None:
    first = order(tmp_path, "a cat in a kitchen", captions=False)
    source = made(first)
    longer = after(source, "then a train in the desert", first, captions=False)
    whole = made(longer)

    path = remix(whole, "{anime}", first, longer, seconds=2.0, captions=False)

    kitchen, desert = frames(path)[0], frames(path)[-1]
    assert length(path) == pytest.approx(2.0)
    assert apart(kitchen, frames(whole)[0]) < apart(kitchen, frames(whole)[-1])
    assert apart(desert, frames(whole)[-1]) < apart(desert, frames(whole)[0])


def test_a_remix_with_another_seed_is_another_layout(tmp_path: Path) -> None:
    first = order(tmp_path, BOAT, captions=False)
    source = made(first)

    path = remix(source, "a boat at dawn", first, captions=False, seed=5)

    assert apart(frames(path)[0], frames(source)[0]) > VISIBLY


def test_a_film_that_does_not_show_its_history_is_changed_itself(tmp_path: Path) -> None:
    """It was made from a picture, which a new drawing would lose."""
    picture = plain(tmp_path / "red.png", RED, (192, 108))
    first = order(tmp_path, BOAT, reference=str(picture))
    source = made(first)

    path = remix(source, "heavy snow", first)

    middle = frames(path)[12][40:80]
    assert middle[..., 0].mean() > middle[..., 2].mean() + 40


@pytest.mark.parametrize(
    "words",
    ["make it night", "a sunset", "dawn", "in daylight", "heavy snow", "in the rain",
     "a thunderstorm", "fog", "overcast", "sunny", "in autumn", "in winter", "in spring",
     "in summer", "{retro}", "on a beach", "add a dragon", "better, please",
     "a rainy night"],
)  # fmt: skip
def test_somebodys_film_is_changed_frame_by_frame(tmp_path: Path, words: str) -> None:
    source = somebodys_film(tmp_path / "source.mp4")

    path = remix(source, words, operation=Operation.EDIT)

    before, changed = frames(source), frames(path)
    assert len(changed) == len(before)
    assert apart(changed[12][:80], before[12][:80]) > 2
    if words != "on a beach":
        # The block that crosses the picture is where it was.
        moved = np.abs(before[4] - before[20]).max(axis=2) > 80
        stirred = np.abs(changed[4] - changed[20]).max(axis=2)
        assert stirred[moved].mean() > 3 * stirred[~moved].mean()


def test_night_falls_over_somebodys_film_and_rain_is_heard(tmp_path: Path) -> None:
    source = somebodys_film(tmp_path / "source.mp4")

    path = remix(source, "a rainy night", operation=Operation.EDIT)

    assert frames(path)[12].mean() < 0.75 * frames(source)[12].mean()
    wave, hum = heard(path), heard(source)
    assert wave is not None
    assert hum is not None
    high = np.abs(np.fft.rfft(wave[0]))[4000:8000].mean()
    assert high > 10 * np.abs(np.fft.rfft(hum[0]))[4000:8000].mean()


def test_the_sound_of_somebodys_film_is_kept(tmp_path: Path) -> None:
    source = somebodys_film(tmp_path / "source.mp4")

    wave = heard(remix(source, "at night", operation=Operation.EDIT))

    hum = heard(source)
    assert wave is not None
    assert hum is not None
    assert np.corrcoef(wave[0], hum[0])[0, 1] > 0.95


def test_a_silent_film_stays_silent_unless_sound_is_asked_for(tmp_path: Path) -> None:
    source = somebodys_film(tmp_path / "source.mp4", sound=False)

    assert heard(remix(source, "at night", operation=Operation.EDIT)) is None
    loud = heard(remix(source, "at sea", operation=Operation.EDIT, sound=True))
    assert loud is not None
    assert loudness(loud) > 0.005


def test_sound_can_be_left_out_of_an_edit(tmp_path: Path) -> None:
    source = somebodys_film(tmp_path / "source.mp4")

    assert heard(remix(source, "at night", operation=Operation.EDIT, sound=False)) is None


def test_a_caption_is_not_written_over_another(tmp_path: Path) -> None:
    picture = plain(tmp_path / "red.png", RED, (192, 108))
    big = {"width": 480, "height": 270}
    first = order(tmp_path, "WWWWWWWWWWWWWWWWW", reference=str(picture), **big)
    source = made(first)

    path = remix(source, "a sunset", first, captions=False, **big)

    # Lines of letters are where it changes from column to column.
    written, blurred = (
        np.abs(np.diff(picture[225:], axis=1)).max()
        for picture in (frames(source)[0], frames(path)[0])
    )
    assert written > 150
    assert blurred < 60


def test_a_character_comes_into_somebodys_film(tmp_path: Path) -> None:
    source = somebodys_film(tmp_path / "source.mp4")
    guests = (Guest(picture=str(portrait(tmp_path / "p.png")), name="Ada"),)

    path = remix(source, "Ada", operation=Operation.EDIT, guests=guests)

    seen = frames(path)[12]
    assert share(seen, RED) > 0.004
    assert share(seen, BLUE) > 0.004


@pytest.mark.parametrize("content", [b"no film at all", b""])
def test_what_is_no_film_is_refused(tmp_path: Path, content: bytes) -> None:
    source = tmp_path / "source.mp4"
    source.write_bytes(content)
    wanted = replace(order(tmp_path, "at night", operation=Operation.EDIT), source=str(source))

    with pytest.raises(BadReferenceError, match="The source film cannot be read"):
        made(wanted)


def test_an_edit_has_the_rate_that_was_asked_for_or_the_sources(tmp_path: Path) -> None:
    source = somebodys_film(tmp_path / "source.mp4", fps=30)

    own = remix(source, "at night", operation=Operation.EDIT)
    assert len(frames(own)) == 30
    wanted = on(source, order(tmp_path, "at night", operation=Operation.EDIT))
    assert len(frames(made(replace(wanted, follows=False)))) == 24
