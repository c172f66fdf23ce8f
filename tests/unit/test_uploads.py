"""Uploads: parts become a file once, or nothing."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from filmgate.domain.errors import Conflict, FilmgateError, InvalidRequest
from filmgate.domain.file import (
    LARGEST_UPLOAD,
    UploadStatus,
)
from filmgate.gateway import uploads as gateway_uploads
from filmgate.gateway.uploads import JOINING
from filmgate.storage.database.uploads import UploadRows
from unit.file_shop import ANN, BOB, PowerCut, Shop, claim, opened, sent


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with opened(tmp_path) as shop:
        yield shop


async def test_parts_are_joined_in_the_order_that_is_said(shop: Shop) -> None:
    upload = await shop.begun(size=9, filename="film.mp4", purpose="batch")
    later, unused, first = [
        await shop.part(upload, content) for content in (b"FGHI", b"xyz", b"ABCDE")
    ]
    digest = hashlib.md5(b"ABCDEFGHI").hexdigest().upper()
    shop.clock.move(timedelta(minutes=30))
    done = await shop.uploads.complete(upload.id, ANN, [first, later], md5=digest)

    assert done == replace(upload, status=UploadStatus.COMPLETED, file_id=done.file_id)
    file = await shop.uploads.file_of(done, ANN)
    assert file is not None
    assert await shop.read(file) == b"ABCDEFGHI"
    assert (file.filename, file.purpose, file.size) == ("film.mp4", "batch", 9)
    assert file.sha256 == hashlib.sha256(b"ABCDEFGHI").hexdigest()
    assert file.expires_at == shop.clock.now() + timedelta(days=30)
    assert await shop.files.get(file.id, ANN) == file
    assert unused
    assert (shop.stored(), shop.left()) == (1, [])


async def test_a_part_longer_than_what_is_read_at_once_is_whole(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gateway_uploads, "CHUNK", 3)
    upload = await shop.begun(size=20, kept=timedelta(hours=3))
    parts = [await shop.part(upload, content) for content in (b"0123456789", b"abcdefghij")]
    file = await shop.uploads.file_of(await shop.uploads.complete(upload.id, ANN, parts), ANN)
    assert file is not None
    assert await shop.read(file) == b"0123456789abcdefghij"
    assert file.expires_at == shop.clock.now() + timedelta(hours=3)


async def test_what_a_completed_upload_became_may_be_gone(shop: Shop) -> None:
    upload = await shop.begun()
    assert await shop.uploads.file_of(upload, ANN) is None
    done = await shop.uploads.complete(upload.id, ANN, [await shop.part(upload, b"abcdef")])
    await shop.files.delete(done.file_id or "", ANN)
    assert await shop.uploads.file_of(done, ANN) is None


@pytest.mark.parametrize(
    ("order", "md5", "param", "code"),
    [
        ([0], None, "part_ids", "upload_size_mismatch"),
        ([0, 1, 2], None, "part_ids", "upload_size_mismatch"),
        ([], None, "part_ids", "upload_size_mismatch"),
        ([0, 0], None, "part_ids", "invalid_value"),
        ([0, 3], None, "part_ids", "part_not_found"),
        ([1, 0], hashlib.md5(b"abcdef").hexdigest(), "md5", "md5_mismatch"),
        ([0, 1], "nonsense", "md5", "md5_mismatch"),
    ],
)
async def test_parts_that_are_not_the_file_are_refused_and_can_be_put_right(
    shop: Shop, order: list[int], md5: str | None, param: str, code: str
) -> None:
    upload, other = await shop.begun(), await shop.begun()
    parts = [await shop.part(upload, content) for content in (b"abc", b"def", b"g")]
    parts.append(await shop.part(other, b"def"))
    with pytest.raises(InvalidRequest) as error:
        await shop.uploads.complete(upload.id, ANN, [parts[at] for at in order], md5=md5)
    assert (error.value.param, error.value.code) == (param, code)
    assert (shop.rows("files"), shop.left()) == (0, [])

    done = await shop.uploads.complete(upload.id, ANN, parts[:2])
    assert done.status is UploadStatus.COMPLETED


async def test_a_cancelled_upload_leaves_nothing(shop: Shop) -> None:
    upload = await shop.begun()
    await shop.part(upload, b"abc")
    cancelled = await shop.uploads.cancel(upload.id, ANN)
    assert cancelled == replace(upload, status=UploadStatus.CANCELLED)
    assert shop.stored() == 0


async def test_an_upload_expires_and_leaves_nothing(shop: Shop) -> None:
    upload = await shop.begun()
    await shop.part(upload, b"abc")
    shop.clock.move(timedelta(hours=1, microseconds=-1))
    await shop.uploads.tidy()
    assert (shop.uploads.status(upload), shop.stored()) == (UploadStatus.PENDING, 1)

    shop.clock.move(timedelta(microseconds=1))
    assert shop.uploads.status(upload) is UploadStatus.EXPIRED
    await shop.uploads.tidy()
    assert shop.stored() == 1  # another node may be joining it
    shop.clock.move(JOINING)
    await shop.uploads.tidy()
    assert (shop.stored(), shop.rows("uploads")) == (0, 1)
    shop.clock.move(timedelta(hours=24))
    await shop.uploads.tidy()
    assert (shop.rows("uploads"), shop.rows("upload_parts")) == (0, 0)


@pytest.mark.parametrize("end", ["completed", "cancelled", "expired"])
async def test_an_upload_that_has_ended_refuses_everything(shop: Shop, end: str) -> None:
    upload = await shop.begun()
    part = await shop.part(upload, b"abcdef")
    match end:
        case "completed":
            await shop.uploads.complete(upload.id, ANN, [part])
        case "cancelled":
            await shop.uploads.cancel(upload.id, ANN)
        case _:
            shop.clock.move(timedelta(hours=1))
    for change in (
        shop.uploads.add_part(upload.id, ANN, sent()),
        shop.uploads.complete(upload.id, ANN, [part]),
        shop.uploads.cancel(upload.id, ANN),
    ):
        with pytest.raises(InvalidRequest, match=f"is {end}") as error:
            await change
        assert (error.value.param, error.value.code) == ("upload_id", "upload_not_pending")


async def test_an_answer_that_was_lost_is_given_again_to_a_retry(shop: Shop) -> None:
    upload, other = await shop.begun(), await shop.begun()
    part = await shop.part(upload, b"abcdef")
    done = await shop.uploads.complete(upload.id, ANN, [part])
    assert await shop.uploads.complete(upload.id, ANN, [part], retry=1) == done
    cancelled = await shop.uploads.cancel(other.id, ANN)
    assert await shop.uploads.cancel(other.id, ANN, retry=2) == cancelled
    with pytest.raises(InvalidRequest):
        await shop.uploads.cancel(upload.id, ANN, retry=1)
    with pytest.raises(InvalidRequest):
        await shop.uploads.cancel(other.id, ANN, claim("new"), retry=1)


async def test_the_same_key_gives_the_same_upload_part_and_end(shop: Shop) -> None:
    body = {"filename": "a", "purpose": "vision", "media_type": "image/png"}
    upload = await shop.uploads.create(ANN, size=3, **body, claim=claim())  # type: ignore[arg-type]
    assert upload == await shop.uploads.create(ANN, size=3, **body, claim=claim())  # type: ignore[arg-type]
    parts, ending = claim(path="/parts"), claim(path="/complete")
    part = await shop.uploads.add_part(upload.id, ANN, sent(b"abc"), parts)
    assert part == await shop.uploads.add_part(upload.id, ANN, sent(b"abc"), parts)
    assert shop.rows("upload_parts") == 1
    done = await shop.uploads.complete(upload.id, ANN, [part.id], claim=ending)
    assert done == await shop.uploads.complete(upload.id, ANN, [part.id], claim=ending)
    again = await shop.uploads.add_part(upload.id, ANN, sent(b"abc"), parts)
    assert again == replace(part, key="")  # its bytes are in the file

    other, leaving = await shop.begun(), claim(path="/cancel")
    cancelled = await shop.uploads.cancel(other.id, ANN, leaving)
    assert cancelled == await shop.uploads.cancel(other.id, ANN, leaving)


async def test_a_part_sent_ten_times_at_once_with_one_key_is_one(shop: Shop) -> None:
    upload = await shop.begun(size=3)
    made = await asyncio.gather(
        *(shop.uploads.add_part(upload.id, ANN, sent(b"abc"), claim()) for _ in range(10))
    )
    assert len({part.id for part in made}) == 1
    assert shop.stored() == 1


async def test_two_parts_at_once_with_one_key_are_one(shop: Shop) -> None:
    upload = await shop.begun(size=3)
    made = await asyncio.gather(
        shop.uploads.add_part(upload.id, ANN, sent(b"abc"), claim(fingerprint="a")),
        shop.uploads.add_part(upload.id, ANN, sent(b"xyz"), claim(fingerprint="b")),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in made) == ["Conflict", "UploadPart"]
    assert shop.stored() == 1


async def test_a_key_taken_while_the_parts_are_joined_leaves_the_upload(shop: Shop) -> None:
    upload = await shop.begun(size=3)
    part = await shop.part(upload, b"abc")
    shop.blobs.gate.clear()
    shop.blobs.reached.clear()
    joining = asyncio.create_task(
        shop.uploads.complete(upload.id, ANN, [part], claim=claim(fingerprint="a"))
    )
    await shop.blobs.reached.wait()
    body = {"filename": "a", "purpose": "vision", "media_type": "image/png"}
    taken = claim(fingerprint="b")
    await shop.uploads.create(ANN, size=3, **body, claim=taken)  # type: ignore[arg-type]
    shop.blobs.gate.set()
    with pytest.raises(Conflict):
        await joining
    assert (shop.stored(), shop.rows("files"), shop.left()) == (1, 0, [])
    assert (await shop.uploads.complete(upload.id, ANN, [part])).file_id


async def test_ten_that_complete_at_once_make_one_file(shop: Shop) -> None:
    upload = await shop.begun(size=3)
    part = await shop.part(upload, b"abc")
    made = await asyncio.gather(
        *(
            shop.uploads.complete(upload.id, ANN, [part], claim=claim(path="/complete"))
            for _ in range(10)
        )
    )
    assert len({one.file_id for one in made}) == 1
    assert (shop.stored(), shop.rows("files")) == (1, 1)


async def test_nothing_is_removed_while_it_is_joined(shop: Shop) -> None:
    upload = await shop.begun(size=3)
    part = await shop.part(upload, b"abc")
    shop.blobs.gate.clear()
    shop.blobs.reached.clear()
    joining = asyncio.create_task(shop.uploads.complete(upload.id, ANN, [part]))
    await shop.blobs.reached.wait()
    cancelling = asyncio.create_task(shop.uploads.cancel(upload.id, ANN))
    shop.clock.move(timedelta(hours=2))
    await shop.uploads.tidy()
    shop.blobs.gate.set()

    file = await shop.uploads.file_of(await joining, ANN)
    assert file is not None
    assert await shop.read(file) == b"abc"
    with pytest.raises(InvalidRequest, match="is completed"):
        await cancelling


@pytest.mark.parametrize("end", ["cancel", "time"])
async def test_a_part_that_comes_too_late_is_refused_and_leaves_nothing(
    shop: Shop, end: str
) -> None:
    upload = await shop.begun()
    shop.blobs.gate.clear()
    shop.blobs.reached.clear()
    adding = asyncio.create_task(shop.uploads.add_part(upload.id, ANN, sent(b"abc")))
    await shop.blobs.reached.wait()
    if end == "cancel":
        await shop.uploads.cancel(upload.id, ANN)
    else:
        shop.clock.move(timedelta(hours=1))
    await shop.uploads.tidy()
    shop.blobs.gate.set()
    with pytest.raises(InvalidRequest, match=r"is (cancelled|expired)"):
        await adding
    assert shop.stored() == 0


async def test_an_upload_that_another_process_ended_is_not_completed(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = await shop.begun(size=3)
    part = await shop.part(upload, b"abc")
    rows = shop.uploads._uploads

    async def beaten(*_: object, **__: object) -> bool:
        await UploadRows(shop.database).cancel(upload.id, None, at=shop.clock.now())
        return False

    monkeypatch.setattr(rows, "complete", beaten)
    with pytest.raises(InvalidRequest, match="is cancelled"):
        await shop.uploads.complete(upload.id, ANN, [part])
    assert shop.rows("files") == 0
    other = await shop.begun(size=3)
    monkeypatch.setattr(rows, "cancel", _never)
    with pytest.raises(InvalidRequest):
        await shop.uploads.cancel(other.id, ANN)


async def _never(*_: object, **__: object) -> bool:
    return False


async def test_a_part_whose_maker_died_is_never_found_and_goes(shop: Shop) -> None:
    upload = await shop.begun(size=3)
    shop.blobs.dead = True
    with pytest.raises(PowerCut):
        await shop.uploads.add_part(upload.id, ANN, sent(b"abc"))
    shop.blobs.dead = False
    (part_id,) = await shop.database.row("SELECT id FROM upload_parts")
    with pytest.raises(InvalidRequest, match="has no part"):
        await shop.uploads.complete(upload.id, ANN, [part_id])
    assert shop.stored() == 1
    shop.clock.move(timedelta(hours=1) + JOINING)
    await shop.uploads.tidy(limit=1)
    assert shop.stored() == 0


async def test_a_joining_that_died_can_be_done_again(shop: Shop) -> None:
    upload = await shop.begun(size=3)
    part = await shop.part(upload, b"abc")
    shop.blobs.dead = True
    with pytest.raises(PowerCut):
        await shop.uploads.complete(upload.id, ANN, [part])
    shop.blobs.dead = False
    shop.blobs.keeps = True
    with pytest.raises(PowerCut):  # and once more, after the commit
        await shop.uploads.complete(upload.id, ANN, [part])
    shop.blobs.keeps = False
    file = await shop.uploads.file_of(
        await shop.uploads.complete(upload.id, ANN, [part], retry=1), ANN
    )
    assert file is not None
    assert await shop.read(file) == b"abc"
    await shop.uploads.tidy()
    shop.clock.move(timedelta(hours=6))
    await shop.files.tidy()
    assert (shop.stored(), shop.rows("files")) == (1, 1)


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"filename": ""}, "filename"),
        ({"purpose": "film"}, "purpose"),
        ({"kept": timedelta(seconds=1)}, "expires_after.seconds"),
        ({"media_type": ""}, "mime_type"),
        ({"media_type": "影片"}, "mime_type"),
        ({"media_type": "a" * 256}, "mime_type"),
    ],
)
async def test_an_upload_that_cannot_be_is_refused_by_name(
    shop: Shop, fields: dict[str, Any], param: str
) -> None:
    with pytest.raises(InvalidRequest) as error:
        await shop.begun(**fields)
    assert error.value.param == param


@pytest.mark.parametrize(("size", "fine"), [(0, False), (1, True), (8 << 30, True)])
async def test_an_upload_has_one_byte_to_8_gb(shop: Shop, *, size: int, fine: bool) -> None:
    if fine:
        assert (await shop.begun(size)).size == size
        size = LARGEST_UPLOAD + 1
    with pytest.raises(InvalidRequest) as error:
        await shop.begun(size)
    assert error.value.param == "bytes"


async def test_parts_have_no_more_room_than_the_upload(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = await shop.begun(size=6)
    with pytest.raises(InvalidRequest, match="7 bytes") as error:
        await shop.uploads.add_part(upload.id, ANN, sent(b"abcdefg"))
    assert (error.value.param, error.value.code) == ("file", "upload_too_large")
    monkeypatch.setattr(gateway_uploads, "LARGEST_UPLOAD", 10)
    await shop.part(upload, b"abcdef")
    await shop.part(upload, b"abcd")
    with pytest.raises(InvalidRequest, match="10 bytes already"):
        await shop.uploads.add_part(upload.id, ANN, sent(b"a"))


async def test_another_callers_upload_is_as_good_as_none(shop: Shop) -> None:
    upload = await shop.begun()
    for change in (
        shop.uploads.add_part(upload.id, BOB, sent()),
        shop.uploads.complete(upload.id, BOB, []),
        shop.uploads.cancel(upload.id, BOB),
    ):
        with pytest.raises(FilmgateError) as error:
            await change
        assert error.value.code == "upload_not_found"
