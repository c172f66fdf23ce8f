"""Runs the code of a page as somebody would who follows it in one terminal."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from docs.pages import Block, blocks, language_of, pages, prose
from servers import KEY, Server

#: What stands in the pages, for what the test has instead.
SHOWN_URL, SHOWN_KEY = "http://127.0.0.1:8000", "fg-…"
LONGEST = 120  #: seconds that a page may take

#: Stands above a block of output: the block before it printed this. `…` is anything.
PRINTS = "<!-- prints -->"

# curl is quiet and fails as a test should, which a reader's need not.
_START = """
set -euo pipefail
curl() { command curl --silent --show-error --fail-with-body --max-time 60 "$@"; }
export -f curl
"""


@dataclass(frozen=True, kw_only=True)
class Ran:
    """What became of the blocks."""

    printed: dict[int, str]  #: by the line of the block
    failed: str  #: empty, or which block broke and what it said


def runnable(page: Path) -> list[Block]:
    """The blocks of a page that are run, in their order."""
    return [b for b in blocks(page) if b.language in ("bash", "python") and not b.not_run]


def with_code() -> list[Path]:
    """
    The pages to run: every English one that has code, and the Chinese tutorials.

    Elsewhere the code is the same in both languages, which test_pages.py sees to.
    """
    return [
        page
        for page in (*pages("en"), *pages("zh"))
        if runnable(page) and (language_of(page) == "en" or page.parent.name == "tutorials")
    ]


def run(chosen: Sequence[Block], server: Server, folder: Path) -> Ran:
    """Run blocks in order, in one shell, in *folder*; a broken one ends it."""
    script = _START + "".join(_step(block, server.url, folder) for block in chosen)
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        env=_environment(server, folder),
        capture_output=True,
        text=True,
        timeout=LONGEST,
        check=False,
    )
    printed = {block.line: _printed(folder, block) for block in chosen}
    failed = ""
    if done.returncode:
        reached = (folder / "reached").read_text().strip()
        failed = f"{chosen[0].page.name}:{reached}: {printed[int(reached)]}{done.stderr}"
    return Ran(printed=printed, failed=failed)


def promised(page: Path) -> list[tuple[Block, Block]]:
    """Each block that was run, with the output that the page shows for it."""
    text = page.read_text(encoding="utf-8").splitlines()
    every = blocks(page)
    return [
        (before, after) for before, after in pairwise(every) if text[after.line - 2] == PRINTS
    ]


def marks(page: Path) -> int:
    """How often the page says that a block prints something."""
    return prose(page).count(PRINTS)


def same(shown: str, printed: str, language: str) -> bool:
    """Whether a block printed what the page shows."""
    if language == "json":
        return _alike(json.loads(shown), json.loads(printed))
    return _fits(shown.strip(), printed.strip())


def _alike(shown: Any, printed: Any) -> bool:
    if isinstance(shown, dict) and isinstance(printed, dict):
        keys = list(shown) == list(printed)
        return keys and all(_alike(shown[key], printed[key]) for key in shown)
    if isinstance(shown, str) and "…" in shown:
        return _fits(shown, str(printed))
    return bool(shown == printed)


def _fits(shown: str, printed: str) -> bool:
    pattern = ".*".join(map(re.escape, shown.split("…")))
    return re.fullmatch(pattern, printed) is not None


def _step(block: Block, url: str, folder: Path) -> str:
    text = block.text.replace(SHOWN_URL, url).replace(SHOWN_KEY, KEY)
    if block.language == "python":
        path = folder / f"block{block.line}.py"
        path.write_text(text, encoding="utf-8")
        text = f"python {path}\n"
    return f"echo {block.line} > reached\n{{\n{text}}} > printed{block.line}\n"


def _printed(folder: Path, block: Block) -> str:
    path = folder / f"printed{block.line}"
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _environment(server: Server, folder: Path) -> dict[str, str]:
    ours = ("FILMGATE_", "OPENAI_")
    given = {k: v for k, v in os.environ.items() if not k.startswith(ours)}  # noqa: TID251
    binaries = Path(sys.executable).parent
    return given | {
        "PATH": f"{binaries}{os.pathsep}{given['PATH']}",
        "HOME": str(folder),
        "NO_PROXY": "127.0.0.1",
        "PYTHONUTF8": "1",
        "OPENAI_BASE_URL": f"{server.url}/v1",
        "OPENAI_API_KEY": KEY,
        "FILMGATE_URL": server.url,
        "FILMGATE_API_KEY": KEY,
    }
