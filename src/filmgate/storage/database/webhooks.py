"""The rows of webhook endpoints."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from filmgate.domain.claim import Claim
from filmgate.domain.webhook import (
    MOST_ENDPOINTS,
    Endpoint,
    EndpointChange,
    EventType,
    too_many_endpoints,
)
from filmgate.storage.database.claims import claim_object
from filmgate.storage.database.connection import Connection, Database
from filmgate.storage.database.frozen import freeze, micros, moment, thaw_names

COLUMNS = """
    id, caller_id, name, url, event_types, secret, created_at, updated_at,
    old_secret, old_secret_until, disabled_at
"""
_INSERT = """
    INSERT INTO webhook_endpoints
        (id, caller_id, name, url, event_types, secret, created_at, updated_at)
    VALUES (:id, :caller, :name, :url, :event_types, :secret, :at, :at)
"""
_COUNT = """
    SELECT count(*) FROM webhook_endpoints WHERE caller_id = :caller AND deleted_at IS NULL
"""
_GET = f"""
    SELECT {COLUMNS} FROM webhook_endpoints
    WHERE id = :id AND caller_id = :caller AND deleted_at IS NULL
"""
# A page starts after the endpoint of that id, deleted or not. Comparing with NULL is
# never true, so nothing follows one that is not there.
_PAGE = f"""
    SELECT {COLUMNS} FROM webhook_endpoints
    WHERE caller_id = :caller AND deleted_at IS NULL
      AND (CAST(:after AS TEXT) IS NULL OR (created_at, id) <
           (SELECT created_at, id FROM webhook_endpoints
            WHERE id = :after AND caller_id = :caller))
    ORDER BY created_at DESC, id DESC LIMIT :limit
"""
# What changes nothing is not a change.
_CHANGE = """
    UPDATE webhook_endpoints SET
        name = coalesce(:name, name), url = coalesce(:url, url),
        event_types = coalesce(:event_types, event_types),
        disabled_at = NULL, updated_at = :at
    WHERE id = :id AND (disabled_at IS NOT NULL OR name <> coalesce(:name, name)
        OR url <> coalesce(:url, url)
        OR event_types <> coalesce(:event_types, event_types))
"""
_ROTATE = """
    UPDATE webhook_endpoints SET
        old_secret = CASE WHEN CAST(:until AS BIGINT) IS NULL THEN NULL ELSE secret END,
        old_secret_until = :until, secret = :secret, updated_at = :at
    WHERE id = :id
"""
_DELETE = """
    UPDATE webhook_endpoints SET deleted_at = :at, secret = '', old_secret = NULL
    WHERE id = :id
"""
DROP = """
    UPDATE deliveries SET state = 'dropped', ended_at = :at
    WHERE endpoint_id = :id AND state = 'pending'
"""


class EndpointRows:
    """`ports.WebhookEndpoints` in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, endpoint: Endpoint, claim: Claim | None) -> str:
        values = {
            "id": endpoint.id, "caller": endpoint.caller_id, "name": endpoint.name,
            "url": endpoint.url, "event_types": freeze(endpoint.event_types),
            "secret": endpoint.secret, "at": micros(endpoint.created_at),
        }  # fmt: skip

        def unit(connection: Connection) -> str:
            standing = claim_object(connection, claim, endpoint.id, endpoint.created_at)
            if standing != endpoint.id:
                return standing
            connection.lock("callers", endpoint.caller_id)  # nobody counts meanwhile
            (there,) = connection.execute(_COUNT, values).fetchone()
            if there >= MOST_ENDPOINTS:
                raise too_many_endpoints()  # undoes the claim too
            connection.execute(_INSERT, values)
            return standing

        return await self._database.write(unit)

    async def get(self, endpoint_id: str, *, caller_id: str) -> Endpoint | None:
        row = await self._database.row(_GET, id=endpoint_id, caller=caller_id)
        return endpoint_of(row) if row else None

    async def list(
        self, *, caller_id: str, after: str | None, limit: int
    ) -> tuple[Sequence[Endpoint], bool]:
        rows = await self._database.rows(_PAGE, caller=caller_id, after=after, limit=limit + 1)
        return [endpoint_of(row) for row in rows[:limit]], len(rows) > limit

    async def change(  # noqa: PLR0913 (the query)
        self,
        endpoint_id: str,
        change: EndpointChange,
        *,
        caller_id: str,
        claim: Claim | None,
        claimed_id: str,
        at: datetime,
    ) -> bool:
        values: dict[str, object] = {
            "id": endpoint_id, "caller": caller_id, "name": change.name, "url": change.url,
            "event_types": None if change.event_types is None else freeze(change.event_types),
            "at": micros(at),
        }  # fmt: skip

        def unit(connection: Connection) -> bool:
            return _once(connection, _CHANGE, values, claim=claim, claimed_id=claimed_id, at=at)

        return await self._database.write(unit)

    async def rotate(  # noqa: PLR0913 (the query)
        self,
        endpoint_id: str,
        secret: str,
        *,
        caller_id: str,
        old_until: datetime | None,
        claim: Claim | None,
        claimed_id: str,
        at: datetime,
    ) -> bool:
        values: dict[str, object] = {
            "id": endpoint_id, "caller": caller_id, "secret": secret,
            "until": None if old_until is None else micros(old_until), "at": micros(at),
        }  # fmt: skip

        def unit(connection: Connection) -> bool:
            return _once(connection, _ROTATE, values, claim=claim, claimed_id=claimed_id, at=at)

        return await self._database.write(unit)

    async def delete(self, endpoint_id: str, *, caller_id: str, at: datetime) -> bool:
        values = {"id": endpoint_id, "caller": caller_id, "at": micros(at)}

        def unit(connection: Connection) -> bool:
            connection.lock("webhook_endpoints", endpoint_id)
            if connection.execute(_GET, values).fetchone() is None:
                return False
            connection.execute(_DELETE, values)
            connection.execute(DROP, values)
            return True

        return await self._database.write(unit)


def _once(  # noqa: PLR0913 (a claim is three things)
    connection: Connection,
    sql: str,
    values: dict[str, object],
    *,
    claim: Claim | None,
    claimed_id: str,
    at: datetime,
) -> bool:
    """Run *sql* on the caller's endpoint unless the claim's key was used for it before."""
    connection.lock("webhook_endpoints", str(values["id"]))
    if connection.execute(_GET, values).fetchone() is None:
        return False
    if claim_object(connection, claim, claimed_id, at) == claimed_id:
        connection.execute(sql, values)
    return True


def endpoint_of(row: Sequence[Any]) -> Endpoint:
    """A row of `COLUMNS`."""
    return Endpoint(
        id=row[0],
        caller_id=row[1],
        name=row[2],
        url=row[3],
        event_types=tuple(EventType(name) for name in thaw_names(row[4])),
        secret=row[5],
        created_at=moment(row[6]),
        updated_at=moment(row[7]),
        old_secret=row[8],
        old_secret_until=None if row[9] is None else moment(row[9]),
        disabled_at=None if row[10] is None else moment(row[10]),
    )
