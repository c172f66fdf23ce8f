"""What every table is made with."""

from __future__ import annotations

from sqlalchemy import Column, MetaData, Text

metadata = MetaData()

# "C": ids and pages sort by bytes, whatever the database's language is.
ASCII = Text().with_variant(Text(collation="C"), "postgresql")


def id_column() -> Column[str]:
    return Column("id", ASCII, primary_key=True, nullable=False)
