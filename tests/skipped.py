"""What the engines' suite skipped: which case, why, and for whom."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

import pytest

SUITE = "test_engines_upstream.py"
_HEAD = ("case", "because the engine", "skipped for")
_CASE = re.compile(r".*::test_(\w+)\[(.*)\]")


def table(reports: Iterable[pytest.TestReport]) -> list[str]:
    """A line for each case and reason; nothing if the suite was not run, or whole."""
    engines = defaultdict(set)
    for report in reports:
        found = _CASE.fullmatch(report.nodeid)
        if (
            SUITE not in report.nodeid
            or found is None
            or not isinstance(report.longrepr, tuple)
        ):
            continue
        engine, _, why = report.longrepr[2].removeprefix("Skipped: ").partition(" ")
        ways = [part for part in found[2].split("-") if part != engine]
        case = found[1].replace("_", " ") + "".join(f" [{way}]" for way in ways)
        engines[case, why].add(engine)
    if not engines:
        return []
    rows = [_HEAD, *((*key, ", ".join(sorted(them))) for key, them in sorted(engines.items()))]
    widths = [max(len(row[column]) for row in rows) for column in range(2)]
    return [f"{case:{widths[0]}}  {why:{widths[1]}}  {them}" for case, why, them in rows]
