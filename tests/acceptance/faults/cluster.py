"""A real PostgreSQL and a real S3 server for nodes to share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from object_store import ObjectStore
from postgres import Postgres


@dataclass(frozen=True)
class Cluster:
    postgres: Postgres
    store: ObjectStore
    database_url: str

    @property
    def fields(self) -> dict[str, Any]:
        """What a `Plan` says of it."""
        settings = {"FILMGATE_STORAGE_URL": self.store.url, **self.store.environment}
        return {"nodes": 3, "database_url": self.database_url, "settings": settings}


@contextmanager
def cluster(folder: Path) -> Iterator[Cluster]:
    postgres = Postgres()
    try:
        with ObjectStore(folder) as store:
            yield Cluster(postgres, store, postgres.new_database())
    finally:
        postgres.remove()
