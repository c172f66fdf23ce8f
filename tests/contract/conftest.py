"""A real object store and real proxies, for every test that needs one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from object_store import PYTHON, ObjectStore
from upstreams.proxies import HttpProxy, RealProxy, SocksProxy


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ObjectStore]:
    """One for all; whoever stops it starts it again."""
    if not (PYTHON.parent / "swift-proxy-server").exists():
        pytest.skip("`make .venv-s3/.done` installs an S3 server, on Linux")
    with ObjectStore(tmp_path_factory.mktemp("swift")) as store:
        yield store


@pytest.fixture(scope="session")
def http_proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealProxy]:
    with HttpProxy(tmp_path_factory.mktemp("proxy")) as proxy:
        yield proxy


@pytest.fixture(scope="session")
def socks_proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealProxy]:
    with SocksProxy(tmp_path_factory.mktemp("proxy")) as proxy:
        yield proxy
