"""What the engines' models take and cost, but for previs's, which has tables of its own."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from docs.api_tables import said_seconds, said_sizes
from docs.pages import DOCS, Language
from docs.tables import code, table
from filmgate import Media, Model, Operation, Size, Workshop
from filmgate.engines import load
from filmgate.outbound import Outbound

UNKNOWN = {"en": "not known", "zh": "未知"}


def models_of(engine: str, language: Language) -> str:
    """What the films of *engine*'s own models may be, or its stills if it makes no films."""
    workshop = Workshop(folder=Path(), cores=1, outbound=Outbound())
    models = list(load(engine)(workshop).models())
    films = [model for model in models if model.media is Media.VIDEO]
    head = {
        "en": ("Model", "Sizes", "If left out", "Seconds", "If left out", "A second costs"),
        "zh": ("模型", "尺寸", "省略时", "秒数", "省略时", "每秒价格"),
    }[language]
    rows = [
        (
            code(model.name),
            said_sizes(model.sizes, language),
            code(str(model.default_size)),
            said_seconds(model.seconds, language),
            f"{model.default_seconds or 0:g}",
            said_prices(model, language),
        )
        for model in films or models
    ]
    columns = 3 if not films else 6 if any(row[5] != UNKNOWN[language] for row in rows) else 5
    return table(head[:columns], [row[:columns] for row in rows])


def said_prices(model: Model, language: Language) -> str:
    """What a second costs: of the default size, of other sizes, and where sound counts."""
    usual = _by_size(model, language)
    if not usual:
        return UNKNOWN[language]
    said = [usual]
    sound = {"en": ("Without sound", "With sound"), "zh": ("无声", "有声")}[language]
    for word, audio in zip(sound, (False, True), strict=True):
        other = _by_size(model, language, audio=audio)
        if audio in model.audio and other != usual:
            said.append(f"{word} {other}")
    others: dict[str, list[str]] = {}
    for operation in sorted(model.operations):
        other = _by_size(model, language, operation=operation)
        if other != usual:
            others.setdefault(other, []).append(code(operation.value))
    said += [f"{', '.join(names)} {other}" for other, names in others.items()]
    return {"en": ". ", "zh": "。"}[language].join(said)


def _by_size(
    model: Model,
    language: Language,
    *,
    audio: bool | None = None,
    operation: Operation = Operation.CREATE,
) -> str:
    """The default size's price, and the sizes that have another one. Empty: not known."""
    rate = partial(model.rate, audio=audio, operation=operation)
    usual = rate()
    others: dict[int, list[Size]] = {}
    for size in _lying(model):
        if rate(size) != usual:
            others.setdefault(rate(size), []).append(size)
    colon, semicolon = {"en": (": ", "; "), "zh": ("：", "；")}[language]
    said = [
        f"{', '.join(code(str(size)) for size in sizes)}{colon}{_dollars(one)}"
        for one, sizes in sorted(others.items())
    ]
    return semicolon.join([_dollars(usual), *said]) if usual else ""


def _lying(model: Model) -> list[Size]:
    """The sizes of about 16:9, one or more of each resolution; others cost about the same."""
    sizes = model.sizes if isinstance(model.sizes, tuple) else ()
    return [size for size in sizes if abs(size.width / size.height - 16 / 9) < 0.05]


def _dollars(micros: int) -> str:
    """To the tenth of a cent."""
    said = f"{micros / 1_000_000:.3f}"
    return f"${said.removesuffix('0')}"


PARTS: dict[str, Callable[[Language], str]] = {
    f"{page.stem}-models": partial(models_of, page.stem)
    for page in sorted((DOCS / "en" / "reference" / "engines").glob("*.md"))
    if page.stem != "previs"
}
