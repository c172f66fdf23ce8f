"""What many machines on one database need, and jobs that wait and end in time."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_ascii = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "leases",
        sa.Column("name", _ascii, nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "installation",
        sa.Column("name", _ascii, nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "request_counts",
        sa.Column("caller_id", _ascii, nullable=False),
        sa.Column("minute", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["caller_id"], ["callers.id"]),
        sa.PrimaryKeyConstraint("caller_id", "minute"),
    )
    op.add_column("accounts", sa.Column("base_url", sa.Text(), nullable=True))
    op.add_column("accounts", sa.Column("secret", sa.Text(), nullable=True))
    op.add_column(
        "accounts",
        sa.Column("when_down", sa.Text(), server_default=sa.text("'fail'"), nullable=False),
    )
    op.add_column("accounts", sa.Column("rests_until", sa.BigInteger(), nullable=True))
    op.add_column("accounts", sa.Column("rest_reason", sa.Text(), nullable=True))
    op.add_column("accounts", sa.Column("removed_at", sa.BigInteger(), nullable=True))
    op.add_column(
        "accounts",
        sa.Column("per_node", sa.Integer(), server_default=sa.text("0"), nullable=False),
    )
    op.add_column("jobs", sa.Column("wait_until", sa.BigInteger(), nullable=True))
    op.add_column("jobs", sa.Column("progressed_at", sa.BigInteger(), nullable=True))
    op.add_column("attempts", sa.Column("sending_at", sa.BigInteger(), nullable=True))
    op.add_column("attempts", sa.Column("cost", sa.BigInteger(), nullable=True))
    op.add_column("deliveries", sa.Column("held_until", sa.BigInteger(), nullable=True))
    op.create_index(
        "jobs_waiting",
        "jobs",
        ["wait_until"],
        unique=False,
        sqlite_where=sa.text("finished_at IS NULL AND status = 'queued'"),
        postgresql_where=sa.text("finished_at IS NULL AND status = 'queued'"),
    )
    # The oldest migration whose program may run on this schema: every migration that an
    # older program cannot live with sets it to its own number.
    op.execute("INSERT INTO installation (name, value) VALUES ('oldest_code', '0003')")
