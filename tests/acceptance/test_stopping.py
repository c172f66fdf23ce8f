"""SIGTERM ends a server in time, whatever hangs on it."""

import socket
import sqlite3
import time
from pathlib import Path

import psutil
import pytest

from films import tiny_film
from servers import KEY, Server

GRACE = 2.0


@pytest.fixture(scope="module")
def large_film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("film") / "large.mp4"
    tiny_film(path, padding=50_000_000)
    return path


def request(server: Server, path: str, *headers: str) -> socket.socket:
    """Send a GET and read a little of the answer."""
    host, port = server.url.removeprefix("http://").split(":")
    connection = socket.create_connection((host, int(port)))
    lines = [f"GET {path} HTTP/1.1", f"Host: {host}", f"Authorization: Bearer {KEY}", *headers]
    connection.sendall("\r\n".join([*lines, "", ""]).encode())
    assert connection.recv(512).startswith(b"HTTP/1.1 20")
    return connection


def test_open_downloads_do_not_hold_a_stopping_server(tmp_path: Path, large_film: Path) -> None:
    server = Server(tmp_path / "data", film=large_film, settings={"FILMGATE_GRACE": str(GRACE)})
    with server:
        video = server.call("POST", "/v1/videos", {"prompt": "a kite"}).json()
        content = f"/v1/videos/{video['id']}/content"
        until = time.monotonic() + 20
        while server.call("HEAD", content).status != 200 and time.monotonic() < until:
            time.sleep(0.05)
        server.call("POST", "/v1/videos", {"prompt": "for ever", "model": "sora-2-pro"})
        stalled = [request(server, content) for _ in range(3)]
        stalled += [request(server, content, "Range: bytes=9-") for _ in range(3)]
        idle = request(server, "/health")

        began = time.monotonic()
        code = server.stop(within=GRACE + 6)
        took = time.monotonic() - began

        for connection in (*stalled, idle):
            connection.close()
    assert code == 0
    assert took < GRACE + 3
    with sqlite3.connect(server.data / "filmgate.db") as database:
        assert database.execute("SELECT DISTINCT owner FROM jobs").fetchall() == [(None,)]


def test_an_idle_server_stops_at_once(tmp_path: Path) -> None:
    with Server(tmp_path / "data", settings={"FILMGATE_GRACE": "30"}) as server:
        assert server.stop(within=15) == 0


def test_a_stopped_servers_port_and_folder_are_free_again(tmp_path: Path) -> None:
    server = Server(tmp_path / "data")
    for _ in range(3):
        with server:
            assert server.call("GET", "/health").json()["status"] == "ok"


def test_a_client_that_leaves_lets_go_of_the_file(tmp_path: Path, large_film: Path) -> None:
    with Server(tmp_path / "data", film=large_film) as server:
        video = server.call("POST", "/v1/videos", {"prompt": "a kite"}).json()
        content = f"/v1/videos/{video['id']}/content"
        until = time.monotonic() + 20
        while server.call("HEAD", content).status != 200 and time.monotonic() < until:
            time.sleep(0.05)
        process = psutil.Process(server.pid)

        def held() -> list[str]:
            return [file.path for file in process.open_files() if "/films/" in file.path]

        for _ in range(5):
            request(server, content, "Range: bytes=9-").close()
        until = time.monotonic() + 10
        while held() and time.monotonic() < until:
            time.sleep(0.05)
        assert held() == []
