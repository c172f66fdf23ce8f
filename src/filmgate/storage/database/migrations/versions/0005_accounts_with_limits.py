"""What accounts are limited to and how they fare, names of several models, and a ledger."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_ascii = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def _add(table: str, *columns: sa.Column) -> None:  # type: ignore[type-arg]
    for column in columns:
        op.add_column(table, column)


def _json_list(name: str) -> sa.Column:  # type: ignore[type-arg]
    return sa.Column(name, sa.Text(), server_default=sa.text("'[]'"), nullable=False)


def _count(name: str, default: int) -> sa.Column:  # type: ignore[type-arg]
    return sa.Column(name, sa.Integer(), server_default=sa.text(str(default)), nullable=False)


def upgrade() -> None:
    _add(
        "accounts",
        sa.Column("plan", sa.Text(), nullable=True),
        _json_list("models"),
        _json_list("in_groups"),
        _json_list("limits"),
        _count("still_seats", 1),
        sa.Column("per_day", sa.Integer(), nullable=True),
        sa.Column("per_month", sa.Integer(), nullable=True),
        _count("priority", 0),
        _count("weight", 1),
        sa.Column("machine", _ascii, nullable=True),
        _count("disabled", 0),
        _count("errors", 0),
        sa.Column("rejected_at", sa.BigInteger(), nullable=True),
        sa.Column("checked_at", sa.BigInteger(), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("warned_at", sa.BigInteger(), nullable=True),
    )
    op.create_table(
        "machines",
        sa.Column("id", _ascii, nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("account_id", _ascii, nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    _add(
        "names",
        sa.Column("pick", sa.Text(), server_default=sa.text("'first'"), nullable=False),
        _count("weight", 1),
        _json_list("plans"),
    )
    op.create_table(
        "fallbacks",
        sa.Column("name", _ascii, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("engine", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("settings", sa.Text(), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("plans", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["name"], ["names.name"]),
        sa.PrimaryKeyConstraint("name", "place"),
    )
    _add(
        "jobs",
        _count("choice", 0),
        sa.Column("charged", sa.BigInteger(), nullable=True),
        sa.Column("cost", sa.BigInteger(), nullable=True),
    )
    _add(
        "attempts",
        sa.Column("media", sa.Text(), server_default=sa.text("'video'"), nullable=False),
        _count("cost_estimated", 0),
    )
    op.create_index("attempts_by_day", "attempts", ["account_id", "started_at"])
    op.create_table(
        "charges",
        sa.Column("job_id", _ascii, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("caller_id", _ascii, nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["caller_id"], ["callers.id"]),
        sa.PrimaryKeyConstraint("job_id", "kind"),
    )
    op.create_index("charges_of_caller", "charges", ["caller_id", "at"])
    op.create_index("charges_by_time", "charges", ["at", "job_id", "kind"])
    op.create_table(
        "costs",
        sa.Column("job_id", _ascii, nullable=False),
        sa.Column("caller_id", _ascii, nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["caller_id"], ["callers.id"]),
        sa.PrimaryKeyConstraint("job_id"),
    )
    op.create_index("costs_by_time", "costs", ["at"])
    op.create_index(
        "jobs_with_cost",
        "jobs",
        ["finished_at"],
        sqlite_where=sa.text("cost IS NOT NULL"),
        postgresql_where=sa.text("cost IS NOT NULL"),
    )
    op.create_index("characters_of_caller", "characters", ["caller_id"])
    op.execute(
        "UPDATE jobs SET cost = (SELECT sum(cost) FROM attempts WHERE job_id = jobs.id) "
        "WHERE id IN (SELECT job_id FROM attempts WHERE cost IS NOT NULL)"
    )
    # Every change of an account counts it up, so that nodes see cheaply that there was one.
    op.execute("INSERT INTO installation (name, value) VALUES ('accounts_version', '0')")
    # An older program would end jobs and leave the ledger open.
    op.execute("UPDATE installation SET value = '0005' WHERE name = 'oldest_code'")
    op.execute(
        "UPDATE attempts SET media = 'image' WHERE state = 'open' "
        "AND job_id IN (SELECT id FROM jobs WHERE media = 'image')"
    )
