"""The child process that renders on one device: its orders, its answers, its end."""

from __future__ import annotations

import asyncio
import json
from asyncio import StreamReader, StreamWriter, Task
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import msgspec

from filmgate.engines.diffusers.orders import Order

GRACE = 10.0  #: seconds in which a child without orders ends by itself
#: The same for one that has closed its standard output, and so is about to be gone. It is not
#: killed at once: to kill is to look, and who looks first takes the code from asyncio.
DYING = 1.0
#: Bytes of its complaints that are kept, because the last of them may say why it died.
_KEPT = 8192

Said = dict[str, Any]


@dataclass
class _Child:
    process: Process
    orders: StreamWriter
    answers: StreamReader
    complaints: Task[bytes]  #: the last of them, once it has ended

    async def tell(self, line: bytes) -> None:
        with suppress(BrokenPipeError, ConnectionResetError):
            self.orders.write(line + b"\n")
            await self.orders.drain()

    async def end(self, grace: float) -> str:
        """Let it end, or end it; what it complained of last."""
        self.orders.close()
        with suppress(TimeoutError):
            await asyncio.wait_for(self.process.wait(), grace)
        self.kill()
        await self.process.wait()
        lines = (await self.complaints).decode(errors="replace").split("\n")
        return next((line for line in reversed(lines) if line.strip()), "")

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            self.process.kill()


class Card:
    """
    Has one film rendered at a time, by a child that keeps the model for the next.

    The child is started with the first film. It ends when its standard input does, and
    so with us; after an error, because nobody knows what is left of a device's memory
    then; and by `end`.
    """

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command
        self._busy = asyncio.Lock()
        self._child: _Child | None = None
        self._rendering: str | None = None

    async def render(self, order: Order, hear: Callable[[int], None]) -> Said:
        """
        What the child says at last: `done`, `cancelled` or `error`.

        *hear* is told the percentage. A child that died without a word is `died`, with
        its code, and `words`: the last that it complained of.
        """
        async with self._busy:
            self._rendering, last = order.id, None
            try:
                child = await self._ready()
                last = await _followed(child, order, hear)
            finally:
                self._rendering = None
                words = ""
                if last is None or "error" in last:
                    words = await self._end(GRACE if last else DYING)
            return last or {"died": child.process.returncode, "words": words}

    async def stop(self, order_id: str) -> bool:
        """Ask for the end of that film; False if its rendering has not begun."""
        if self._rendering != order_id or self._child is None:
            return False
        await self._child.tell(json.dumps({"cancel": order_id}).encode())
        return True

    def kill(self) -> None:
        """Do not wait for it."""
        if self._child is not None:  # pragma: no branch
            self._child.kill()

    async def end(self) -> None:
        """Once it has nothing to do, let it go, and with it whatever it had in memory."""
        async with self._busy:
            await self._end(GRACE)

    async def _ready(self) -> _Child:
        if self._child is None or self._child.process.returncode is not None:
            await self._end(0)
            self._child = await _started(self._command)
        return self._child

    async def _end(self, grace: float) -> str:
        child, self._child = self._child, None
        return await child.end(grace) if child else ""


async def _started(command: Sequence[str]) -> _Child:
    process = await asyncio.create_subprocess_exec(
        *command, stdin=PIPE, stdout=PIPE, stderr=PIPE
    )
    if process.stdin is None or process.stdout is None or process.stderr is None:
        raise AssertionError("the child was started with pipes")
    complaints = asyncio.create_task(_tail(process.stderr))
    return _Child(process, process.stdin, process.stdout, complaints)


async def _followed(child: _Child, order: Order, hear: Callable[[int], None]) -> Said | None:
    await child.tell(msgspec.json.encode(order))
    async for line in child.answers:
        said: Said = json.loads(line)
        if "percent" not in said:
            return said
        hear(said["percent"])
    return None


async def _tail(stream: StreamReader) -> bytes:
    kept = b""
    while chunk := await stream.read(_KEPT):
        kept = (kept + chunk)[-_KEPT:]
    return kept
