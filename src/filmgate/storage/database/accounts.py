"""The rows of accounts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeVar

from filmgate.domain.account import Account, Limit, WhenDown
from filmgate.domain.errors import Conflict
from filmgate.domain.request import Size
from filmgate.domain.webhook import EventType
from filmgate.ports.accounts import AccountChange
from filmgate.storage.database.connection import Connection, Database
from filmgate.storage.database.deliveries import announce_account
from filmgate.storage.database.frozen import freeze, micros, moment, thaw_names

T = TypeVar("T")

SAME = 50_000  #: rows that are not read again while they are as they were

_FIELDS = (
    "id", "engine", "label", "seats", "still_seats", "base_url", "secret", "proxy",
    "when_down", "per_node", "plan", "models", "in_groups", "limits", "per_day",
    "per_month", "priority", "weight", "machine", "disabled", "errors", "rests_until",
    "rest_reason", "rejected_at", "checked_at", "expires_at", "warned_at",
)  # fmt: skip
_FOUND = ("errors", "rests_until", "rest_reason", "rejected_at", "checked_at", "warned_at")
_GIVEN = tuple(name for name in _FIELDS if name not in _FOUND)
_MOMENTS = ("rests_until", "rejected_at", "checked_at", "expires_at", "warned_at")
_SELECT = f"""
    SELECT {", ".join(_FIELDS)}
    FROM accounts WHERE {{which}} ORDER BY created_at, id
"""
_ALL = _SELECT.format(which="removed_at IS NULL")
_OF = _SELECT.format(which="engine = :engine AND removed_at IS NULL")
_GET = _SELECT.format(which="id = :id")
_INSERT = f"""
    INSERT INTO accounts ({", ".join(_GIVEN)}, created_at)
    VALUES ({", ".join(f":{name}" for name in _GIVEN)}, :at)
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
_REJECT = """
    UPDATE accounts SET rejected_at = :at, checked_at = :at, rest_reason = :reason
    WHERE id = :id AND rejected_at IS NULL
"""
_ERR = "UPDATE accounts SET errors = errors + 1 WHERE id = :id RETURNING errors"
_WORK = "UPDATE accounts SET errors = 0 WHERE id = :id AND errors > 0"
_WARN = "UPDATE accounts SET warned_at = :at WHERE id = :id AND warned_at IS NULL"
_FARES_WELL = "rests_until = NULL, rest_reason = NULL, rejected_at = NULL, errors = 0"
_CHANGED = """
    UPDATE installation SET value = CAST(CAST(value AS BIGINT) + 1 AS TEXT)
    WHERE name = 'accounts_version'
"""
_VERSION = "SELECT value FROM installation WHERE name = 'accounts_version'"
_MACHINE = """
    INSERT INTO machines (id, seats) VALUES (:machine, :seats)
    ON CONFLICT (id) DO UPDATE SET seats = excluded.seats
"""
# One that somebody names has a seat until it is said how many it has.
_MACHINE_OF = """
    INSERT INTO machines (id, seats)
    SELECT machine, 1 FROM accounts WHERE id = :id AND machine IS NOT NULL
    ON CONFLICT (id) DO NOTHING
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
            connection.execute(_MACHINE_OF, {"id": account.id})

        await self._change(unit)

    async def ensure(self, account: Account, *, at: datetime) -> Account:
        def unit(connection: Connection) -> str:
            return str(connection.execute(_ENSURE, _values(account, at)).fetchone()[0])

        return replace(account, id=await self._change(unit))

    async def all(self) -> Sequence[Account]:
        return [_account_of(row) for row in await self._database.rows(_ALL)]

    async def of(self, engine: str) -> Sequence[Account]:
        return [_account_of(row) for row in await self._database.rows(_OF, engine=engine)]

    async def get(self, account_id: str) -> Account | None:
        row = await self._database.row(_GET, id=account_id)
        return _account_of(row) if row else None

    async def change(self, account_id: str, change: AccountChange) -> bool:
        given = _columns(change)
        changed = [f"{column} = :{column}" for column in given] + _over(change)
        # Of nothing at all, too, it is said whether there is such an account.
        sql = _CHANGE.format(what=", ".join(changed) or "seats = seats")
        values = {**given, "id": account_id}

        def unit(connection: Connection) -> bool:
            if "label" in change and connection.execute(_TAKEN, values).fetchone():
                raise _taken(change["label"])
            found = connection.execute(sql, values).rowcount == 1
            connection.execute(_MACHINE_OF, {"id": account_id})
            return found

        return await self._change(unit)

    async def keep(
        self, given: Sequence[tuple[Account, AccountChange]], *, at: datetime
    ) -> Sequence[str]:
        def unit(connection: Connection) -> list[str]:
            ids = [
                str(connection.execute(_keep(change), _values(account, at)).fetchone()[0])
                for account, change in given
            ]
            for account_id in ids:
                connection.execute(_MACHINE_OF, {"id": account_id})
            return ids

        return await self._change(unit)

    async def remove(self, account_id: str, *, at: datetime) -> bool:
        return await self._once(_REMOVE, id=account_id, at=micros(at))

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

        return await self._change(unit)

    async def reject(self, account_id: str, *, at: datetime, reason: str) -> bool:
        values = {"id": account_id, "at": micros(at), "reason": reason}
        return await self._told(_REJECT, values, EventType.ACCOUNT_REJECTED, at)

    async def check(self, account_id: str, *, at: datetime, accepted: bool) -> None:
        what = ", ".join(["checked_at = :at", *([_FARES_WELL] if accepted else [])])
        await self._once(_CHANGE.format(what=what), id=account_id, at=micros(at))

    async def err(self, account_id: str) -> int:
        def unit(connection: Connection) -> int:
            return int(connection.execute(_ERR, {"id": account_id}).fetchone()[0])

        return await self._change(unit)

    async def work(self, account_id: str) -> None:
        await self._once(_WORK, id=account_id)

    async def warn(self, account_id: str, *, at: datetime) -> bool:
        values = {"id": account_id, "at": micros(at)}
        return await self._told(_WARN, values, EventType.ACCOUNT_EXPIRING, at)

    async def version(self) -> int:
        return int((await self._database.row(_VERSION))[0])

    async def machine(self, name: str, *, seats: int) -> None:
        await self._once(_MACHINE, machine=name, seats=seats)

    async def machines(self) -> Mapping[str, int]:
        rows = await self._database.rows("SELECT id, seats FROM machines ORDER BY id")
        return dict(rows)

    async def _once(self, sql: str, **values: object) -> bool:
        """Whether the statement changed a row."""
        return await self._change(lambda c: c.execute(sql, values).rowcount == 1)

    async def _told(
        self, sql: str, values: Mapping[str, object], event_type: EventType, at: datetime
    ) -> bool:
        """Whether the statement changed the account; if so, its operators hear of it."""

        def unit(connection: Connection) -> bool:
            changed = connection.execute(sql, values).rowcount == 1
            if changed:
                account_id = str(values["id"])
                announce_account(
                    connection, event_type=event_type, account_id=account_id, at=at
                )
            return changed

        return await self._change(unit)

    async def _change(self, unit: Callable[[Connection], T]) -> T:
        def counted(connection: Connection) -> T:
            result = unit(connection)
            connection.execute(_CHANGED)
            return result

        return await self._database.write(counted)


def _keep(change: AccountChange) -> str:
    # A label is given to itself, so that the id is returned if nothing changes.
    columns = _columns({"label": "", **change})
    changed = [f"{column} = excluded.{column}" for column in columns]
    what = ", ".join(changed + _over(change))
    return f"{_INSERT} DO UPDATE SET {what} RETURNING id"


def _over(change: AccountChange) -> list[str]:
    """What else is set: whatever was wrong with the old ones is over."""
    over = []
    if change.keys() & {"base_url", "secret", "proxy"}:
        over.append(_FARES_WELL)
    if "expires_at" in change:
        over.append("warned_at = NULL")
    return over


def _columns(fields: Mapping[str, Any]) -> dict[str, object]:
    """An account's fields as its columns have them."""
    columns: dict[str, object] = {}
    for name, value in fields.items():
        match name, value:
            case "groups", _:
                columns["in_groups"] = freeze(value)
            case "models", _:
                columns[name] = freeze(value)
            case "limits", _:
                columns[name] = freeze([f"{one.size}={one.seconds:.10g}" for one in value])
            case _, bool():
                columns[name] = int(value)
            case _, datetime():
                columns[name] = micros(value)
            case _:
                columns[name] = value
    return columns


def _values(account: Account, at: datetime) -> dict[str, object]:
    columns = _columns({name: getattr(account, name) for name in account.__dataclass_fields__})
    return {**{name: columns[name] for name in _GIVEN}, "at": micros(at)}


@lru_cache(maxsize=SAME)
def _account_of(row: Any) -> Account:
    fields = dict(zip(_FIELDS, row, strict=True))
    groups = thaw_names(fields.pop("in_groups"))
    for name in _MOMENTS:
        fields[name] = None if fields[name] is None else moment(fields[name])
    return Account(
        **{
            **fields,
            "when_down": WhenDown(fields["when_down"]),
            "per_node": bool(fields["per_node"]),
            "disabled": bool(fields["disabled"]),
            "models": thaw_names(fields["models"]),
            "groups": groups,
            "limits": tuple(map(_limit_of, thaw_names(fields["limits"]))),
        }
    )


def _limit_of(text: str) -> Limit:
    size, _, seconds = text.partition("=")
    width, _, height = size.partition("x")
    return Limit(Size(int(width), int(height)), float(seconds))


def _taken(label: str) -> Conflict:
    message = f"The engine has an account '{label}' already. Choose another label."
    return Conflict(message, param="label")
