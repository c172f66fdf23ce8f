"""What the nodes of a cluster agree on."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
)

from filmgate.storage.database.schema.columns import ASCII, metadata

leases = Table(  # what only one node does at a time
    "leases",
    metadata,
    Column("name", ASCII, primary_key=True, nullable=False),
    Column("holder", Text, nullable=False),
    Column("until", BigInteger, nullable=False),
)

installation = Table(  # what is said once of all nodes
    "installation",
    metadata,
    Column("name", ASCII, primary_key=True, nullable=False),
    Column("value", Text, nullable=False),
)

request_counts = Table(  # a caller's requests, for a limit that holds across nodes
    "request_counts",
    metadata,
    Column("caller_id", ASCII, ForeignKey("callers.id"), nullable=False),
    Column("minute", BigInteger, nullable=False),  # since 1970
    Column("count", Integer, nullable=False),
    PrimaryKeyConstraint("caller_id", "minute"),
)
