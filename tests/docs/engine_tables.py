"""What the engines' models take, but for previs's, which has tables of its own."""

from __future__ import annotations

from collections.abc import Callable

from docs.api_tables import said_seconds, said_sizes
from docs.pages import Language
from docs.tables import code, table
from filmgate.engines.openai_videos import SORA_2, SORA_2_PRO


def openai_videos(language: Language) -> str:
    """The models of `openai_videos` and of `filmgate`."""
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
            f"{model.default_seconds:g}",
        )
        for model in (SORA_2, SORA_2_PRO)
    ]
    return table(head, rows)


PARTS: dict[str, Callable[[Language], str]] = {"openai-videos-models": openai_videos}
