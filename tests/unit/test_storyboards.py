"""Films that are asked for shot by shot."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from fakes import A_KITE, KITE
from filmgate import FilmgateError, InvalidRequest, Model, Operation, SecondsRange
from filmgate.domain.errors import Unsupported
from filmgate.domain.request import GenerationRequest, Shot, Step
from filmgate.engines.previs import PREVIS_1
from filmgate.engines.previs.film import render
from filmgate.engines.previs.orders import order_of
from filmgate.engines.previs.reading import history, script
from filmgate.engines.previs.scene import Setting
from filmgate.storage.database.frozen import freeze_request, thaw_request
from unit.previs.studio import order

BOARD = (Shot(seconds=1, prompt="a boat on the sea"), Shot(seconds=2.5, prompt="a desert"))
FILM = replace(KITE, storyboards=True, seconds=SecondsRange(least=1, most=20))
ASKED = replace(A_KITE, storyboard=BOARD, seconds=3.5)


def refusal(model: Model, request: GenerationRequest) -> FilmgateError:
    with pytest.raises(FilmgateError) as caught:
        model.check(request)
    assert caught.value.param == "storyboard"
    return caught.value


def test_a_model_takes_shots_that_fill_the_film() -> None:
    FILM.check(ASKED)
    FILM.check(replace(ASKED, seconds=None))  # of a remix it is not known yet
    assert "have 3.5 s together" in refusal(FILM, replace(ASKED, seconds=4.0)).message


def test_a_model_without_storyboards_says_what_can_be_done() -> None:
    error = refusal(replace(FILM, storyboards=False), ASKED)
    assert isinstance(error, Unsupported)
    assert "Leave the times" in error.message


@pytest.mark.parametrize(
    ("shots", "code"),
    [
        ((Shot(seconds=0.1, prompt="x"),) * 25, "array_above_max_length"),
        ((Shot(seconds=1, prompt=" "),), "invalid_value"),
        ((Shot(seconds=1, prompt="a\0"),), "invalid_value"),
        ((Shot(seconds=0.05, prompt="x"),), "invalid_value"),
        ((Shot(seconds=float("nan"), prompt="x"),), "invalid_value"),
        ((Shot(seconds=1, prompt="x" * 16_001),) * 2, "string_above_max_length"),
    ],
)
def test_shots_have_limits(shots: tuple[Shot, ...], code: str) -> None:
    error = refusal(FILM, replace(ASKED, storyboard=shots, seconds=None))
    assert (error.code, isinstance(error, InvalidRequest)) == (code, True)


def test_rows_keep_it_and_those_of_old_are_read() -> None:
    asked = replace(ASKED, promised=False)
    assert thaw_request(freeze_request(asked)) == asked
    old = json.loads(freeze_request(A_KITE))
    del old["request"]["storyboard"], old["request"]["promised"]
    assert thaw_request(json.dumps(old)) == A_KITE


def test_each_shot_is_a_place_of_its_own_for_its_time() -> None:
    request = replace(A_KITE, prompt="At night.", storyboard=BOARD, seconds=3.5)
    PREVIS_1.check(request)
    play = history.play(order_of(request, Path("film.mp4"), {}))
    assert [(shot.setting, shot.seconds) for shot in play.shots] == [
        (Setting.SEA, 1),
        (Setting.DESERT, 2.5),
    ]
    assert {shot.time for shot in play.shots} == {"night"}


def test_the_words_of_a_storyboard_may_stand_in_the_prompt_too() -> None:
    told = script.beats("At night. [1s] a boat on the sea [2.5s] a desert", 3.5, BOARD)
    assert told == script.beats("At night. ", 3.5, BOARD)


def test_a_remix_keeps_the_shots(tmp_path: Path) -> None:
    step = Step(operation=Operation.CREATE, prompt="At night.", seconds=3.5, storyboard=BOARD)
    remix = order(tmp_path, "in the snow", operation=Operation.REMIX, history=(step,))
    longer = order(
        tmp_path,
        "x",
        operation=Operation.EXTEND,
        history=(step,),
        storyboard=BOARD,
        seconds=3.5,
    )
    news = order(
        tmp_path, "x", operation=Operation.EDIT, history=(step,), storyboard=BOARD[::-1]
    )
    assert [shot.seconds for shot in history.play(remix).shots] == [1, 2.5]
    assert len(history.play(longer).shots) == 4
    assert [s.setting for s in history.play(news).shots] == [Setting.DESERT, Setting.SEA]


def test_a_film_is_cut_where_its_shots_end(tmp_path: Path) -> None:
    asked = order(tmp_path, "x", storyboard=BOARD, seconds=3.5, width=160, height=90)
    render(asked, progress=lambda _: None)
    with av.open(asked.output) as film:
        pictures = [
            (float(frame.time or 0), frame.to_ndarray(format="rgb24").astype(np.int16))
            for frame in film.decode(video=0)
        ]
    changes = [
        (at, float(np.abs(one - other).mean())) for (_, one), (at, other) in pairwise(pictures)
    ]
    cut, _ = max(changes, key=lambda change: change[1])
    assert cut == pytest.approx(1.0, abs=0.05)
