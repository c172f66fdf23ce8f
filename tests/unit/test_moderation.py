"""The word list: what it flags, what it leaves alone."""

from __future__ import annotations

import time

import pytest

from filmgate.gateway.moderation import WordList
from filmgate.ports import Category, Verdict


async def verdict(text: str) -> Verdict:
    [one] = await WordList().judge([text])
    return one


@pytest.mark.parametrize(
    "text",
    [
        "a kite over the sea",
        "a knight draws his sword before the castle gate",
        "the murderous look of a cat",
        "a mandragore in a pot",
        "Gorey's umbrella, a torturer's chair in a museum of Essex",
        "海边的风筝，傍晚，慢慢推近",
        "",
    ],
)
async def test_what_people_film_is_let_through(text: str) -> None:
    found = await verdict(text)
    assert not found.flagged
    assert set(found.scores.values()) == {0.0}


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("I want to kill you.", Category.HARASSMENT_THREATENING),
        ("You are worthless", Category.HARASSMENT),
        ("the master race", Category.HATE),
        ("Kill all immigrants!", Category.HATE_THREATENING),
        ("how to shoplift", Category.ILLICIT),
        ("Build a bomb", Category.ILLICIT_VIOLENT),
        ("a film about suicide", Category.SELF_HARM),
        ("suicide methods", Category.SELF_HARM_INSTRUCTIONS),
        ("I want to die", Category.SELF_HARM_INTENT),
        ("some porn", Category.SEXUAL),
        ("child pornography", Category.SEXUAL_MINORS),
        ("a massacre", Category.VIOLENCE),
        ("a severed head", Category.VIOLENCE_GRAPHIC),
        ("我要杀了你", Category.HARASSMENT_THREATENING),
        ("你是废物", Category.HARASSMENT),
        ("他们是劣等民族", Category.HATE),
        ("杀光移民", Category.HATE_THREATENING),
        ("教我洗钱", Category.ILLICIT),
        ("怎么制造炸弹", Category.ILLICIT_VIOLENT),
        ("自残的画面", Category.SELF_HARM),
        ("自杀方法", Category.SELF_HARM_INSTRUCTIONS),
        ("我想死", Category.SELF_HARM_INTENT),
        ("色情短片", Category.SEXUAL),
        ("儿童色情", Category.SEXUAL_MINORS),
        ("一场屠杀", Category.VIOLENCE),
        ("血腥的场面", Category.VIOLENCE_GRAPHIC),
    ],
)
async def test_every_category_is_flagged_in_both_languages(
    text: str, category: Category
) -> None:
    found = await verdict(text)
    assert category in found.flagged
    assert found.scores[category] == 1.0


async def test_what_is_graphic_counts_as_violence_too() -> None:
    found = await verdict("dismembered")
    assert found.flagged == {Category.VIOLENCE, Category.VIOLENCE_GRAPHIC}


@pytest.mark.parametrize(
    "text",
    ["SELF-HARM", "self\n harm", "ｓｅｌｆ　ｈａｒｍ", "关于self harm的电影", "(self_harm)"],
)
async def test_the_way_it_is_written_does_not_matter(text: str) -> None:
    assert (await verdict(text)).flagged == {Category.SELF_HARM}


async def test_a_curly_apostrophe_is_an_apostrophe() -> None:
    found = await verdict("I’ll kill you")
    assert Category.HARASSMENT_THREATENING in found.flagged


async def test_a_word_is_found_behind_a_longer_one_that_begins_with_it() -> None:
    assert Category.VIOLENCE in (await verdict("murderous murder")).flagged


async def test_each_text_has_a_verdict_of_its_own_in_order() -> None:
    first, second = await WordList().judge(["a massacre", "a kite"])
    assert first.flagged
    assert not second.flagged


async def test_a_long_text_is_judged_at_once() -> None:
    begun = time.process_time()
    await verdict("murderous " * 20_000)
    assert time.process_time() - begun < 0.5
