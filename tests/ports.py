"""Ports for processes that must be told theirs before they start."""

from __future__ import annotations

import random
import socket
from contextlib import suppress

#: Below those that systems take for outgoing connections, any of which may be in the way.
RANGE = range(20_000, 32_000)


def free_ports(count: int) -> list[int]:
    """That many, at which nobody listens on loopback now."""
    found: list[int] = []
    for port in random.sample(RANGE, len(RANGE)):
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            found.append(port)
        if len(found) == count:
            break
    return found


def free_port() -> int:
    return free_ports(1)[0]
