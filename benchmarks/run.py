"""
Measures filmgate beside its peers and writes `results.md`. `make bench` runs it.

`run.py [--quick] [--add] [PART …]`: with parts named, only those are measured, and no
page is written unless they are to be added to it. Each part's figures are printed as
soon as they are there. Linux only; all of it takes about an hour.
"""

from __future__ import annotations

import argparse
import os
import signal
import sqlite3
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

sys.path.extend(str(Path(__file__).parents[1] / folder) for folder in (".", "tests"))

from benchmarks import (
    asking,
    batch,
    content,
    databases,
    drawing,
    following,
    footprint,
    machine,
    peers,
    picking,
    rates,
    report,
    starting,
    streams,
)
from benchmarks.effort import FULL, QUICK, Effort

PARTS: dict[str, Callable[[Effort, Path], report.Section]] = {
    "start-up": starting.start_up,
    "memory": starting.memory,
    "previs": drawing.previs,
    "create": rates.create,
    "retrieve": rates.retrieve,
    "content": content.content,
    "batch": batch.batch,
    "asking": asking.asking,
    "picking": picking.picking,
    "following": following.following,
    "streams": streams.streams,
    "databases": databases.databases,
    "nodes": databases.nodes,
    "footprint": footprint.footprint,
}
RESULTS = Path(__file__).parent / "results.md"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0].strip())
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--quick", action="store_true", help="few and short runs")
    parser.add_argument("--add", action="store_true", help="put the parts into the page")
    args = parser.parse_args()
    if unknown := set(args.parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    # As after Ctrl-C: whatever was started is stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if args.add:
        for part in args.parts:
            add(part, quick=args.quick)
        return
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


def add(part: str, *, quick: bool) -> None:
    """Measure one part, and put it at the end of the page, in place of what it said before."""
    busy, loaded = machine.busy(), os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="filmgate-bench-") as name:
        section = PARTS[part](QUICK if quick else FULL, Path(name))
    when = (
        f"Measured on {datetime.now(UTC):%Y-%m-%d %H:%M} UTC. Before that, {busy:.1f} cores "
        f"were busy with something else, at a load of {loaded:.1f}; after it, with what was "
        f"left of it, the load was {os.getloadavg()[0]:.1f}."
    )
    section = replace(section, notes=[*section.notes, when])
    print(section.markdown())
    RESULTS.write_text(report.replaced(RESULTS.read_text(), section))


def versions() -> dict[str, str]:
    ours = {name: version(name) for name in ("filmgate", "starlette", "granian", "av")}
    theirs = {"LiteLLM": peers.litellm_version(), "nginx": peers.nginx_version() or "none"}
    return {**ours, "SQLite": sqlite3.sqlite_version, **theirs}


if __name__ == "__main__":
    main()
