"""What every store of files and uploads promises."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from filmgate.domain.claim import Claim
from filmgate.domain.errors import Conflict
from filmgate.domain.file import File, UploadInParts, UploadPart, UploadStatus
from filmgate.ports import KeptFiles, KeptUploads
from filmgate.storage.database.callers import CallerRows
from filmgate.storage.database.connection import Database
from filmgate.storage.database.files import FileRows
from filmgate.storage.database.uploads import UploadRows

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
ANN, BOB = "caller_ann", "caller_bob"


@dataclass
class Rows:
    files: KeptFiles
    uploads: KeptUploads

    async def shown(self, file: File) -> File:
        await self.files.reserve(file, until=NOON + HOUR)
        await self.files.show(file, None)
        return file

    async def ids(
        self,
        *,
        caller_id: str = ANN,
        purpose: str | None = None,
        after: str | None = None,
        limit: int = 100,
        newest_first: bool = True,
        at: datetime = NOON,
    ) -> tuple[str, bool]:
        files, more = await self.files.list(
            caller_id=caller_id,
            purpose=purpose,
            after=after,
            limit=limit,
            newest_first=newest_first,
            at=at,
        )
        return "".join(file.id for file in files), more


@pytest.fixture
async def rows(database: Database) -> Rows:
    for caller in (ANN, BOB):
        await CallerRows(database).ensure(caller, caller, at=NOON)
    return Rows(FileRows(database), UploadRows(database))


def file(
    file_id: str, *, minute: int = 0, caller_id: str = ANN, purpose: str = "vision"
) -> File:
    return File(
        id=file_id,
        caller_id=caller_id,
        filename=f"影片 {file_id}.mp4",
        purpose=purpose,
        key=f"{file_id}/file",
        size=8 << 30,
        sha256="ab" * 32,
        created_at=NOON + timedelta(minutes=minute),
        expires_at=None,
    )


def upload(upload_id: str = "u") -> UploadInParts:
    return UploadInParts(
        id=upload_id,
        caller_id=ANN,
        filename="a",
        purpose="vision",
        media_type="video/mp4",
        size=8 << 30,
        status=UploadStatus.PENDING,
        created_at=NOON,
        expires_at=NOON + HOUR,
        kept=timedelta(days=30),
    )


def part(part_id: str, upload_id: str = "u") -> UploadPart:
    return UploadPart(
        id=part_id, upload_id=upload_id, key=f"{part_id}/part", size=3, created_at=NOON
    )


def claim(fingerprint: str = "f") -> Claim:
    return Claim(caller_id=ANN, path="/p", key="k", fingerprint=fingerprint)


async def test_a_file_comes_back_as_it_went_in(rows: Rows) -> None:
    kept = await rows.shown(replace(file("a"), expires_at=NOON + HOUR))
    assert await rows.files.get("a", caller_id=ANN, at=NOON) == kept
    assert await rows.files.get("a", caller_id=BOB, at=NOON) is None
    assert await rows.files.get("a", caller_id=ANN, at=NOON + HOUR) is None


async def test_a_reserved_file_is_not_there_until_it_is_shown(rows: Rows) -> None:
    kept = file("a")
    await rows.files.reserve(replace(kept, size=0, sha256=""), until=NOON + HOUR)
    assert await rows.files.get("a", caller_id=ANN, at=NOON) is None
    assert await rows.ids() == ("", False)
    assert not await rows.files.delete("a", caller_id=ANN, at=NOON)
    assert not await rows.files.gone(at=NOON + HOUR - timedelta(seconds=1), limit=9)
    assert list(await rows.files.gone(at=NOON + HOUR, limit=9)) == [("a", "a/file")]

    assert await rows.files.show(kept, None) == "a"
    assert await rows.files.get("a", caller_id=ANN, at=NOON) == kept
    assert not await rows.files.gone(at=NOON + HOUR, limit=9)


async def test_a_claimed_file_is_shown_once(rows: Rows) -> None:
    for name in "ab":
        await rows.files.reserve(file(name), until=NOON + HOUR)
    assert await rows.files.show(file("a"), claim()) == "a"
    assert await rows.files.show(file("b"), claim()) == "a"
    with pytest.raises(Conflict):
        await rows.files.show(file("b"), claim("other"))
    assert await rows.files.get("b", caller_id=ANN, at=NOON) is None


async def test_pages_follow_one_another_in_both_orders(rows: Rows) -> None:
    for name, minute in {"a": 0, "b": 1, "d": 2, "c": 2, "e": 3}.items():
        await rows.shown(file(name, minute=minute))
    await rows.shown(file("x", caller_id=BOB))
    assert await rows.ids() == ("edcba", False)
    assert await rows.ids(newest_first=False) == ("abcde", False)
    assert await rows.ids(limit=2) == ("ed", True)
    assert await rows.ids(limit=2, after="d") == ("cb", True)
    assert await rows.ids(limit=2, after="b") == ("a", False)
    assert await rows.ids(limit=2, after="c", newest_first=False) == ("de", False)
    assert await rows.ids(caller_id=BOB) == ("x", False)


async def test_a_page_follows_a_deleted_file_but_no_strangers(rows: Rows) -> None:
    for name in "abc":
        await rows.shown(file(name))
    await rows.shown(file("x", caller_id=BOB, minute=9))
    assert await rows.files.delete("b", caller_id=ANN, at=NOON)
    assert await rows.ids() == ("ca", False)
    assert await rows.ids(after="b") == ("a", False)
    assert await rows.ids(after="x") == ("", False)
    assert await rows.ids(after="none") == ("", False)


async def test_a_list_can_be_of_one_purpose(rows: Rows) -> None:
    await rows.shown(file("a"))
    await rows.shown(file("b", purpose="batch"))
    await rows.shown(replace(file("c", purpose="batch"), expires_at=NOON + HOUR))
    assert await rows.ids(purpose="batch") == ("cb", False)
    assert await rows.ids(purpose="batch", at=NOON + HOUR) == ("b", False)
    assert await rows.ids(purpose="film") == ("", False)


async def test_what_is_gone_is_found_until_it_is_forgotten(rows: Rows) -> None:
    for name in "abcd":
        await rows.shown(file(name))
    await rows.shown(replace(file("e"), expires_at=NOON))
    await rows.files.delete("a", caller_id=ANN, at=NOON)
    await rows.files.delete("b", caller_id=ANN, at=NOON)
    assert not await rows.files.delete("b", caller_id=ANN, at=NOON)
    assert not await rows.files.delete("c", caller_id=BOB, at=NOON)
    assert len(await rows.files.gone(at=NOON, limit=2)) == 2
    gone = await rows.files.gone(at=NOON, limit=9)
    assert sorted(gone) == [("a", "a/file"), ("b", "b/file"), ("e", "e/file")]
    await rows.files.forget([file_id for file_id, _ in gone])
    assert not await rows.files.gone(at=NOON, limit=9)
    assert await rows.ids() == ("dc", False)


async def test_an_upload_comes_back_as_it_went_in(rows: Rows) -> None:
    assert await rows.uploads.add(upload(), claim()) == "u"
    assert await rows.uploads.add(upload("v"), claim()) == "u"
    assert await rows.uploads.get("u", caller_id=ANN) == upload()
    assert await rows.uploads.get("v", caller_id=ANN) is None
    assert await rows.uploads.get("u", caller_id=BOB) is None
    without = replace(upload("w"), kept=None)
    await rows.uploads.add(without, None)
    assert await rows.uploads.get("w", caller_id=ANN) == without


async def test_a_part_is_there_once_it_is_added(rows: Rows) -> None:
    await rows.uploads.add(upload(), None)
    for name in "ab":
        await rows.uploads.reserve_part(part(name))
    assert list(await rows.uploads.parts("u")) == []
    assert await rows.uploads.add_part(part("a"), claim(), at=NOON) == "a"
    assert await rows.uploads.add_part(part("b"), claim(), at=NOON) == "a"
    assert list(await rows.uploads.parts("u")) == [part("a")]
    assert await rows.uploads.add_part(part("b"), None, at=NOON + HOUR) is None


@pytest.mark.parametrize("end", ["complete", "cancel", "expire"])
async def test_an_upload_ends_once(rows: Rows, end: str) -> None:
    await rows.uploads.add(upload(), None)
    for name in "ab":
        await rows.uploads.reserve_part(part(name))
    await rows.uploads.add_part(part("a"), None, at=NOON)
    for name in "fg":
        await rows.files.reserve(file(name), until=NOON + HOUR)
    at = NOON + HOUR - timedelta(microseconds=1)
    match end:
        case "complete":
            assert await rows.uploads.complete("u", file("f"), claim(), at=at)
            assert await rows.files.get("f", caller_id=ANN, at=NOON) == file("f")
            ended = replace(upload(), status=UploadStatus.COMPLETED, file_id="f")
        case "cancel":
            assert await rows.uploads.cancel("u", claim(), at=at)
            ended = replace(upload(), status=UploadStatus.CANCELLED)
        case _:
            ended, at = upload(), NOON + HOUR
    assert await rows.uploads.get("u", caller_id=ANN) == ended
    assert not await rows.uploads.cancel("u", None, at=at)
    assert await rows.uploads.add_part(part("b"), None, at=at) is None
    assert not await rows.uploads.complete("u", file("g"), None, at=at)
    assert await rows.files.get("g", caller_id=ANN, at=NOON) is None
    assert {one.id for one in await rows.uploads.useless(at=at, limit=9)} == {"a", "b"}


async def test_an_end_with_a_used_key_is_no_end(rows: Rows) -> None:
    await rows.uploads.add(upload(), claim())
    await rows.files.reserve(file("f"), until=NOON + HOUR)
    with pytest.raises(Conflict):
        await rows.uploads.complete("u", file("f"), claim("other"), at=NOON)
    assert await rows.uploads.get("u", caller_id=ANN) == upload()
    assert await rows.files.get("f", caller_id=ANN, at=NOON) is None


async def test_an_upload_is_forgotten_once_its_parts_have_no_bytes(rows: Rows) -> None:
    for name in "uvw":
        await rows.uploads.add(upload(name), None)
    await rows.uploads.reserve_part(part("a"))
    assert not await rows.uploads.useless(at=NOON, limit=9)
    assert await rows.uploads.forget(before=NOON + HOUR - timedelta(seconds=1), limit=9) == 0
    assert await rows.uploads.forget(before=NOON + HOUR, limit=1) == 1
    assert await rows.uploads.forget(before=NOON + HOUR, limit=9) == 1
    assert await rows.uploads.get("u", caller_id=ANN) == upload()

    assert [one.id for one in await rows.uploads.useless(at=NOON + HOUR, limit=9)] == ["a"]
    await rows.uploads.drop_parts(["a"])
    assert not await rows.uploads.useless(at=NOON + HOUR, limit=9)
    assert await rows.uploads.forget(before=NOON + HOUR, limit=9) == 1
    assert await rows.uploads.get("u", caller_id=ANN) is None
