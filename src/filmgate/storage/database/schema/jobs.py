"""Callers, and jobs with all that is theirs."""

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
    and_,
    text,
)

from filmgate.storage.database.schema.columns import ASCII, id_column, metadata

callers = Table(
    "callers",
    metadata,
    id_column(),
    Column("name", Text, nullable=False, unique=True),
    Column("created_at", BigInteger, nullable=False),
)

api_keys = Table(
    "api_keys",
    metadata,
    id_column(),
    Column("caller_id", ASCII, ForeignKey("callers.id"), nullable=False),
    Column("hash", ASCII, nullable=False, unique=True),  # SHA-256, hex
    Column("hint", Text, nullable=False),  # the key's last four characters
    Column("admin", Integer, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("revoked_at", BigInteger),
)

jobs = Table(
    "jobs",
    metadata,
    id_column(),
    Column("caller_id", ASCII, ForeignKey("callers.id"), nullable=False),
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
    Column("wait_until", BigInteger),  # still queued then: it failed
    Column("progressed_at", BigInteger),
    Column("choice", Integer, nullable=False, server_default=text("0")),  # of the plan's ways
    Column("charged", BigInteger),  # micro-dollars that its caller pays, once it has ended
    Column("cost", BigInteger),  # micro-dollars that its attempts took
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
Index(
    "jobs_waiting",
    jobs.c.wait_until,
    sqlite_where=and_(jobs.c.finished_at.is_(None), jobs.c.status == "queued"),
    postgresql_where=and_(jobs.c.finished_at.is_(None), jobs.c.status == "queued"),
)
Index(
    "jobs_with_cost",
    jobs.c.finished_at,
    sqlite_where=jobs.c.cost.is_not(None),
    postgresql_where=jobs.c.cost.is_not(None),
)

job_metadata = Table(  # the same pairs once more, to find jobs by them
    "job_metadata",
    metadata,
    Column("job_id", ASCII, ForeignKey("jobs.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("value", Text, nullable=False),
    PrimaryKeyConstraint("job_id", "name"),
)
Index("jobs_by_metadata", job_metadata.c.name, job_metadata.c.value, job_metadata.c.job_id)

claims = Table(  # what an Idempotency-Key has already led to
    "claims",
    metadata,
    Column("caller_id", ASCII, ForeignKey("callers.id"), nullable=False),
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
    Column("job_id", ASCII, ForeignKey("jobs.id"), nullable=False),
    Column("number", Integer, nullable=False),  # its place in the job's plan, from 1
    PrimaryKeyConstraint("job_id", "number"),
)

attempts = Table(
    "attempts",
    metadata,
    id_column(),
    Column("job_id", ASCII, ForeignKey("jobs.id"), nullable=False),
    Column("take", Integer, nullable=False),
    Column("number", Integer, nullable=False),  # from 1 within the job
    Column("account_id", ASCII, ForeignKey("accounts.id"), nullable=False),
    Column("state", Text, nullable=False),
    Column("ticket", Text),
    Column("started_at", BigInteger, nullable=False),  # the intent: before any call
    Column("ended_at", BigInteger),
    Column("failure_code", Text),
    Column("failure_message", Text),
    Column("sending_at", BigInteger),  # right before the request that may cost
    Column("cost", BigInteger),  # micro-dollars
    Column("media", Text, nullable=False, server_default=text("'video'")),
    Column("cost_estimated", Integer, nullable=False, server_default=text("0")),
)
Index("attempts_by_day", attempts.c.account_id, attempts.c.started_at)
Index("attempts_of_job", attempts.c.job_id, attempts.c.number, unique=True)
Index(  # a seat is an open attempt
    "attempts_open",
    attempts.c.account_id,
    sqlite_where=attempts.c.state == "open",
    postgresql_where=attempts.c.state == "open",
)

charges = Table(  # the ledger; it outlives the jobs
    "charges",
    metadata,
    Column("job_id", ASCII, nullable=False),
    Column("kind", Text, nullable=False),  # reserve, settle, refund
    Column("caller_id", ASCII, ForeignKey("callers.id"), nullable=False),
    Column("amount", BigInteger, nullable=False),  # micro-dollars
    Column("at", BigInteger, nullable=False),
    PrimaryKeyConstraint("job_id", "kind"),
)
Index("charges_of_caller", charges.c.caller_id, charges.c.at)
Index("charges_by_time", charges.c.at, charges.c.job_id, charges.c.kind)

costs = Table(  # what jobs took that are deleted, and whose rows are gone
    "costs",
    metadata,
    Column("job_id", ASCII, primary_key=True, nullable=False),
    Column("caller_id", ASCII, ForeignKey("callers.id"), nullable=False),
    Column("amount", BigInteger, nullable=False),  # micro-dollars
    Column("at", BigInteger, nullable=False),  # when the job ended
)
Index("costs_by_time", costs.c.at)

assets = Table(
    "assets",
    metadata,
    id_column(),
    Column("job_id", ASCII, ForeignKey("jobs.id"), nullable=False),
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
    Column("job_id", ASCII, ForeignKey("jobs.id"), nullable=False),
    Column("number", Integer, nullable=False),  # from 1 within the job
    Column("kind", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("percent", Integer, nullable=False, server_default=text("0")),
    PrimaryKeyConstraint("job_id", "number"),
)
