"""Prompts written by rules: any text gives a film, and always the same one."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filmgate.domain.composer import (
    LABELS,
    LONGEST_BEAT,
    LONGEST_GIST,
    Composition,
    Shot,
    compose,
    language_of,
)
from filmgate.domain.composer.cues import Cue, Kind, Language
from filmgate.domain.composer.looks import LOOKS
from filmgate.domain.composer.places import PLACES
from filmgate.domain.composer.subjects import SUBJECTS
from filmgate.domain.enhancement import Detail, Enhancement, shots_in
from filmgate.domain.errors import InvalidRequest
from filmgate.engines.previs.reading.script import read

ROOT = Path(__file__).parents[2]
CUES = (*SUBJECTS, *PLACES, *LOOKS)
WORDS = sorted({word for cue in CUES for word in (*cue.words, *cue.characters)})
TIMED = re.compile(r"\[([\d.]+)-([\d.]+)s\] (.+)")

texts = st.one_of(
    st.text(max_size=300),
    st.text(st.characters(codec=None), max_size=60),  # lone surrogates too
    st.lists(st.sampled_from(WORDS), max_size=12).map(", ".join),
    st.lists(st.sampled_from([*WORDS, "。", "然后", ". ", "\n", "[3s]", "没有"])).map("".join),
)
lengths = st.one_of(
    st.integers(4, 60),
    st.floats(4, 60).map(lambda seconds: round(seconds, 3)),
)


def told(film: Composition) -> list[str]:
    return [film.primary, film.setting, film.look, film.camera, film.light]


@given(texts, lengths, st.sampled_from(Detail))
def test_any_text_gives_a_film(prompt: str, seconds: float, detail: Detail) -> None:
    film = compose(prompt, seconds=seconds, detail=detail)

    assert film == compose(prompt, seconds=seconds, detail=detail)
    assert sum(shot.seconds for shot in film.shots) == seconds
    assert all(shot.seconds >= 1 for shot in film.shots)
    assert len(film.shots) == shots_in(seconds, detail)
    assert all(text.strip() == text and text for text in told(film))
    assert all(len(text) <= LONGEST_GIST + 300 for text in told(film))
    assert all(0 < len(shot.prompt) <= LONGEST_BEAT + 150 for shot in film.shots)
    assert film.text.isprintable() or film.text.replace("\n", "").isprintable()
    assert len(film.text.splitlines()) == len(LABELS) + len(film.shots)


@given(texts, lengths, st.sampled_from(Detail))
def test_its_text_says_the_same_as_its_shots(
    prompt: str, seconds: float, detail: Detail
) -> None:
    film = compose(prompt, seconds=seconds, detail=detail)

    lead, timed = film.text.splitlines()[: len(LABELS)], film.text.splitlines()[len(LABELS) :]
    assert [line.partition(": ")[0] for line in lead] == list(LABELS)
    assert [line.partition(": ")[2] for line in lead] == told(film)
    found = [match.groups() for line in timed if (match := TIMED.fullmatch(line))]
    assert [prompt for *_, prompt in found] == [shot.prompt for shot in film.shots]
    assert found[0][0] == "0"
    assert [end for _, end, _ in found[:-1]] == [start for start, *_ in found[1:]]
    assert float(found[-1][1]) == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("seconds", "counts"),
    [(4, (1, 1, 2)), (10, (2, 3, 4)), (15, (3, 4, 6)), (20, (3, 5, 8)), (60, (10, 15, 24))],
)
def test_longer_films_and_more_words_have_more_shots(
    seconds: float, counts: tuple[int, int, int]
) -> None:
    films = [compose("a kite", seconds=seconds, detail=detail) for detail in Detail]
    assert tuple(len(film.shots) for film in films) == counts
    sizes = [len(film.text) for film in films]
    assert sizes == sorted(sizes)


def test_half_a_second_has_one_shot() -> None:
    assert [shot.seconds for shot in compose("a kite", seconds=0.5).shots] == [0.5]


@pytest.mark.parametrize(
    "prompt",
    [
        "A red sailboat near a lighthouse at sunset, the camera slowly pushes in",
        "An old man walks his dog through a snowy village at night. He stops and looks up.",
        "Tokyo street in the rain, neon signs, tracking shot",
        "anime dragon above the clouds, drone shot",
        "A whale",
        "猫猫",
        "一只橘猫在窗台玩耍",
        "马在草原上奔跑",
        "雨夜的重庆，一个女孩撑着红伞走过霓虹小巷，赛博朋克风格",
        "竹林里的侠客，水墨画",
    ],
)
@pytest.mark.parametrize("detail", Detail)
def test_an_animatic_shows_what_the_prompt_alone_would_show(
    prompt: str, detail: Detail
) -> None:
    """The storyboard is good enough to be read: nothing in it misleads."""
    film = compose(prompt, seconds=15, detail=detail)
    [alone] = read(prompt, seconds=15, seed=0).shots
    shots = read(film.text, seconds=15, seed=0).shots

    assert len(shots) == len(film.shots)
    assert {(shot.setting, shot.time, shot.subjects, shot.style) for shot in shots} == {
        (alone.setting, alone.time, alone.subjects, alone.style)
    }


@pytest.mark.parametrize(
    ("prompt", "label", "words"),
    [
        ("a fox in the forest", "setting", "A forest, deep"),
        ("rain in the city", "setting", "Rain falls steadily"),
        ("a village in the mountains", "setting", "Mountains in layers"),
        ("a rose, watercolour", "look", "A painting that moves"),
        ("a rose, drone shot, slow motion", "camera", "Slow motion"),
        ("a rose at dawn", "light", "Early light at dawn"),
        ("a rose, cyberpunk", "light", "Neon signs"),
        ("two whales", "setting", "The sea"),
        ("a cat, no rain, without neon", "light", "light"),
        ("金毛在海边奔跑", "setting", "大海辽阔"),
        ("夕阳下的骏马", "light", "落日的暖光"),
        ("水墨风格的荷花", "look", "会动的画"),
        ("航拍长城", "camera", "从空中滑行俯瞰"),
        ("上海的海报", "setting", "城市"),
        ("马上出发的罗马人", "primary", "面容和衣着"),
    ],
)
def test_a_word_is_understood(prompt: str, label: str, words: str) -> None:
    assert words in getattr(compose(prompt, seconds=10), label)


def test_what_is_not_wanted_is_not_told() -> None:
    film = compose("a city, no rain and no neon", seconds=10)
    assert "Rain" not in film.setting
    assert "Neon" not in film.light


def test_each_part_of_a_story_has_its_shot() -> None:
    prompt = "A boat leaves. A child waves. The sea is empty."
    shots = compose(prompt, seconds=15, detail=Detail.SHORT).shots
    told = ["A boat leaves", "A child waves", "The sea is empty"]
    assert [text in shot.prompt for text, shot in zip(told, shots, strict=True)] == [True] * 3
    (both,) = compose(prompt, seconds=4).shots
    assert both.prompt.startswith(f"Wide shot: {'; '.join(told)}. ")
    two = compose("船离开港口，然后孩子挥手", seconds=10, detail=Detail.SHORT).shots
    assert ["船离开港口" in two[0].prompt, "孩子挥手" in two[1].prompt] == [True, True]


def test_a_long_prompt_is_told_in_short() -> None:
    film = compose("a kite and " * 500, seconds=10)
    assert "…" in film.primary
    assert all("…" in shot.prompt for shot in film.shots)


def test_one_who_wants_it_close_gets_it_close() -> None:
    film = compose("macro of a bee", seconds=10)
    assert [shot.prompt.partition(":")[0] for shot in film.shots] == [
        "Close-up", "Detail", "Extreme close-up",
    ]  # fmt: skip


def test_marks_and_braces_are_not_words() -> None:
    film = compose("{anime} [3s] a kite [3s] a boat", seconds=10, detail=Detail.SHORT)
    assert film.primary == "Anime. A kite. A boat."
    assert film.look.startswith("Anime")


def test_what_is_left_open_is_chosen_by_the_prompt() -> None:
    looks = {compose(f"thing {number}", seconds=10).look for number in range(20)}
    assert len(looks) > 1


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("", Language.ENGLISH),
        ("a kite", Language.ENGLISH),
        ("风筝", Language.CHINESE),
        ("sora 风格的风筝", Language.CHINESE),
        ("a kite that says 风", Language.ENGLISH),
        ("猫が走る", Language.ENGLISH),
        ("🐱", Language.ENGLISH),
    ],
)
def test_the_language_is_the_prompts(text: str, language: Language) -> None:
    assert language_of(text) is language
    chinese = "镜头" in compose(text, seconds=10).camera + compose(text, seconds=10).text
    assert chinese is (language is Language.CHINESE)


@pytest.mark.parametrize(
    ("language", "prompt"),
    [("en", "A girl flies a kite on the beach at dawn"), ("zh", "清晨，女孩在海边放风筝")],
)
def test_its_page_shows_what_it_writes(language: str, prompt: str) -> None:
    page = ROOT / "docs" / language / "reference" / "enhancers" / "openai_chat.md"
    said = page.read_text(encoding="utf-8")
    assert f"`{prompt}`" in said
    assert compose(prompt, seconds=10, detail=Detail.SHORT).text in said


def test_a_shot_is_data() -> None:
    assert [field.name for field in fields(Shot)] == ["seconds", "prompt"]


@pytest.mark.parametrize("cue", CUES, ids=lambda cue: f"{cue.kind.name} {cue.name}")
def test_the_tables_are_whole(cue: Cue) -> None:
    for language in Language:
        least = 1 if cue.kind is Kind.WEATHER else 3
        assert len(cue.told[language]) >= (least if cue.kind is not Kind.SUBJECT else 2)
        shows = cue.kind in (Kind.SUBJECT, Kind.CAMERA)
        assert all(cue.shown[language]) is shows
        assert not any(text.endswith((".", "。")) for text in cue.told[language])
    assert len({len(texts) for texts in cue.told.values()}) == 1
    assert bool(cue.words) is bool(cue.characters) is (cue.name != "*")
    names = {(other.kind, other.name) for other in CUES}
    assert (Kind.PLACE, cue.place or "*") in names
    assert (Kind.LIGHT, cue.light or "*") in names


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"prompt": " \n"}, "prompt"),
        ({"prompt": "x" * 32_001}, "prompt"),
        ({"seconds": 0.0}, "seconds"),
        ({"seconds": 121}, "seconds"),
        ({"seconds": float("nan")}, "seconds"),
    ],
)
def test_a_wish_that_cannot_be_granted_names_its_field(
    fields: dict[str, object], param: str
) -> None:
    with pytest.raises(InvalidRequest) as caught:
        Enhancement(**{"prompt": "a kite", "seconds": 10.0, **fields})  # type: ignore[arg-type]
    assert caught.value.param == param
