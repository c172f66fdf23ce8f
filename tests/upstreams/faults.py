"""What goes wrong at a stand-in upstream: by chance from a seed, or by a script."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

#: By kind of request. `accept_…` happens after a create has made its task.
KINDS: dict[str, tuple[str, ...]] = {
    "create": (
        "accept_cut",  # the line is cut instead of an answer
        "accept_half",  # … in the middle of the answer
        "accept_504",  # something in between answers in HTML
        "accept_silent",  # nobody ever answers
        "accept_garbage",  # 200 with a foreign body
        "refuse_503",  # in the engine's own format: nothing was made
        "refuse_429",  # … with retry-after
        "refuse_cut",  # read whole, nothing made, and the line cut
    ),
    "poll": ("500", "429", "502", "cut", "garbage"),
    "content": (
        "cut",  # in the middle
        "short",  # half a film that says it is whole
        "corrupt",  # as long as the film, and broken
        "html",  # 200 with a foreign body
        "503",
        "slow",
    ),
    "delete": ("500", "cut"),
}
#: Of a film's reads these befall the first only: no engine is broken for ever.
ONCE = ("short", "corrupt", "html")


@dataclass
class Faults:
    """
    Probabilities by kind and fault, such as `{"poll": {"500": 0.1}}`.

    *script* comes first: the faults of the next requests of a kind, "" for none. Of
    creates and polls it also takes a status of four digits or fewer, such as "402".
    """

    chances: dict[str, dict[str, float]] = field(default_factory=dict)
    seed: int = 0
    script: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.check()
        self._random = random.Random(self.seed)

    def check(self) -> None:
        for kind, chances in self.chances.items():
            if unknown := set(chances) - set(KINDS[kind]):
                message = f"no such fault of {kind}: {sorted(unknown)}"
                raise ValueError(message)

    def next(self, kind: str) -> str | None:
        if scripted := self.script.get(kind):
            return scripted.pop(0) or None
        left = self._random.random()
        for fault, chance in sorted(self.chances.get(kind, {}).items()):
            left -= chance
            if left < 0:
                return fault
        return None
