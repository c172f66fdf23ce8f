"""Batches and their lines."""

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
    UniqueConstraint,
    text,
)

from filmgate.storage.database.schema.columns import ASCII, id_column, metadata

batches = Table(
    "batches",
    metadata,
    id_column(),
    Column("caller_id", ASCII, ForeignKey("callers.id"), nullable=False),
    Column("endpoint", Text, nullable=False),
    Column("model", Text),
    Column("input_file_id", ASCII, nullable=False),
    Column("status", Text, nullable=False),
    Column("metadata", Text, nullable=False),  # JSON
    Column("errors", Text),  # JSON
    Column("keep_seconds", BigInteger),  # how long its outputs are to be kept
    Column("output_file_id", ASCII),
    Column("error_file_id", ASCII),
    Column("total", Integer, nullable=False, server_default=text("0")),
    Column("completed", Integer, nullable=False, server_default=text("0")),
    Column("failed", Integer, nullable=False, server_default=text("0")),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("in_progress_at", BigInteger),
    Column("finalizing_at", BigInteger),
    Column("completed_at", BigInteger),
    Column("failed_at", BigInteger),
    Column("expired_at", BigInteger),
    Column("cancelling_at", BigInteger),
    Column("cancelled_at", BigInteger),
)
Index("batches_of_caller", batches.c.caller_id, batches.c.created_at, batches.c.id)
Index("batches_by_status", batches.c.status)

batch_lines = Table(
    "batch_lines",
    metadata,
    Column("batch_id", ASCII, ForeignKey("batches.id"), nullable=False),
    Column("number", Integer, nullable=False),  # of the line in its file, from 1
    Column("custom_id", Text, nullable=False),
    Column("body", Text, nullable=False),  # JSON
    Column("state", Text, nullable=False),  # waiting, started, and how it ended
    Column("job_ids", Text),  # JSON, once they are made
    Column("error", Text),  # status and JSON, when it was refused
    PrimaryKeyConstraint("batch_id", "number"),
    UniqueConstraint("batch_id", "custom_id"),
)
Index("lines_by_state", batch_lines.c.batch_id, batch_lines.c.state, batch_lines.c.number)
