"""The rows of accounts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from filmgate.domain.account import Account, WhenDown
from filmgate.domain.errors import Conflict
from filmgate.ports.accounts import AccountChange
from filmgate.storage.database.connection import Connection, Database
from filmgate.storage.database.frozen import micros, moment

_SELECT = """
    SELECT id, engine, label, seats, base_url, secret, proxy, when_down, per_node,
           rests_until, rest_reason
    FROM accounts WHERE {which} ORDER BY created_at, id
"""
_ALL = _SELECT.format(which="removed_at IS NULL")
_OF = _SELECT.format(which="engine = :engine AND removed_at IS NULL")
_GET = _SELECT.format(which="id = :id")
_INSERT = """
    INSERT INTO accounts (id, engine, label, seats, base_url, secret, proxy, when_down,
                          per_node, created_at)
    VALUES (:id, :engine, :label, :seats, :base_url, :secret, :proxy, :when_down,
            :per_node, :at)
    ON CONFLICT (engine, label)
"""
_ADD = f"{_INSERT} DO NOTHING"
_ENSURE = f"""{_INSERT}
    DO UPDATE SET seats = excluded.seats, per_node = excluded.per_node
    RETURNING id
"""
_CHANGE = "UPDATE accounts SET {what} WHERE id = :id AND removed_at IS NULL"
_TAKEN = """
    SELECT label FROM accounts
    WHERE label = :label AND id <> :id
      AND engine = (SELECT engine FROM accounts WHERE id = :id)
"""
# Labels are unique, so a removed account gives its own away.
_REMOVE = """
    UPDATE accounts SET removed_at = :at, label = label || ' ' || id
    WHERE id = :id AND removed_at IS NULL
"""
_REST = """
    UPDATE accounts SET rests_until = :until, rest_reason = :reason
    WHERE id = :id AND (rests_until IS NULL OR rests_until <= :at)
"""
_REST_LONGER = """
    UPDATE accounts SET rests_until = :until, rest_reason = :reason
    WHERE id = :id AND rests_until < :until
"""


class AccountRows:
    """`ports.KeptAccounts` in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, account: Account, *, at: datetime) -> None:
        def unit(connection: Connection) -> None:
            if connection.execute(_ADD, _values(account, at)).rowcount == 0:
                raise _taken(account.label)

        await self._database.write(unit)

    async def ensure(self, account: Account, *, at: datetime) -> Account:
        def unit(connection: Connection) -> str:
            return str(connection.execute(_ENSURE, _values(account, at)).fetchone()[0])

        return replace(account, id=await self._database.write(unit))

    async def all(self) -> Sequence[Account]:
        return [_account_of(row) for row in await self._database.rows(_ALL)]

    async def of(self, engine: str) -> Sequence[Account]:
        return [_account_of(row) for row in await self._database.rows(_OF, engine=engine)]

    async def get(self, account_id: str) -> Account | None:
        row = await self._database.row(_GET, id=account_id)
        return _account_of(row) if row else None

    async def change(self, account_id: str, change: AccountChange) -> bool:
        changed = [f"{column} = :{column}" for column in change] + _rested(change)
        # Of nothing at all, too, it is said whether there is such an account.
        sql = _CHANGE.format(what=", ".join(changed) or "seats = seats")
        values = {**change, "id": account_id}

        def unit(connection: Connection) -> bool:
            if "label" in change and connection.execute(_TAKEN, values).fetchone():
                raise _taken(change["label"])
            return connection.execute(sql, values).rowcount == 1

        return await self._database.write(unit)

    async def keep(
        self, given: Sequence[tuple[Account, AccountChange]], *, at: datetime
    ) -> Sequence[str]:
        def unit(connection: Connection) -> list[str]:
            return [
                str(connection.execute(_keep(change), _values(account, at)).fetchone()[0])
                for account, change in given
            ]

        return await self._database.write(unit)

    async def remove(self, account_id: str, *, at: datetime) -> bool:
        def unit(connection: Connection) -> bool:
            values = {"id": account_id, "at": micros(at)}
            return connection.execute(_REMOVE, values).rowcount == 1

        return await self._database.write(unit)

    async def rest(
        self, account_id: str, *, at: datetime, until: datetime, reason: str
    ) -> bool:
        values = {
            "id": account_id, "at": micros(at), "until": micros(until), "reason": reason,
        }  # fmt: skip

        def unit(connection: Connection) -> bool:
            began = connection.execute(_REST, values).rowcount == 1
            if not began:
                connection.execute(_REST_LONGER, values)
            return began

        return await self._database.write(unit)


def _keep(change: AccountChange) -> str:
    # A label is given to itself, so that the id is returned if nothing changes.
    changed = [f"{column} = excluded.{column}" for column in {"label": None, **change}]
    what = ", ".join(changed + _rested(change))
    return f"{_INSERT} DO UPDATE SET {what} RETURNING id"


def _rested(change: AccountChange) -> list[str]:
    """What else is set: whatever was wrong with the old ones is over."""
    if change.keys() & {"base_url", "secret", "proxy"}:
        return ["rests_until = NULL", "rest_reason = NULL"]
    return []


def _taken(label: str) -> Conflict:
    message = f"The engine has an account '{label}' already. Choose another label."
    return Conflict(message, param="label")


def _values(account: Account, at: datetime) -> dict[str, object]:
    return {
        "id": account.id, "engine": account.engine, "label": account.label,
        "seats": account.seats, "base_url": account.base_url, "secret": account.secret,
        "proxy": account.proxy, "when_down": account.when_down,
        "per_node": int(account.per_node), "at": micros(at),
    }  # fmt: skip


def _account_of(row: Any) -> Account:
    (
        account_id, engine, label, seats, base_url, secret, proxy, when_down, per_node,
        rests_until, rest_reason,
    ) = row  # fmt: skip
    return Account(
        id=account_id,
        engine=engine,
        label=label,
        seats=seats,
        base_url=base_url,
        secret=secret,
        proxy=proxy,
        when_down=WhenDown(when_down),
        per_node=bool(per_node),
        rests_until=None if rests_until is None else moment(rests_until),
        rest_reason=rest_reason,
    )
