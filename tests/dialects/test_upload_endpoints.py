"""`/v1/uploads` on the wire."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from openai import BadRequestError

from dialects.file_desk import Desk, begun, opened_desk


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with opened_desk(tmp_path) as desk:
        yield desk


async def test_an_upload_is_answered_as_the_contract_says(desk: Desk) -> None:
    upload = await begun(desk, expires_after={"anchor": "created_at", "seconds": 7200})
    now = int(desk.shop.clock.now().timestamp())
    assert upload == {
        "id": upload["id"],
        "object": "upload",
        "bytes": 6,
        "created_at": now,
        "expires_at": now + 3600,
        "filename": "a.bin",
        "purpose": "vision",
        "status": "pending",
    }
    path = f"/v1/uploads/{upload['id']}"
    part = await desk.call("POST", f"{path}/parts", files={"data": ("a", b"abcdef")})
    assert part.json() == {
        "id": part.json()["id"],
        "object": "upload.part",
        "created_at": now,
        "upload_id": upload["id"],
    }
    body = {"part_ids": [part.json()["id"]], "md5": hashlib.md5(b"abcdef").hexdigest()}
    done = await desk.post(f"{path}/complete", body)
    file = done.json().pop("file")
    assert done.json() == upload | {"status": "completed", "file": file}
    assert (await desk.call("GET", f"/v1/files/{file['id']}")).json() == file
    assert file["expires_at"] == now + 7200
    lost = await desk.post(f"{path}/complete", body, x_stainless_retry_count="1")
    assert lost.json() == done.json()
    again = await desk.post(f"{path}/complete", body)
    error = again.json()["error"]
    assert (again.status_code, error["param"]) == (400, "upload_id")
    assert "is completed" in error["message"]


async def test_an_upload_can_be_cancelled_and_the_answer_had_again(desk: Desk) -> None:
    upload = await begun(desk, size="6")
    path = f"/v1/uploads/{upload['id']}"
    key = {"idempotency-key": "k"}
    gone = await desk.call("POST", f"{path}/cancel", headers=key)
    assert gone.json() == upload | {"status": "cancelled"}
    assert (await desk.call("POST", f"{path}/cancel", headers=key)).json() == gone.json()
    late = await desk.call("POST", f"{path}/parts", files={"data": ("a", b"abcdef")})
    assert (late.status_code, late.json()["error"]["code"]) == (400, "upload_not_pending")
    other = await begun(desk)
    desk.shop.clock.move(timedelta(hours=1))
    late = await desk.post(f"/v1/uploads/{other['id']}/complete", {"part_ids": []})
    assert "is expired" in late.json()["error"]["message"]
    assert (await desk.call("POST", f"{path}/cancel", name="bob")).status_code == 404


@pytest.mark.parametrize(
    ("path", "body", "param"),
    [
        ("", {"bytes": 0}, "bytes"),
        ("", {"bytes": (8 << 30) + 1}, "bytes"),
        ("", {"bytes": -1}, "bytes"),
        ("", {"bytes": 10**30}, "bytes"),
        ("", {"bytes": 1.5}, "bytes"),
        ("", {"mime_type": ""}, "mime_type"),
        ("", {"filename": "\n"}, "filename"),
        ("", {"purpose": "batch_output"}, "purpose"),
        ("", {"expires_after": {"anchor": "x", "seconds": 3600}}, "expires_after.anchor"),
        ("", {"parts": 1}, "parts"),
        ("/parts", {"data": "abc"}, "data"),
        ("/complete", {"part_ids": "part_1"}, "part_ids"),
        ("/complete", {"part_ids": ["part_1"]}, "part_ids"),
    ],
)
async def test_an_upload_says_what_is_wrong_by_name(
    desk: Desk, path: str, body: dict[str, object], param: str
) -> None:
    whole = {"filename": "a", "mime_type": "b/c", "purpose": "vision", "bytes": 6} | body
    if path:
        path, whole = f"/{(await begun(desk))['id']}{path}", body
    got = await desk.post(f"/v1/uploads{path}", whole)
    assert (got.status_code, got.json()["error"]["param"]) == (400, param)


async def test_the_official_sdk_uploads_in_parts(desk: Desk, tmp_path: Path) -> None:
    sdk = await desk.sdk()
    path, content = tmp_path / "film.mp4", bytes(range(256)) * 40
    path.write_bytes(content)
    done = await sdk.uploads.upload_file_chunked(
        file=path,
        mime_type="video/mp4",
        purpose="vision",
        part_size=1000,
        md5=hashlib.md5(content).hexdigest(),
    )
    assert (done.status, done.bytes, done.filename) == ("completed", 10240, "film.mp4")
    assert done.file is not None
    assert (await sdk.files.content(done.file.id)).content == content

    upload = await sdk.uploads.create(
        bytes=6, filename="a", mime_type="b/c", purpose="user_data"
    )
    second, first = await asyncio.gather(
        sdk.uploads.parts.create(upload.id, data=b"def"),
        sdk.uploads.parts.create(upload.id, data=b"abc"),
    )
    with pytest.raises(BadRequestError):
        await sdk.uploads.complete(upload.id, part_ids=[first.id])
    done = await sdk.uploads.complete(upload.id, part_ids=[first.id, second.id])
    assert done.file is not None
    assert (await sdk.files.content(done.file.id)).content == b"abcdef"
    cancelled = await sdk.uploads.cancel(
        (await sdk.uploads.create(bytes=6, filename="a", mime_type="b/c", purpose="vision")).id
    )
    assert (cancelled.status, cancelled.file) == ("cancelled", None)
