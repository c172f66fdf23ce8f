"""
The renderer's child process: one order in, one film or still out.

It reads one line of JSON, an :class:`Order`, from standard input, and writes lines of
JSON to standard output: ``{"percent": 37}`` now and then, ``{"preview": "…"}``
with the path of what a still looks like so far, at last ``{"done": true}``;
or ``{"error": "…"}`` and exit code 1 if the order cannot be carried out. It dies when
its standard input closes, so that it never outlives its parent.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

MEMORY = 4 << 30  #: bytes of address space, libraries included
_OFTEN = 0.2  # seconds between two reports of progress


def _say(line: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def _show(path: Path) -> None:
    _say({"preview": str(path)})


class _Progress:
    """Reports a percentage when it has changed, but not too often."""

    def __init__(self) -> None:
        self._percent = -1
        self._last = -_OFTEN

    def __call__(self, percent: int) -> None:
        now = time.monotonic()
        if percent != self._percent and now - self._last >= _OFTEN:
            self._percent, self._last = percent, now
            _say({"percent": percent})


def main() -> int:
    """Carry out the order on standard input; the exit code."""
    line = sys.stdin.buffer.readline()
    # Before the slow imports: a parent may be gone within the first second.
    from filmgate import system  # noqa: PLC0415

    system.die_with_parent()
    system.lower_priority()
    system.limit_memory(MEMORY)
    import msgspec  # noqa: PLC0415

    from filmgate.engines.previs import film, stills  # noqa: PLC0415
    from filmgate.engines.previs.picture import photo  # noqa: PLC0415
    from filmgate.engines.previs.scene import Order  # noqa: PLC0415

    order = msgspec.json.decode(line, type=Order)
    try:
        if order.still is None:
            film.render(order, progress=_Progress())
        else:
            stills.draw(order, progress=_Progress(), preview=_show)
    except photo.BadReferenceError as error:
        _say({"error": str(error)})
        return 1
    _say({"done": True})
    return 0


if __name__ == "__main__":
    sys.exit(main())
