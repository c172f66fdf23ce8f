"""Bytes by key, and what is in them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO, Protocol

from filmgate.domain.request import Fit, Size


@dataclass(frozen=True, kw_only=True)
class Stored:
    """What a blob turned out to be."""

    size: int  #: bytes
    sha256: str  #: hex


class Blobs(Protocol):
    """
    Bytes by key.

    `FileNotFoundError` where there is none of that key; `StorageUnavailable` where the
    store is full, refuses, or does not answer. A blob is there whole, or not at all.
    """

    async def save(self, chunks: AsyncIterator[bytes], path: Path) -> None:
        """Write what comes in to a file of this machine that is not a blob yet."""
        ...

    async def put(
        self, key: str, source: Path | BinaryIO, *, media_type: str | None = None
    ) -> Stored:
        """
        Store a file whole, safe from a power cut on return. A path is gone then.

        *media_type* is for those who follow a `link`.
        """
        ...

    async def read(self, key: str) -> bytes:
        """The whole blob."""
        ...

    async def size(self, key: str) -> int:
        """Bytes of the blob."""
        ...

    def stream(
        self, key: str, start: int = 0, stop: int | None = None
    ) -> AsyncGenerator[bytes]:
        """The bytes from *start* up to *stop*, in pieces. Close it: it may be a connection."""
        ...

    async def delete(self, keys: Sequence[str]) -> None:
        """Remove blobs; those that are not there are fine."""
        ...

    async def copy(self, key: str, to: str) -> Stored:
        """The same bytes under another key; neither's end touches the other."""
        ...

    async def get(self, key: str, path: Path) -> None:
        """Write the whole blob to a file of this machine."""
        ...

    def local_path(self, key: str) -> Path | None:
        """Where the blob lies on this machine, if it does."""
        ...

    async def link(self, key: str, lasts: timedelta) -> str | None:
        """
        Where anybody can get the blob for so long; None if the store is to hand out none.

        Nobody looks whether the blob is there.
        """
        ...

    def room(self) -> int | None:
        """Bytes that more blobs may have; None if nobody knows."""
        ...


@dataclass(frozen=True, kw_only=True)
class Film:
    """What an inspector found in a video file, and the stills it drew from it."""

    size: Size
    seconds: float
    fps: float
    codecs: tuple[str, ...]  #: of the picture and, if there is any, of the sound
    thumbnail: Path  #: webp
    spritesheet: Path  #: jpeg


@dataclass(frozen=True, kw_only=True)
class Cut:
    """A part of a film, as a film of its own."""

    path: Path  #: mp4
    still: Path  #: webp; from the first third, as a film's thumbnail is
    size: Size
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Image:
    """What an inspector found in an image file. It can be decoded whole."""

    media_type: str
    size: Size


class Inspector(Protocol):
    """Looks into media files, and makes others of them."""

    async def film(self, path: Path, folder: Path) -> Film:
        """Probe a film and draw its stills into *folder*; `EngineMisbehaved` if it is none."""
        ...

    async def clip(self, path: Path, folder: Path, *, param: str) -> Film:
        """The same for a film that a caller sent; `InvalidRequest` if we cannot use it."""
        ...

    async def cut(
        self, path: Path, folder: Path, start: float, end: float, *, param: str
    ) -> Cut:
        """
        What a caller's film shows from second *start* to second *end*, exact to a frame.

        It and its still are new files in *folder*. `InvalidRequest` as from `clip`, and when
        the film ends before *end*.
        """
        ...

    async def mark(self, path: Path, to: Path) -> None:
        """
        Write a film to another file, with a mark that everybody sees on every frame.

        `EngineMisbehaved` if it is none, `StorageUnavailable` when there is no room.
        """
        ...

    async def mark_still(self, path: Path, to: Path) -> None:
        """The same for an image, which keeps its format."""
        ...

    async def image(self, file: BinaryIO | Path, *, param: str) -> Image:
        """Probe an image by its bytes; `InvalidRequest` if it is none that we take."""
        ...

    async def fit(
        self, file: BinaryIO | Path, to: Path, size: Size, how: Fit, *, param: str
    ) -> Image | None:
        """
        Write an image to another file, in the size of a film; None if it has that already.

        `InvalidRequest` as from `image`, but a GIF is taken, too.
        """
        ...
