"""
Opens many streams and reads them to their ends, in a process of its own.

From standard input it reads a line of JSON, `{"address": [HOST, PORT], "requests": [TEXT,
…]}`, and writes two of them: `{"opened": [SECONDS, …]}`, each until its first event, once
all have had one; then `{"ended": {ID: UNIX TIME, …}, "beats": N}`, once all have ended.
"""

from __future__ import annotations

import json
import re
import select
import socket
import sys
import time
from dataclasses import dataclass, field

PATIENCE = 300.0  #: seconds without any byte until the server is given up
AT_ONCE = 64  #: streams that have been asked for and have had no event yet
BEAT = b": still here"
_END = b"\r\n0\r\n\r\n"  # of an answer in chunks
_ID = re.compile(rb"video_[0-9a-f]{32}")


@dataclass
class _Stream:
    socket: socket.socket
    asked: float = field(default_factory=time.perf_counter)
    read: bytearray = field(default_factory=bytearray)
    begun: bool = False


class Listener:
    def __init__(self, address: tuple[str, int], requests: list[str]) -> None:
        self._address = address
        self._left = [request.encode() for request in reversed(requests)]
        self._streams: dict[int, _Stream] = {}
        self._poll = select.epoll()
        self.opened: list[float] = []
        self.ended: dict[str, float] = {}
        self.beats = 0

    def open_all(self) -> None:
        wanted = len(self._left)
        while len(self.opened) < wanted:
            while self._left and len(self._streams) - len(self.opened) < AT_ONCE:
                self._open(self._left.pop())
            self._hear()

    def hear_all(self) -> None:
        while self._streams:
            self._hear()

    def _open(self, request: bytes) -> None:
        sock = socket.create_connection(self._address, timeout=PATIENCE)
        self._streams[sock.fileno()] = _Stream(sock)
        sock.sendall(request)
        self._poll.register(sock, select.EPOLLIN)

    def _hear(self) -> None:
        ready = self._poll.poll(PATIENCE)
        if not ready:
            raise TimeoutError("silence")
        for number, _ in ready:
            stream = self._streams[number]
            piece = stream.socket.recv(1 << 16)
            stream.read += piece
            self.beats += piece.count(BEAT)
            if not stream.begun:
                self._begin(stream)
            if stream.read.endswith(_END):
                self._end(number)
            elif not piece:
                raise ConnectionError(stream.read[-400:].decode(errors="replace"))

    def _begin(self, stream: _Stream) -> None:
        head, _, events = stream.read.partition(b"\r\n\r\n")
        if head and not head.startswith(b"HTTP/1.1 200 "):
            raise ConnectionError(stream.read.decode(errors="replace"))
        if b"\n\n" in events:
            stream.begun = True
            self.opened.append(time.perf_counter() - stream.asked)

    def _end(self, number: int) -> None:
        now = time.time()
        stream = self._streams.pop(number)
        self._poll.unregister(number)
        stream.socket.close()
        found = _ID.search(stream.read)
        if found is None:
            raise ConnectionError(stream.read.decode(errors="replace"))
        self.ended[found[0].decode()] = now


def main() -> None:
    job = json.loads(sys.stdin.readline())
    listener = Listener(tuple(job["address"]), job["requests"])
    listener.open_all()
    print(json.dumps({"opened": listener.opened}), flush=True)
    listener.hear_all()
    print(json.dumps({"ended": listener.ended, "beats": listener.beats}), flush=True)


if __name__ == "__main__":
    main()
