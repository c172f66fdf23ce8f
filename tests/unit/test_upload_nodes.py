"""An upload that two nodes end at once: their locks do not know each other, the rows do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from filmgate.domain.errors import InvalidRequest
from filmgate.domain.file import UploadStatus
from filmgate.gateway.uploads import Uploads
from filmgate.storage.database.claims import ClaimRows
from filmgate.storage.database.uploads import UploadRows
from unit.file_shop import ANN, Shop, claim, opened


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with opened(tmp_path) as shop:
        yield shop


def neighbour(shop: Shop) -> Uploads:
    """The same rows and bytes, at another node."""
    new_id = shop.uploads._new_id
    return Uploads(
        UploadRows(shop.database),
        files=shop.files,
        claims=ClaimRows(shop.database),
        blobs=shop.blobs,
        folder=shop.folder / "work",
        clock=shop.clock,
        new_id=new_id,
    )


async def joining(
    shop: Shop, upload_id: str, part: str, **more: object
) -> asyncio.Task[object]:
    """A completion that has begun to read, and waits."""
    shop.blobs.gate.clear()
    shop.blobs.reached.clear()
    task: asyncio.Task[object] = asyncio.create_task(
        shop.uploads.complete(upload_id, ANN, [part], **more)  # type: ignore[arg-type]
    )
    await shop.blobs.reached.wait()
    return task


async def test_who_cancels_elsewhere_wins_over_who_still_joins(shop: Shop) -> None:
    upload = await shop.begun(size=3)
    task = await joining(shop, upload.id, await shop.part(upload, b"abc"))
    cancelled = await neighbour(shop).cancel(upload.id, ANN)
    assert cancelled.status is UploadStatus.CANCELLED
    shop.blobs.gate.set()
    with pytest.raises(InvalidRequest, match="is cancelled"):
        await task
    shop.clock.move(timedelta(hours=6))
    await shop.files.tidy()
    assert (shop.stored(), shop.rows("files"), shop.left()) == (0, 0, [])


@pytest.mark.parametrize("again", ["retry", "key"])
async def test_a_retry_at_another_node_is_answered_alike(shop: Shop, again: str) -> None:
    upload = await shop.begun(size=3)
    part = await shop.part(upload, b"abc")
    key = claim(path="complete") if again == "key" else None
    task = await joining(shop, upload.id, part, claim=key, retry=0 if key else 1)
    shop.blobs.reached.clear()
    other = asyncio.create_task(
        neighbour(shop).complete(upload.id, ANN, [part], claim=key, retry=1)
    )
    await shop.blobs.reached.wait()  # both join
    shop.blobs.gate.set()
    assert await task == await other
    shop.clock.move(timedelta(hours=6))
    await shop.files.tidy()
    assert (shop.stored(), shop.rows("files"), shop.left()) == (1, 1, [])


async def test_two_who_complete_at_once_make_one_file(shop: Shop) -> None:
    upload = await shop.begun(size=3)
    part = await shop.part(upload, b"abc")
    task = await joining(shop, upload.id, part)
    shop.blobs.reached.clear()
    other = asyncio.create_task(neighbour(shop).complete(upload.id, ANN, [part]))
    await shop.blobs.reached.wait()
    shop.blobs.gate.set()
    ends = await asyncio.gather(task, other, return_exceptions=True)
    (refused,) = [end for end in ends if isinstance(end, BaseException)]
    assert "is completed" in str(refused)
    shop.clock.move(timedelta(hours=6))
    await shop.files.tidy()
    assert (shop.stored(), shop.rows("files"), shop.left()) == (1, 1, [])


async def test_nothing_is_removed_while_another_node_joins_it(shop: Shop) -> None:
    upload = await shop.begun(size=3)
    part = await shop.part(upload, b"abc")
    shop.clock.move(timedelta(minutes=59))
    task = await joining(shop, upload.id, part)
    shop.clock.move(timedelta(minutes=5))
    await neighbour(shop).tidy()
    shop.blobs.gate.set()
    await task
    assert shop.stored() == 1


async def test_bytes_that_are_gone_from_a_pending_upload_are_a_bug(shop: Shop) -> None:
    upload = await shop.begun(size=3)
    part = await shop.part(upload, b"abc")
    (key,) = await shop.database.row("SELECT key FROM upload_parts")
    await shop.blobs.delete([key])
    with pytest.raises(FileNotFoundError):
        await shop.uploads.complete(upload.id, ANN, [part])


async def test_a_cancellation_said_twice_at_once_is_one(shop: Shop) -> None:
    upload = await shop.begun()
    await shop.part(upload, b"abc")
    one, two = await asyncio.gather(
        shop.uploads.cancel(upload.id, ANN), neighbour(shop).cancel(upload.id, ANN, retry=1)
    )
    assert one == two
    assert (one.status, shop.stored()) == (UploadStatus.CANCELLED, 0)
