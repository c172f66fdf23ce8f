"""
A child process that looks into films: `python -m filmgate.media`.

Reads lines of JSON, `[TASK, ARGUMENT…]`, from standard input, and answers each with one:
what the film is, or what was made of it, or `{"error": …}`. It ends when its standard input
does. A process of its own, because decoding film leaves 60 MB of libraries behind.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Callable
from errno import ENOSPC
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from filmgate.system import ORPHANED, lower_priority


def main() -> None:
    films: SimpleQueue[bytes] = SimpleQueue()
    threading.Thread(target=_listen, args=(films,), daemon=True).start()
    lower_priority()
    # Only now, so that loading the libraries gets in nobody's way either.
    from filmgate.media.cutting import cut  # noqa: PLC0415
    from filmgate.media.films import inspect  # noqa: PLC0415
    from filmgate.media.marking import mark  # noqa: PLC0415

    tasks: dict[str, Callable[..., dict[str, Any]]]
    tasks = {"inspect": inspect, "cut": cut, "mark": mark}

    while True:
        task, path, folder, *numbers = json.loads(films.get())
        try:
            answer = tasks[task](Path(path), Path(folder), *numbers)
        except ValueError as error:
            answer = {"error": str(error)}
        except OSError as error:
            if error.errno != ENOSPC:
                raise
            answer = {"full": True}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def _listen(films: SimpleQueue[bytes]) -> None:
    """In a thread, so that a parent's end is noticed in the middle of a film."""
    for line in sys.stdin.buffer:
        films.put(line)
    os._exit(ORPHANED)


if __name__ == "__main__":
    main()
