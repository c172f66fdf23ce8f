"""`/v1/files` on the wire."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import httpx
import pytest
from openai import NotFoundError

from dialects.file_desk import Desk, begun, opened_desk
from filmgate.dialects.openai import files, uploads
from filmgate.dialects.openai.files import disposition, media_type

#: What may be in a file that a browser must never run.
PAGE = b"<script>alert(1)</script>"


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with opened_desk(tmp_path) as desk:
        yield desk


async def test_a_file_is_answered_as_the_contract_says(desk: Desk) -> None:
    made = await desk.call(
        "POST",
        "/v1/files",
        data={
            "purpose": "vision",
            "expires_after[anchor]": "created_at",
            "expires_after[seconds]": "3600",
        },
        files={"file": ("影片 'a;b'.mp4", b"film")},
    )
    now = int(desk.shop.clock.now().timestamp())
    assert made.json() == {
        "id": made.json()["id"],
        "object": "file",
        "bytes": 4,
        "created_at": now,
        "expires_at": now + 3600,
        "filename": "影片 'a;b'.mp4",
        "purpose": "vision",
        "status": "processed",
    }
    assert made.json()["id"].startswith("file-")
    assert (await desk.call("GET", f"/v1/files/{made.json()['id']}")).json() == made.json()
    kept = await desk.given()
    assert "expires_at" not in (await desk.call("GET", f"/v1/files/{kept}")).json()


async def test_the_content_is_the_very_bytes_to_be_saved(desk: Desk) -> None:
    file_id = await desk.given(PAGE, "the film/影片.html")
    got = await desk.call("GET", f"/v1/files/{file_id}/content")
    assert (got.status_code, got.content) == (200, PAGE)
    assert got.headers["content-type"] == "text/html"
    assert got.headers["x-content-type-options"] == "nosniff"
    assert got.headers["content-disposition"] == (
        'attachment; filename="the film___.html"; '
        "filename*=UTF-8''the%20film_%E5%BD%B1%E7%89%87.html"
    )
    part = await desk.call(
        "GET", f"/v1/files/{file_id}/content", headers={"range": "bytes=1-6"}
    )
    assert (part.status_code, part.content) == (206, b"script")
    assert part.headers["content-range"] == f"bytes 1-6/{len(PAGE)}"
    assert part.headers["content-disposition"] == got.headers["content-disposition"]
    head = await desk.call("HEAD", f"/v1/files/{file_id}/content")
    assert (head.content, head.headers["content-length"]) == (b"", str(len(PAGE)))
    same = await desk.call(
        "GET", f"/v1/files/{file_id}/content", headers={"if-none-match": got.headers["etag"]}
    )
    assert (same.status_code, "content-type" in same.headers) == (304, False)
    beyond = await desk.call(
        "GET", f"/v1/files/{file_id}/content", headers={"range": "bytes=99-"}
    )
    assert beyond.status_code == 416


async def test_an_empty_file_is_a_file(desk: Desk) -> None:
    file_id = await desk.given(b"")
    path = f"/v1/files/{file_id}/content"
    got = await desk.call("GET", path)
    assert (got.status_code, got.content) == (200, b"")
    assert (await desk.call("GET", path, headers={"range": "bytes=-5"})).status_code == 416


@pytest.mark.parametrize(
    ("filename", "kind"),
    [
        ("a.png", "image/png"),
        ("a.txt", "text/plain"),
        ("a.tar.gz", "application/octet-stream"),
        ("a.unheard-of", "application/octet-stream"),
        ("a", "application/octet-stream"),
    ],
)
def test_the_media_type_is_what_the_name_says(filename: str, kind: str) -> None:
    assert media_type(filename) == kind


def test_a_name_cannot_leave_its_header() -> None:
    name = 'a"; filename=b\r\nset-cookie: c\\d'
    assert disposition(name) == (
        'attachment; filename="a__ filename_b__set-cookie_ c_d"; '
        "filename*=UTF-8''a%22%3B%20filename%3Db%0D%0Aset-cookie%3A%20c_d"
    )


async def test_a_deleted_or_foreign_file_is_not_found(desk: Desk) -> None:
    file_id = await desk.given()
    paths = [("GET", ""), ("GET", "/content"), ("DELETE", "")]
    for method, path in paths:
        got = await desk.call(method, f"/v1/files/{file_id}{path}", name="bob")
        assert (got.status_code, got.json()["error"]["code"]) == (404, "file_not_found")
        assert got.json()["error"]["param"] == "file_id"
    gone = await desk.call("DELETE", f"/v1/files/{file_id}")
    assert gone.json() == {"id": file_id, "object": "file", "deleted": True}
    for method, path in paths:
        got = await desk.call(method, f"/v1/files/{file_id}{path}")
        assert got.status_code == 404


async def test_lists_are_pages_of_all_files_newest_first(desk: Desk) -> None:
    empty = await desk.call("GET", "/v1/files")
    assert empty.json() == {
        "object": "list",
        "data": [],
        "first_id": "",
        "last_id": "",
        "has_more": False,
    }
    made = []
    for purpose in ("batch", "vision", "vision"):
        made.append(await desk.given(purpose=purpose))
        desk.shop.clock.move(timedelta(seconds=1))
    body = (await desk.call("GET", "/v1/files?limit=2")).json()
    assert [file["id"] for file in body["data"]] == made[:0:-1]
    assert (body["first_id"], body["last_id"], body["has_more"]) == (made[2], made[1], True)
    body = (await desk.call("GET", f"/v1/files?order=asc&after={made[1]}")).json()
    assert [file["id"] for file in body["data"]] == [made[2]]
    body = (await desk.call("GET", "/v1/files?purpose=batch&limit=10000")).json()
    assert [file["id"] for file in body["data"]] == [made[0]]
    assert (await desk.call("GET", "/v1/files", name="bob")).json()["data"] == []


@pytest.mark.parametrize(
    ("query", "param"),
    [
        ("limit=0", "limit"),
        ("limit=10001", "limit"),
        ("limit=-1", "limit"),
        ("order=up", "order"),
    ],
)
async def test_a_list_says_what_it_does_not_take(desk: Desk, query: str, param: str) -> None:
    got = await desk.call("GET", f"/v1/files?{query}")
    assert (got.status_code, got.json()["error"]["param"]) == (400, param)


@pytest.mark.parametrize(
    ("fields", "param", "code"),
    [
        ({"file": "text", "purpose": "vision"}, "file", "invalid_type"),
        ({"file": {"param": "x"}, "purpose": "vision"}, "file", "invalid_type"),
        ({"purpose": "vision"}, "file", "missing_required_parameter"),
        ({"file": "x", "purpose": "vision", "name": "x"}, "name", "unknown_parameter"),
    ],
)
async def test_a_file_in_json_is_none(
    desk: Desk, fields: dict[str, object], param: str, code: str
) -> None:
    got = await desk.post("/v1/files", fields)
    assert got.status_code == 400
    assert (got.json()["error"]["param"], got.json()["error"]["code"]) == (param, code)


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({}, "purpose"),
        ({"purpose": "films"}, "purpose"),
        ({"purpose": "batch_output"}, "purpose"),
        ({"purpose": "vision", "name": "a"}, "name"),
        ({"purpose": "vision", "expires_after": "3600"}, "expires_after"),
    ],
)
async def test_a_form_that_is_wrong_is_refused_by_name(
    desk: Desk, fields: dict[str, str], param: str
) -> None:
    got = await desk.call("POST", "/v1/files", data=fields, files={"file": ("a", b"b")})
    assert (got.status_code, got.json()["error"]["param"]) == (400, param)
    assert desk.shop.stored() == 0


@pytest.mark.parametrize(
    ("anchor", "seconds", "param"),
    [
        ("now", "3600", "anchor"),
        ("created_at", "", "seconds"),
        ("created_at", "1h", "seconds"),
        ("created_at", "３６００", "seconds"),
        ("created_at", "3599", "seconds"),
        ("created_at", "2592001", "seconds"),
        ("created_at", "9" * 12, "seconds"),
        ("created_at", "9" * 13, "seconds"),
    ],
)
async def test_a_time_that_cannot_be_is_refused_by_name(
    desk: Desk, anchor: str, seconds: str, param: str
) -> None:
    fields = {"expires_after[anchor]": anchor, "expires_after[seconds]": seconds}
    got = await desk.call(
        "POST",
        "/v1/files",
        data=fields | {"purpose": "vision"},
        files={"file": ("a", b"b")},
    )
    assert (got.status_code, got.json()["error"]["param"]) == (400, f"expires_after.{param}")


async def test_the_same_key_and_form_give_the_same_file(desk: Desk) -> None:
    async def send(content: bytes, key: str = "k") -> httpx.Response:
        return await desk.call(
            "POST",
            "/v1/files",
            data={"purpose": "vision"},
            files={"file": ("a", content)},
            headers={"idempotency-key": key},
        )

    made = await asyncio.gather(*(send(b"one") for _ in range(8)))
    assert len({one.json()["id"] for one in made}) == 1
    other = await send(b"two")
    assert (other.status_code, other.json()["error"]["code"]) == (409, "idempotency_key_reused")
    assert desk.shop.stored() == 1


async def test_a_file_beyond_512_mb_is_refused_by_name(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "LARGEST_FILE", 1 << 20)
    monkeypatch.setattr(uploads, "LARGEST_PART", 1 << 20)
    content = bytes((1 << 20) + 1)
    got = await desk.call(
        "POST", "/v1/files", data={"purpose": "vision"}, files={"file": ("a", content)}
    )
    assert (got.status_code, got.json()["error"]["param"]) == (413, "file")
    assert await desk.given(content[1:])
    upload = await begun(desk, size=1 << 21)
    got = await desk.call(
        "POST", f"/v1/uploads/{upload['id']}/parts", files={"data": ("a", content)}
    )
    assert (got.status_code, got.json()["error"]["param"]) == (413, "data")


async def test_the_official_sdk_does_all_it_can_with_files(desk: Desk, tmp_path: Path) -> None:
    sdk = await desk.sdk()
    path = tmp_path / "lines.jsonl"
    path.write_bytes(b'{"a": 1}\n')
    file = await sdk.files.create(
        file=path, purpose="batch", expires_after={"anchor": "created_at", "seconds": 3600}
    )
    assert (file.filename, file.bytes, file.status) == ("lines.jsonl", 9, "processed")
    assert file.expires_at == file.created_at + 3600
    assert await sdk.files.wait_for_processing(file.id) == file
    assert await sdk.files.retrieve(file.id) == file
    assert json.loads((await sdk.files.content(file.id)).text) == {"a": 1}
    for count in range(4):
        await sdk.files.create(file=(f"{count}", b"x"), purpose="vision")
    listed = [one.id async for one in sdk.files.list(limit=2)]
    assert len(set(listed)) == len(listed) == 5
    assert all(one > other for one, other in pairwise(listed))
    assert [one.id async for one in sdk.files.list(purpose="batch")] == [file.id]
    assert (await sdk.files.delete(file.id)).deleted
    with pytest.raises(NotFoundError):
        await sdk.files.retrieve(file.id)
