"""`filmgate …`, as somebody at a terminal runs it."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import surroundings
from filmgate.cli import main

NONE: Mapping[str, str] = {}
PROGRAM = (sys.executable, "-m", "filmgate")

Done = subprocess.CompletedProcess[str]


def filmgate(
    *arguments: object,
    folder: Path | None = None,
    given: str = "",
    env: Mapping[str, str] = NONE,
) -> Done:
    """In *folder*, with *given* on its standard input; not in a new process: that is slow."""
    streams = {"stdin": _text(given), "stdout": _text(), "stderr": _text()}
    command = [*map(str, arguments)]
    # In a thread that has no event loop yet, as a new process has none.
    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(1) as thread:
        for name in os.environ.keys() - surroundings.environment(measured=True):  # noqa: TID251
            patch.delenv(name)
        for name, value in env.items():
            patch.setenv(name, value)
        for name, stream in streams.items():
            patch.setattr(sys, name, stream)
        patch.chdir(folder or Path.cwd())
        code = thread.submit(_code, command).result()
    return Done(command, code, _said(streams["stdout"]), _said(streams["stderr"]))


def process(
    *arguments: object,
    folder: Path | None = None,
    env: Mapping[str, str] = NONE,
    program: tuple[str, ...] = PROGRAM,
) -> Done:
    """The same in a process of its own, to its end."""
    return subprocess.run(
        [*program, *map(str, arguments)],
        cwd=folder,
        env=surroundings.environment(measured=True) | dict(env),
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def _code(command: list[str]) -> int:
    try:
        return main(command)
    except SystemExit as left:
        return int(left.code or 0)


def _text(content: str = "") -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(content.encode()), encoding="utf-8")


def _said(stream: io.TextIOWrapper) -> str:
    stream.seek(0)
    return stream.read()
