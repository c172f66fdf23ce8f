"""A real object store, for every test that needs one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from object_store import PYTHON, ObjectStore


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ObjectStore]:
    """One for all; whoever stops it starts it again."""
    if not (PYTHON.parent / "swift-proxy-server").exists():
        pytest.skip("`make .venv-s3/.done` installs an S3 server, on Linux")
    with ObjectStore(tmp_path_factory.mktemp("swift")) as store:
        yield store
