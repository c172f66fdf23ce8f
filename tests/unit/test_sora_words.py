"""What people write into prompts: storyboards, styles, films, characters."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filmgate import InvalidRequest
from filmgate.domain.character import Window
from filmgate.domain.request import Shot
from filmgate.engines.previs.reading import meanings, script
from filmgate.engines.previs.scene import Style
from filmgate.web.sora_models import MODELS, Makes
from filmgate.web.sora_words import (
    STYLES,
    Board,
    Wish,
    format_board,
    format_styles,
    name_characters,
    read_board,
    read_characters,
    read_source,
    read_styles,
    read_window,
    read_wish,
    styled,
)

OLD = "s_" + "0123456789abcdef" * 2
OURS = "video_" + "0123456789abcdef" * 2
ADA = "char_" + "0123456789abcdef" * 2

#: Texts that look like something, more often than chance would have it.
BITS = st.sampled_from(
    [
        *("[5s]", "[5.0s", "【５秒】", "[2-7s]", "[0s]", "{anime}", "｛retro｝", "{x}"),
        *(OLD, OURS, ADA, "https://sora.chatgpt.com/p/", "http://h/films/", ".mp4?expires=1"),
        *("猫", "a cat", "。", "\n", "[", " "),
    ]
)
TEXTS = st.lists(BITS | st.text(max_size=5), max_size=12).map("".join)
WORDS = st.text(st.sampled_from("abc 猫狗,.。-"), min_size=1).map(str.strip).filter(bool)
SECONDS = st.integers(1, 9_999_999).map(lambda thousandths: thousandths / 1000)
BOARDS = st.builds(
    Board,
    lead=WORDS | st.just(""),
    shots=st.lists(st.builds(Shot, seconds=SECONDS, prompt=WORDS), min_size=1).map(tuple),
)


@given(TEXTS)
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        wish = read_wish(text, param="messages")
    except InvalidRequest as error:
        refused = error.param
    else:
        refused = "messages"
        assert not read_styles(wish.prompt)[1]
        assert sum(shot.seconds for shot in wish.storyboard) == pytest.approx(wish.seconds or 0)
    assert refused == "messages"


@given(BOARDS)
def test_a_storyboard_is_read_as_it_was_written(board: Board) -> None:
    assert read_board(format_board(board), param="x") == board


@given(WORDS, st.lists(st.sampled_from([*STYLES]), unique=True))
def test_styles_are_read_as_they_were_written(text: str, names: list[str]) -> None:
    assert read_styles(format_styles(names) + text) == (text, tuple(names))


@given(WORDS, st.sampled_from([OLD, OURS, f"https://sora.chatgpt.com/p/{OLD}"]))
def test_a_film_is_found_wherever_it_stands(words: str, link: str) -> None:
    for text in (f"{link} {words}", f"{words} {link}", f"猫{link}，{words}"):
        rest, found = read_source(text, param="x")
        assert (found in (OLD, OURS), link in rest) == (True, False)
        assert words in rest


@pytest.mark.parametrize(
    ("text", "lead", "shots"),
    [
        ("[5.0s]a [5.0s]b [10.0s]c", "", [(5, "a"), (5, "b"), (10, "c")]),
        ("[5.0s]a\n[5.0s]b", "", [(5, "a"), (5, "b")]),
        ("A fair.\n[2.5 sec] a", "A fair.", [(2.5, "a")]),
        ("【５．５秒】猫［ 3S ］狗〔1 seconds〕鱼", "", [(5.5, "猫"), (3, "狗"), (1, "鱼")]),
        ("LOOK: x\n[0-4s] a\n[4–7.5s] b", "LOOK: x", [(4, "a"), (3.5, "b")]),
    ],
)
def test_times_are_written_in_many_ways(text: str, lead: str, shots: Any) -> None:
    board = read_board(text, param="x")
    assert board == Board(lead=lead, shots=tuple(Shot(seconds=s, prompt=p) for s, p in shots))


@pytest.mark.parametrize("text", ["a [cat] b", "[5] a", "[s]", "[12345s] a", "5s a", ""])
def test_what_is_no_time_is_text(text: str) -> None:
    assert read_board(text, param="x") is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[5s] [5s]b", "Shot 1 of the storyboard says nothing"),
        ("[5s]a [0.0s]b", "Shot 2 of the storyboard has no length"),
        ("[0-4s]a [5-6s]b", "begins at 5 s, and those before it end at 4 s"),
        ("[3-1s]a", "begins at 3 s"),
        ("[0-0s]a", "has no length"),
    ],
)
def test_a_storyboard_that_does_not_add_up_is_refused(text: str, says: str) -> None:
    with pytest.raises(InvalidRequest, match=says):
        read_board(text, param="x")


@pytest.mark.parametrize(
    ("text", "rest", "names"),
    [
        ("{anime}a cat", "a cat", ("anime",)),
        ("a {Anime} cat", "a cat", ("anime",)),
        ("a cat ｛ retro ｝{retro}{comic}", "a cat", ("retro", "comic")),
        ("{moody} a {cat}", "{moody} a {cat}", ()),
    ],
)
def test_styles_stand_anywhere(text: str, rest: str, names: tuple[str, ...]) -> None:
    assert read_styles(text) == (rest, names)


@pytest.mark.parametrize("name", STYLES)
def test_an_engine_reads_a_style_in_words(name: str) -> None:
    """And nothing else: no place, nobody, no weather."""
    meant = Style.FESTIVE if name == "thanksgiving" else Style(name)
    for words in STYLES[name]:
        said = {m for m, w in meanings.read(words).meanings if w is meanings.Weight.SAID}
        assert said == {meant}
        for text in ("a cat", "一只猫"):
            play = script.read(styled(text, [name]), seconds=4, seed=0)
            assert play.shots[0].style is meant


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a cat", "a cat. Anime style, drawn by hand."),
        ("A cat runs! ", "A cat runs! Anime style, drawn by hand."),
        ("猫", "猫。动漫风格，手绘质感。"),
        (" ", " "),
    ],
)
def test_a_style_is_told_in_the_prompts_language(text: str, shown: str) -> None:
    assert styled(text, ["anime"]) == shown
    assert styled(text, []) == text


def test_a_style_of_a_storyboard_holds_for_all_of_it() -> None:
    wish = read_wish("[5s]{comic}猫 [5s]狗", param="x")
    assert wish.prompt == "漫画风格，粗黑线条。\n[5s]猫\n[5s]狗"
    assert wish.storyboard[0] == Shot(seconds=5, prompt="猫")


@pytest.mark.parametrize(
    "link",
    [
        f"https://sora.chatgpt.com/p/{OLD}?psh=abc",
        f"http://127.0.0.1:8000/films/{OLD}.mp4?expires=1&signature=ab#t=1",
        f"https://films.example/v1/videos/{OLD}/content",
        OLD,
    ],
)
def test_a_link_is_gone_from_the_prompt(link: str) -> None:
    wish = read_wish(f"{link} as an ink wash", param="x")
    assert wish == Wish(prompt="as an ink wash", source_id=OLD)


def test_two_films_are_one_too_many() -> None:
    with pytest.raises(InvalidRequest, match="names two films"):
        read_source(f"{OLD} and {OURS}", param="x")
    assert read_source(f"{OLD} and {OLD}", param="x") == ("and", OLD)


@pytest.mark.parametrize("text", ["video_editing", "s_0123", f"x{OLD}", f"{OLD}0"])
def test_words_are_no_films(text: str) -> None:
    assert read_source(text, param="x") == (text, None)


def test_characters_are_named() -> None:
    text = f"@{ADA} meets {ADA}"
    assert read_characters(text) == (ADA,)
    assert name_characters(text, {ADA: "Ada"}) == "Ada meets Ada"
    assert name_characters(text, {}) == text


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("@ann runs", ["@ann"]),
        ("猫和@Ann.Lee-2跑步，@ann", ["@ann.lee-2", "@ann"]),
        ("(@_a_), @a. @b-", ["@_a_", "@a", "@b"]),
        (f"@{'x' * 80} @{'y' * 81}", [f"@{'x' * 80}"]),
        ("me@home.org a@b x.@c @ @. @猫 @@d", []),
    ],
)
def test_a_word_after_an_at_may_be_a_name(text: str, found: list[str]) -> None:
    assert read_characters(text) == tuple(found)
    named = name_characters(text, dict.fromkeys(found, "<@Eve>"))
    assert named.count("<@Eve>") == len(found)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [("0,3", 0, 3), (" 1.5 , 2.5 ", 1.5, 2.5), ("１，３", 1, 3), ("0.9,1.9", 0.9, 1.9)],
)
def test_a_window_is_from_when_to_when(text: str, start: float, end: float) -> None:
    assert read_window(text, param="x") == Window(start=start, end=end, param="x")


@given(
    st.lists(st.sampled_from([*"0123456789.,- ，３٣", "0,3", "1e9", "inf"]), max_size=9).map(
        "".join
    )
    | st.text()
)
def test_any_window_is_read_or_refused(text: str) -> None:
    try:
        window = read_window(text, param="timestamps")
    except InvalidRequest as error:
        param = error.param
    else:
        param = window.param
        assert 0.999 < window.end - window.start < 3.001
    assert param == "timestamps"


def test_every_name_of_old_is_here() -> None:
    films = [f"sora2{p}-{s}-{t}s" for p in ("", "pro") for s in ("landscape", "portrait")
             for t in (10, 15, 25)]  # fmt: skip
    films += [f"sora2pro-hd-{s}-{t}s" for s in ("landscape", "portrait") for t in (10, 15)]
    older = [f"sora-video{s}-{t}s" for s in ("", "-landscape", "-portrait") for t in (10, 15)]
    stills = [
        f"{n}{s}" for n in ("gpt-image", "sora-image") for s in ("", "-landscape", "-portrait")
    ]
    prompts = [
        f"prompt-enhance-{d}-{t}s" for d in ("short", "medium", "long") for t in (10, 15, 20)
    ]
    others = ["avatar-create", "sora2-extension-10s", "sora2-extension-15s"]
    assert {*MODELS} == {*films, *older, *stills, *prompts, *others}
    for name, model in MODELS.items():
        assert model.name == name
        if model.makes in (Makes.FILM, Makes.STILL):
            wide = {"landscape": True, "portrait": False}
            said = [wide[word] for word in wide if word in name]
            assert all(
                (size.width > size.height) == one for size in model.sizes for one in said
            )
        if name.endswith("s") and name[-2].isdigit():
            assert model.seconds == float(name.rpartition("-")[2].removesuffix("s"))
