"""Files and uploads on a real disk and real rows, without a server."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from fakes import MovedClock, ids
from filmgate.domain.caller import Caller
from filmgate.domain.claim import Claim
from filmgate.domain.file import (
    File,
    UploadInParts,
)
from filmgate.gateway.files import Files
from filmgate.gateway.submission import Upload
from filmgate.gateway.uploads import Uploads
from filmgate.ports import Stored
from filmgate.storage.blobs.local import LocalBlobs
from filmgate.storage.database.callers import CallerRows
from filmgate.storage.database.claims import ClaimRows
from filmgate.storage.database.files import FileRows
from filmgate.storage.database.prepare import prepare
from filmgate.storage.database.sqlite import SQLite
from filmgate.storage.database.uploads import UploadRows

ANN = Caller(id="caller_ann", name="ann", admin=False)
BOB = Caller(id="caller_bob", name="bob", admin=False)


class Disk(LocalBlobs):
    """A real one that can be made to fail, or to wait."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.dead = False  # after whatever it does
        self.keeps = False  # what is to be deleted: it dies before
        self.gate = asyncio.Event()
        self.gate.set()
        self.reached = asyncio.Event()

    async def put(
        self, key: str, source: Path | BinaryIO, *, media_type: str | None = None
    ) -> Stored:
        self.reached.set()
        await self.gate.wait()
        stored = await super().put(key, source, media_type=media_type)
        if self.dead:
            raise PowerCut
        return stored

    async def get(self, key: str, path: Path) -> None:
        self.reached.set()
        await self.gate.wait()
        await super().get(key, path)

    async def delete(self, keys: Sequence[str]) -> None:
        if self.keeps:
            raise PowerCut
        await super().delete(keys)
        if self.dead:
            raise PowerCut


class PowerCut(Exception):
    """The process is gone."""


@dataclass
class Shop:
    """Files and uploads on a real disk and real rows."""

    files: Files
    uploads: Uploads
    blobs: Disk
    clock: MovedClock
    folder: Path
    database: SQLite

    def stored(self) -> int:
        return sum(1 for path in (self.folder / "films").rglob("*") if path.is_file())

    def rows(self, table: str) -> int:
        return int(self.database._reader.execute(f"SELECT count(*) FROM {table}").fetchone()[0])

    def left(self) -> list[Path]:
        return list((self.folder / "work").iterdir())

    async def read(self, file: File) -> bytes:
        return await self.blobs.read(file.key)

    async def begun(self, size: int = 6, **more: Any) -> UploadInParts:
        fields = {"filename": "a.bin", "purpose": "vision", "media_type": "video/mp4"} | more
        return await self.uploads.create(ANN, size=size, **fields)

    async def part(self, upload: UploadInParts, content: bytes) -> str:
        return (await self.uploads.add_part(upload.id, ANN, sent(content))).id


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Shop]:
    prepare(folder / "rows.db")
    database = SQLite(folder / "rows.db")
    clock, blobs, new_id = MovedClock(), Disk(folder / "films"), ids()
    for caller in (ANN, BOB):
        await CallerRows(database).ensure(caller.id, caller.name, at=clock.now())
    (folder / "work").mkdir()
    claims = ClaimRows(database)
    files = Files(FileRows(database), claims=claims, blobs=blobs, clock=clock, new_id=new_id)
    uploads = Uploads(
        UploadRows(database),
        files=files,
        claims=claims,
        blobs=blobs,
        folder=folder / "work",
        clock=clock,
        new_id=new_id,
    )
    yield Shop(files, uploads, blobs, clock, folder, database)
    await database.close()


def sent(content: bytes = b"a story", filename: str = "story.txt") -> Upload:
    return Upload(param="file", file=io.BytesIO(content), filename=filename)


def claim(key: str = "k", fingerprint: str = "f", path: str = "/v1/files") -> Claim:
    return Claim(caller_id=ANN.id, path=path, key=key, fingerprint=fingerprint)
