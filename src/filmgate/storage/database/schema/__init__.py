"""
The tables, as SQLAlchemy Core definitions.

Only migrations and the test that compares them import this; the serving
process never does. Times are integer microseconds since 1970 UTC, booleans
0/1, JSON text. Ids are time-ordered lower-case ASCII.
"""

from filmgate.storage.database.schema import accounts, batches, files, jobs, nodes, webhooks
from filmgate.storage.database.schema.columns import metadata

__all__ = ["accounts", "batches", "files", "jobs", "metadata", "nodes", "webhooks"]
