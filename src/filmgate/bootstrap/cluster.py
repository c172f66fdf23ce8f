"""One node or many: who else there is, how they hear of each other, who looks at which job."""

from __future__ import annotations

import os
import secrets
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any, Protocol

from filmgate.bootstrap.folder import Opened
from filmgate.config import Settings
from filmgate.dispatch.embedded import EmbeddedDispatcher
from filmgate.gateway.nodes import Node, OnlyNode
from filmgate.gateway.watching import Watchers
from filmgate.gateway.worker import Worker
from filmgate.ports import Counts, Dispatcher
from filmgate.storage.database.counts import CountRows
from filmgate.storage.database.leases import LeaseRows


class Runs(Dispatcher, Protocol):
    """A dispatcher, and what makes it one."""

    async def run(
        self, look: Callable[[str], Awaitable[None]], sweep: Callable[[], Awaitable[None]]
    ) -> None: ...

    def close(self) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """What differs between one machine and many."""

    node: Node | OnlyNode
    films: Runs
    watchers: Watchers
    counts: Counts | None  #: of requests, by all nodes; None: this one counts alone
    loops: Sequence[Callable[[], Coroutine[Any, Any, None]]]  #: to be run beside the rest


class Ears:
    """Whoever wants to know what other nodes say, once they are there."""

    def __init__(self) -> None:
        self.watchers: Watchers | None = None
        self.worker: Worker | None = None

    def heard(self, job_ids: Sequence[str]) -> None:
        if self.watchers and self.worker:
            self.watchers.heard(job_ids)
            self.worker.heard(job_ids)

    def missed(self) -> None:
        if self.watchers and self.worker:
            self.watchers.tell_all()
            self.worker.missed()


def cluster_of(settings: Settings, folder: Opened, ears: Ears) -> Cluster:
    name = f"{os.uname().nodename}-{os.getpid()}-{secrets.token_hex(4)}"
    clock, leases = folder.clock, LeaseRows(folder.database)
    if settings.database_url is None:
        return Cluster(
            node=OnlyNode(name, leases=leases, clock=clock),
            films=EmbeddedDispatcher(clock), watchers=Watchers(), counts=None, loops=(),
        )  # fmt: skip
    from filmgate.bootstrap.postgres import News, ProcrastinateDispatcher  # noqa: PLC0415

    news = News(
        folder.database, settings.database_url, clock=clock,
        heard=ears.heard, missed=ears.missed,
    )  # fmt: skip
    films = ProcrastinateDispatcher(settings.database_url, "films", clock)
    return Cluster(
        node=Node(name, leases=leases, clock=clock, monotonic=monotonic),
        films=films, watchers=Watchers(news.tell), counts=CountRows(folder.database),
        loops=(news.run, films.relay) if settings.role == "api" else (news.run,),
    )  # fmt: skip
