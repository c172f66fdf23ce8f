"""What the engines' models take, but for previs's, which has tables of its own."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from docs.api_tables import said_seconds, said_sizes
from docs.pages import DOCS, Language
from docs.tables import code, table
from filmgate import Media, Workshop
from filmgate.engines import load
from filmgate.outbound import Outbound


def models_of(engine: str, language: Language) -> str:
    """What the films of *engine*'s own models may be, or its stills if it makes no films."""
    workshop = Workshop(folder=Path(), cores=1, outbound=Outbound())
    models = list(load(engine)(workshop).models())
    films = [model for model in models if model.media is Media.VIDEO]
    head = {
        "en": ("Model", "Sizes", "If left out", "Seconds", "If left out"),
        "zh": ("模型", "尺寸", "省略时", "秒数", "省略时"),
    }[language]
    rows = [
        (
            code(model.name),
            said_sizes(model.sizes, language),
            code(str(model.default_size)),
            said_seconds(model.seconds, language),
            f"{model.default_seconds or 0:g}",
        )
        for model in films or models
    ]
    return table(head, rows) if films else table(head[:3], [row[:3] for row in rows])


PARTS: dict[str, Callable[[Language], str]] = {
    f"{page.stem}-models": partial(models_of, page.stem)
    for page in sorted((DOCS / "en" / "reference" / "engines").glob("*.md"))
    if page.stem != "previs"
}
