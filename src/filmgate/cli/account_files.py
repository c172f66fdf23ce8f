"""Files of accounts: a JSON list, or CSV with a header. What they mean is checked later."""

from __future__ import annotations

import csv
import json
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

from filmgate.cli.problem import Problem

COLUMNS = (
    "engine", "label", "secret", "base_url", "seats", "proxy", "when_down", "still_seats",
    "expires_at", "plan", "groups", "models", "limits", "per_day", "per_month", "priority",
    "weight", "machine", "machine_seats", "disabled",
)  # fmt: skip


def _limits(words: Sequence[str]) -> dict[str, str]:
    """Sizes and the seconds that they may last; what is wrong with them is told later."""
    return {size: seconds for size, _, seconds in (word.partition("=") for word in words)}


#: The columns with several words, and what they are in the API.
LISTS: Mapping[str, Callable[[Sequence[str]], object]] = {
    "groups": list,
    "models": list,
    "limits": _limits,
}


def rows_in(name: str) -> Sequence[Any]:
    """
    The rows of the file of that *name*; `-` is standard input.

    No message shows what is in it: there are secrets.
    """
    try:
        raw = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        message = f"{name} cannot be read: {error.strerror}."
        raise Problem(message) from None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        message = f"{name} is not UTF-8 text."
        raise Problem(message) from None
    rows = _json(name, text) if text.lstrip().startswith(("[", "{")) else _csv(name, text)
    if not rows:
        message = f"{name} holds no accounts."
        raise Problem(message)
    return rows


def _json(name: str, text: str) -> Sequence[Any]:
    try:
        rows = json.loads(text)
    except (ValueError, RecursionError) as error:
        where = f" in line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        message = f"{name} is no JSON that can be read: it breaks{where}."
        raise Problem(message) from None
    if not isinstance(rows, list):
        message = f"{name} must hold a list: [{{…}}, {{…}}]."
        raise Problem(message)
    return rows


def _csv(name: str, text: str) -> Sequence[Any]:
    """Cells that are empty are left out."""
    try:
        lines = list(csv.reader(StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        message = f"{name} is no CSV that can be read: {error}."
        raise Problem(message) from None
    header, *lines = [[cell.strip() for cell in line] for line in lines] or [[]]
    if "engine" not in header:
        message = f"The first line of {name} must name its columns: {', '.join(COLUMNS)}."
        raise Problem(message)
    for number, column in enumerate(header, 1):
        if column not in COLUMNS or column in header[: number - 1]:
            message = (
                f"Column {number} of {name} has no name of its own. Names are: "
                f"{', '.join(COLUMNS)}."
            )
            raise Problem(message)
    rows = []
    for number, line in enumerate((line for line in lines if any(line)), 1):
        if len(line) > len(header):
            message = f"Row {number} of {name} has more cells than there are columns."
            raise Problem(message)
        cells = zip(header, line, strict=False)
        rows.append({column: _cell(column, cell) for column, cell in cells if cell})
    return rows


def _cell(column: str, cell: str) -> object:
    """Several words stand in one cell with spaces or semicolons between them."""
    return LISTS[column](re.split(r"[;\s]+", cell)) if column in LISTS else cell
