"""
What the operating system does for us.

Every call that only POSIX has is here, with what Windows and macOS do instead.
Run on Linux; the branches for Windows and macOS have been read, not run.
"""

from __future__ import annotations

import os
import sys
import threading
from io import FileIO
from pathlib import Path
from typing import IO

from filmgate.domain.errors import CannotStart

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl
    import resource


ORPHANED = 3  #: exit code of a child whose parent has gone
UNCOUNTED = 1 << 20  #: files, where there is no limit


class FolderLock:
    """
    An exclusive hold on a folder, until released or the process ends.

    The system lets go of it when the process dies, however it dies.
    """

    def __init__(self, folder: Path) -> None:
        self._file: IO[str] = (folder / "lock").open("a")
        try:
            _lock(self._file)
        except OSError as error:
            self._file.close()
            message = (
                f"Another filmgate uses {folder}. Talk to it with FILMGATE_URL and "
                "FILMGATE_API_KEY, or choose another folder with --data."
            )
            raise CannotStart(message) from error

    def release(self) -> None:
        self._file.close()


def sync(path: Path) -> int:
    """See that a file, and its name in its folders, survive a power cut; its bytes."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())
        size = os.fstat(file.fileno()).st_size
    if sys.platform != "win32":  # Windows has no handle for a folder to sync
        # A film lies three folders deep, all of which may be new.
        for folder in list(path.parents)[:3]:
            try:
                descriptor = os.open(folder, os.O_RDONLY)
            except PermissionError:
                break  # not ours, so its names are older than we are
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
    return size


def read_cached(file: FileIO, at: int, size: int) -> bytes:
    """Up to *size* bytes that the system has in memory; none where it would have to wait."""
    if sys.platform != "linux":
        return b""
    buffer = bytearray(size)
    try:
        got = os.preadv(file.fileno(), [buffer], at, os.RWF_NOWAIT)
    except OSError:  # not in memory, or a file system that cannot tell
        return b""
    return bytes(memoryview(buffer)[:got])


def read_at(file: FileIO, at: int, size: int) -> bytes:
    """Up to *size* bytes from *at*; `EOFError` if there are none. Moves the file's position."""
    file.seek(at)
    chunk = file.read(size)
    if not chunk:
        message = f"{file.name!r} ends before byte {at}."
        raise EOFError(message)
    return chunk


def die_with_parent() -> None:
    """From now on, end this process when its standard input ends, and so with its parent."""
    threading.Thread(target=_wait_for_the_end, daemon=True).start()


def _wait_for_the_end() -> None:
    # Not `sys.stdin`: its lock, held here, would abort the interpreter's own exit.
    while os.read(0, 4096):
        continue
    os._exit(ORPHANED)


def lower_priority() -> None:
    """Let everybody else go first. Nothing on Windows."""
    if sys.platform != "win32":
        os.nice(10)


def limit_memory(limit: int) -> None:
    """Make allocations beyond *limit* bytes of address space fail. Linux only."""
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def most_files() -> int:
    """How many files and connections this process may have open, as far as anybody counts."""
    if sys.platform == "win32":
        return UNCOUNTED
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return UNCOUNTED if limit == resource.RLIM_INFINITY else min(limit, UNCOUNTED)


def data_folder() -> Path:
    """Where a program of this user keeps its data, by the system's custom."""
    home = Path.home()
    if sys.platform == "win32":
        return home / "AppData" / "Local" / "filmgate"
    if sys.platform == "darwin":
        return home / "Library" / "Application Support" / "filmgate"
    return home / ".local" / "share" / "filmgate"


def _lock(file: IO[str]) -> None:
    if sys.platform == "win32":
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
