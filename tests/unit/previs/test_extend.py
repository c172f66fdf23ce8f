"""A film, and how it goes on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest

from filmgate.engines.previs import film
from filmgate.engines.previs.picture.camera import Rig
from filmgate.engines.previs.picture.stage import Stage
from filmgate.engines.previs.reading import history
from filmgate.engines.previs.reading.script import read
from filmgate.engines.previs.scene import Camera
from filmgate.engines.previs.scenery import building, weather
from unit.previs.studio import (
    FPS,
    RED,
    Picture,
    after,
    apart,
    frames,
    heard,
    length,
    loudness,
    made,
    order,
    plain,
    share,
    somebodys_film,
)

WALK = "a dog on a beach, pan left"


def above(picture: Picture) -> Picture:
    """Without the caption, which is another one."""
    return picture[:88]


def coarse(picture: Picture) -> Picture:
    """So much of it as survives any encoding."""
    blocks: Picture = above(picture).reshape(22, 4, 48, 4, 3).mean(axis=(1, 3)).astype(np.int16)
    return blocks


@pytest.mark.parametrize(
    "prompt",
    [WALK, "a forest in fog, tilt up", "a storm over mountains, pull back",
     "a cloudy city, tracking shot", "[0.5s] a kitchen [0.5s] a train in a desert, push in"],
)  # fmt: skip
def test_an_extension_goes_on_where_the_film_stopped(tmp_path: Path, prompt: str) -> None:
    first = order(tmp_path, prompt)
    source = made(first)

    path = made(after(source, "and so on", first, seconds=2.0))

    whole, old = frames(path), frames(source)
    assert len(whole) == 3 * FPS
    assert length(path) == pytest.approx(3.0, abs=1 / FPS)
    # The film itself, but for what another encoding loses.
    assert max(apart(a, b) for a, b in zip(whole, old, strict=False)) < 3
    usual = apart(above(old[-3]), above(old[-2]))
    assert apart(above(whole[FPS - 1]), above(whole[FPS])) < 2 * usual + 1.5


def test_the_motion_goes_on_in_an_extension(tmp_path: Path) -> None:
    first = order(tmp_path, WALK)
    source = made(first)
    whole = frames(made(after(source, "and so on", first)))

    assert apart(above(whole[FPS]), above(whole[-1])) > 2


def test_what_moves_by_itself_goes_on_moving(tmp_path: Path) -> None:
    """It is the shot itself, no photograph of its end."""
    first = order(tmp_path, "a horse on a beach, static shot")
    source = made(first)
    longer = after(source, "and so on", first)

    whole = frames(made(longer))

    play = history.play(longer)
    for number in (FPS, FPS + 6, 2 * FPS - 1):
        drawn = film.still(play, first, at=number / FPS)
        # What another encoding loses; a photograph of its end is 3 to 25 apart.
        assert apart(coarse(whole[number]), coarse(np.asarray(drawn, np.int16))) < 2.4


def test_an_extension_of_an_extension_goes_on_too(tmp_path: Path) -> None:
    first = order(tmp_path, WALK)
    source = made(first)
    second = after(source, "and so on", first)
    longer = made(second)

    whole = frames(made(after(longer, "and on", first, second)))

    assert len(whole) == 3 * FPS
    usual = apart(above(whole[2 * FPS - 3]), above(whole[2 * FPS - 2]))
    assert apart(above(whole[2 * FPS - 1]), above(whole[2 * FPS])) < 2 * usual + 1.5


def test_where_the_prompt_names_another_scene_there_is_a_cut(tmp_path: Path) -> None:
    first = order(tmp_path, WALK)
    source = made(first)

    whole = frames(made(after(source, "then a city at night", first)))

    assert apart(whole[FPS - 1], whole[FPS]) > 30


def test_what_an_extension_does_not_want_is_cut_away(tmp_path: Path) -> None:
    first = order(tmp_path, "a beach in the rain")
    source = made(first)

    whole = frames(made(after(source, "and on", first, negative="rain")))

    assert apart(above(whole[FPS - 1]), above(whole[FPS])) > 10


def test_somebodys_film_ends_in_its_last_picture_which_moves(tmp_path: Path) -> None:
    source = somebodys_film(tmp_path / "source.mp4")

    whole = frames(made(after(source, "and on", captions=False)))

    assert len(whole) == 2 * FPS
    assert apart(whole[FPS - 1][20:], whole[FPS][20:]) < 1.5
    assert apart(whole[FPS], whole[-1]) > 2
    assert share(whole[-1], (250, 220, 40)) > 0.02


def test_what_follows_on_somebodys_film_may_be_a_storyboard(tmp_path: Path) -> None:
    source = somebodys_film(tmp_path / "source.mp4")

    whole = frames(made(after(source, "[0.5s] on and on [0.5s] a city at night")))

    assert apart(whole[FPS + 8], whole[FPS - 1]) < apart(whole[-1], whole[FPS - 1])
    assert whole[-1].mean() < 90


def test_a_film_that_does_not_show_its_history_goes_on_as_it_looks(tmp_path: Path) -> None:
    picture = plain(tmp_path / "red.png", RED, (192, 108))
    first = order(tmp_path, WALK, reference=str(picture))
    source = made(first)

    whole = frames(made(after(source, "and so on", first)))

    assert share(above(whole[-1]), RED) > 0.5


def test_the_sound_goes_on_too_and_never_stops(tmp_path: Path) -> None:
    first = order(tmp_path, "rain over a street", seconds=2.0)
    source = made(first)

    wave = heard(made(after(source, "and on", first, seconds=2.0)))

    assert wave is not None
    assert wave.shape[1] == 4 * 48_000
    joint = np.array_split(wave[:, 48_000 : 3 * 48_000], 40, axis=1)
    pieces = [loudness(piece) for piece in joint]
    assert min(pieces) > 0.5 * max(pieces)


def test_the_sound_of_somebodys_film_becomes_ours(tmp_path: Path) -> None:
    source = somebodys_film(tmp_path / "source.mp4", seconds=2.0)
    hum = heard(source)

    wave = heard(made(after(source, "waves at sea", seconds=2.0)))

    assert wave is not None
    assert hum is not None
    assert np.corrcoef(wave[0, :48_000], hum[0, :48_000])[0, 1] > 0.95
    assert loudness(wave[:, 2 * 48_000 : 3 * 48_000]) > 0.005
    # The hum does not break off: it has gone by then.
    before, end = (
        np.abs(np.fft.rfft(wave[0, at : at + 4800]))[:60].max() for at in (48_000, 91_000)
    )
    assert end < 0.3 * before


def test_a_silent_film_goes_on_silently_unless_sound_is_asked_for(tmp_path: Path) -> None:
    source = somebodys_film(tmp_path / "source.mp4", sound=False)

    assert heard(made(after(source, "waves at sea"))) is None
    wave = heard(made(after(source, "waves at sea", sound=True)))
    assert wave is not None
    assert loudness(wave[:, :12_000]) < 0.001 < loudness(wave[:, 52_000:80_000])


def test_an_extension_may_be_without_sound(tmp_path: Path) -> None:
    source = somebodys_film(tmp_path / "source.mp4")

    assert heard(made(after(source, "waves at sea", sound=False))) is None


def test_an_extension_may_end_on_a_picture(tmp_path: Path) -> None:
    source = somebodys_film(tmp_path / "source.mp4")
    last = plain(tmp_path / "red.png", RED, (192, 108))

    whole = frames(made(after(source, "and on", last=str(last))))

    assert share(whole[-1], RED, near=12) == 1
    assert share(whole[FPS + 12], RED) < 0.1


def test_both_tracks_of_a_joined_film_have_its_length(tmp_path: Path) -> None:
    source = somebodys_film(tmp_path / "source.mp4", seconds=1.5, fps=30)

    with av.open(str(made(after(source, "and on", seconds=1.0)))) as container:
        ends = [float((s.duration or 0) * (s.time_base or 0)) for s in container.streams]

    assert ends == pytest.approx([2.5, 2.5], abs=1 / 30)


@pytest.mark.parametrize("camera", Camera)
def test_no_camera_jumps_or_leaves_the_scenery_when_a_shot_goes_on(camera: Camera) -> None:
    shot = read("a meadow", seconds=40, seed=1).shots[0]
    moved = Rig(replace(shot, camera=camera, planned=2.0), 1280, 720, seed=1)

    views = [moved.view(number / 24) for number in range(40 * 24)]

    assert max(abs(view.x) for view in views) <= 0.34 * 1280 * 0.57
    assert max(abs(view.y) for view in views) <= 0.17 * 720 * 0.57
    assert min(view.zoom for view in views) >= 1
    joint = [view.x + view.y + 700 * view.zoom for view in views[46:51]]
    steps = np.abs(np.diff(joint))
    assert steps.max() < 2 * steps[0] + 0.2


def going_on(prompt: str, seconds: float) -> tuple[Stage, Stage]:
    """The stages of a shot of two seconds, and of the same when it goes on to *seconds*."""
    (shot,) = read(prompt, seconds=2, seed=1).shots
    longer = replace(shot, seconds=seconds, planned=2.0)
    short, long = (building.stage(one, 192, 108, seed=1) for one in (shot, longer))
    return short, long


@pytest.mark.parametrize("prompt", ["a cloudy lake", "a storm over plains", "hills in fog"])
def test_clouds_and_fog_never_come_to_their_end(prompt: str) -> None:
    _, stage = going_on(prompt, 100.0)
    drifting = [
        layer
        for layer in (*building.world(stage), *weather.air(stage))
        if layer.motion.speed[0] and not layer.motion.wrap
    ]

    assert drifting
    for layer in drifting:
        left = layer.x + layer.motion.at(100.0)[0]
        assert left < 20
        assert left + layer.cells[0].shape[1] > stage.width - 20


def test_lightning_strikes_as_it_did_and_then_again() -> None:
    short, long = (weather.air(stage) for stage in going_on("a storm over plains", 30.0))

    for one, other in zip(short, long, strict=True):
        assert np.array_equal(one.cells[0], other.cells[0])
    flashes = [air[-1].motion.flashes or () for air in (short, long)]
    assert flashes[1][: len(flashes[0])] == flashes[0]
    assert flashes[1][-1] > 20


def test_a_picture_is_the_same_however_much_longer_its_shot_will_be() -> None:
    for prompt in ("a storm over a city", "a forest in fog", "cloudy mountains"):
        play = read(prompt, seconds=2, seed=1)
        (shot,) = play.shots
        longer = replace(shot, seconds=60.0, planned=2.0)
        size = {"prompt": prompt, "width": 192, "height": 108, "seconds": 2, "seed": 1}
        short, long = (
            np.asarray(
                film.still(replace(play, shots=(one,)), order(Path(), **size), at=1.2)  # type: ignore[arg-type]
            )
            for one in (shot, longer)
        )
        assert np.array_equal(short, long)
