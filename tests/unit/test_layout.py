"""The tree is what ARCHITECTURE.md says, and stays small."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "src").rglob("*.py"))
EVERY_SOURCE = SOURCES + sorted((ROOT / "tests").rglob("*.py"))
DRAWERS = {
    "utils",
    "util",
    "helpers",
    "helper",
    "common",
    "misc",
    "manager",
    "managers",
    "core",
}
MOST_LINES, MOST_FUNCTION_LINES = 400, 60


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_every_path_in_the_architecture_exists() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text()
    paths = re.findall(r"^\| `([^`]+)` \|", text, re.MULTILINE)
    assert len(paths) > 10
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_every_folder_is_in_the_architecture() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text()
    package = ROOT / "src" / "filmgate"
    folders = [*package.iterdir(), *(ROOT / top for top in ("tests", "docs", "benchmarks"))]
    missing = [
        name(folder)
        for folder in folders
        if folder.is_dir() and folder.name != "__pycache__" and f"{name(folder)}/" not in text
    ]
    assert missing == []


def test_no_file_is_over_400_lines() -> None:
    lengths = {name(path): len(path.read_text().splitlines()) for path in EVERY_SOURCE}
    assert {path: lines for path, lines in lengths.items() if lines > MOST_LINES} == {}


def test_no_function_is_over_60_lines() -> None:
    long = [
        f"{name(path)}: {node.name}"
        for path in SOURCES
        if path.parent.name != "versions"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= MOST_FUNCTION_LINES
    ]
    assert long == []


def test_nothing_is_a_drawer() -> None:
    assert [name(path) for path in SOURCES if {path.stem, path.parent.name} & DRAWERS] == []


def test_only_three_kinds_of_places_catch_everything() -> None:
    caught = [
        name(path)
        for path in SOURCES
        if re.search(r"except (Base)?Exception\b|except:", path.read_text())
    ]
    assert caught == [
        "src/filmgate/dispatch/embedded.py",
        "src/filmgate/gateway/worker.py",
        "src/filmgate/storage/database/sqlite.py",
        "src/filmgate/web/edge.py",
    ]
