"""Accounts, the machines that they share, and the names that point at their models."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from filmgate.storage.database.schema.columns import ASCII, id_column, metadata

accounts = Table(
    "accounts",
    metadata,
    id_column(),
    Column("engine", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("seats", Integer, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("base_url", Text),
    Column("secret", Text),  # sealed
    Column("when_down", Text, nullable=False, server_default=text("'fail'")),
    Column("rests_until", BigInteger),  # not to be asked before
    Column("rest_reason", Text),
    Column("removed_at", BigInteger),
    Column("per_node", Integer, nullable=False, server_default=text("0")),  # 1: seats a node
    Column("proxy", Text),  # sealed
    Column("plan", Text),
    Column("models", Text, nullable=False, server_default=text("'[]'")),  # JSON; []: all
    Column("in_groups", Text, nullable=False, server_default=text("'[]'")),  # JSON
    Column("limits", Text, nullable=False, server_default=text("'[]'")),  # JSON
    Column("still_seats", Integer, nullable=False, server_default=text("1")),
    Column("per_day", Integer),
    Column("per_month", Integer),
    Column("priority", Integer, nullable=False, server_default=text("0")),
    Column("weight", Integer, nullable=False, server_default=text("1")),
    Column("machine", ASCII),
    Column("disabled", Integer, nullable=False, server_default=text("0")),
    Column("errors", Integer, nullable=False, server_default=text("0")),  # one after another
    Column("rejected_at", BigInteger),
    Column("checked_at", BigInteger),
    Column("expires_at", BigInteger),
    Column("warned_at", BigInteger),  # its operator, that it expires
    UniqueConstraint("engine", "label"),
)

machines = Table(  # what several accounts' engines run on
    "machines",
    metadata,
    id_column(),  # the operator's name for it
    Column("seats", Integer, nullable=False),
    Column("account_id", ASCII),  # whose engine has its memory
)

names = Table(  # what callers' model names mean, where the operator has pointed them
    "names",
    metadata,
    Column("name", ASCII, primary_key=True, nullable=False),
    Column("engine", Text, nullable=False),
    Column("model", Text, nullable=False),  # JSON: its capabilities
    Column("settings", Text, nullable=False),  # JSON: for the engine
    Column("pointed_at", BigInteger, nullable=False),
    Column("pick", Text, nullable=False, server_default=text("'first'")),
    Column("weight", Integer, nullable=False, server_default=text("1")),
    Column("plans", Text, nullable=False, server_default=text("'[]'")),  # JSON
)

fallbacks = Table(  # a name's other models, in their order
    "fallbacks",
    metadata,
    Column("name", ASCII, ForeignKey("names.name"), nullable=False),
    Column("place", Integer, nullable=False),  # from 1
    Column("engine", Text, nullable=False),
    Column("model", Text, nullable=False),  # JSON
    Column("settings", Text, nullable=False),  # JSON
    Column("weight", Integer, nullable=False),
    Column("plans", Text, nullable=False),  # JSON
    PrimaryKeyConstraint("name", "place"),
)
