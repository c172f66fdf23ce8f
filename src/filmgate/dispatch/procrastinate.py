"""
The dispatcher of many processes: pokes are Procrastinate's jobs, on the same PostgreSQL.

A poke is short: it ends once the job is taken on, or left to somebody else. What it says
stands in the rows too, so that none has to survive anything: they are not synced to the
disk, not tried again, and those of a dead process are dropped.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

import psycopg
from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Status
from procrastinate.schema import SchemaManager
from procrastinate.types import JSONDict
from psycopg import conninfo
from psycopg_pool import AsyncConnectionPool

from filmgate.dispatch.embedded import AT_ONCE, SWEEP_EVERY, every, guarded
from filmgate.ports import Clock

log = logging.getLogger(__name__)

GATHER = 0.02  #: seconds for which pokes are gathered
TOGETHER = 1_000  #: pokes in one statement
KEPT = 10_000  #: pokes that wait for PostgreSQL; the sweeps find what the others said
AGAIN = 1.0  #: seconds before a lost PostgreSQL is tried again
LOOK_AGAIN = 2.0  #: seconds after which a worker asks for pokes that have come due
HEARTBEAT, STALLED = 5.0, 30.0  #: seconds between two, and after which one is missed
CONNECTIONS = 4  #: of one dispatcher, beside the one that listens

#: One for each of its releases: the pokes of another are not read, but swept. So none of
#: its migrations is ever needed, and two releases may run side by side.
SCHEMA = f"procrastinate_{version('procrastinate').replace('.', '_')}"

_LOOK = "look"
_NOW = datetime(1970, 1, 1, tzinfo=UTC)  #: sorts before every real time
#: Held by whoever makes the tables, until that is committed.
_LOCK = b"SELECT pg_advisory_xact_lock(7236184612)"
_MADE = b"SELECT to_regclass('procrastinate_jobs') IS NOT NULL"
_SETTINGS = f"-c search_path={SCHEMA} -c synchronous_commit=off"
# A network that swallows everything is noticed in some ten seconds.
_NOTICED = {
    "connect_timeout": 5, "keepalives_idle": 5, "keepalives_interval": 2,
    "keepalives_count": 3, "tcp_user_timeout": 10_000,
}  # fmt: skip

Look = Callable[[str], Awaitable[None]]


class ProcrastinateDispatcher:
    """
    `ports.Dispatcher` for any number of processes on the database at *url*.

    Those with the same *queue* share their pokes. PostgreSQL may go away and come back:
    pokes wait meanwhile, as many as `KEPT`.
    """

    def __init__(self, url: str, queue: str, clock: Clock) -> None:
        self._conninfo = _conninfo(url)
        self._queue = queue
        self._clock = clock
        self._waiting: dict[str, datetime] = {}
        self._poked = asyncio.Event()
        self._closed = asyncio.Event()

    def poke(self, job_id: str, *, at: datetime | None = None) -> None:
        """See that a worker looks at the job, soon or at a time (to some two seconds)."""
        due = at or _NOW
        if job_id not in self._waiting and len(self._waiting) >= KEPT:
            return
        self._waiting[job_id] = min(due, self._waiting.get(job_id, due))
        self._poked.set()

    async def run(self, look: Look, sweep: Callable[[], Awaitable[None]]) -> None:
        """
        Call *look* for each poke, whoever poked, until cancelled.

        *sweep* is called first and every few seconds, in this process.
        """
        async with asyncio.TaskGroup() as group:

            async def begin(job_id: str) -> None:
                # A look that has begun goes on, whatever becomes of its poke.
                await asyncio.shield(group.create_task(guarded(look, job_id)))

            group.create_task(every(SWEEP_EVERY, sweep, self._clock))
            group.create_task(self._always(begin))

    def close(self) -> None:
        """Begin no look any more: what is poked now is for the others."""
        self._closed.set()

    async def relay(self) -> None:
        """Pass on what is poked here, and look at nothing, until cancelled."""
        await self._always(None)

    async def _always(self, look: Look | None) -> None:
        away = ""
        while True:
            try:
                async with self._opened(look) as app:
                    away = ""
                    await self._serve(app, works=look is not None)
            except (ConnectorException, psycopg.Error) as error:
                reason = _reason(error)
                if reason != away:
                    log.warning("dispatch.away queue=%s reason=%s", self._queue, reason)
                away = reason
            await self._clock.sleep(AGAIN)

    @asynccontextmanager
    async def _opened(self, look: Look | None) -> AsyncIterator[App]:
        """Procrastinate, with its tables, on connections that were never lost."""
        # It tells of each poke, and of an outage in some hundred lines.
        logging.getLogger("procrastinate").setLevel(logging.CRITICAL)
        app = App(connector=PsycopgConnector())

        async def looking(job_id: str) -> None:
            if look is not None:  # pragma: no branch (a relay has no worker)
                await look(job_id)

        app.task(name=_LOOK, queue=self._queue)(looking)
        # Due once in four years. Without any, a worker does not notice that it has
        # stopped to listen or to send heartbeats.
        app.periodic(cron="0 0 29 2 *")(app.task(name="leap", queue=self._queue)(_leap))
        await _prepare(self._conninfo)
        async with (
            AsyncConnectionPool(
                self._conninfo,
                configure=_alone,
                min_size=1,
                max_size=CONNECTIONS,
                timeout=5,
                open=False,
            ) as pool,
            app.open_async(pool),
        ):
            yield app

    async def _serve(self, app: App, *, works: bool) -> None:
        """Until PostgreSQL goes away: `ConnectorException`."""
        parts: list[Awaitable[None]] = [self._pass_on(app)]
        if works:
            parts += [self._drop_stalled(app), self._work(app)]
        tasks = [asyncio.ensure_future(part) for part in parts]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            # Not a group: what breaks while it ends must not hide that we are cancelled.
            for task in tasks:
                task.cancel()
            ends = await asyncio.gather(*tasks, return_exceptions=True)
        for end in ends:
            if isinstance(end, Exception):
                raise end
        raise ConnectorException("The worker has stopped: it could not listen any more.")

    async def _work(self, app: App) -> None:
        """Look at what is poked: until we are closed, and then at nothing, or it breaks."""
        if not self._closed.is_set():
            working = asyncio.ensure_future(self._worker(app))
            closing = asyncio.ensure_future(self._closed.wait())
            try:
                await asyncio.wait({working, closing}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                closing.cancel()
                working.cancel()
                await asyncio.gather(working, return_exceptions=True)
            if not self._closed.is_set():
                working.result()
                return
        await asyncio.Event().wait()  # until cancelled

    async def _worker(self, app: App) -> None:
        await app.run_worker_async(
            queues=[self._queue],
            concurrency=AT_ONCE,
            fetch_job_polling_interval=LOOK_AGAIN,
            abort_job_polling_interval=3600,  # nobody aborts a poke
            shutdown_graceful_timeout=0,
            delete_jobs="always",
            install_signal_handlers=False,
            update_heartbeat_interval=HEARTBEAT,
            stalled_worker_timeout=STALLED,
        )

    async def _pass_on(self, app: App) -> None:
        """Turn what was poked into rows, again and again."""
        while True:
            await self._poked.wait()
            await self._clock.sleep(GATHER)
            self._poked.clear()
            taken, self._waiting = self._waiting, {}
            try:
                await self._defer(app, taken)
                taken = {}
            finally:  # PostgreSQL is away, or who noticed that has cancelled us
                for job_id, due in taken.items():
                    self.poke(job_id, at=due)

    async def _defer(self, app: App, pokes: Mapping[str, datetime]) -> None:
        by_time: dict[datetime, list[str]] = defaultdict(list)
        for job_id, due in pokes.items():
            # A full second later at the most: those of one second go together.
            by_time[due.replace(microsecond=0)].append(job_id)
        for due, job_ids in by_time.items():
            poke = app.configure_task(
                _LOOK, queue=self._queue, schedule_at=None if due == _NOW else due
            )
            for start in range(0, len(job_ids), TOGETHER):
                some: list[JSONDict] = [
                    {"job_id": job_id} for job_id in job_ids[start : start + TOGETHER]
                ]
                await poke.batch_defer_async(*some)

    async def _drop_stalled(self, app: App) -> None:
        """Drop what a dead process was looking at: its rows say what it was."""
        while True:
            stalled = await app.job_manager.get_stalled_jobs(
                queue=self._queue, seconds_since_heartbeat=STALLED
            )
            for poke in stalled:
                try:
                    await app.job_manager.finish_job(poke, Status.ABORTED, delete_job=True)
                except ConnectorException as error:
                    if not isinstance(error.__cause__, psycopg.errors.RaiseException):
                        raise  # else another node has dropped it
            await self._clock.sleep(STALLED / 2)


async def _leap(timestamp: int) -> None:
    """What is due on 29 February: nothing."""
    del timestamp


async def _alone(connection: psycopg.AsyncConnection[Any]) -> None:
    """Each statement is a transaction: one round trip instead of three."""
    await connection.set_autocommit(True)


async def _prepare(address: str) -> None:
    """Make the tables unless they are there; several nodes may do it at once."""
    connection = await psycopg.AsyncConnection.connect(address)
    async with connection, connection.transaction():
        await connection.execute(_LOCK)
        await connection.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}".encode())
        made = await (await connection.execute(_MADE)).fetchone()
        if made == (False,):
            await connection.execute(SchemaManager.get_schema())


def _conninfo(url: str) -> str:
    options = conninfo.conninfo_to_dict(url).get("options") or ""
    return conninfo.make_conninfo(
        url,
        application_name="filmgate dispatch",
        options=f"{options} {_SETTINGS}".strip(),
        **_NOTICED,
    )


def _reason(error: Exception) -> str:
    """What to say of it: the server's own words only, for a client's may hold the user."""
    cause = error.__cause__ or error
    said = cause.diag.message_primary if isinstance(cause, psycopg.Error) else str(cause)
    return said or "it cannot be reached"
