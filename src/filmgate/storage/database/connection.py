"""What the rows ask of a database: SQLite on one machine, PostgreSQL for many."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol, TypeVar

T = TypeVar("T")

Values = Mapping[str, object]


class Cursor(Protocol):
    """What a statement did."""

    @property
    def rowcount(self) -> int:
        """Rows changed."""
        ...

    def fetchone(self) -> Any:
        """The next row, as a tuple, or None."""
        ...

    def fetchall(self) -> list[Any]:
        """The rows that are left."""
        ...


class Connection(Protocol):
    """A transaction under way. Statements name their `:parameters`."""

    def execute(self, sql: str, values: Values = ..., /) -> Cursor:
        """Run a statement."""
        ...

    def executemany(self, sql: str, values: Iterable[Values], /) -> object:
        """Run a statement once for each of *values*."""
        ...

    def lock(self, table: str, row_id: str) -> None:
        """
        Hold that row until the transaction ends: others that want it wait.

        Whatever is read afterwards is what the one before us has committed. Needed
        before a decision that rests on what was read; SQLite has one writer and
        nobody to wait for.
        """
        ...


Unit = Callable[[Connection], T]


class Database(Protocol):
    """An open database, used by one event loop. `StorageUnavailable`: not now."""

    async def write(self, unit: Unit[T], *, durable: bool = True) -> T:
        """
        Run *unit* in a transaction and return once that is committed.

        *unit* runs in another thread, and may run again when the transaction could
        not be kept. What it raises is raised here, and nothing of it is kept.
        """
        ...

    async def rows(self, sql: str, **values: object) -> list[Any]:
        """Read: all rows. Sees what is committed."""
        ...

    async def row(self, sql: str, **values: object) -> Any:
        """Read: the first row, or None."""
        ...

    async def close(self) -> None:
        """Finish what is queued, then let go."""
        ...
