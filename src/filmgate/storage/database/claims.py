"""The rows of claims: what an Idempotency-Key has led to."""

from __future__ import annotations

from datetime import datetime

from filmgate.domain.claim import KEPT, Claim
from filmgate.domain.errors import Conflict
from filmgate.storage.database.connection import Connection, Database
from filmgate.storage.database.frozen import micros

_FIND = """
    SELECT fingerprint, object_id FROM claims
    WHERE caller_id = :caller AND path = :path AND key = :key AND created_at > :since
"""
# One of a day ago is forgotten; the sweep may not have come by yet.
_CLAIM = """
    INSERT INTO claims (caller_id, path, key, fingerprint, object_id, created_at)
    VALUES (:caller, :path, :key, :fingerprint, :object, :at)
    ON CONFLICT (caller_id, path, key) DO UPDATE SET
        fingerprint = excluded.fingerprint, object_id = excluded.object_id,
        created_at = excluded.created_at
    WHERE claims.created_at <= :since
"""


def claim_object(
    connection: Connection, claim: Claim | None, object_id: str, at: datetime
) -> str:
    """
    Claim *object_id* in the transaction that makes it; the id of the object that stands.

    That is another's when the key has led to one before: then nothing is to be made.
    `Conflict` when that was for another request.
    """
    if claim is None:
        return object_id
    # Written first: of two that come at once, one waits here and then finds the other's.
    values = {"fingerprint": claim.fingerprint, "object": object_id, "at": micros(at)}
    if connection.execute(_CLAIM, _values(claim, at) | values).rowcount == 1:
        return object_id
    standing = _standing(connection.execute(_FIND, _values(claim, at)).fetchone(), claim)
    if standing is None:  # another node's sweep has just forgotten it
        return claim_object(connection, claim, object_id, at)
    return standing


class ClaimRows:
    """`ports.Claims` in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def standing(self, claim: Claim | None, *, at: datetime) -> str | None:
        if claim is None:
            return None
        return _standing(await self._database.row(_FIND, **_values(claim, at)), claim)

    async def forget(self, *, before: datetime) -> None:
        def unit(connection: Connection) -> None:
            sql = "DELETE FROM claims WHERE created_at <= :before"
            connection.execute(sql, {"before": micros(before)})

        await self._database.write(unit, durable=False)


def _values(claim: Claim, at: datetime) -> dict[str, object]:
    return {
        "caller": claim.caller_id,
        "path": claim.path,
        "key": claim.key,
        "since": micros(at - KEPT),
    }


def _standing(row: tuple[str, str] | None, claim: Claim) -> str | None:
    if row is None:
        return None
    fingerprint, object_id = row
    if fingerprint != claim.fingerprint:
        message = (
            "This Idempotency-Key came with another request before. Send each request "
            "with a key of its own."
        )
        raise Conflict(message, param="Idempotency-Key", code="idempotency_key_reused")
    return object_id
