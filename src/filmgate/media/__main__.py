"""
A child process that inspects one film: `python -m filmgate.media PATH FOLDER`.

Prints one line of JSON: what the film is, or `{"error": …}` with exit code 1.
A process of its own, because decoding film leaves 60 MB of libraries behind.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from filmgate.media.films import inspect
from filmgate.system import die_with_parent, lower_priority


def main() -> int:
    die_with_parent()
    lower_priority()
    path, folder = map(Path, sys.argv[1:3])
    try:
        answer = inspect(path, folder)
    except ValueError as error:
        answer = {"error": str(error)}
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()
    return 1 if "error" in answer else 0


if __name__ == "__main__":
    sys.exit(main())
