"""A server is killed while it draws; the film is finished, once, by the next."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from servers import Server

BODY = {"prompt": "rain over a city at night", "model": "previs-1", "size": "640x360"}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A server that has not started yet, and is gone after the test."""
    server = Server(tmp_path / "data")
    yield server
    server.end()


def rows(server: Server, sql: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(server.data / "filmgate.db") as connection:
        return connection.execute(sql).fetchall()


def wait_for(server: Server, video_id: str, *, percent: int = 0, status: str = "") -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        video = server.call("GET", f"/v1/videos/{video_id}").json()
        if video["status"] == status or (percent and video["progress"] >= percent):
            return
        assert video["status"] in ("queued", "in_progress"), video
        time.sleep(0.02)
    raise AssertionError(video)


def drawing(server: Server) -> list[psutil.Process]:
    """The server's children, once it has some."""
    parent = psutil.Process(server.pid)
    assert soon(lambda: bool(parent.children(recursive=True)), within=10)
    return parent.children(recursive=True)


def gone(processes: list[psutil.Process], within: float) -> bool:
    _, alive = psutil.wait_procs(processes, timeout=within)
    return not alive


def soon(condition: Callable[[], bool], within: float = 3) -> bool:
    until = time.monotonic() + within
    while not condition() and time.monotonic() < until:
        time.sleep(0.02)
    return condition()


@pytest.mark.parametrize("kills", [1, 3])
def test_a_killed_servers_film_is_finished_once(server: Server, kills: int) -> None:
    server.start()
    video = server.call("POST", "/v1/videos", {**BODY, "seconds": "8"}).json()

    for kill in range(kills):
        if kill:
            server.start()
        children = drawing(server)
        wait_for(server, video["id"], percent=5)
        server.kill()
        assert gone(children, within=2)
    with server:
        wait_for(server, video["id"], status="completed")
        film = server.call("GET", f"/v1/videos/{video['id']}/content")

    assert film.body[4:8] == b"ftyp"
    assert rows(server, "SELECT count(*) FROM assets WHERE variant = 'video'") == [(1,)]
    states = [state for (state,) in rows(server, "SELECT state FROM attempts ORDER BY number")]
    assert states == ["interrupted"] * kills + ["succeeded"]
    assert rows(server, "SELECT status, failures FROM jobs") == [("completed", 0)]
    films = [path for path in (server.data / "films").rglob("*") if path.is_file()]
    assert len(films) == 3  # the film and its two stills: nothing of the dead attempts
    assert not list((server.data / "work").rglob("*.*"))


def test_a_stopping_server_hands_its_film_to_the_next(server: Server) -> None:
    server.start()
    video = server.call("POST", "/v1/videos", {**BODY, "seconds": "8"}).json()
    children = drawing(server)
    wait_for(server, video["id"], percent=5)

    assert server.stop(within=5) == 0

    assert gone(children, within=1)
    assert rows(server, "SELECT status, owner, interruptions FROM jobs") == [
        ("queued", None, 0)
    ]
    with server:
        wait_for(server, video["id"], status="completed")


def test_a_deleted_film_is_stopped_and_its_files_go(server: Server) -> None:
    with server:
        video = server.call("POST", "/v1/videos", {**BODY, "seconds": "20"}).json()
        children = drawing(server)

        assert server.call("DELETE", f"/v1/videos/{video['id']}").status == 200

        assert server.call("GET", f"/v1/videos/{video['id']}").status == 404
        assert gone(children, within=3)
        assert soon(lambda: rows(server, "SELECT status FROM jobs") == [])
        assert not list((server.data / "work").rglob("*.*"))


def test_a_second_server_refuses_the_same_folder(tmp_path: Path) -> None:
    with Server(tmp_path / "data"):
        second = Server(tmp_path / "data")
        with pytest.raises(AssertionError, match="Another filmgate uses"):
            second.start()
        second.stop()
