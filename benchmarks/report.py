"""Figures as Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

_HOW_TO_READ = (
    "Written by `make bench`. Servers, clients and upstreams share the cores of one machine, "
    "and everything goes over loopback: read the ratios rather than the rates. Contenders took "
    "turns; a ratio is of two runs of the same round. Three figures with strokes between them "
    "are the least, the median and the most."
)


@dataclass(frozen=True)
class Table:
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]

    def markdown(self) -> str:
        lines = [self.columns, ["---"] * len(self.columns), *self.rows]
        return "\n".join(f"| {' | '.join(line)} |" for line in lines)


@dataclass(frozen=True)
class Section:
    title: str
    notes: Sequence[str] = ()  #: paragraphs: how it was measured
    tables: Sequence[Table] = field(default_factory=list)

    def markdown(self) -> str:
        blocks = [f"## {self.title}", *self.notes, *(t.markdown() for t in self.tables)]
        return "\n\n".join(blocks)


def number(value: float) -> str:
    """Three significant digits or so, thousands apart."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def runs(values: Sequence[float]) -> str:
    """Every single one, in the order in which they were measured."""
    return " · ".join(number(value) for value in values)


def spread(values: Sequence[float]) -> str:
    """Least / median / most."""
    return " / ".join(number(value) for value in (min(values), median(values), max(values)))


def ratios(ours: Sequence[float], theirs: Sequence[float]) -> list[float]:
    """Round by round: what was measured side by side is divided."""
    return [a / b for a, b in zip(ours, theirs, strict=True)]


def at_least(values: Sequence[float], aim: float, unit: str = "×") -> str:
    """The aim, and whether the median reaches it."""
    return _verdict(f"≥ {aim:g}{unit}", met=median(values) >= aim)


def below(values: Sequence[float], aim: float, unit: str) -> str:
    """The aim, and whether the median stays under it."""
    return _verdict(f"< {aim:g} {unit}", met=median(values) < aim)


def _verdict(aim: str, *, met: bool) -> str:
    return f"{aim}: {'yes' if met else '**no**'}"


def page(
    sections: Sequence[Section],
    *,
    date: str,
    machine: Mapping[str, str],
    versions: Mapping[str, str],
    quick: bool,
) -> str:
    facts = [[name, value] for name, value in machine.items()]
    facts.append(["versions", ", ".join(f"{k} {v}" for k, v in versions.items())])
    notes = [
        _HOW_TO_READ,
    ]
    if quick:
        notes.append("**Made with `--quick`: few and short runs, not to be quoted.**")
    blocks = [
        "# Benchmarks",
        *notes,
        Table([date, ""], facts).markdown(),
        *(section.markdown() for section in sections),
    ]
    return "\n\n".join(blocks) + "\n"


def replaced(text: str, section: Section) -> str:
    """A page with *section* at its end, and without the one of the same title."""
    parts = text.split("\n## ")
    kept = [part.rstrip() for part in parts if not part.startswith(f"{section.title}\n")]
    return "\n\n## ".join(kept) + f"\n\n{section.markdown()}\n"
