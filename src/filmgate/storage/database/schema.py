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
    sqlite_where=assets.c.variant != "input",
    postgresql_where=assets.c.variant != "input",
)

events = Table(
    "events",
    metadata,
    Column("job_id", _ASCII, ForeignKey("jobs.id"), nullable=False),
    Column("number", Integer, nullable=False),  # from 1 within the job
    Column("kind", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    PrimaryKeyConstraint("job_id", "number"),
)
