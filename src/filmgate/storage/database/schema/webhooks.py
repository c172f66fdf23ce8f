"""Webhook endpoints, and what is on its way to them."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)

from filmgate.storage.database.schema.columns import ASCII, id_column, metadata

webhook_endpoints = Table(
    "webhook_endpoints",
    metadata,
    id_column(),
    Column("caller_id", ASCII, ForeignKey("callers.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("event_types", Text, nullable=False),  # JSON
    Column("secret", Text, nullable=False),  # sealed
    Column("old_secret", Text),  # sealed
    Column("old_secret_until", BigInteger),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger),
    Column("disabled_at", BigInteger),  # it answered 410
    Column("deleted_at", BigInteger),
)
Index(
    "endpoints_of_caller",
    webhook_endpoints.c.caller_id,
    webhook_endpoints.c.created_at,
    webhook_endpoints.c.id,
)

deliveries = Table(  # no keys to jobs: a delivery outlives what it tells of
    "deliveries",
    metadata,
    id_column(),
    Column("caller_id", ASCII, ForeignKey("callers.id"), nullable=False),
    Column("endpoint_id", ASCII),
    Column("target", Text),  # sealed JSON, when a create brought its own webhook along
    Column("event_id", ASCII, nullable=False),
    Column("event_type", Text, nullable=False),
    Column("subject_id", ASCII, nullable=False),  # the job or the batch
    Column("state", Text, nullable=False),
    Column("tries", Integer, nullable=False, server_default=text("0")),
    Column("created_at", BigInteger, nullable=False),
    Column("due_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    Column("held_until", BigInteger),  # a node is posting it until then
)
Index(
    "deliveries_due",
    deliveries.c.due_at,
    sqlite_where=deliveries.c.state == "pending",
    postgresql_where=deliveries.c.state == "pending",
)
Index(
    "deliveries_ended",
    deliveries.c.ended_at,
    sqlite_where=deliveries.c.ended_at.is_not(None),
    postgresql_where=deliveries.c.ended_at.is_not(None),
)
Index("deliveries_of_endpoint", deliveries.c.endpoint_id, deliveries.c.created_at)

delivery_tries = Table(
    "delivery_tries",
    metadata,
    Column("delivery_id", ASCII, ForeignKey("deliveries.id"), nullable=False),
    Column("number", Integer, nullable=False),  # from 1
    Column("at", BigInteger, nullable=False),
    Column("status", Integer),  # of HTTP
    Column("error", Text),
    PrimaryKeyConstraint("delivery_id", "number"),
)
