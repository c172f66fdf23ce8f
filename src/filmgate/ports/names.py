"""The rows of what callers' model names mean."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from filmgate.domain.model import Model, Pick


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """One model that a name may mean."""

    engine: str
    model: Model  #: as the engine told it when the name was pointed there
    settings: Mapping[str, Any] = field(default_factory=dict)  #: for the engine
    weight: int = 1
    plans: tuple[str, ...] = ()  #: of accounts, one of which it needs


@dataclass(frozen=True, kw_only=True)
class Named:
    """A name that the operator has pointed at engines' models, at least one, in order."""

    name: str
    candidates: tuple[Candidate, ...]
    pick: Pick = Pick.FIRST


class KeptNames(Protocol):
    """The rows of names."""

    async def all(self) -> Sequence[Named]:
        """Every name that is pointed at something, by name."""
        ...

    async def point(
        self, name: str, meant: Callable[[Named | None], Named], *, at: datetime
    ) -> Named:
        """
        Let *name* mean what *meant* makes of what it means before; None: nothing.

        If that raises, it means what it meant. Two that do this take their turns.
        """
        ...

    async def remove(self, name: str) -> bool:
        """It means what it would without a row; False if there is none."""
        ...
