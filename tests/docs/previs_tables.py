"""previs: its limits, the words that it knows, and how it reads some prompts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from docs.api_tables import said_seconds, said_sizes
from docs.pages import Language
from docs.previs_words import FILMS, LIMITS, PROMPTS, STORYBOARD, STYLES
from docs.tables import code, say, table
from filmgate.engines.previs.film import RATE
from filmgate.engines.previs.models import PREVIS_1
from filmgate.engines.previs.reading import hints, looks, places, script, words
from filmgate.engines.previs.reading.words import Meaning, Words
from filmgate.engines.previs.scene import (
    Camera,
    Order,
    Season,
    Setting,
    Shot,
    Style,
    Subject,
    Time,
    Weather,
)

FPS = Order(prompt="", width=2, height=2, seconds=1, seed=0, output="").fps

#: Where a meaning's first Chinese word is not the best name for it.
_NAMED: Mapping[Meaning, str] = {
    Camera.PAN_RIGHT: "右摇",
    Setting.INTERIOR: "室内",
    Setting.STREET: "街道",
    Setting.MOUNTAINS: "山地",
    Time.NIGHT: "夜晚",
}
_TABLES = {
    "subjects": words.SUBJECTS,
    "settings": places.SETTINGS,
    "places": places.PLACES,
    "times": looks.TIMES,
    "weathers": looks.WEATHERS,
    "seasons": looks.SEASONS,
    "cameras": looks.CAMERAS,
    "hints": hints.HINTS,
}
_OWN: Mapping[type, Mapping[Meaning, Words]] = {
    Subject: words.SUBJECTS,
    Setting: places.SETTINGS,
    Time: looks.TIMES,
    Weather: looks.WEATHERS,
    Season: looks.SEASONS,
    Camera: looks.CAMERAS,
    Style: looks.STYLES,
}
_MEANING = {"en": "Meaning", "zh": "含义"}


def label(meaning: Meaning, language: Language) -> str:
    """What a meaning is called."""
    if language == "en":
        return meaning.value
    return _NAMED.get(meaning) or _OWN[type(meaning)][meaning].zh.split()[0]


def vocabulary(known: Mapping[Meaning, Words], language: Language) -> str:
    """A row for each meaning, with its English and its Chinese words."""
    rows = [
        (label(meaning, language), _english(its), "、".join(its.zh.split()))
        for meaning, its in known.items()
    ]
    head = (
        _MEANING[language],
        *{"en": ("English", "Chinese"), "zh": ("英文", "中文")}[language],
    )
    return table(head, rows)


def denials(language: Language) -> str:
    """The words that deny what follows, and the phrases that are stepped over."""
    head = {"en": ("", "English", "Chinese"), "zh": ("", "英文", "中文")}[language]
    titles = {"en": ("deny what follows", "mean nothing"), "zh": ("否定其后的词", "不算数")}
    rows = [
        (title, _english(its), "、".join(its.zh.split()))
        for title, its in zip(titles[language], (hints.DENIALS, hints.NOTHING), strict=True)
    ]
    return table(head, rows)


def styles(language: Language) -> str:
    """The styles: how to write one, its other words, and what it does."""
    head = {
        "en": ("Write", "Or say", "What it does"),
        "zh": ("写法", "也可以说", "效果"),
    }[language]
    rows = []
    for style, its in looks.STYLES.items():
        said = ", ".join((_english(its), *its.zh.split()))
        rows.append((code(f"{{{style.value}}}"), said, STYLES[Style(style)][language]))
    return table(head, rows)


def readings(language: Language) -> str:
    """What previs sees in some prompts."""
    rows = []
    for prompts in PROMPTS:
        (shot,) = script.read(prompts[language], seconds=4, seed=0).shots
        rows.append((prompts[language], *_seen(shot, language)))
    head = {"en": ("Prompt", *_columns(language)), "zh": ("提示词", *_columns(language))}
    return table(head[language], rows)


def storyboard(language: Language) -> str:
    """What previs makes of the page's storyboard in a film of eight seconds."""
    rows = [
        (str(number), f"{shot.seconds:g} s", *_seen(shot, language))
        for number, shot in enumerate(
            script.read(STORYBOARD[language], seconds=8, seed=0).shots, start=1
        )
    ]
    head = {"en": ("Shot", "Length"), "zh": ("镜头", "时长")}[language]
    return table((*head, *_columns(language)), rows)


def limits(language: Language) -> str:
    """What `previs-1` takes, and what its films are."""
    head = {"en": ("", "previs-1"), "zh": ("", "previs-1")}[language]
    values = {
        "size": said_sizes(PREVIS_1.sizes, language),
        "default_size": code(str(PREVIS_1.default_size)),
        "seconds": said_seconds(PREVIS_1.seconds, language),
        "default_seconds": f"{PREVIS_1.default_seconds:g}",
        "shots": str(script.MOST_SHOTS),
        "subjects": str(script.MOST_SUBJECTS),
    }
    return table(head, [(LIMITS[name][language], value) for name, value in values.items()])


def options(language: Language) -> str:
    """What `engine_options` may have."""
    head = {
        "en": ("Option", "Values", "What it does"),
        "zh": ("选项", "取值", "作用"),
    }[language]
    rows = [
        (
            code(name),
            ", ".join(code(str(choice)) for choice in option.choices or ("true", "false")),
            say(option.about, language),
        )
        for name, option in sorted(PREVIS_1.options.items())
    ]
    return table(head, rows)


def films(language: Language) -> str:
    """The format of its films. A test compares this with a film."""
    head = {"en": ("", "Every film"), "zh": ("", "每部影片")}[language]
    values = {
        "container": "mp4",
        "picture": f"H.264, 4:2:0, {FPS} fps",
        "sound": f"AAC, 2 × {RATE:,} Hz",
    }
    return table(head, [(FILMS[name][language], value) for name, value in values.items()])


def _columns(language: Language) -> tuple[str, ...]:
    return {
        "en": ("Setting", "Time", "Weather", "Season", "Camera", "Subjects", "Style"),
        "zh": ("地点", "时间", "天气", "季节", "运镜", "主体", "风格"),
    }[language]


def _seen(shot: Shot, language: Language) -> tuple[str, ...]:
    subjects = {"en": ", ", "zh": "、"}[language].join(
        label(s, language) for s in shot.subjects
    )
    style = label(shot.style, language) if shot.style else ""
    seen = (shot.setting, shot.time, shot.weather, shot.season, shot.camera)
    return (*(label(meaning, language) for meaning in seen), subjects, style)


def _english(its: Words) -> str:
    return ", ".join(phrase.strip() for phrase in its.en.split(","))


PARTS: dict[str, Callable[[Language], str]] = {
    **{f"words-{name}": partial(vocabulary, known) for name, known in _TABLES.items()},
    "words-denials": denials,
    "styles": styles,
    "readings": readings,
    "storyboard": storyboard,
    "previs-limits": limits,
    "previs-options": options,
    "previs-films": films,
}
