"""
The child's side of the pipes: one order a line in, what became of it out.

Lines of JSON on standard input: an `Order`, or `{"cancel": ID}`. On standard output, of
the order that is under way: `{"percent": 37}` now and then, at last `{"done": true}`,
`{"cancelled": true}` or `{"error": "…"}`. After an error the child ends.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Callable
from io import FileIO
from queue import SimpleQueue
from types import TracebackType
from typing import Protocol

import msgspec

from filmgate.engines.diffusers.orders import Order
from filmgate.system import ORPHANED

#: Seconds in which a child without orders ends by itself when its parent has gone.
_GRACE = 1.0
_MOST_SAID = 2000  #: characters of an error


class Cancelled(Exception):
    """Nobody wants the film that is rendered any more."""


class Renderer(Protocol):
    """What makes the film of an order."""

    def render(self, order: Order, tell: Callable[[int], None]) -> None:
        """
        Write the film to its output, and *tell* the percentage now and then.

        *tell* raises `Cancelled`, which is to be let through.
        """
        ...


class _Orders:
    """Lines from the parent, read in a thread, so that a cancellation is heard at once."""

    def __init__(self) -> None:
        self._orders: SimpleQueue[Order | None] = SimpleQueue()
        self._cancelled: set[str] = set()
        threading.Thread(target=self._listen, daemon=True).start()

    def next(self) -> Order | None:
        """Waits for it; None when there will be none."""
        return self._orders.get()

    def check(self, order: Order) -> None:
        """Raise `Cancelled` if nobody wants it any more."""
        if order.id in self._cancelled:
            raise Cancelled

    def _listen(self) -> None:
        # Not `sys.stdin`: its lock, held here, would abort the interpreter's own exit.
        for line in FileIO(0, closefd=False):
            said = json.loads(line)
            if "cancel" in said:
                self._cancelled.add(said["cancel"])
            else:
                self._orders.put(msgspec.convert(said, Order))
        self._orders.put(None)
        time.sleep(_GRACE)
        os._exit(ORPHANED)


def serve(renderer: Callable[[], Renderer]) -> None:
    """Carry out orders until there are no more; what is raised is said, and ends it."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what libraries print is no answer

    def say(line: dict[str, object]) -> None:
        answers.write(json.dumps(line) + "\n")
        answers.flush()

    def broken(
        kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        say({"error": f"{kind.__name__}: {error}"[:_MOST_SAID]})
        sys.__excepthook__(kind, error, trace)

    sys.excepthook = broken
    orders, made = _Orders(), None
    while order := orders.next():
        told = _Teller(orders, order, say)
        try:
            orders.check(order)
            made = made or renderer()
            made.render(order, told)
        except Cancelled:
            say({"cancelled": True})
        else:
            say({"done": True})


class _Teller:
    """Says a percentage when it has changed, and hears whether the film is still wanted."""

    def __init__(
        self, orders: _Orders, order: Order, say: Callable[[dict[str, object]], None]
    ) -> None:
        self._orders, self._order, self._say = orders, order, say
        self._percent = -1

    def __call__(self, percent: int) -> None:
        self._orders.check(self._order)
        if percent != self._percent:
            self._percent = percent
            self._say({"percent": percent})
