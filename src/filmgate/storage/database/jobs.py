"""Jobs as callers see them: kept, read, listed, cancelled, deleted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from filmgate.domain.asset import Asset, Variant
from filmgate.domain.claim import Claim
from filmgate.domain.events import Event, EventKind
from filmgate.domain.job import Attempt, Job
from filmgate.domain.request import Media
from filmgate.ports import Maker, NewJob
from filmgate.storage.database.claims import claim_object
from filmgate.storage.database.connection import Connection, Database
from filmgate.storage.database.ends import follow_end
from filmgate.storage.database.frozen import (
    freeze,
    freeze_plan,
    freeze_request,
    micros,
    moment,
)
from filmgate.storage.database.ledger import reserve
from filmgate.storage.database.rows import (
    COLUMNS,
    asset_of,
    attempt_of,
    happened,
    insert_asset,
    job_of,
)

_INSERT_JOB = """
    INSERT INTO jobs (id, caller_id, status, engine, media, request, plan, created_at,
                      due_at, wait_until, priority, metadata, variants, webhook,
                      fingerprint)
    VALUES (:id, :caller, :status, :engine, :media, :request, :plan, :at,
            :at, :wait_until, :priority, :metadata, :variants, :webhook, :fingerprint)
"""
_GET = f"""
    SELECT {COLUMNS} FROM jobs
    WHERE id = :id AND caller_id = :caller AND deleted_at IS NULL
"""
_ANYBODYS = f"SELECT {COLUMNS} FROM jobs WHERE id = :id AND deleted_at IS NULL"
# A list starts after the job of that id. One that is not there has nothing after it:
# comparing with NULL is never true.
_PAGE = f"""
    SELECT {COLUMNS} FROM jobs
    WHERE caller_id = :caller AND media = :media AND deleted_at IS NULL
      AND (CAST(:after AS TEXT) IS NULL OR (created_at, id) {{follows}}
           (SELECT created_at, id FROM jobs WHERE id = :after AND caller_id = :caller))
      {{such}}
    ORDER BY {{order}} LIMIT :limit
"""
_SUCH = """
    AND id IN (SELECT job_id FROM job_metadata WHERE name = :name{0} AND value = :value{0})
"""
# A queued job ends at once. One that is driven is marked, and ends when its engine has.
_CANCEL = """
    UPDATE jobs SET
        cancel_requested_at =
            CASE WHEN finished_at IS NULL THEN coalesce(cancel_requested_at, :at)
                 ELSE cancel_requested_at END,
        finished_at = CASE WHEN status = 'queued' THEN :at ELSE finished_at END,
        status = CASE WHEN status = 'queued' THEN 'cancelled' ELSE status END
    WHERE id = :id AND caller_id = :caller AND deleted_at IS NULL
"""
_DELETE = """
    UPDATE jobs SET deleted_at = :at
    WHERE id = :id AND caller_id = :caller AND deleted_at IS NULL
"""
# The first try's answer is number 1. A second retry looks first for what its own first
# retry was told of, and which it did not hear of either.
_ADOPT = """
    UPDATE jobs SET answers = :retry + 1
    WHERE id = (SELECT id FROM jobs
                WHERE caller_id = :caller AND fingerprint = :fingerprint
                  AND used_at IS NULL AND deleted_at IS NULL
                  AND created_at > :since AND answers <= :retry
                ORDER BY answers DESC, created_at, id LIMIT 1)
    RETURNING id
"""
_ATTEMPTS = """
    SELECT id, number, account_id, state, started_at, ticket, ended_at,
           failure_code, failure_message, sending_at, cost, cost_estimated
    FROM attempts WHERE job_id = :id ORDER BY number
"""
_AHEAD = """
    SELECT count(*) FROM jobs JOIN jobs AS mine ON mine.id = :id
    WHERE jobs.finished_at IS NULL AND jobs.engine = mine.engine AND jobs.status = 'queued'
      AND jobs.media = mine.media AND mine.status = 'queued' AND (jobs.priority > mine.priority
           OR (jobs.priority = mine.priority
               AND (jobs.created_at, jobs.id) <= (mine.created_at, mine.id)))
"""
_WAITING = """
    SELECT count(*) FROM jobs
    WHERE finished_at IS NULL AND engine = :engine AND status = 'queued'
"""
# Of a few accounts, and of each the last few: asked again and again by those who wait.
_LATELY = """
    SELECT avg(attempts.ended_at - attempts.started_at)
    FROM (SELECT id FROM accounts WHERE engine = :engine AND removed_at IS NULL
          ORDER BY id DESC LIMIT 20) AS few
    JOIN attempts ON attempts.account_id = few.id
    WHERE attempts.state = 'succeeded' AND attempts.media = :media
      AND attempts.started_at >= coalesce(
        (SELECT last.started_at FROM attempts AS last WHERE last.account_id = few.id
         ORDER BY last.started_at DESC LIMIT 1 OFFSET 19), 0)
"""
_UNFINISHED = "SELECT count(*) FROM jobs WHERE finished_at IS NULL AND engine = :engine"
_MADE_BY = """
    SELECT accounts.id, accounts.engine, attempts.ticket
    FROM attempts JOIN accounts ON accounts.id = attempts.account_id
    WHERE job_id = :id AND state = 'succeeded' AND accounts.removed_at IS NULL
"""
_EVENTS = """
    SELECT number, kind, at, percent FROM events
    WHERE job_id = :id AND number > :after ORDER BY number
"""
_ASSETS = """
    SELECT id, variant, media_type, key, size, sha256
    FROM assets WHERE job_id = :id AND {which} ORDER BY id
"""
_OUTPUTS = _ASSETS.format(which="variant NOT IN ('input', 'preview')")
_PREVIEWS = _ASSETS.format(which="variant = 'preview'")
_EXPIRED = """
    SELECT old.id, assets.key
    FROM (SELECT id FROM jobs
          WHERE expires_at <= :at AND expired_at IS NULL AND deleted_at IS NULL
          ORDER BY expires_at LIMIT :limit) AS old
    LEFT JOIN assets ON assets.job_id = old.id
"""


class JobRows:
    """`ports.Jobs` in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, new: Sequence[NewJob], claim: Claim | None) -> str:
        first = new[0].job
        values = [_values(one) for one in new]

        def unit(connection: Connection) -> str:
            standing = claim_object(connection, claim, first.id, first.created_at)
            if standing == first.id:
                for one, row in zip(new, values, strict=True):
                    _insert(connection, one, row)
            return standing

        return await self._database.write(unit)

    async def adopt(
        self, fingerprint: str, *, caller_id: str, retry: int, since: datetime
    ) -> str | None:
        values = {
            "caller": caller_id, "fingerprint": fingerprint, "retry": retry,
            "since": micros(since),
        }  # fmt: skip

        def unit(connection: Connection) -> str | None:
            connection.lock("callers", caller_id)  # two retries get an answer each
            found = connection.execute(_ADOPT, values).fetchone()
            return found[0] if found else None

        return await self._database.write(unit)

    async def get(self, job_id: str, *, caller_id: str) -> Job | None:
        row = await self._database.row(_GET, id=job_id, caller=caller_id)
        return job_of(row) if row else None

    async def anybodys(self, job_id: str) -> Job | None:
        row = await self._database.row(_ANYBODYS, id=job_id)
        return job_of(row) if row else None

    async def list(  # noqa: PLR0913 (the query)
        self,
        *,
        caller_id: str,
        media: Media,
        metadata: Mapping[str, str],
        after: str | None,
        limit: int,
        newest_first: bool,
    ) -> tuple[Sequence[Job], bool]:
        pairs = list(enumerate(metadata.items()))
        sql = _PAGE.format(
            follows="<" if newest_first else ">",
            order="created_at DESC, id DESC" if newest_first else "created_at, id",
            such="".join(_SUCH.format(number) for number, _ in pairs),
        )
        wanted = {f"name{number}": name for number, (name, _) in pairs}
        wanted |= {f"value{number}": value for number, (_, value) in pairs}
        values = {"caller": caller_id, "media": media, "after": after, "limit": limit + 1}
        rows = await self._database.rows(sql, **values, **wanted)
        return [job_of(row) for row in rows[:limit]], len(rows) > limit

    async def use(self, job_id: str, *, at: datetime) -> None:
        def unit(connection: Connection) -> None:
            sql = "UPDATE jobs SET used_at = coalesce(used_at, :at) WHERE id = :id"
            connection.execute(sql, {"id": job_id, "at": micros(at)})

        await self._database.write(unit, durable=False)

    async def cancel(self, job_id: str, *, caller_id: str, at: datetime) -> bool:
        values = {"id": job_id, "caller": caller_id, "at": micros(at)}

        def unit(connection: Connection) -> bool:
            return _cancel(connection, values, tell=True)

        return await self._database.write(unit)

    async def delete(self, job_id: str, *, caller_id: str, at: datetime) -> bool:
        values = {"id": job_id, "caller": caller_id, "at": micros(at)}

        def unit(connection: Connection) -> bool:
            if not _cancel(connection, values, tell=False):
                return False
            connection.execute(_DELETE, values)
            happened(connection, job_id, EventKind.DELETED, micros(at))
            return True

        return await self._database.write(unit)

    async def revoke_links(self, job_id: str, *, caller_id: str) -> bool:
        def unit(connection: Connection) -> bool:
            found = connection.execute(
                "UPDATE jobs SET link_version = link_version + 1 "
                "WHERE id = :id AND caller_id = :caller AND deleted_at IS NULL",
                {"id": job_id, "caller": caller_id},
            )
            return found.rowcount == 1

        return await self._database.write(unit)

    async def outputs(self, job_id: str) -> Mapping[Variant, Asset]:
        found = await self._database.rows(_OUTPUTS, id=job_id)
        assets = [asset_of(job_id, row) for row in found]
        return {asset.variant: asset for asset in assets}

    async def previews(self, job_id: str) -> Sequence[Asset]:
        return [
            asset_of(job_id, row) for row in await self._database.rows(_PREVIEWS, id=job_id)
        ]

    async def attempts(self, job_id: str) -> Sequence[Attempt]:
        rows = await self._database.rows(_ATTEMPTS, id=job_id)
        return [attempt_of(job_id, row) for row in rows]

    async def place(self, job_id: str) -> int:
        return int((await self._database.row(_AHEAD, id=job_id))[0])

    async def waiting(self, engine: str) -> int:
        return int((await self._database.row(_WAITING, engine=engine))[0])

    async def lately(self, engine: str, media: Media) -> float | None:
        (took,) = await self._database.row(_LATELY, engine=engine, media=media)
        return None if took is None else float(took) / 1_000_000

    async def unfinished(self, engine: str) -> int:
        return int((await self._database.row(_UNFINISHED, engine=engine))[0])

    async def made_by(self, job_id: str) -> Maker | None:
        row = await self._database.row(_MADE_BY, id=job_id)
        return Maker(account_id=row[0], engine=row[1], ticket=row[2]) if row else None

    async def events(self, job_id: str, *, after: int = 0) -> Sequence[Event]:
        return [
            Event(
                job_id=job_id,
                number=number,
                kind=EventKind(kind),
                at=moment(at),
                percent=percent,
            )
            for number, kind, at, percent in await self._database.rows(
                _EVENTS, id=job_id, after=after
            )
        ]

    async def expired(self, *, at: datetime, limit: int) -> Sequence[tuple[str, Sequence[str]]]:
        keys: dict[str, list[str]] = {}
        for job_id, key in await self._database.rows(_EXPIRED, at=micros(at), limit=limit):
            keys.setdefault(job_id, []).extend([key] if key else [])
        return list(keys.items())

    async def expire(self, job_id: str, *, at: datetime) -> None:
        values = {"id": job_id, "at": micros(at)}

        def unit(connection: Connection) -> None:
            sql = "UPDATE jobs SET expired_at = :at WHERE id = :id AND expired_at IS NULL"
            if connection.execute(sql, values).rowcount == 1:
                connection.execute("DELETE FROM assets WHERE job_id = :id", values)
                happened(connection, job_id, EventKind.EXPIRED, micros(at))

        await self._database.write(unit)


def _values(new: NewJob) -> dict[str, object]:
    job = new.job
    return {
        "id": job.id, "caller": job.caller_id, "status": job.status,
        "engine": job.take.engine, "media": job.request.media,
        "request": freeze_request(job.request), "plan": freeze_plan(job.plan),
        "at": micros(job.created_at), "priority": new.priority,
        "metadata": freeze(job.metadata) if job.metadata else "{}",
        "variants": freeze(job.variants) if job.variants else None,
        "webhook": new.webhook, "fingerprint": new.fingerprint,
        "wait_until": micros(job.created_at + job.plan.deadlines.waiting),
    }  # fmt: skip


def _insert(connection: Connection, new: NewJob, values: dict[str, object]) -> None:
    job = new.job
    connection.execute(_INSERT_JOB, values)
    for number, _ in enumerate(job.plan.takes, start=1):
        connection.execute(
            "INSERT INTO takes (job_id, number) VALUES (:job, :number)",
            {"job": job.id, "number": number},
        )
    for name, value in job.metadata.items():
        connection.execute(
            "INSERT INTO job_metadata (job_id, name, value) VALUES (:job, :name, :value)",
            {"job": job.id, "name": name, "value": value},
        )
    for asset in new.inputs:
        insert_asset(connection, asset)
    reserve(connection, job)
    happened(connection, job.id, EventKind.CREATED, micros(job.created_at))


def _cancel(connection: Connection, values: dict[str, object], *, tell: bool) -> bool:
    """Mark the job; if that ended it, see to what follows, which others hear when *tell*."""
    connection.lock("jobs", str(values["id"]))
    found = connection.execute(_GET, values).fetchone()
    if found is None:
        return False
    job = job_of(found)
    connection.execute(_CANCEL, values)
    if job.status == "queued":
        at = int(str(values["at"]))
        happened(connection, job.id, EventKind.CANCELLED, at)
        follow_end(connection, job.id, at, tell=tell)
    return True
