"""Engines: one module or package per upstream API, found through entry points."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import entry_points
from typing import cast

from filmgate.domain.errors import CannotStart
from filmgate.ports import Engine, Workshop

GROUP = "filmgate.engines"


def installed() -> frozenset[str]:
    """The names of the engines that are here."""
    return frozenset(entry_points(group=GROUP).names)


def load(name: str) -> Callable[[Workshop], Engine]:
    """What builds the engine of that name; raises `CannotStart` if none is installed."""
    found = {point.name: point for point in entry_points(group=GROUP)}
    if name not in found:
        message = f"No engine {name!r} is installed. There is: {', '.join(sorted(found))}."
        raise CannotStart(message)
    return cast("Callable[[Workshop], Engine]", found[name].load())
