"""Whoever writes better prompts: found through entry points, as engines are."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import entry_points
from typing import cast

from filmgate.gateway.accounts import Accounts
from filmgate.gateway.enhancing import Enhancing
from filmgate.ports import Clock, Enhancer, Streams

GROUP = "filmgate.enhancers"


def enhancers() -> frozenset[str]:
    """The names of those that are here."""
    return frozenset(entry_points(group=GROUP).names)


def load_enhancer(name: str) -> Callable[[Streams], Enhancer]:
    """What builds the one of that name, which is here."""
    return cast("Callable[[Streams], Enhancer]", entry_points(group=GROUP)[name].load())


def enhancing_of(accounts: Accounts, outbound: Streams, clock: Clock) -> Enhancing:
    found = [load_enhancer(name)(outbound) for name in sorted(enhancers())]
    return Enhancing(found, accounts=accounts, clock=clock)
