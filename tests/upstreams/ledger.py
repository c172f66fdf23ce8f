"""What a stand-in upstream was asked, and what it made: every request that came in whole."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class Create:
    """One create request. It is here once all of it had been read."""

    at: float  #: seconds since the epoch
    key: str  #: the account's
    idempotency_key: str | None
    prompt: str
    fault: str | None
    task: str | None = None  #: None: it was refused
    again: bool = False  #: an earlier request with this Idempotency-Key made the task
    status: int | None = None  #: answered; None: it was not
    until: float | None = None  #: when the answer had been written, or was given up
    hung_up: bool = False  #: nobody was there any more to read the answer


@dataclass
class Task:
    """One film that somebody pays for. Open until it is rendered or deleted."""

    id: str
    key: str
    prompt: str
    model: str
    size: str
    seconds: str
    idempotency_key: str | None
    at: float
    ready_at: float
    sha256: str
    failure: tuple[str, str] | None = None
    deleted_at: float | None = None
    polls: int = 0

    @property
    def closes_at(self) -> float:
        return min(self.ready_at, self.deleted_at or self.ready_at)

    def open(self, at: float) -> bool:
        return at < self.closes_at


@dataclass
class Content:
    """One read of a film."""

    at: float
    task: str
    first: int  #: byte asked for
    fault: str | None
    sent: int = 0
    until: float | None = None
    hung_up: bool = False


@dataclass(frozen=True)
class Flight:
    """A request that is being answered; *port* is the asker's own."""

    kind: str  #: create, poll, content or delete
    port: int
    since: float
    task: str | None


@dataclass
class Ledger:
    """Everything, in memory; with *file*, what came in is a line there as well."""

    file: Path | None = None
    creates: list[Create] = field(default_factory=list)
    tasks: dict[str, Task] = field(default_factory=dict)
    contents: list[Content] = field(default_factory=list)
    deletes: list[tuple[float, str]] = field(default_factory=list)
    faults: dict[str, int] = field(default_factory=dict)  #: how often each was played
    most_open: dict[str, int] = field(default_factory=dict)  #: by account key
    flights: dict[int, Flight] = field(default_factory=dict)
    _open: dict[str, set[str]] = field(default_factory=dict)
    _flown: int = 0

    def received(self, create: Create) -> Create:
        self.creates.append(create)
        self.write("create", asdict(create))
        return create

    def accepted(self, task: Task) -> None:
        self.tasks[task.id] = task
        now = time.time()
        still = {
            one for one in self._open.get(task.key, set()) if self.tasks[one].open(now)
        } | {task.id}
        self._open[task.key] = still
        self.most_open[task.key] = max(len(still), self.most_open.get(task.key, 0))
        self.write("task", asdict(task))

    def open_tasks(self, key: str) -> int:
        now = time.time()
        return sum(self.tasks[one].open(now) for one in self._open.get(key, ()))

    def by_key(self, idempotency_key: str | None) -> Task | None:
        """The task that an Idempotency-Key has made."""
        if idempotency_key is None:
            return None
        tasks = self.tasks.values()
        return next((t for t in tasks if t.idempotency_key == idempotency_key), None)

    def played(self, kind: str, fault: str | None) -> None:
        if fault:
            name = f"{kind}:{fault}"
            self.faults[name] = self.faults.get(name, 0) + 1

    @contextmanager
    def flight(self, kind: str, port: int, task: str | None = None) -> Iterator[None]:
        self._flown += 1
        number = self._flown
        self.flights[number] = Flight(kind, port, time.time(), task)
        try:
            yield
        finally:
            del self.flights[number]

    def write(self, kind: str, what: dict[str, Any]) -> None:
        if self.file:
            with self.file.open("a") as file:
                file.write(json.dumps({"kind": kind, **what}) + "\n")

    def now(self) -> dict[str, Any]:
        """What is in flight, and how many tasks are open by account key."""
        return {
            "flights": [asdict(flight) for flight in self.flights.values()],
            "open": {key: self.open_tasks(key) for key in self._open},
        }

    def whole(self) -> dict[str, Any]:
        return {
            "creates": [asdict(create) for create in self.creates],
            "tasks": [asdict(task) for task in self.tasks.values()],
            "contents": [asdict(content) for content in self.contents],
            "deletes": self.deletes,
            "faults": self.faults,
            "most_open": self.most_open,
            **self.now(),
        }
