"""
A load generator, in a process of its own: it shares no interpreter with anybody.

`requests` and `downloads` start it and return its figures. On its own it reads a
job from standard input and writes the figures to standard output, JSON both.
"""

from __future__ import annotations

import json
import re
import select
import socket
import subprocess
import sys
import threading
import time
from dataclasses import asdict, dataclass, field
from typing import Any

Address = tuple[str, int]

CHUNK = 1 << 20
PATIENCE = 180.0  #: seconds until a silent server is given up

_STATUS = re.compile(rb"HTTP/1\.[01] (\d{3})")
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


class ServerFailed(Exception):
    """A server answered with something else than a success."""


@dataclass(frozen=True)
class Rate:
    """Many small requests over connections that stay open."""

    requests: int
    seconds: float
    p50: float  #: milliseconds
    p99: float  #: milliseconds
    cpu: float  #: seconds of processor time that the generator itself took

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds


@dataclass(frozen=True)
class Throughput:
    """Whole answers read to their end, one connection each."""

    answers: int
    status: int
    size: int  #: bytes of one answer's body
    seconds: float
    first_byte: float  #: milliseconds until the first answer began, the slowest one


def requests(address: Address, request: bytes, *, connections: int, seconds: float) -> Rate:
    """Send *request* over and over; `ServerFailed` when one is not answered with 200."""
    job = {"connections": connections, "seconds": seconds}
    return Rate(**_start("requests", address, request, job, seconds))


def downloads(address: Address, request: bytes, *, clients: int, seconds: float) -> Throughput:
    """
    Each client downloads again and again until *seconds* are over.

    What has begun by then is read to its end, so every client has at least one.
    """
    job = {"clients": clients, "seconds": seconds}
    return Throughput(**_start("downloads", address, request, job, seconds))


def _start(
    kind: str, address: Address, request: bytes, job: dict[str, Any], seconds: float
) -> dict[str, Any]:
    order = {"kind": kind, "address": address, "request": request.decode("latin-1"), **job}
    done = subprocess.run(
        [sys.executable, __file__],
        input=json.dumps(order),
        capture_output=True,
        text=True,
        timeout=seconds + PATIENCE,
        check=False,
    )
    if done.returncode != 0:
        message = f"{kind} at {address}: {done.stderr.strip().splitlines()[-1:]}"
        raise ServerFailed(message)
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


@dataclass
class _Connection:
    socket: socket.socket
    started: float = 0.0
    answer: bytearray = field(default_factory=bytearray)


def _drive(address: Address, request: bytes, connections: int, seconds: float) -> Rate:
    poll = select.epoll()
    open_ones: dict[int, _Connection] = {}
    for _ in range(connections):
        sock = socket.create_connection(address, timeout=PATIENCE)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        open_ones[sock.fileno()] = _Connection(sock)
        poll.register(sock, select.EPOLLIN)
    latencies: list[float] = []
    started = time.perf_counter()
    used = time.process_time()
    for connection in open_ones.values():
        _send(connection, request)
    last = started
    while open_ones:
        ready = poll.poll(PATIENCE)
        if not ready:
            raise ServerFailed("silence")
        for number, _ in ready:
            connection = open_ones[number]
            if not _receive(connection):
                continue
            last = time.perf_counter()
            latencies.append(last - connection.started)
            if last - started < seconds:
                _send(connection, request)
            else:
                poll.unregister(number)
                open_ones.pop(number).socket.close()
    latencies.sort()
    return Rate(
        requests=len(latencies),
        seconds=last - started,
        p50=latencies[len(latencies) // 2] * 1000,
        p99=latencies[len(latencies) * 99 // 100] * 1000,
        cpu=time.process_time() - used,
    )


def _send(connection: _Connection, request: bytes) -> None:
    connection.answer.clear()
    connection.started = time.perf_counter()
    connection.socket.sendall(request)


def _receive(connection: _Connection) -> bool:
    """Take what has come; True once the answer is whole."""
    chunk = connection.socket.recv(1 << 16)
    if not chunk:
        raise ServerFailed("the connection was closed")
    answer = connection.answer
    answer += chunk
    head = answer.find(b"\r\n\r\n")
    if head < 0:
        return False
    status, length = _head(answer[:head])
    if len(answer) < head + 4 + length:
        return False
    if status != 200:
        raise ServerFailed(answer.decode(errors="replace")[-400:].replace("\r\n", " "))
    return True


def _head(head: bytes | bytearray) -> tuple[int, int]:
    status, length = _STATUS.match(head), _LENGTH.search(head)
    if status is None or length is None:
        message = f"no status or no content-length: {head.decode(errors='replace')!r}"
        raise ServerFailed(message)
    return int(status[1]), int(length[1])


@dataclass
class _Tally:
    """What the clients of one measurement have read."""

    answers: int = 0
    status: int = 0
    size: int = 0
    first_byte: float = 0.0
    problems: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)


def _read_all(address: Address, request: bytes, clients: int, seconds: float) -> Throughput:
    tally = _Tally()
    started = time.perf_counter()

    def client() -> None:
        try:
            _download(address, request, tally)
            while time.perf_counter() - started < seconds:
                _download(address, request, tally)
        except (OSError, ServerFailed) as error:
            tally.problems.append(repr(error))

    threads = [threading.Thread(target=client) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if tally.problems:
        raise ServerFailed(tally.problems[0])
    took = time.perf_counter() - started
    return Throughput(tally.answers, tally.status, tally.size, took, tally.first_byte)


def _download(address: Address, request: bytes, tally: _Tally) -> None:
    buffer = bytearray(CHUNK)
    began = time.perf_counter()
    with socket.create_connection(address, timeout=PATIENCE) as sock:
        sock.sendall(request)
        answer = bytearray()
        while (head := answer.find(b"\r\n\r\n")) < 0:
            chunk = sock.recv(4096)
            if not chunk:
                raise ServerFailed("the connection was closed")
            answer += chunk
        first_byte = (time.perf_counter() - began) * 1000
        status, length = _head(answer[:head])
        if status not in (200, 206):
            raise ServerFailed(f"status {status}")
        left = length - (len(answer) - head - 4)
        while left > 0:
            read = sock.recv_into(buffer)
            if not read:
                raise ServerFailed(f"the body broke off, {left} bytes too early")
            left -= read
    with tally.lock:
        tally.answers += 1
        tally.status, tally.size = status, length
        tally.first_byte = max(tally.first_byte, first_byte)


def main() -> None:
    job = json.load(sys.stdin)
    address, request = tuple(job["address"]), job["request"].encode("latin-1")
    figures: Rate | Throughput
    if job["kind"] == "requests":
        figures = _drive(address, request, job["connections"], job["seconds"])
    else:
        figures = _read_all(address, request, job["clients"], job["seconds"])
    json.dump(asdict(figures), sys.stdout)


if __name__ == "__main__":
    main()
