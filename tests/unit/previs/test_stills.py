"""One picture instead of a film."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from filmgate.domain.request import Operation
from filmgate.engines.previs.picture.photo import BadReferenceError
from filmgate.engines.previs.scene import Guest, Order
from unit.previs.studio import (
    GREEN,
    RED,
    Picture,
    apart,
    order,
    pixels,
    plain,
    portrait,
    share,
    still,
)

VISIBLY = 8.0


@pytest.fixture
def asked(tmp_path: Path) -> Callable[..., Order]:
    def ask(prompt: str, **changes: object) -> Order:
        output = str(tmp_path / "still")
        fields: dict[str, object] = {"output": output, "still": "png", "captions": False}
        return order(tmp_path, prompt, **(fields | changes))

    return ask


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """Grey, with a green disc, as large as the stills here."""
    image = Image.new("RGB", (192, 108), (128, 128, 128))
    ImageDraw.Draw(image).ellipse((70, 30, 120, 80), fill=GREEN)
    image.save(tmp_path / "photo.png")
    return tmp_path / "photo.png"


def mask(path: Path, box: tuple[int, int, int, int], size: tuple[int, int]) -> Path:
    """Opaque, or as good as that, but for the ellipse in the *box*."""
    image = Image.new("RGBA", size, (0, 0, 0, 252))
    ImageDraw.Draw(image).ellipse(box, fill=(0, 0, 0, 0))
    image.save(path)
    return path


@pytest.mark.parametrize(
    ("kind", "size"),
    [("png", (192, 108)), ("jpeg", (64, 256)), ("webp", (300, 64)), ("png", (2600, 2000))],
)
def test_a_still_has_the_format_and_the_size_that_were_asked_for(
    asked: Callable[..., Order], kind: str, size: tuple[int, int]
) -> None:
    image = still(asked("a boat on a lake", still=kind, width=size[0], height=size[1]))

    assert (image.format, image.size, image.mode) == (kind.upper(), size, "RGB")


def test_a_still_is_the_same_every_time_and_another_for_another_seed(
    asked: Callable[..., Order], tmp_path: Path
) -> None:
    still(asked("a boat on a lake"))
    first = (tmp_path / "still").read_bytes()
    still(asked("a boat on a lake"))

    assert (tmp_path / "still").read_bytes() == first
    shown = [pixels(still(asked("a boat on a lake", seed=seed))) for seed in range(4)]
    assert min(apart(a, b) for n, a in enumerate(shown) for b in shown[:n]) > VISIBLY


@pytest.mark.parametrize(
    "prompt", ["a boat at night", "a beach", "a lake in the snow", "a lake {comic}"]
)
def test_a_still_shows_what_its_prompt_says(asked: Callable[..., Order], prompt: str) -> None:
    assert apart(pixels(still(asked(prompt))), pixels(still(asked("a lake")))) > VISIBLY


def test_a_negative_prompt_is_for_stills_too(asked: Callable[..., Order]) -> None:
    plainly = pixels(still(asked("a lake at night")))

    assert apart(pixels(still(asked("a lake at night", negative="night"))), plainly) > VISIBLY


def test_a_still_grows_while_one_looks(asked: Callable[..., Order]) -> None:
    shown: list[Path] = []

    final = pixels(still(asked("a dragon over a castle in the rain"), shown))

    pictures = []
    for path in shown:
        with Image.open(path) as image:
            assert (image.format, image.size) == ("PNG", (192, 108))
            pictures.append(pixels(image))
    assert len(pictures) == 3
    steps = [apart(a, b) for a, b in zip(pictures, [*pictures[1:], final], strict=True)]
    assert min(steps) > 0.5


def test_a_still_without_a_cast_grows_in_two_steps(asked: Callable[..., Order]) -> None:
    shown: list[Path] = []

    still(asked("a desert"), shown)

    assert len(shown) == 2


def test_sixteen_subjects_are_all_in_the_picture(
    asked: Callable[..., Order], tmp_path: Path
) -> None:
    halves = np.zeros((90, 60, 3), np.uint8)
    halves[:45], halves[45:] = RED, (230, 40, 220)
    picture = str(tmp_path / "subject.png")
    Image.fromarray(halves).save(picture)
    one = pixels(still(asked("a meadow", guests=(Guest(picture=picture),))))
    many = pixels(still(asked("a meadow", guests=(Guest(picture=picture),) * 16)))

    columns = [(np.abs(p - RED).max(axis=2) < 60).any(axis=0).sum() for p in (one, many)]
    assert columns[0] < 60
    assert columns[1] > 130


def test_an_edit_changes_the_picture_that_was_sent(
    asked: Callable[..., Order], photo: Path
) -> None:
    night = asked("make it night", operation=Operation.EDIT, source=str(photo))
    original = pixels(Image.open(photo))

    shown: list[Path] = []
    seen = pixels(still(night, shown))

    assert seen.mean() < 0.75 * original.mean()
    # The disc is where it was.
    disc, beside = seen[55, 95], seen[55, 30]
    assert disc[1] - disc[0] > beside[1] - beside[0] + 20
    assert len(shown) == 1


def test_a_place_appears_around_what_was_sent(asked: Callable[..., Order], photo: Path) -> None:
    beach = asked("on a beach", operation=Operation.EDIT, source=str(photo))

    seen, original = pixels(still(beach)), pixels(Image.open(photo))

    assert apart(seen[:, :20], original[:, :20]) > 3 * apart(
        seen[40:70, 80:110], original[40:70, 80:110]
    )


@pytest.mark.parametrize("words", ["a rainy night", "a dragon", "a beach at sunset", "nicer"])
def test_what_the_mask_covers_stays_to_the_pixel(
    asked: Callable[..., Order], photo: Path, tmp_path: Path, words: str
) -> None:
    clear = mask(tmp_path / "mask.png", (20, 10, 99, 79), (192, 108))
    wanted = asked(words, operation=Operation.EDIT, source=str(photo), mask=str(clear))

    seen, original = pixels(still(wanted)), pixels(Image.open(photo))

    changed = np.abs(seen - original).max(axis=2) > 0
    with Image.open(clear) as image:
        inside = np.asarray(image.getchannel("A")) == 0
    assert 0.15 < inside.mean() < 0.25
    assert not changed[~inside].any()
    assert changed[inside].mean() > 0.05


def test_what_is_asked_for_stands_where_the_mask_is_clear(
    asked: Callable[..., Order], photo: Path, tmp_path: Path
) -> None:
    clear = mask(tmp_path / "mask.png", (130, 8, 189, 100), (192, 108))
    ada = Guest(picture=str(portrait(tmp_path / "p.png")), name="Ada")
    wanted = asked(
        "Ada", operation=Operation.EDIT, source=str(photo), mask=str(clear), guests=(ada,)
    )

    assert share(pixels(still(wanted))[8:100, 130:190], RED) > 0.005


def test_a_mask_that_is_opaque_everywhere_is_refused(
    asked: Callable[..., Order], photo: Path, tmp_path: Path
) -> None:
    opaque = plain(tmp_path / "mask.png", (0, 0, 0), (192, 108))
    wanted = asked("night", operation=Operation.EDIT, source=str(photo), mask=str(opaque))

    with pytest.raises(BadReferenceError, match="opaque everywhere"):
        still(wanted)


def test_a_mask_of_one_pixel_is_a_mask(
    asked: Callable[..., Order], photo: Path, tmp_path: Path
) -> None:
    clear = tmp_path / "mask.png"
    point = Image.new("RGBA", (192, 108), (0, 0, 0, 255))
    point.putpixel((50, 50), (0, 0, 0, 0))
    point.save(clear)
    wanted = asked("night", operation=Operation.EDIT, source=str(photo), mask=str(clear))

    changed = pixels(still(wanted)) != pixels(Image.open(photo))

    assert changed.any(axis=2).sum() == 1


def test_variations_are_visibly_varied_and_alike(
    asked: Callable[..., Order], photo: Path
) -> None:
    shown: list[Picture] = [
        pixels(
            still(asked("variation", operation=Operation.EDIT, source=str(photo), seed=seed))
        )
        for seed in range(4)
    ]

    original = pixels(Image.open(photo))
    assert min(apart(picture, original) for picture in shown) > VISIBLY
    assert min(apart(a, b) for n, a in enumerate(shown) for b in shown[:n]) > VISIBLY / 2
    for picture in shown:
        assert ((picture[..., 1] - picture[..., 0]) > 60).mean() > 0.03


def test_a_source_of_another_shape_fills_the_still(
    asked: Callable[..., Order], tmp_path: Path
) -> None:
    tall = plain(tmp_path / "tall.png", RED, (60, 300))
    wanted = asked("a bird", operation=Operation.EDIT, source=str(tall), width=256, height=128)

    image = still(wanted)

    assert image.size == (256, 128)
    assert share(pixels(image), RED) > 0.6


def test_nothing_half_done_is_left_behind(asked: Callable[..., Order], tmp_path: Path) -> None:
    still(asked("a desert"))

    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"still", "still.1.png", "still.2.png"}
