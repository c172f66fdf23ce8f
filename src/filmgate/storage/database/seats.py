"""A seat for a job, at one of several accounts. It is an open attempt, not a counter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from filmgate.domain.account import Account
from filmgate.domain.request import Media
from filmgate.storage.database.connection import Connection
from filmgate.storage.database.frozen import micros, moment

# The guard is in the insert itself.
_SEAT = """
    INSERT INTO attempts (id, job_id, take, number, account_id, state, started_at, media)
    SELECT :attempt, :id, 1,
           (SELECT count(*) + 1 FROM attempts WHERE job_id = :id),
           :account, 'open', :at, :media
    WHERE (SELECT count(*) FROM attempts {whose}
           WHERE account_id = :account AND state = 'open' {such}) < :seats
"""
_ANYWHERE = _SEAT.format(whose="", such="AND media = :media")
_HERE = _SEAT.format(
    whose="JOIN jobs ON jobs.id = attempts.job_id", such="AND jobs.owner = :worker"
)
# What was refused has cost nothing. Of what was interrupted nobody knows.
_SINCE = """
    AND (SELECT count(*) FROM attempts
         WHERE account_id = :account AND started_at >= :{since}
           AND (state = 'open' OR ticket IS NOT NULL
                OR failure_code = 'submission_interrupted')) < :{most}
"""
_ON_MACHINE = """
    AND (SELECT count(*) FROM attempts JOIN accounts ON accounts.id = attempts.account_id
         WHERE accounts.machine = :machine AND attempts.state = 'open')
      < (SELECT seats FROM machines WHERE id = :machine)
"""
TRIED = "SELECT DISTINCT account_id FROM attempts WHERE job_id = :id AND state = 'failed'"
_BUSY = """
    SELECT account_id, media, count(*) FROM attempts
    WHERE state = 'open' GROUP BY account_id, media
"""
_FIRST_ON_MACHINE = """
    UPDATE machines SET account_id = :account WHERE id = :machine AND account_id IS NULL
"""
_DISPLACED = """
    SELECT machines.account_id FROM accounts JOIN machines ON machines.id = accounts.machine
    WHERE accounts.id = :account AND machines.account_id <> :account
      AND NOT EXISTS (SELECT 1 FROM attempts
                      WHERE account_id = machines.account_id AND state = 'open')
"""
_MOVED_IN = """
    UPDATE machines SET account_id = :account
    WHERE id = (SELECT machine FROM accounts WHERE id = :account)
"""


def seated(
    connection: Connection,
    accounts: Iterable[Account],
    values: Mapping[str, object],
    *,
    media: Media,
    least_busy: bool,
) -> bool:
    """
    Open an attempt at the first account that has a seat.

    Those that have failed the job before are asked last. *values* have the attempt, the
    job's id, the worker and the time.
    """
    busy: Mapping[tuple[str, str], int] | None = None
    if least_busy:
        busy = counts = _busy(connection)
        accounts = sorted(accounts, key=lambda one: _share(one, counts, media))
    tried = {row[0] for row in connection.execute(TRIED, values).fetchall()}
    again: list[Account] = []
    for account in accounts:
        if account.id in tried:
            again.append(account)
        elif busy is not None and _full(account, busy, media):
            pass
        elif _sit(connection, account, values, media):
            return True
        elif busy is None:
            # Of many that are full only the first is found by trying.
            busy = _busy(connection)
    return any(_sit(connection, account, values, media) for account in again)


def displaced(connection: Connection, account_id: str) -> str | None:
    """Who has the memory of the machine that this account runs on, if that is another."""
    found = connection.execute(_DISPLACED, {"account": account_id}).fetchone()
    return str(found[0]) if found else None


def moved_in(connection: Connection, account_id: str) -> None:
    """The machine's memory is this account's from now on."""
    connection.execute(_MOVED_IN, {"account": account_id})


def _sit(
    connection: Connection, account: Account, values: Mapping[str, object], media: Media
) -> bool:
    # Two that count at the same time would both find the last seat free.
    connection.lock("accounts", account.id)
    sql = _HERE if account.per_node else _ANYWHERE
    now = moment(int(str(values["at"])))
    wanted = {
        **values, "account": account.id, "seats": account.seats_for(media), "media": media,
    }  # fmt: skip
    if account.per_day is not None:
        sql += _SINCE.format(since="day", most="per_day")
        wanted |= {"day": _midnight(now), "per_day": account.per_day}
    if account.per_month is not None:
        sql += _SINCE.format(since="month", most="per_month")
        wanted |= {"month": _midnight(now.replace(day=1)), "per_month": account.per_month}
    if account.machine is not None:
        connection.lock("machines", account.machine)
        sql += _ON_MACHINE
        wanted |= {"machine": account.machine}
    if connection.execute(sql, wanted).rowcount == 0:
        return False
    if account.machine is not None:
        connection.execute(_FIRST_ON_MACHINE, wanted)
    return True


def _busy(connection: Connection) -> Mapping[tuple[str, str], int]:
    """The open attempts by account and media."""
    return {(row[0], row[1]): row[2] for row in connection.execute(_BUSY).fetchall()}


def _full(account: Account, busy: Mapping[tuple[str, str], int], media: Media) -> bool:
    # Those of each node count only what is open there, which the guard does.
    taken = busy.get((account.id, media), 0)
    return not account.per_node and taken >= account.seats_for(media)


def _share(
    account: Account, busy: Mapping[tuple[str, str], int], media: Media
) -> tuple[int, float]:
    taken = busy.get((account.id, media), 0)
    seats = max(1, account.seats_for(media))  # one without any is refused afterwards
    return -account.priority, taken / (seats * account.weight)


def _midnight(at: datetime) -> int:
    day = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return micros(day)
