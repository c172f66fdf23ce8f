"""The children that look into films: started when there is a film, kept for a few more."""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from contextlib import suppress
from pathlib import Path
from typing import Any

IDLE = 5.0  #: seconds that a child waits for another film
UNREADABLE = {"error": "not a playable film: it breaks whoever reads it"}


class Children:
    """
    Hands each film to a child process of its own.

    A child that has answered is used again, because loading the libraries takes longer
    than a short film; after a few seconds without one it ends, and its memory with it.
    """

    def __init__(self) -> None:
        self._idle: list[tuple[Process, asyncio.TimerHandle]] = []
        self._ending: set[asyncio.Task[None]] = set()

    async def ask(self, task: str, path: Path, to: Path, *numbers: float) -> dict[str, Any]:
        """What a child says of the film at *path*; what it makes of it goes *to* there."""
        question = json.dumps([task, str(path), str(to), *numbers]).encode() + b"\n"
        while self._idle:
            child, timer = self._idle.pop()
            timer.cancel()
            # One may have died while it waited: that says nothing about this film.
            if said := await self._asked(child, question):
                return said
        return await self._asked(await _start(), question) or UNREADABLE

    async def close(self) -> None:
        """End those that wait."""
        idle, self._idle = self._idle, []
        for child, timer in idle:
            timer.cancel()
            await _end(child)
        await asyncio.gather(*self._ending)

    async def _asked(self, child: Process, question: bytes) -> dict[str, Any] | None:
        """Its answer; None if it died of the question."""
        said = None
        try:
            said = await _answer(child, question)
        finally:
            if said is None:  # it is dead, or will say what nobody waits for
                await _end(child)
        if said is not None:
            self._keep(child)
        return said

    def _keep(self, child: Process) -> None:
        timer = asyncio.get_running_loop().call_later(IDLE, self._let_go, child)
        self._idle.append((child, timer))

    def _let_go(self, child: Process) -> None:
        self._idle = [(one, timer) for one, timer in self._idle if one is not child]
        task = asyncio.create_task(_end(child))
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)


async def _start() -> Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "filmgate.media"),
        stdin=PIPE, stdout=PIPE, stderr=DEVNULL,
    )  # fmt: skip


async def _answer(child: Process, question: bytes) -> dict[str, Any] | None:
    if child.stdin is None or child.stdout is None:
        raise AssertionError("the child was started with pipes")
    with suppress(BrokenPipeError, ConnectionResetError):
        child.stdin.write(question)
        await child.stdin.drain()
    line = await child.stdout.readline()
    answer: dict[str, Any] | None = json.loads(line) if line else None
    return answer


async def _end(child: Process) -> None:
    with suppress(ProcessLookupError):
        child.kill()
    if child.stdin is not None:  # pragma: no branch
        child.stdin.close()
    await child.wait()
