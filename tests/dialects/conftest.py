"""Films to ask for."""

from collections.abc import Iterator

import pytest

from dialects.wire import create, new_film
from servers import Server


@pytest.fixture(scope="session")
def finished(server: Server) -> str:
    """The id of a finished film, which stays."""
    return new_film(server)


@pytest.fixture
def unfinished(server: Server) -> Iterator[str]:
    """The id of a film that is never finished, and gone after the test."""
    video_id = str(create(model="sora-2-pro").to(server).json()["id"])
    yield video_id
    server.call("DELETE", f"/v1/videos/{video_id}")
