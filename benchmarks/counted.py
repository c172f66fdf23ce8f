"""
`counted.py FILE serve …`: filmgate, which writes to FILE what its SQLite was asked.

It does so when it gets SIGUSR1. Nothing is moved out of the write-ahead log meanwhile, so
that the log's size is what was written.
"""

from __future__ import annotations

import json
import signal
import sqlite3
import sys
from collections import Counter
from contextlib import suppress
from pathlib import Path

from filmgate.cli import main
from filmgate.storage.database import sqlite


class Counting:
    """Every connection's statements."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._plain = sqlite.connect
        self._open: list[tuple[sqlite.SQLiteConnection, Counter[str]]] = []

    def connect(self, path: Path) -> sqlite.SQLiteConnection:
        connection = self._plain(path)
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        said: Counter[str] = Counter()
        synced = ""

        def saw(statement: str) -> None:
            nonlocal synced
            word = statement.split(None, 1)[0].upper()
            if statement.startswith("PRAGMA synchronous"):
                synced = ", synced" if statement.endswith("FULL") else ""
            said[word + (synced if word == "COMMIT" else "")] += 1

        connection.set_trace_callback(saw)
        self._open.append((connection, said))
        return connection

    def write(self, *_: object) -> None:
        total: Counter[str] = Counter()
        for connection, said in self._open:
            total += said
            with suppress(sqlite3.ProgrammingError):  # closed: it was for the schema
                total["rows"] += connection.total_changes
        new = self._file.with_suffix(".new")
        new.write_text(json.dumps(total))
        new.rename(self._file)


if __name__ == "__main__":
    counting = Counting(Path(sys.argv.pop(1)))
    sqlite.connect = counting.connect
    signal.signal(signal.SIGUSR1, counting.write)
    sys.exit(main())
