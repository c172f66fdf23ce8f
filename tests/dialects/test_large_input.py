"""More than we take: refused early, and never held in memory."""

from __future__ import annotations

import base64
import json
import os
import select
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from dialects.wire import (
    MULTIPART,
    WEBP_BOMB,
    Sent,
    body,
    create,
    file,
    form,
    get,
    png_bomb,
    text,
)
from films import image
from servers import KEY, Server

MB = 1 << 20
BLOCK = bytes(1 << 16)
PNG = image((1280, 720))
IN_A_FILE = text("prompt", "a kite") + file("input_reference", PNG)[:-2]
IN_JSON = b'{"prompt": "'


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory, film: Path) -> Iterator[Server]:
    """A server of our own, so that its memory is not what other tests left behind."""
    with Server(tmp_path_factory.mktemp("data"), film=film) as running:
        warm = form(text("size", "1280x720"), file("input_reference", b"")).to(running)
        assert warm.status == 400
        yield running


@dataclass
class Memory:
    """What a process has grown to, in MB."""

    process: psutil.Process
    least: float
    most: float

    @property
    def grown(self) -> float:
        return self.most - self.least

    def look(self) -> None:
        self.most = max(self.most, self.process.memory_info().rss / MB)


@contextmanager
def watched(server: Server) -> Iterator[Memory]:
    process = psutil.Process(server.pid)
    now = process.memory_info().rss / MB
    memory, over = Memory(process, now, now), threading.Event()

    def watch() -> None:
        while not over.wait(0.002):
            memory.look()

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        yield memory
    finally:
        over.set()
        watching.join()


@contextmanager
def begun(server: Server, *headers: str) -> Iterator[socket.socket]:
    """A connection on which a create's head was sent, and nothing of its body."""
    host, _, port = server.url.removeprefix("http://").partition(":")
    lines = ("POST /v1/videos HTTP/1.1", "Host: x", f"Authorization: Bearer {KEY}", *headers)
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
        yield connection


def chunk(content: bytes) -> bytes:
    return f"{len(content):x}\r\n".encode() + content + b"\r\n"


def pushed(connection: socket.socket, block: bytes, *, seconds: float = 30) -> int:
    """Send *block* over and over until there is an answer; the bytes that it took."""
    sent, end = 0, time.monotonic() + seconds
    with suppress(BrokenPipeError, ConnectionResetError):
        while not select.select([connection], [], [], 0)[0]:
            assert time.monotonic() < end, "it never refused"
            connection.sendall(block)
            sent += len(block)
    return sent


def error_of(connection: socket.socket) -> tuple[int, dict[str, Any]]:
    answer = bytearray()
    with suppress(ConnectionResetError):
        while more := connection.recv(1 << 16):
            answer += more
    head, _, content = bytes(answer).partition(b"\r\n\r\n")
    assert b"\r\nx-request-id: req_" in head
    return int(head.split()[1]), json.loads(content)["error"]


@pytest.mark.parametrize("kind", ["application/json", MULTIPART])
def test_a_declared_2_gb_are_refused_before_a_byte_is_read(fresh: Server, kind: str) -> None:
    head = (f"Content-Type: {kind}", f"Content-Length: {2 << 30}")
    with watched(fresh) as memory, begun(fresh, *head) as connection:
        status, error = error_of(connection)

    assert (status, error["code"]) == (413, "request_too_large")
    assert "larger than 64 MB" in error["message"]
    assert "Send a smaller file" in error["message"]
    assert memory.grown < 60
    assert get("/health").to(fresh).status == 200


def test_whoever_sends_2_gb_regardless_is_cut_off(fresh: Server) -> None:
    head = ("Content-Type: application/json", f"Content-Length: {2 << 30}")
    with watched(fresh) as memory, begun(fresh, *head) as connection:
        connection.sendall(BLOCK)
        status, _ = error_of(connection)
        with pytest.raises((BrokenPipeError, ConnectionResetError)):
            connection.sendall(bytes(32 * MB))

    assert status == 413
    assert memory.grown < 60


@pytest.mark.parametrize(
    ("kind", "first", "param", "limit"),
    [
        ("application/json", IN_JSON, None, 24),
        ("application/x-www-form-urlencoded", b"prompt=", None, 24),
        (MULTIPART, IN_A_FILE, "input_reference", 48),
        (MULTIPART, text("prompt", "")[:-2], "prompt", 24),
    ],
    ids=["JSON", "urlencoded", "file", "text"],
)
def test_an_upload_that_never_ends_is_refused_at_the_limit(
    fresh: Server, kind: str, first: bytes, param: str | None, limit: int
) -> None:
    head = (f"Content-Type: {kind}", "Transfer-Encoding: chunked")
    with watched(fresh) as memory, begun(fresh, *head) as connection:
        connection.sendall(chunk(first))
        sent = pushed(connection, chunk(BLOCK))
        status, error = error_of(connection)

    assert (status, error["code"], error["param"]) == (413, "request_too_large", param)
    assert f"larger than {limit} MB" in error["message"]
    assert "Send a smaller file" in error["message"]
    assert limit * MB <= sent < (limit + 16) * MB
    assert memory.grown < 60
    assert get("/health").to(fresh).status == 200


def test_many_fields_that_are_too_large_together_are_refused(fresh: Server) -> None:
    head = (f"Content-Type: {MULTIPART}", "Transfer-Encoding: chunked")
    with watched(fresh) as memory, begun(fresh, *head) as connection:
        sent = pushed(connection, chunk(file("input_reference", bytes(MB))))
        status, error = error_of(connection)

    assert (status, error["code"]) == (413, "request_too_large")
    assert "larger than 64 MB" in error["message"]
    assert sent < 80 * MB
    assert memory.grown < 60


@pytest.mark.parametrize(
    ("length", "content"),
    [("Transfer-Encoding: chunked", b"2\r\n--\r\nx\r\n"), ("Content-Length: 99", b"--")],
    ids=["a broken chunk", "half a body"],
)
@pytest.mark.parametrize("kind", ["application/json", MULTIPART])
def test_a_body_that_breaks_off_is_the_callers_mistake(
    fresh: Server, length: str, content: bytes, kind: str
) -> None:
    with begun(fresh, f"Content-Type: {kind}", length) as connection:
        connection.sendall(content)
        connection.shutdown(socket.SHUT_WR)
        status, error = error_of(connection)

    assert (status, error["code"]) == (400, "incomplete_body")
    assert "Traceback" not in (fresh.data / "serve.log").read_text()


@pytest.mark.parametrize(
    ("bomb", "size"), [(png_bomb(), "20000x20000"), (WEBP_BOMB, "16383x16383")]
)
def test_eight_bombs_at_once_are_not_decoded(fresh: Server, bomb: bytes, size: str) -> None:
    sent = form(text("size", "1280x720"), file("input_reference", bomb))
    with watched(fresh) as memory:
        answers = at_once([sent] * 8, fresh)

    assert {code for code, _ in answers} == {"image_too_large"}
    assert all(size in message for _, message in answers)
    assert memory.grown < 60
    assert get("/health").to(fresh).status == 200


def test_eight_links_of_20_mb_at_once_are_not_all_held_in_memory(fresh: Server) -> None:
    large = PNG[:-99] + os.urandom(15 * MB - 2 * len(PNG))
    link = "data:image/png;base64," + base64.b64encode(large).decode()
    sent = create(size="1280x720", input_reference={"image_url": link})
    with watched(fresh) as memory:
        answers = at_once([sent] * 8, fresh)

    assert {code for code, _ in answers} == {"invalid_image"}
    assert memory.grown < 250
    assert get("/health").to(fresh).status == 200


@pytest.mark.parametrize("value", [b"{},", b"999,"])
def test_a_body_of_millions_of_values_is_refused_before_they_are_made(
    fresh: Server, value: bytes
) -> None:
    many = (
        b'{"prompt": "a kite", "input_reference": [' + value * (22 * MB // len(value)) + b"1]}"
    )
    with watched(fresh) as memory:
        ((code, message),) = at_once([body(many)], fresh)

    assert code == "invalid_json"
    assert "more than 100000 values" in message
    assert memory.grown < 60


def at_once(sent: list[Sent], server: Server) -> list[tuple[str, str]]:
    """The code and message of each answer, all asked for at the same time."""
    with ThreadPoolExecutor(len(sent)) as pool:
        answers = pool.map(lambda one: one.to(server).json()["error"], sent)
        return [(error["code"], error["message"]) for error in answers]
