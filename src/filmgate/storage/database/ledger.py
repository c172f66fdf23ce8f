"""
The ledger: what callers are charged. And beside it what engines took.

Each row is written in the transaction that makes or ends its job, by whoever holds that
job's row. So of an ended job the reserve is what was settled and refunded. What is free has
no rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from filmgate.domain.job import Job, Status
from filmgate.domain.money import Charge, ChargeKind, Usage, due
from filmgate.storage.database.connection import Connection, Database
from filmgate.storage.database.frozen import micros, moment, thaw_plan

_CHARGE = """
    INSERT INTO charges (job_id, kind, caller_id, amount, at)
    VALUES (:job, :kind, :caller, :amount, :at)
"""
_CHARGED = "UPDATE jobs SET charged = :charged WHERE id = :job"
_ATTEMPTED = "SELECT job_id FROM attempts WHERE id = :attempt"
_REPORTED = "UPDATE attempts SET cost = :cost, cost_estimated = 0 WHERE id = :attempt"
_ESTIMATED = """
    UPDATE attempts SET cost = :cost, cost_estimated = 1
    WHERE id = :attempt AND cost IS NULL AND state <> 'interrupted'
"""
_TAKEN = """
    UPDATE jobs SET cost = (SELECT sum(cost) FROM attempts WHERE job_id = :job)
    WHERE id = :job
"""
_PLANNED = "SELECT plan, choice FROM jobs WHERE id = :job"
_SOMETIME = "{0} >= :since AND {0} < :until"
_PAGE = f"""
    SELECT job_id, kind, callers.name, amount, at
    FROM charges JOIN callers ON callers.id = charges.caller_id
    WHERE {_SOMETIME.format("at")} {{such}}
    ORDER BY at, job_id, kind LIMIT :limit
"""
_OF_CALLER = "AND callers.name = :caller"
# Comparing with NULL is never true: after what is not there, nothing comes.
_AFTER = """
    AND (at, job_id, kind) >
        (SELECT at, job_id, kind FROM charges WHERE job_id = :job AND kind = :kind)
"""
_SUMS = f"""
    SELECT callers.name, kind, count(*), sum(amount)
    FROM charges JOIN callers ON callers.id = charges.caller_id
    WHERE {_SOMETIME.format("at")} {{such}} GROUP BY callers.name, kind
"""
_TOOK = f"""
    SELECT callers.name, sum(amount)
    FROM (SELECT caller_id, cost AS amount FROM jobs
          WHERE cost IS NOT NULL AND {_SOMETIME.format("finished_at")}
          UNION ALL
          SELECT caller_id, amount FROM costs WHERE {_SOMETIME.format("at")}) AS took
    JOIN callers ON callers.id = took.caller_id
    WHERE 1 = 1 {{such}} GROUP BY callers.name
"""
#: Once the rows of a deleted job go, what it took is still to be known.
REMEMBER = """
    INSERT INTO costs (job_id, caller_id, amount, at)
    SELECT id, caller_id, cost, finished_at FROM jobs WHERE id = :id AND cost IS NOT NULL
"""
_NEVER = 2**62  #: microseconds since 1970


def reserve(connection: Connection, job: Job) -> None:
    """Promise to charge a new job's price."""
    amounts = {ChargeKind.RESERVE: job.plan.price}
    _charge(connection, job.id, job.caller_id, amounts, micros(job.created_at))


def settle(  # noqa: PLR0913 (the columns)
    connection: Connection,
    job_id: str,
    caller_id: str,
    status: Status,
    *,
    reserved: int | None,
    cost: int | None,
    at: int,
) -> None:
    """Charge what is due of an ended job's reserve, and give the rest back."""
    if reserved is None:
        return
    charged = due(status, price=reserved, cost=cost)
    amounts = {ChargeKind.SETTLE: charged, ChargeKind.REFUND: reserved - charged}
    _charge(connection, job_id, caller_id, amounts, at)
    connection.execute(_CHARGED, {"job": job_id, "charged": charged})


def keep_reported(connection: Connection, attempt_id: str, cost: int) -> None:
    """An attempt took what the engine says, whatever was estimated."""
    if job_id := _job_of(connection, attempt_id):
        connection.lock("jobs", job_id)
        connection.execute(_REPORTED, {"attempt": attempt_id, "cost": cost})
        add_up(connection, job_id)


def keep_estimated(connection: Connection, attempt_id: str, job_id: str) -> None:
    """A closed attempt turns out to have a ticket, so it took what its take costs."""
    connection.lock("jobs", job_id)
    plan, choice = connection.execute(_PLANNED, {"job": job_id}).fetchone()
    found = thaw_plan(plan)
    cost = (found.takes[0], *found.fallbacks)[choice].cost
    if cost:
        connection.execute(_ESTIMATED, {"attempt": attempt_id, "cost": cost})
        add_up(connection, job_id)


def add_up(connection: Connection, job_id: str) -> None:
    """A job took what its attempts did."""
    connection.execute(_TAKEN, {"job": job_id})


class LedgerRows:
    """`ports.Ledger` in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def charges(
        self,
        *,
        caller: str | None,
        since: datetime | None,
        until: datetime | None,
        after: str | None,
        limit: int,
    ) -> tuple[Sequence[Charge], bool]:
        such, values = _such(caller, since, until)
        if after is not None:
            job, _, kind = after.rpartition(".")
            such += _AFTER
            values |= {"job": job, "kind": kind}
        rows = await self._database.rows(_PAGE.format(such=such), **values, limit=limit + 1)
        found = [
            Charge(
                job_id=job_id, kind=ChargeKind(kind), caller=name, amount=amount, at=moment(at)
            )
            for job_id, kind, name, amount, at in rows[:limit]
        ]
        return found, len(rows) > limit

    async def usage(
        self, *, caller: str | None, since: datetime | None, until: datetime | None
    ) -> Sequence[Usage]:
        such, values = _such(caller, since, until)
        found: dict[str, Usage] = {}
        for name, kind, count, amount in await self._database.rows(
            _SUMS.format(such=such), **values
        ):
            usage = found.setdefault(name, Usage(caller=name))
            match ChargeKind(kind):
                case ChargeKind.RESERVE:
                    usage.jobs, usage.reserved = count, int(amount)
                case ChargeKind.SETTLE:
                    usage.settled = int(amount)
                case ChargeKind.REFUND:  # pragma: no branch
                    usage.refunded = int(amount)
        for name, amount in await self._database.rows(_TOOK.format(such=such), **values):
            found.setdefault(name, Usage(caller=name)).cost = int(amount)
        return [found[name] for name in sorted(found)]


def _charge(
    connection: Connection,
    job_id: str,
    caller_id: str,
    amounts: Mapping[ChargeKind, int],
    at: int,
) -> None:
    for kind, amount in amounts.items():
        if amount:
            values = {
                "job": job_id, "kind": kind, "caller": caller_id, "amount": amount, "at": at,
            }  # fmt: skip
            connection.execute(_CHARGE, values)


def _job_of(connection: Connection, attempt_id: str) -> str | None:
    found = connection.execute(_ATTEMPTED, {"attempt": attempt_id}).fetchone()
    return str(found[0]) if found else None


def _such(
    caller: str | None, since: datetime | None, until: datetime | None
) -> tuple[str, dict[str, object]]:
    values: dict[str, object] = {
        "since": micros(since) if since else 0,
        "until": micros(until) if until else _NEVER,
    }
    if caller is None:
        return "", values
    return _OF_CALLER, {**values, "caller": caller}
