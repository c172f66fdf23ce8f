"""How often and how long each thing is measured."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

C = TypeVar("C")
M = TypeVar("M")


@dataclass(frozen=True, kw_only=True)
class Effort:
    rounds: int  #: of requests and downloads
    seconds: float  #: of requests, each
    download_seconds: float
    starts: int
    memories: int
    films: int  #: of each prompt


FULL = Effort(rounds=5, seconds=5, download_seconds=2, starts=5, memories=3, films=3)
QUICK = Effort(rounds=2, seconds=2, download_seconds=1, starts=2, memories=1, films=1)


def in_turn(
    contenders: Sequence[C], rounds: int, measure: Callable[[C], M]
) -> Iterator[tuple[C, M]]:
    """Everybody once a round, in a changing order: what disturbs the machine hits all."""
    for number in range(rounds):
        shift = number % len(contenders)
        for contender in (*contenders[shift:], *contenders[:shift]):
            yield contender, measure(contender)
