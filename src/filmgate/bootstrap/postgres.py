"""What needs the libraries of `filmgate[postgres]`; imported only with a PostgreSQL."""

from filmgate.dispatch.procrastinate import ProcrastinateDispatcher
from filmgate.storage.database.news import News
from filmgate.storage.database.postgres import PostgreSQL
from filmgate.storage.database.prepare_postgres import prepare_postgres

__all__ = ["News", "PostgreSQL", "ProcrastinateDispatcher", "prepare_postgres"]
