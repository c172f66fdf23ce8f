"""How a film is read from what was asked for, step by step."""

from __future__ import annotations

import pytest

from filmgate.domain.request import Operation, Step
from filmgate.engines.previs.reading import history
from filmgate.engines.previs.reading.meanings import listed
from filmgate.engines.previs.reading.script import read
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

FIRST = "a cat and a dog in a village on a winter night, snow, {retro}, pan left"


def told(*steps: tuple[Operation, str, float], negative: str = "", seed: int = 0) -> Script:
    """The script of the last of *steps*, the others being what was before."""
    *before, (operation, prompt, seconds) = steps
    order = Order(
        prompt=prompt, width=64, height=64, seconds=seconds, seed=seed, output="",
        operation=operation, negative=negative,
        history=tuple(Step(operation=o, prompt=p, seconds=s) for o, p, s in before),
    )  # fmt: skip
    return history.play(order)


def remixed(words: str, *, first: str = FIRST, negative: str = "") -> Shot:
    steps = ((Operation.CREATE, first, 4.0), (Operation.REMIX, words, 4.0))
    (shot,) = told(*steps, negative=negative).shots
    return shot


def extended(words: str, *, first: str = FIRST, negative: str = "") -> tuple[Shot, ...]:
    steps = ((Operation.CREATE, first, 4.0), (Operation.EXTEND, words, 8.0))
    return told(*steps, negative=negative).shots


@pytest.mark.parametrize(
    ("words", "field", "value"),
    [
        ("on a beach", "setting", Setting.BEACH),
        ("at dawn", "time", Time.DAWN),
        ("in the rain", "weather", Weather.RAIN),
        ("in autumn", "season", Season.AUTUMN),
        ("tilt up", "camera", Camera.TILT_UP),
        ("a train", "subjects", (Subject.TRAIN,)),
        ("{anime}", "style", Style.ANIME),
        ("as a comic book", "style", Style.COMIC),
        ("add a horse", "subjects", (Subject.CAT, Subject.DOG, Subject.HORSE)),
        ("add a horse and a bird", "subjects", (Subject.CAT, Subject.HORSE, Subject.BIRD)),
        ("也有一匹马", "subjects", (Subject.CAT, Subject.DOG, Subject.HORSE)),
        ("remove the dog", "subjects", (Subject.CAT,)),
        ("去除狗", "subjects", (Subject.CAT,)),
        ("no snow", "weather", Weather.CLEAR),
        ("take away the cat and add a horse", "subjects", (Subject.DOG, Subject.HORSE)),
    ],
)
def test_a_remix_replaces_what_it_names_and_nothing_else(
    words: str, field: str, value: object
) -> None:
    (before,) = read(FIRST, seconds=4, seed=0).shots

    after = remixed(words)

    changed = {
        name
        for name in ("setting", "time", "weather", "season", "camera", "subjects", "style")
        if getattr(before, name) != getattr(after, name)
    }
    assert getattr(after, field) == value
    assert changed == {field}


def test_a_hint_does_not_move_a_scene_whose_place_was_said() -> None:
    assert remixed("a whale", first="a lake at noon").setting is Setting.LAKE
    assert remixed("a whale", first="something").setting is Setting.SEA


def test_a_remix_keeps_the_seed_of_its_film() -> None:
    first = read(FIRST, seconds=4, seed=3)

    remix = told((Operation.CREATE, FIRST, 4.0), (Operation.REMIX, "rain", 4.0), seed=3)

    assert (remix.seed, remix.variant) == (first.seed, 3)


def test_an_extension_has_its_films_seed_whatever_is_asked_for() -> None:
    order = Order(
        prompt="and on", width=64, height=64, seconds=4, seed=5, output="",
        operation=Operation.EXTEND, source_seed=3,
        history=(Step(operation=Operation.CREATE, prompt=FIRST, seconds=4.0),),
    )  # fmt: skip

    assert history.play(order).seed == history.before(order).seed
    assert history.before(order) == read(FIRST, seconds=4, seed=3)


def test_what_a_remix_took_away_may_come_back() -> None:
    steps = (
        (Operation.CREATE, "a dog in the rain", 4.0),
        (Operation.REMIX, "no rain and no dog", 4.0),
        (Operation.REMIX, "with rain", 4.0),
    )

    assert [told(*steps[:n]).shots[0].weather for n in (1, 2, 3)] == [
        Weather.RAIN,
        Weather.CLEAR,
        Weather.RAIN,
    ]
    assert told(*steps).shots[0].subjects == ()


def test_a_remix_says_its_words_of_every_shot() -> None:
    board = "[1s] a kitchen [3s] a train in the desert"
    steps = ((Operation.CREATE, board, 8.0), (Operation.REMIX, "at night", 8.0))

    shots = told(*steps).shots

    assert [shot.setting for shot in shots] == [Setting.INTERIOR, Setting.DESERT]
    assert [shot.time for shot in shots] == [Time.NIGHT] * 2
    assert [shot.seconds for shot in shots] == [2.0, 6.0]


def test_a_storyboard_cuts_a_film_anew() -> None:
    board = "[1s] a kitchen with a cat [1s] a train in the desert"
    new = "[3s] at night [1s] in the rain"
    shots = told((Operation.CREATE, board, 8.0), (Operation.EDIT, new, 8.0)).shots

    assert [shot.seconds for shot in shots] == [6.0, 2.0]
    assert (shots[0].setting, shots[0].time) == (Setting.INTERIOR, Time.NIGHT)
    assert (shots[1].setting, shots[1].weather) == (Setting.DESERT, Weather.RAIN)


def test_an_extension_that_names_nothing_new_is_the_same_shot() -> None:
    (shot,) = extended("it goes on snowing in the village")

    assert (shot.seconds, shot.planned, shot.move) == (12.0, 4.0, 4.0)
    assert shot.text == "it goes on snowing in the village"


def test_an_extension_of_an_extension_is_the_same_shot_still() -> None:
    steps = [(Operation.CREATE, FIRST, 4.0), *[(Operation.EXTEND, "and on", 8.0)] * 2]

    (shot,) = told(*steps).shots

    assert (shot.seconds, shot.planned) == (20.0, 4.0)


@pytest.mark.parametrize("words", ["a beach", "then the rain falls", "a horse", "pan right"])
def test_an_extension_that_names_something_new_is_another_shot(words: str) -> None:
    first, second = extended(words)

    assert (first.seconds, second.seconds, second.planned) == (4.0, 8.0, None)
    assert second.time is Time.NIGHT


def test_a_storyboard_goes_on_and_cuts() -> None:
    shots = extended("[2s] on and on [6s] a beach", first="a village")

    assert [(shot.setting, shot.seconds) for shot in shots] == [
        (Setting.VILLAGE, 6.0),
        (Setting.BEACH, 6.0),
    ]


def test_a_remix_of_an_extension_still_moves_as_it_did() -> None:
    (shot,) = told(
        (Operation.CREATE, "a lake", 4.0),
        (Operation.EXTEND, "and on", 4.0),
        (Operation.REMIX, "at night", 8.0),
    ).shots

    assert (shot.seconds, shot.planned, shot.time) == (8.0, 4.0, Time.NIGHT)


def test_a_negative_prompt_is_for_the_new_part_of_an_extension() -> None:
    first, second = extended("and on", first="a beach in the rain", negative="rain")

    assert (first.weather, second.weather) == (Weather.RAIN, Weather.CLEAR)


def test_a_negative_prompt_is_for_all_of_a_remix() -> None:
    assert remixed("at dawn", negative="snow").weather is Weather.CLEAR


@pytest.mark.parametrize(
    ("prompt", "negative", "field", "value"),
    [
        ("a storm on a beach", "rain", "weather", Weather.CLEAR),
        ("a storm on a beach", "no rain, please", "weather", Weather.CLEAR),
        ("a beach", "clear skies, sunny", "weather", Weather.CLOUDY),
        ("a beach near a lake", "beach", "setting", Setting.LAKE),
        ("a walk", "meadow", "setting", Setting.MOUNTAINS),
        ("a dog and a cat", "dogs", "subjects", (Subject.CAT,)),
        ("黑夜里的狗", "夜晚", "time", Time.DAY),
        ("{retro} lake", "{retro}", "style", None),
        ("a handheld shot", "handheld", "camera", Camera.PUSH),
        ("autumn", "autumn, summer", "season", Season.SPRING),
    ],
)
def test_what_is_not_wanted_is_left_out_or_replaced(
    prompt: str, negative: str, field: str, value: object
) -> None:
    (shot,) = read(prompt, seconds=4, seed=0, negative=negative).shots

    assert getattr(shot, field) == value


def test_who_wants_nothing_gets_what_is_there() -> None:
    (shot,) = read(
        "a beach", seconds=1, seed=0, negative="clear skies, cloudy, rain, storm, snow, fog"
    ).shots

    assert shot.weather is Weather.CLEAR


def test_a_later_shot_does_not_inherit_what_is_not_wanted() -> None:
    board = "[1s] a dog in the rain, {comic} [1s] and on"

    shots = read(board, seconds=4, seed=0, negative="rain, dog, {comic}").shots

    assert {(shot.weather, shot.subjects, shot.style) for shot in shots} == {
        (Weather.CLEAR, (), None)
    }


def test_a_negative_prompt_lists_what_it_names_and_no_hints() -> None:
    assert listed("no boats, {anime}") == {Subject.BOAT, Style.ANIME}
    assert listed("") == frozenset()


def test_a_change_knows_what_was_said_of_a_picture() -> None:
    order = Order(
        prompt="a dog at night", width=64, height=64, seconds=4, seed=0, output="",
        source_seconds=9.0, negative="dog",
    )  # fmt: skip

    change = history.change(order)

    assert (change.shot.time, change.shot.subjects, change.shot.seconds) == (
        Time.NIGHT,
        (),
        9.0,
    )
    assert {meaning for meaning, _ in change.reading.meanings} == {Time.NIGHT}
