"""
The tables, as SQLAlchemy Core definitions.

Only migrations and the test that compares them import this; the serving
process never does. Times are integer microseconds since 1970 UTC, booleans
0/1, JSON text. Ids are time-ordered lower-case ASCII.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata = MetaData()


def _id() -> Column[str]:
    # "C": ids and pages sort by bytes, whatever the database's language is.
    return Column("id", _ASCII, primary_key=True, nullable=False)


_ASCII = Text().with_variant(Text(collation="C"), "postgresql")

callers = Table(
    "callers",
    metadata,
    _id(),
    Column("name", Text, nullable=False, unique=True),
    Column("created_at", BigInteger, nullable=False),
)

api_keys = Table(
    "api_keys",
    metadata,
    _id(),
    Column("caller_id", _ASCII, ForeignKey("callers.id"), nullable=False),
    Column("hash", _ASCII, nullable=False, unique=True),  # SHA-256, hex
    Column("hint", Text, nullable=False),  # the key's last four characters
    Column("admin", Integer, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("revoked_at", BigInteger),
)

accounts = Table(
    "accounts",
    metadata,
    _id(),
    Column("engine", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("seats", Integer, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    UniqueConstraint("engine", "label"),
)

jobs = Table(
    "jobs",
    metadata,
    _id(),
    Column("caller_id", _ASCII, ForeignKey("callers.id"), nullable=False),
    Column("status", Text, nullable=False),
    Column("engine", Text, nullable=False),  # of its first take
    Column("media", Text, nullable=False, server_default=text("'video'")),
    Column("request", Text, nullable=False),  # versioned JSON, frozen
    Column("plan", Text, nullable=False),  # versioned JSON, frozen
    Column("percent", Integer, nullable=False, server_default=text("0")),
    Column("priority", Integer, nullable=False, server_default=text("0")),
    Column("owner", Text),  # the worker that may write this row now
    Column("epoch", Integer, nullable=False, server_default=text("0")),
    Column("failures", Integer, nullable=False, server_default=text("0")),
    Column("interruptions", Integer, nullable=False, server_default=text("0")),
    Column("created_at", BigInteger, nullable=False),
    Column("due_at", BigInteger, nullable=False),  # not to be tried before
    Column("finished_at", BigInteger),
    Column("expires_at", BigInteger),
    Column("failure_code", Text),
    Column("failure_message", Text),
    Column("cancel_requested_at", BigInteger),
    Column("deleted_at", BigInteger),
    Column("expired_at", BigInteger),  # its files are gone
    Column("metadata", Text, nullable=False, server_default=text("'{}'")),  # JSON, the caller's
    Column("variants", Text),  # JSON: of the first of several, the others' ids
    Column("webhook", Text),  # sealed JSON: where this job's end is told, and the secret
    Column("link_version", Integer, nullable=False, server_default=text("0")),
    Column("fingerprint", Text),  # of the request, for 15 minutes of retries
    Column(
        "answers", Integer, nullable=False, server_default=text("1")
    ),  # it was told of so often
    Column("used_at", BigInteger),  # the caller has asked about it by its id
)
Index(
    "jobs_of_caller",
    jobs.c.caller_id,
    jobs.c.created_at,
    jobs.c.id,
    sqlite_where=jobs.c.deleted_at.is_(None),
    postgresql_where=jobs.c.deleted_at.is_(None),
)
Index(
    "jobs_unfinished",
    jobs.c.engine,
    jobs.c.status,
    jobs.c.priority.desc(),
    jobs.c.created_at,
    jobs.c.id,
    sqlite_where=jobs.c.finished_at.is_(None),
    postgresql_where=jobs.c.finished_at.is_(None),
)
Index(
    "jobs_deleted",
    jobs.c.deleted_at,
    sqlite_where=jobs.c.deleted_at.is_not(None),
    postgresql_where=jobs.c.deleted_at.is_not(None),
)
Index(
    "jobs_unused",
    jobs.c.caller_id,
    jobs.c.fingerprint,
    sqlite_where=jobs.c.used_at.is_(None),
    postgresql_where=jobs.c.used_at.is_(None),
)
Index(
    "jobs_expiring",
    jobs.c.expires_at,
    sqlite_where=jobs.c.expired_at.is_(None),
    postgresql_where=jobs.c.expired_at.is_(None),
)

job_metadata = Table(  # the same pairs once more, to find jobs by them
    "job_metadata",
    metadata,
    Column("job_id", _ASCII, ForeignKey("jobs.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("value", Text, nullable=False),
    PrimaryKeyConstraint("job_id", "name"),
)
Index("jobs_by_metadata", job_metadata.c.name, job_metadata.c.value, job_metadata.c.job_id)

claims = Table(  # what an Idempotency-Key has already led to
    "claims",
    metadata,
    Column("caller_id", _ASCII, ForeignKey("callers.id"), nullable=False),
    Column("path", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("object_id", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("caller_id", "path", "key"),
)
Index("claims_by_age", claims.c.created_at)

takes = Table(
    "takes",
    metadata,
    Column("job_id", _ASCII, ForeignKey("jobs.id"), nullable=False),
    Column("number", Integer, nullable=False),  # its place in the job's plan, from 1
    PrimaryKeyConstraint("job_id", "number"),
)

attempts = Table(
    "attempts",
    metadata,
    _id(),
    Column("job_id", _ASCII, ForeignKey("jobs.id"), nullable=False),
    Column("take", Integer, nullable=False),
    Column("number", Integer, nullable=False),  # from 1 within the job
    Column("account_id", _ASCII, ForeignKey("accounts.id"), nullable=False),
    Column("state", Text, nullable=False),
    Column("ticket", Text),
    Column("started_at", BigInteger, nullable=False),  # the intent: before any call
    Column("ended_at", BigInteger),
    Column("failure_code", Text),
    Column("failure_message", Text),
)
Index("attempts_of_job", attempts.c.job_id, attempts.c.number, unique=True)
Index(  # a seat is an open attempt
    "attempts_open",
    attempts.c.account_id,
    sqlite_where=attempts.c.state == "open",
    postgresql_where=attempts.c.state == "open",
)

assets = Table(
    "assets",
    metadata,
    _id(),
    Column("job_id", _ASCII, ForeignKey("jobs.id"), nullable=False),
    Column("variant", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("size", BigInteger, nullable=False),  # bytes
    Column("sha256", Text, nullable=False),
)
Index("assets_of_job", assets.c.job_id)
Index(  # a film exists once
    "assets_output",
    assets.c.job_id,
    assets.c.variant,
    unique=True,
    sqlite_where=text("variant NOT IN ('input', 'preview')"),
    postgresql_where=text("variant NOT IN ('input', 'preview')"),
)

events = Table(
    "events",
    metadata,
    Column("job_id", _ASCII, ForeignKey("jobs.id"), nullable=False),
    Column("number", Integer, nullable=False),  # from 1 within the job
    Column("kind", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("percent", Integer, nullable=False, server_default=text("0")),
    PrimaryKeyConstraint("job_id", "number"),
)

characters = Table(
    "characters",
    metadata,
    _id(),
    Column("caller_id", _ASCII, ForeignKey("callers.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("clip", Text, nullable=False),  # the blobs' keys
    Column("portrait", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
)

files = Table(
    "files",
    metadata,
    _id(),
    Column("caller_id", _ASCII, ForeignKey("callers.id"), nullable=False),
    Column("filename", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("size", BigInteger, nullable=False),  # bytes
    Column("sha256", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger),
    Column("deleted_at", BigInteger),  # its blob is removed, then the row
)
Index("files_of_caller", files.c.caller_id, files.c.created_at, files.c.id)
Index("files_expiring", files.c.expires_at)
Index("files_deleted", files.c.deleted_at)

uploads = Table(  # files that come in parts
    "uploads",
    metadata,
    _id(),
    Column("caller_id", _ASCII, ForeignKey("callers.id"), nullable=False),
    Column("filename", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("size", BigInteger, nullable=False),  # bytes, as announced
    Column("status", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("keep_seconds", BigInteger),  # how long the file is to be kept
    Column("file_id", _ASCII),
)
Index("uploads_expiring", uploads.c.status, uploads.c.expires_at)

upload_parts = Table(
    "upload_parts",
    metadata,
    _id(),
    Column("upload_id", _ASCII, ForeignKey("uploads.id"), nullable=False),
    Column("key", Text, nullable=False),
    Column("size", BigInteger, nullable=False),  # bytes
    Column("created_at", BigInteger, nullable=False),
)
Index("parts_of_upload", upload_parts.c.upload_id)

webhook_endpoints = Table(
    "webhook_endpoints",
    metadata,
    _id(),
    Column("caller_id", _ASCII, ForeignKey("callers.id"), nullable=False),
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
    _id(),
    Column("caller_id", _ASCII, ForeignKey("callers.id"), nullable=False),
    Column("endpoint_id", _ASCII),
    Column("target", Text),  # sealed JSON, when a create brought its own webhook along
    Column("event_id", _ASCII, nullable=False),
    Column("event_type", Text, nullable=False),
    Column("subject_id", _ASCII, nullable=False),  # the job or the batch
    Column("state", Text, nullable=False),
    Column("tries", Integer, nullable=False, server_default=text("0")),
    Column("created_at", BigInteger, nullable=False),
    Column("due_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
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
    Column("delivery_id", _ASCII, ForeignKey("deliveries.id"), nullable=False),
    Column("number", Integer, nullable=False),  # from 1
    Column("at", BigInteger, nullable=False),
    Column("status", Integer),  # of HTTP
    Column("error", Text),
    PrimaryKeyConstraint("delivery_id", "number"),
)

batches = Table(
    "batches",
    metadata,
    _id(),
    Column("caller_id", _ASCII, ForeignKey("callers.id"), nullable=False),
    Column("endpoint", Text, nullable=False),
    Column("model", Text),
    Column("input_file_id", _ASCII, nullable=False),
    Column("status", Text, nullable=False),
    Column("metadata", Text, nullable=False),  # JSON
    Column("errors", Text),  # JSON
    Column("keep_seconds", BigInteger),  # how long its outputs are to be kept
    Column("output_file_id", _ASCII),
    Column("error_file_id", _ASCII),
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
    Column("batch_id", _ASCII, ForeignKey("batches.id"), nullable=False),
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
