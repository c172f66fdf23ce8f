"""
Writes the parts of the pages that the code knows: `generate.py --write`.

A part stands between `<!-- generated: NAME -->` and `<!-- end -->`; each NAME is
one function that makes it in either language. Without `--write` stale pages are
listed and the exit code is 1.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

if __name__ == "__main__":  # run as a script, and not by pytest, which knows this folder
    sys.path.insert(0, str(Path(__file__).parents[1]))

from docs.api_tables import PARTS as API
from docs.cli_tables import PARTS as COMMANDS
from docs.engine_tables import PARTS as ENGINES
from docs.error_tables import PARTS as ERRORS
from docs.pages import Language, language_of, name, pages
from docs.previs_tables import PARTS as PREVIS
from docs.setting_tables import PARTS as SETTINGS

PARTS: dict[str, Callable[[Language], str]] = {
    **SETTINGS,
    **COMMANDS,
    **ERRORS,
    **API,
    **ENGINES,
    **PREVIS,
}

_PART = re.compile(
    r"(?P<start><!-- generated: (?P<name>[^>]*) -->\n).*?(?P<end><!-- end -->)", re.DOTALL
)


def parts_of(page: Path) -> list[str]:
    """The names of the parts that a page has."""
    return [found["name"] for found in _PART.finditer(page.read_text(encoding="utf-8"))]


def fresh(page: Path) -> str:
    """The text that a page should have. `KeyError` for a part that nobody makes."""
    language = language_of(page)

    def part(found: re.Match[str]) -> str:
        return f"{found['start']}\n{_made(found['name'], language)}\n\n{found['end']}"

    return _PART.sub(part, page.read_text(encoding="utf-8"))


@cache
def _made(part: str, language: Language) -> str:
    """Once for those who ask twice: some take seconds."""
    return PARTS[part](language).strip()


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Compare or write the generated parts.")
    parser.add_argument("--write", action="store_true", help="write what is stale")
    write = parser.parse_args(argv).write
    stale = []
    for page in [*pages("en"), *pages("zh")]:
        text = fresh(page)
        if text == page.read_text(encoding="utf-8"):
            continue
        stale.append(page)
        if write:
            page.write_text(text, encoding="utf-8")
    for page in stale:
        sys.stdout.write(f"{'written' if write else 'stale'}: {name(page)}\n")
    return 1 if stale and not write else 0


if __name__ == "__main__":
    sys.exit(main())
