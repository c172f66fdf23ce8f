"""
Measures filmgate beside its peers and writes `results.md`. `make bench` runs it.

`run.py [--quick] [PART …]`: with parts named, only those are measured, and no page
is written. Each part's figures are printed as soon as they are there. Linux only;
all of it takes some twenty minutes.
"""

from __future__ import annotations

import argparse
import signal
import sqlite3
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

sys.path.extend(str(Path(__file__).parents[1] / folder) for folder in (".", "tests"))

from benchmarks import batch, content, drawing, machine, peers, rates, report, starting
from benchmarks.effort import FULL, QUICK, Effort

PARTS: dict[str, Callable[[Effort, Path], report.Section]] = {
    "start-up": starting.start_up,
    "memory": starting.memory,
    "previs": drawing.previs,
    "create": rates.create,
    "retrieve": rates.retrieve,
    "content": content.content,
    "batch": batch.batch,
}
RESULTS = Path(__file__).parent / "results.md"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0].strip())
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--quick", action="store_true", help="few and short runs")
    args = parser.parse_args()
    if unknown := set(args.parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    # As after Ctrl-C: whatever was started is stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    peers.install_litellm()
    text = measure(args.parts or list(PARTS), quick=args.quick)
    if not args.parts:
        RESULTS.write_text(text)
        print(f"wrote {RESULTS.relative_to(RESULTS.parents[1])}")


def measure(names: list[str], *, quick: bool) -> str:
    """The page with these parts."""
    sections, others = [], []
    with tempfile.TemporaryDirectory(prefix="filmgate-bench-") as name:
        folder = Path(name)
        words = machine.words(folder)
        for part in names:
            print(f"{part} …", flush=True)
            others.append(f"{machine.busy():.1f}")
            section = PARTS[part](QUICK if quick else FULL, folder)
            print(f"\n{section.markdown()}\n", flush=True)
            sections.append(section)
    return report.page(
        sections,
        date=f"{datetime.now(UTC):%Y-%m-%d}",
        machine={**words, "cores busy before each part, not with ours": " · ".join(others)},
        versions=versions(),
        quick=quick,
    )


def versions() -> dict[str, str]:
    ours = {name: version(name) for name in ("filmgate", "starlette", "granian", "av")}
    theirs = {"LiteLLM": peers.litellm_version(), "nginx": peers.nginx_version() or "none"}
    return {**ours, "SQLite": sqlite3.sqlite_version, **theirs}


if __name__ == "__main__":
    main()
