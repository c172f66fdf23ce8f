from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import asdict, replace
from enum import StrEnum
from hashlib import sha256
from itertools import combinations
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from filmgate.engines.previs import film
from filmgate.engines.previs.picture import caption, photo
from filmgate.engines.previs.scene import (
    Camera,
    Order,
    Script,
    Season,
    Setting,
    Shot,
    Style,
    Subject,
    Time,
    Weather,
)

# Mean difference of two pictures, 0..255. The same picture one second later differs by 1.3
# (plains) to 4.4 (sea); the closest two of a family measured 12 to 20.
VISIBLY = 8.0
# A subject covers a twentieth of the picture. Between the same scene with the same subject
# there is no difference at all; the closest two (a cat and a fish) measured 1.0, in space 0.6.
SUBJECT_VISIBLY = 0.5

A_WALK = Shot(
    text="",
    seconds=2.0,
    setting=Setting.PLAINS,
    time=Time.DAY,
    weather=Weather.CLEAR,
    season=Season.SUMMER,
    camera=Camera.STATIC,
    subjects=(Subject.PERSON,),
    style=None,
)
SMALL = Order(prompt="", width=320, height=180, seconds=2.0, seed=1, output="")


def picture(shot: Shot, order: Order = SMALL, *, at: float = 1.0) -> NDArray[np.int16]:
    play = Script(shots=(shot,), seed=order.seed)
    return np.asarray(film.still(play, order, at=at), np.int16)


def difference(one: NDArray[np.int16], other: NDArray[np.int16]) -> float:
    return float(np.abs(one - other).mean())


def closest(pictures: Iterable[NDArray[np.int16]]) -> float:
    return min(difference(one, other) for one, other in combinations(pictures, 2))


def cast_as(field: str, member: object) -> dict[str, Any]:
    return {field: member}


@pytest.mark.parametrize(
    ("field", "family"),
    [("setting", Setting), ("time", Time), ("weather", Weather), ("season", Season)],
)
def test_every_member_changes_the_picture_visibly(field: str, family: type[StrEnum]) -> None:
    shots = [replace(A_WALK, **cast_as(field, member)) for member in family]

    assert closest(picture(shot) for shot in shots) > VISIBLY


def test_every_style_changes_the_picture_visibly() -> None:
    shots = [A_WALK, *(replace(A_WALK, style=style) for style in Style)]

    assert closest(picture(shot) for shot in shots) > VISIBLY


@pytest.mark.parametrize("setting", [Setting.PLAINS, Setting.SEA, Setting.SPACE])
def test_every_subject_changes_the_picture_visibly(setting: Setting) -> None:
    scene = replace(A_WALK, setting=setting)
    shots = [replace(scene, subjects=(subject,)) for subject in Subject]
    empty = replace(scene, subjects=())

    assert closest(picture(shot) for shot in [empty, *shots]) > SUBJECT_VISIBLY


def test_three_subjects_are_three() -> None:
    cast = (Subject.PERSON, Subject.DOG, Subject.BALLOON)
    shots = [replace(A_WALK, subjects=cast[:count]) for count in range(4)]

    assert closest(picture(shot) for shot in shots) > SUBJECT_VISIBLY


def test_an_umbrella_is_held_by_whoever_is_there() -> None:
    pair = replace(A_WALK, subjects=(Subject.PERSON, Subject.UMBRELLA))
    turned = replace(A_WALK, subjects=(Subject.UMBRELLA, Subject.PERSON))

    assert np.array_equal(picture(pair), picture(turned))
    assert difference(picture(pair), picture(A_WALK)) > SUBJECT_VISIBLY


# In a film of news the words are in its banner.
@pytest.mark.parametrize("style", [None, Style.NEWS])
@pytest.mark.parametrize("setting", [Setting.STREET, Setting.SPACE, Setting.VILLAGE])
def test_a_caption_leaves_the_feet_free(setting: Setting, style: Style | None) -> None:
    order = replace(SMALL, width=640, height=360)
    empty = replace(A_WALK, setting=setting, style=style, text="A walk", subjects=())
    walk = replace(empty, subjects=(Subject.ASTRONAUT,))

    changed = np.abs(picture(empty, order) - picture(walk, order)).max(axis=(1, 2)) > 60

    assert changed[250:300].any()
    assert not changed[310:].any()


def test_every_camera_moves_in_its_own_way() -> None:
    ends = []
    for camera in Camera:
        shot = replace(A_WALK, camera=camera, subjects=())
        ends.append(picture(shot, at=1.95) - picture(shot, at=0.0))

    assert closest(ends) > VISIBLY / 2


@pytest.mark.parametrize("camera", [camera for camera in Camera if camera is not Camera.STATIC])
def test_a_moving_camera_moves_the_picture(camera: Camera) -> None:
    still = replace(A_WALK, subjects=())
    moving = replace(still, camera=camera)

    drift = difference(picture(still, at=0.0), picture(still, at=1.95))

    assert difference(picture(moving, at=0.0), picture(moving, at=1.95)) > drift + VISIBLY / 2


def test_another_seed_is_another_picture() -> None:
    other = replace(SMALL, seed=2)

    assert difference(picture(A_WALK), picture(A_WALK, other)) > VISIBLY


def test_a_still_is_the_same_every_time() -> None:
    assert np.array_equal(picture(A_WALK), picture(A_WALK))


def test_a_script_is_shown_shot_by_shot() -> None:
    night = replace(A_WALK, time=Time.NIGHT)
    play = Script(shots=(A_WALK, night), seed=1)

    second = np.asarray(film.still(play, SMALL, at=3.0), np.int16)

    assert difference(picture(A_WALK), second) > VISIBLY


SIZES = [(64, 64), (64, 2560), (2560, 64), (180, 320), (322, 182)]


@pytest.mark.parametrize(
    ("size", "style"),
    [
        (SIZES[(number + more) % len(SIZES)], style)
        for number, style in enumerate([None, *Style])
        for more in (0, 2)
    ],
)
def test_pictures_of_any_size_can_be_drawn(size: tuple[int, int], style: Style | None) -> None:
    order = replace(SMALL, width=size[0], height=size[1])
    shot = replace(A_WALK, style=style, text="A walk", weather=Weather.STORM)

    assert (size[1], size[0], 3) == picture(shot, order).shape


@pytest.mark.parametrize("setting", list(Setting))
def test_every_setting_can_be_drawn_tiny_and_tall(setting: Setting) -> None:
    for width, height in ((64, 64), (90, 160)):
        order = replace(SMALL, width=width, height=height)
        shot = replace(A_WALK, setting=setting, season=Season.WINTER, camera=Camera.TILT_UP)

        assert (height, width, 3) == picture(shot, order).shape


def test_a_caption_is_written_into_the_picture() -> None:
    order = replace(SMALL, width=640, height=360)
    captioned = replace(A_WALK, text="A walk in the meadow")

    changed = np.abs(picture(A_WALK, order) - picture(captioned, order)).max(axis=(1, 2)) > 16

    assert not changed[:300].any()
    assert changed[300:].any()


# A letter of no alphabet, a hieroglyph that few fonts have, letters that need joining.
@pytest.mark.parametrize(
    "text", ["a walk \U0010fffe", "\U000143f2", "مشهد", "\u0915\u094d\u0937"]
)
def test_a_caption_that_cannot_be_written_is_left_out(text: str) -> None:
    order = replace(SMALL, width=640, height=360)
    captioned = replace(A_WALK, text=text)

    assert np.array_equal(picture(A_WALK, order), picture(captioned, order))


def test_chinese_is_written_whole_or_not_at_all() -> None:
    font = caption.font_for("海边的日落", 20)
    order = replace(SMALL, width=640, height=360)
    captioned = replace(A_WALK, text="海边的日落")

    same = np.array_equal(picture(A_WALK, order), picture(captioned, order))

    assert same is (font is None)


def rendered(folder: Path, **changes: object) -> Path:
    whole: dict[str, object] = {
        "prompt": "A boat on a lake at dawn, pan left",
        "width": 192,
        "height": 108,
        "seconds": 1.0,
        "seed": 7,
        "output": str(folder / "film.mp4"),
    }
    order = Order(**(whole | changes))  # type: ignore[arg-type]
    film.render(order, progress=list[int]().append)
    return Path(order.output)


def lengths(path: Path) -> tuple[float, float]:
    """How long the picture and the sound last, in seconds."""
    with av.open(str(path)) as container:
        tracks = (container.streams.video[0], container.streams.audio[0])
        return tuple(float((s.duration or 0) * (s.time_base or 0)) for s in tracks)  # type: ignore[return-value]


def digest(path: Path) -> str:
    found = sha256()
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            found.update(frame.to_ndarray().tobytes())
    return found.hexdigest()


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"width": 64, "height": 64},
        {"width": 108, "height": 192, "seconds": 2.5},
        {"width": 2560, "height": 1440},
        {"seconds": 120.0, "width": 64, "height": 64, "fps": 2},
        {"seconds": 4.3, "prompt": "[1.3s] a forest [3s] a city at night, {retro}"},
    ],
)
def test_a_film_has_the_size_and_the_length_that_were_ordered(
    tmp_path: Path, changes: dict[str, object]
) -> None:
    path = rendered(tmp_path, **changes)
    seconds = changes.get("seconds", 1.0)

    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert (changes.get("width", 192), changes.get("height", 108)) == (
            stream.width,
            stream.height,
        )
        assert (stream.codec_context.name, stream.pix_fmt) == ("h264", "yuv420p")
    # A film of two frames a second cannot be longer by less than half a one.
    assert lengths(path) == pytest.approx((seconds, seconds), abs=0.05)


def test_a_film_can_be_played_while_it_arrives(tmp_path: Path) -> None:
    content = rendered(tmp_path).read_bytes()

    assert content.index(b"moov") < content.index(b"mdat")


def test_the_same_order_gives_the_same_frames(tmp_path: Path) -> None:
    (tmp_path / "again").mkdir()

    assert digest(rendered(tmp_path)) == digest(rendered(tmp_path / "again"))


def test_nothing_half_done_is_left_behind(tmp_path: Path) -> None:
    rendered(tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == ["film.mp4"]


@pytest.fixture
def red(tmp_path: Path) -> Path:
    path = tmp_path / "reference.png"
    Image.new("RGBA", (300, 500), (220, 30, 30, 255)).save(path)
    return path


def test_a_reference_image_becomes_the_film(red: Path) -> None:
    seen = picture(A_WALK, replace(SMALL, reference=str(red)))

    assert tuple(seen[90, 160]) > (180, 60, 60) or seen[90, 160, 0] > 180
    assert seen[90, 160, 1] < 80


def test_a_reference_image_moves_although_the_camera_stands(tmp_path: Path) -> None:
    path = tmp_path / "stripes.png"
    Image.fromarray(np.tile(np.array([[0, 255] * 8], np.uint8).repeat(40, 1), (360, 1))).save(
        path
    )
    order = replace(SMALL, reference=str(path))

    assert difference(picture(A_WALK, order, at=0.0), picture(A_WALK, order, at=1.95)) > VISIBLY


def test_what_is_no_image_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "reference.png"
    path.write_bytes(b"not a picture")

    with pytest.raises(photo.BadReferenceError, match="cannot be read"):
        photo.load(path)


def child(order: Order) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "filmgate.engines.previs"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin
    process.stdin.write(json.dumps(asdict(order)) + "\n")
    process.stdin.flush()
    return process


def said(process: subprocess.Popen[str]) -> list[dict[str, object]]:
    assert process.stdout
    assert process.stdin
    with process.stdin, process.stdout:
        return [json.loads(line) for line in process.stdout]


def test_the_child_reports_its_progress_and_its_end(tmp_path: Path) -> None:
    process = child(replace(SMALL, prompt="a cat", output=str(tmp_path / "film.mp4")))

    lines = said(process)

    assert process.wait() == 0
    assert lines[-1] == {"done": True}
    assert all(0 <= int(str(line["percent"])) <= 99 for line in lines[:-1])
    assert (tmp_path / "film.mp4").stat().st_size > 1000


def test_the_child_says_what_is_wrong_with_a_reference(tmp_path: Path) -> None:
    (tmp_path / "bad.png").write_bytes(b"no")
    order = replace(SMALL, output=str(tmp_path / "f.mp4"), reference=str(tmp_path / "bad.png"))
    process = child(order)

    lines = said(process)

    assert process.wait() == 1
    assert list(lines[-1]) == ["error"]


def test_the_child_dies_with_its_parent(tmp_path: Path) -> None:
    order = replace(SMALL, width=1280, height=720, seconds=60.0, output=str(tmp_path / "f.mp4"))
    process = child(order)
    assert process.stdin
    assert process.stdout

    process.stdin.close()

    with process.stdout:
        assert process.wait(timeout=10) == 3
