"""The pages agree with each other: both languages, every link, the words that we use."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from docs.pages import (
    DOCS,
    ROOT,
    Block,
    anchors,
    blocks,
    every_page,
    headings,
    links,
    name,
    pages,
    twin,
    words,
)

ENGLISH = [*pages("en"), ROOT / "README.md"]
CHINESE = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
COMMENT = re.compile(r"(^|\s)#(?!!).*$")
STRING = re.compile(r"\"[^\"]*\"|'[^']*'")

#: One word per thing: these are other people's words for our things.
BANNED = re.compile(
    r"\b(tasks?|subtasks?|providers?|channels?|vendors?|backends?|upstream_task_id|remote_id"
    r"|cameos?|avatars?|tenants?|consumers?|presets?|quotas?|credits|slots?|semaphores?"
    r"|callbacks?|pipelines?|segments?|scenes?|attachments?|tokens?|cookies?"
    r"|generation records?|retry records?|output videos?|protocol handlers?)\b",
    re.IGNORECASE,
)
BANNED_CHINESE = re.compile(
    "渠道|供应商|提供商|服务商|通道|令牌|租户|客串|配额|额度|流水线|回调函数|场景"
)


def test_both_languages_have_the_same_pages() -> None:
    english = {page.relative_to(DOCS / "en") for page in pages("en")}
    chinese = {page.relative_to(DOCS / "zh") for page in pages("zh")}
    assert english == chinese


@pytest.mark.parametrize("page", ENGLISH, ids=name)
def test_both_languages_have_the_same_headings(page: Path) -> None:
    assert [level for level, _ in headings(page)] == [
        level for level, _ in headings(twin(page))
    ]


@pytest.mark.parametrize("page", ENGLISH, ids=name)
def test_both_languages_have_the_same_code(page: Path) -> None:
    english, chinese = blocks(page), blocks(twin(page))

    assert [block.language for block in english] == [block.language for block in chinese]
    assert [bool(block.not_run) for block in english] == [bool(b.not_run) for b in chinese]
    for ours, theirs in zip(english, chinese, strict=True):
        assert list(differences(ours, theirs)) == [], f"{ours} and {theirs}"


@pytest.mark.parametrize("page", ENGLISH, ids=name)
def test_both_languages_link_to_the_same_places(page: Path) -> None:
    """Except to each other, and to headings, which have names of their own."""
    assert sorted(places(page)) == sorted(places(twin(page)))


@pytest.mark.parametrize("page", every_page(), ids=name)
def test_links_lead_somewhere(page: Path) -> None:
    for link in links(page):
        if link.startswith("https://"):
            continue
        target, _, anchor = link.partition("#")
        path = page.parent / target if target else page
        assert path.exists(), f"{link} leads nowhere"
        assert not anchor or anchor in anchors(path), f"{link} is no heading"


@pytest.mark.parametrize("page", pages("en"), ids=name)
def test_a_page_links_to_itself_in_the_other_language(page: Path) -> None:
    other = twin(page)
    assert other in {(page.parent / link).resolve() for link in links(page)}
    assert page in {(other.parent / link).resolve() for link in links(other)}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_index_lists_every_page(language: str) -> None:
    index = DOCS / language / "index.md"
    listed = {(index.parent / link).resolve() for link in links(index)}
    here = {page for page in listed if page.is_relative_to(DOCS / language)}
    assert here == {*(DOCS / language).rglob("*.md")} - {index}


@pytest.mark.parametrize("page", ENGLISH, ids=name)
def test_things_are_called_by_their_names(page: Path) -> None:
    assert [found[0] for found in BANNED.finditer(words(page))] == []


@pytest.mark.parametrize("page", ENGLISH, ids=name)
def test_things_are_called_by_their_names_in_chinese(page: Path) -> None:
    assert BANNED_CHINESE.findall(words(twin(page))) == []


def differences(english: Block, chinese: Block) -> Iterator[str]:
    """Lines that differ in more than a comment, a string in Chinese, or a line in Chinese."""
    ours, theirs = english.text.splitlines(), chinese.text.splitlines()
    if len(ours) != len(theirs):
        yield f"{len(ours)} lines and {len(theirs)}"
        return
    for our, their in zip(ours, theirs, strict=True):
        if our == their or (english.language == "text" and CHINESE.search(their)):
            continue
        if code(our, translated=False) != code(their, translated=False):
            translated = CHINESE.search(without_comment(their))
            if not translated or code(our, translated=True) != code(their, translated=True):
                yield f"{our} | {their}"


def code(line: str, *, translated: bool) -> str:
    """A line without its comment, and, where it is *translated*, without its strings."""
    bare = without_comment(line)
    return STRING.sub('""', bare) if translated else bare


def without_comment(line: str) -> str:
    return COMMENT.sub("", line).rstrip()


def places(page: Path) -> Iterator[str]:
    for link in links(page):
        target = link.partition("#")[0]
        if target.startswith("https://"):
            yield target
            continue
        place = (page.parent / target).resolve() if target else page
        if place == ROOT / "README.zh.md" or place.is_relative_to(DOCS / "zh"):
            other = {twin(english): english for english in ENGLISH}
            place = other.get(place, place)
        if place not in (page, twin_of(page)):
            yield name(place)


def twin_of(page: Path) -> Path:
    """The page in the other language."""
    if page in ENGLISH:
        return twin(page)
    return next(english for english in ENGLISH if twin(english) == page)
