"""The rows of what callers' model names mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from filmgate.domain.model import Model


@dataclass(frozen=True, kw_only=True)
class Named:
    """A name that the operator has pointed at an engine's model."""

    name: str
    engine: str
    model: Model  #: as the engine told it when the name was pointed there
    settings: Mapping[str, Any] = field(default_factory=dict)  #: for the engine


class KeptNames(Protocol):
    """The rows of names."""

    async def all(self) -> Sequence[Named]:
        """Every name that is pointed at something, by name."""
        ...

    async def point(self, named: Named, *, at: datetime) -> None:
        """Let a name mean that from now on, whatever it meant before."""
        ...

    async def remove(self, name: str) -> bool:
        """It means what it would without a row; False if there is none."""
        ...
