"""The silhouettes."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from PIL import Image

from filmgate.engines.previs.cast.held import HELD
from filmgate.engines.previs.cast.subjects import PLACEMENT, draw
from filmgate.engines.previs.scene import Subject

MOVING = [
    Subject.PERSON,
    Subject.CHILD,
    Subject.HORSE,
    Subject.BIRD,
    Subject.DOG,
    Subject.DRAGON,
    Subject.WHALE,
    Subject.FISH,
    Subject.BICYCLE,
    Subject.TRAIN,
]


def pixels(image: Image.Image) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return np.asarray(image, dtype=np.float64)


@pytest.mark.parametrize("subject", Subject)
@pytest.mark.parametrize("height", [1, 17, 120, 401])
def test_a_silhouette_has_exactly_the_height_that_is_asked_for(
    subject: Subject, height: int
) -> None:
    image = draw(subject, height)
    assert ("L", height) == (image.mode, image.height)


@pytest.mark.parametrize("subject", Subject)
def test_a_silhouette_fills_its_picture(subject: Subject) -> None:
    image = draw(subject, 200)
    left, top, right, bottom = image.point(lambda value: 255 * (value > 60)).getbbox() or (
        0,
        0,
        0,
        0,
    )
    assert right - left >= 0.94 * image.width
    assert bottom - top >= 0.94 * image.height


@pytest.mark.parametrize("subject", Subject)
def test_a_silhouette_has_soft_edges_and_a_solid_middle(subject: Subject) -> None:
    values = pixels(draw(subject, 200))
    assert (values == 255).mean() > 0.08
    assert 0.004 < ((values > 0) & (values < 255)).mean() < 0.6


@pytest.mark.parametrize("subject", Subject)
def test_a_silhouette_is_never_cut_as_it_moves(subject: Subject) -> None:
    sizes = {draw(subject, 100, phase).size for phase in (0.0, 0.2, 0.5, 0.7)}
    assert len(sizes) == 1


@pytest.mark.parametrize("subject", MOVING)
def test_what_moves_comes_back_to_where_it_was(subject: Subject) -> None:
    start = pixels(draw(subject, 90))
    assert np.abs(start - pixels(draw(subject, 90, 0.4))).mean() > 0.3
    assert np.array_equal(start, pixels(draw(subject, 90, 1.0)))


def test_no_two_silhouettes_look_alike() -> None:
    small = {subject: pixels(draw(subject, 128).resize((64, 64))) for subject in Subject}
    alike = [
        (one, other)
        for one, other in combinations(Subject, 2)
        if np.abs(small[one] - small[other]).mean() < 24
    ]
    assert alike == []


@pytest.mark.parametrize("subject", Subject)
def test_every_subject_has_a_place(subject: Subject) -> None:
    assert 0.08 <= PLACEMENT[subject].size <= 0.6


@pytest.mark.parametrize("subject", HELD)
@pytest.mark.parametrize("phase", [0.0, 0.3, 0.7])
def test_who_holds_an_umbrella_is_drawn_whole(subject: Subject, phase: float) -> None:
    image = HELD[subject].mask(200, phase)
    left, top, right, bottom = image.point(lambda value: 255 * (value > 60)).getbbox() or (
        0,
        0,
        0,
        0,
    )

    assert right - left >= 0.94 * image.width
    assert bottom - top >= 0.94 * image.height
    assert pixels(image)[:, [0, -1]].max() < 255


@pytest.mark.parametrize("subject", HELD)
def test_an_umbrella_is_over_who_holds_it(subject: Subject) -> None:
    alone, held = pixels(draw(subject, 100)), pixels(HELD[subject].mask(150, 0.0))

    canopy = np.flatnonzero(held[:40].max(axis=0) > 128)

    assert len(canopy) > np.count_nonzero(alone.max(axis=0) > 128) * 0.9
