"""Deliveries: which webhooks are to be told of what, and every try to."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from filmgate.domain.claim import Claim
from filmgate.domain.webhook import Delivery, DeliveryState, Endpoint, EventType, Try
from filmgate.ports import Receipt
from filmgate.storage.database.claims import claim_object
from filmgate.storage.database.connection import Connection, Database
from filmgate.storage.database.frozen import micros, moment, thaw_names
from filmgate.storage.database.webhooks import COLUMNS as ENDPOINT_COLUMNS
from filmgate.storage.database.webhooks import DROP, endpoint_of

_COLUMNS = """
    id, caller_id, event_id, event_type, subject_id, state, created_at, due_at,
    tries, endpoint_id, target, ended_at
"""
_LISTENERS = """
    SELECT id, event_types FROM webhook_endpoints
    WHERE caller_id = :caller AND deleted_at IS NULL AND disabled_at IS NULL
"""
_OPERATORS = """
    SELECT id, caller_id, event_types FROM webhook_endpoints
    WHERE deleted_at IS NULL AND disabled_at IS NULL AND caller_id IN
          (SELECT caller_id FROM api_keys WHERE admin = 1 AND revoked_at IS NULL)
"""
_INSERT = """
    INSERT INTO deliveries (id, caller_id, endpoint_id, target, event_id, event_type,
                            subject_id, state, created_at, due_at, ended_at)
    VALUES (:id, :caller, :endpoint, :target, :event, :type, :subject, :state,
            :at, :at, :ended)
    ON CONFLICT (id) DO NOTHING
"""
_DUE = f"""
    SELECT {_COLUMNS} FROM deliveries
    WHERE state = 'pending' AND due_at <= :at
      AND (held_until IS NULL OR held_until <= :at)
      AND coalesce(endpoint_id, caller_id) NOT IN ({{busy}})
    ORDER BY due_at LIMIT :limit
"""
_HOLD = """
    UPDATE deliveries SET held_until = :until
    WHERE id = :id AND state = 'pending' AND due_at <= :at
      AND (held_until IS NULL OR held_until <= :at)
"""
_LISTENING = f"""
    SELECT {ENDPOINT_COLUMNS} FROM webhook_endpoints
    WHERE id = :id AND deleted_at IS NULL AND disabled_at IS NULL
"""
_TRY = """
    INSERT INTO delivery_tries (delivery_id, number, at, status, error)
    SELECT :id, coalesce(max(number), 0) + 1, :at, :status, :error
    FROM delivery_tries WHERE delivery_id = :id
"""
_MOVE = """
    UPDATE deliveries SET state = :state, due_at = :due, ended_at = :ended,
        held_until = NULL
    WHERE id = :id AND state NOT IN ('dropped', 'delivered')
"""
_DROP_ONE = """
    UPDATE deliveries SET state = 'dropped', ended_at = :at
    WHERE id = :id AND state = 'pending'
"""
_PAGE = f"""
    SELECT {_COLUMNS} FROM deliveries
    WHERE endpoint_id = :endpoint
      AND (CAST(:after AS TEXT) IS NULL OR (created_at, id) <
           (SELECT created_at, id FROM deliveries
            WHERE id = :after AND endpoint_id = :endpoint))
    ORDER BY created_at DESC, id DESC LIMIT :limit
"""
_TRIES = """
    SELECT number, at, status, error FROM delivery_tries
    WHERE delivery_id = :id ORDER BY number
"""
_ENDED = """
    SELECT id FROM deliveries WHERE ended_at <= :before ORDER BY ended_at LIMIT :limit
"""


def announce(  # noqa: PLR0913 (the columns)
    connection: Connection,
    *,
    event_type: str,
    subject_id: str,
    caller_id: str,
    target: str | None,
    at: datetime,
) -> None:
    """
    See that whoever wants to know hears of it, in the transaction that makes it true.

    That is every endpoint of the caller that asked for such events, and the sealed
    *target* that came along with the job. Announcing the same thing twice is harmless.
    """
    # Derived ids, because this runs in the writer: a subject ends once.
    subject = subject_id.partition("_")[2]
    values = {
        "caller": caller_id, "event": f"evt_{subject}", "type": event_type,
        "subject": subject_id, "state": DeliveryState.PENDING, "at": micros(at),
        "ended": None,
    }  # fmt: skip
    for endpoint_id, event_types in connection.execute(_LISTENERS, values).fetchall():
        if event_type in thaw_names(event_types):
            delivery_id = f"wh_{subject}_{endpoint_id.partition('_')[2]}"
            row = {"id": delivery_id, "endpoint": endpoint_id, "target": None}
            connection.execute(_INSERT, values | row)
    if target is not None:
        row = {"id": f"wh_{subject}", "endpoint": None, "target": target}
        connection.execute(_INSERT, values | row)


def announce_account(
    connection: Connection, *, event_type: EventType, account_id: str, at: datetime
) -> None:
    """The same of an account: to every endpoint of whoever has an admin key and asked."""
    # Unlike a job, one may be rejected again and again.
    kind = event_type.partition(".")[2]
    subject = f"{account_id.partition('_')[2]}_{kind}_{micros(at):x}"
    for endpoint_id, caller_id, event_types in connection.execute(_OPERATORS, {}).fetchall():
        if event_type in thaw_names(event_types):
            row = {
                "id": f"wh_{subject}_{endpoint_id.partition('_')[2]}", "caller": caller_id,
                "endpoint": endpoint_id, "target": None, "event": f"evt_{subject}",
                "type": event_type, "subject": account_id, "at": micros(at),
                "state": DeliveryState.PENDING, "ended": None,
            }  # fmt: skip
            connection.execute(_INSERT, row)


class DeliveryRows:
    """`ports.WebhookDeliveries` in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def due(
        self, *, at: datetime, busy: Collection[str], limit: int
    ) -> Sequence[Delivery]:
        named = {f"busy{number}": receiver for number, receiver in enumerate(busy)}
        sql = _DUE.format(busy=", ".join(["''", *(f":{name}" for name in named)]))
        rows = await self._database.rows(sql, at=micros(at), limit=limit, **named)
        return [_delivery(row) for row in rows]

    async def hold(self, delivery_id: str, *, at: datetime, until: datetime) -> bool:
        values = {"id": delivery_id, "at": micros(at), "until": micros(until)}

        def unit(connection: Connection) -> bool:
            return connection.execute(_HOLD, values).rowcount == 1

        return await self._database.write(unit, durable=False)

    async def let_go(self) -> None:
        """Hold nothing any more: for one machine, where nobody else can be posting."""

        def unit(connection: Connection) -> None:
            sql = "UPDATE deliveries SET held_until = NULL WHERE state = 'pending'"
            connection.execute(f"{sql} AND held_until IS NOT NULL", {})

        await self._database.write(unit, durable=False)

    async def endpoint(self, endpoint_id: str) -> Endpoint | None:
        row = await self._database.row(_LISTENING, id=endpoint_id)
        return endpoint_of(row) if row else None

    async def tried(
        self,
        delivery: Delivery,
        receipt: Receipt,
        *,
        at: datetime,
        state: DeliveryState,
        due: datetime,
    ) -> None:
        values = {
            "id": delivery.id, "at": micros(at), "status": receipt.status,
            "error": receipt.error, "state": state, "due": micros(due),
            "ended": None if state is DeliveryState.PENDING else micros(at),
        }  # fmt: skip

        def unit(connection: Connection) -> None:
            connection.execute("UPDATE deliveries SET tries = tries + 1 WHERE id = :id", values)
            connection.execute(_TRY, values)
            connection.execute(_MOVE, values)

        # After a power cut the same is sent again, with the same id.
        await self._database.write(unit, durable=False)

    async def drop(self, delivery_id: str, *, at: datetime) -> None:
        def unit(connection: Connection) -> None:
            connection.execute(_DROP_ONE, {"id": delivery_id, "at": micros(at)})

        await self._database.write(unit, durable=False)

    async def disable(self, endpoint_id: str, *, at: datetime) -> None:
        values = {"id": endpoint_id, "at": micros(at)}

        def unit(connection: Connection) -> None:
            connection.execute(
                "UPDATE webhook_endpoints SET disabled_at = coalesce(disabled_at, :at) "
                "WHERE id = :id",
                values,
            )
            connection.execute(DROP, values)

        await self._database.write(unit)

    async def add_test(self, delivery: Delivery, claim: Claim | None) -> str:
        at = micros(delivery.created_at)
        values = {
            "id": delivery.id, "caller": delivery.caller_id, "endpoint": delivery.endpoint_id,
            "target": None, "event": delivery.event_id, "type": delivery.event_type,
            "subject": delivery.subject_id, "state": delivery.state, "at": at, "ended": at,
        }  # fmt: skip

        def unit(connection: Connection) -> str:
            standing = claim_object(connection, claim, delivery.id, delivery.created_at)
            if standing == delivery.id:
                connection.execute(_INSERT, values)
            return standing

        return await self._database.write(unit)

    async def get(self, delivery_id: str) -> Delivery | None:
        sql = f"SELECT {_COLUMNS} FROM deliveries WHERE id = :id"
        row = await self._database.row(sql, id=delivery_id)
        return _delivery(row) if row else None

    async def list(
        self, endpoint_id: str, *, after: str | None, limit: int
    ) -> tuple[Sequence[Delivery], bool]:
        values = {"endpoint": endpoint_id, "after": after, "limit": limit + 1}
        rows = await self._database.rows(_PAGE, **values)
        return [_delivery(row) for row in rows[:limit]], len(rows) > limit

    async def tries(self, delivery_id: str) -> Sequence[Try]:
        return [
            Try(number=number, at=moment(at), status=status, error=error)
            for number, at, status, error in await self._database.rows(_TRIES, id=delivery_id)
        ]

    async def forget(self, *, before: datetime, limit: int) -> int:
        values = {"before": micros(before), "limit": limit}

        def unit(connection: Connection) -> int:
            old = [{"id": row[0]} for row in connection.execute(_ENDED, values).fetchall()]
            connection.executemany("DELETE FROM delivery_tries WHERE delivery_id = :id", old)
            connection.executemany("DELETE FROM deliveries WHERE id = :id", old)
            connection.execute(
                "DELETE FROM webhook_endpoints WHERE deleted_at <= :before", values
            )
            return len(old)

        return await self._database.write(unit, durable=False)


def _delivery(row: Sequence[Any]) -> Delivery:
    return Delivery(
        id=row[0],
        caller_id=row[1],
        event_id=row[2],
        event_type=EventType(row[3]),
        subject_id=row[4],
        state=DeliveryState(row[5]),
        created_at=moment(row[6]),
        due_at=moment(row[7]),
        tries=row[8],
        endpoint_id=row[9],
        target=row[10],
        ended_at=None if row[11] is None else moment(row[11]),
    )
