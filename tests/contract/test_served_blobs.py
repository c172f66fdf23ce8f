"""What a client gets of a blob, wherever it lies, from a real server."""

from __future__ import annotations

import asyncio
import hashlib
import http.client
import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import psutil
import pytest
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from filmgate.dialects.openai import envelope
from filmgate.domain.asset import Asset, Variant
from filmgate.domain.errors import FilmgateError
from filmgate.ports import Blobs
from filmgate.storage.blobs.local import LocalBlobs
from filmgate.storage.blobs.remote import RemoteBlobs
from filmgate.web.edge import Edge
from filmgate.web.files import file_answer
from filmgate.web.server import HTTPServer
from object_store import ObjectStore

CONTENT = bytes(range(256)) * (32 << 12)  # 32 MB: more than any buffer on the way
ETAG = f'"{hashlib.sha256(CONTENT).hexdigest()}"'
SIZE = len(CONTENT)
OF_THE_ANSWER = {"x-request-id", "openai-processing-ms", "date"}


@dataclass
class Got:
    status: int
    headers: dict[str, str]
    body: bytes = field(repr=False)

    def about_the_file(self) -> dict[str, str]:
        return {name: v for name, v in self.headers.items() if name not in OF_THE_ANSWER}


@dataclass
class Place:
    """A server that has nothing but blobs."""

    blobs: Blobs
    url: str

    async def call(self, method: str = "GET", key: str = "job/video", **headers: str) -> Got:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return await asyncio.to_thread(call, method, f"{self.url}/{key}", sent)


def call(method: str, url: str, headers: dict[str, str]) -> Got:
    """One request; where it leads elsewhere it is not followed."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=60)
    try:
        query = f"?{parts.query}" if parts.query else ""
        connection.request(method, parts.path + query, headers=headers)
        answer = connection.getresponse()
        got = {name.lower(): value for name, value in answer.getheaders()}
        return Got(answer.status, got, answer.read())
    finally:
        connection.close()


@asynccontextmanager
async def serving(blobs: Blobs) -> AsyncIterator[Place]:
    async def content(request: Request) -> Response:
        key = request.path_params["key"]
        empty = key.endswith("empty")
        asset = Asset(
            id="asset_1",
            job_id="video_1",
            variant=Variant.VIDEO,
            media_type="video/mp4",
            key=key,
            size=0 if empty else SIZE,
            sha256="" if empty else ETAG.strip('"'),
        )
        return await file_answer(request, asset, blobs, filename="film.mp4")

    app = Starlette(
        routes=[Route("/{key:path}", content)],
        exception_handlers={
            FilmgateError: envelope.filmgate_error,
            HTTPException: envelope.http_error,
        },
    )
    server = HTTPServer(
        Edge(app, largest_body=1 << 20, render=envelope.render), host="127.0.0.1", port=0
    )
    running = asyncio.create_task(server.run())
    try:
        await server.started()
        yield Place(blobs, server.url)
    finally:
        server.stop()
        await asyncio.wait({running}, timeout=10)


@pytest.fixture
def bucket(s3: ObjectStore, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    for name, value in s3.environment.items():
        monkeypatch.setenv(name, value)
    return f"{s3.url}/{tmp_path.name}"


@pytest.fixture(params=["local", "s3"])
async def place(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Place]:
    blobs: Blobs = LocalBlobs(tmp_path / "films")
    if request.param == "s3":
        blobs = RemoteBlobs(request.getfixturevalue("bucket"))
    await blobs.put("job/video", io.BytesIO(CONTENT))
    async with serving(blobs) as place:
        yield place


async def test_the_whole_comes_with_its_headers(place: Place) -> None:
    got = await place.call()

    assert got.status == 200
    assert got.body == CONTENT
    assert {
        "content-type": "video/mp4",
        "content-length": str(SIZE),
        "accept-ranges": "bytes",
        "etag": ETAG,
        "cache-control": "private, max-age=3600",
        "content-disposition": 'inline; filename="film.mp4"',
    }.items() <= got.headers.items()


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("0-0", slice(0, 1)),
        ("100-199", slice(100, 200)),
        (f"{SIZE - 5}-", slice(SIZE - 5, None)),
        ("-100", slice(-100, None)),
        (f"100-{SIZE * 9}", slice(100, None)),
        (f"7-9,{SIZE}-", slice(7, 10)),
    ],
)
async def test_a_range_is_that_part(place: Place, asked: str, meant: slice) -> None:
    got = await place.call(range=f"bytes={asked}", if_range=ETAG)

    first, last, _ = meant.indices(SIZE)
    assert got.status == 206
    assert got.body == CONTENT[meant]
    assert got.headers["content-range"] == f"bytes {first}-{last - 1}/{SIZE}"
    assert got.headers["content-length"] == str(len(got.body))


@pytest.mark.parametrize("ranges", [{}, {"range": "bytes=10-19"}], ids=["whole", "range"])
async def test_head_says_the_same_and_sends_nothing(
    place: Place, ranges: dict[str, str]
) -> None:
    got = await place.call(**ranges)
    head = await place.call("HEAD", **ranges)

    assert (head.status, head.body) == (got.status, b"")
    mine, its = head.about_the_file(), got.about_the_file()
    assert {name for name in its if mine.get(name) != its[name]} <= {"last-modified"}


async def test_what_one_has_is_not_sent_again(place: Place) -> None:
    known = await place.call(if_none_match=ETAG)
    other = await place.call(range="bytes=0-9", if_range='"another"')

    assert (known.status, known.body, known.headers["etag"]) == (304, b"", ETAG)
    assert (other.status, other.body) == (200, CONTENT)


@pytest.mark.parametrize("ranges", [f"{SIZE}-", "-0", f"{SIZE}-,{SIZE + 1}-"])
async def test_a_range_beyond_the_end_is_an_error_like_others(
    place: Place, ranges: str
) -> None:
    got = await place.call(range=f"bytes={ranges}")

    assert got.status == 416
    assert got.headers["content-range"] == f"bytes */{SIZE}"
    assert json.loads(got.body)["error"]["code"] == "range_not_satisfiable"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_what_is_not_there_is_missing(place: Place, method: str) -> None:
    got = await place.call(method, "job/never")

    assert got.status == 404
    assert method == "HEAD" or json.loads(got.body)["error"]["code"] == "file_missing"


async def test_an_empty_file_is_a_file(place: Place) -> None:
    await place.blobs.put("job/empty", io.BytesIO(b""))

    got = await place.call(key="job/empty")

    assert (got.status, got.body, got.headers["content-length"]) == (200, b"", "0")


@pytest.mark.parametrize("ranges", ["", "range: bytes=1-\r\n"], ids=["whole", "range"])
async def test_who_leaves_amid_it_leaves_nothing_behind(place: Place, ranges: str) -> None:
    await place.call(range="bytes=0-9")  # whatever is made once has been made
    before = await settled()
    address = urlsplit(place.url)

    for _ in range(5):
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        writer.write(f"GET /job/video HTTP/1.1\r\nhost: here\r\n{ranges}\r\n".encode())
        assert b" 20" in await reader.readline()
        await reader.readexactly(100_000)
        writer.transport.abort()

    async with asyncio.timeout(20):
        while any(now > then for now, then in zip(await settled(), before, strict=True)):
            await asyncio.sleep(0.1)


async def settled() -> tuple[int, int]:
    """Tasks; and files and connections that are open."""
    me = await asyncio.to_thread(psutil.Process)
    files = [file for file in me.open_files() if "/job/" in file.path]
    established = [one for one in me.net_connections("tcp") if one.status == "ESTABLISHED"]
    return len(asyncio.all_tasks()), len(files) + len(established)


async def test_a_store_that_is_away_is_an_error_of_ours(s3: ObjectStore, bucket: str) -> None:
    blobs = RemoteBlobs(bucket)
    await blobs.put("job/video", io.BytesIO(CONTENT))
    async with serving(blobs) as place:
        s3.stop()
        try:
            got, head = await place.call(), await place.call("HEAD")
        finally:
            s3.start()
        again = await place.call()

    assert (got.status, head.status) == (503, 503)
    assert json.loads(got.body)["error"]["code"] == "storage_unavailable"
    assert got.headers["retry-after"] == "5"
    assert again.body == CONTENT


async def test_with_links_clients_are_sent_to_the_store(s3: ObjectStore, bucket: str) -> None:
    blobs = RemoteBlobs(bucket, links=True)
    await blobs.put("job/video", io.BytesIO(CONTENT), media_type="video/mp4")
    async with serving(blobs) as place:
        got = await place.call()
        head = await place.call("HEAD")
        known = await place.call(if_none_match=ETAG)
        beyond = await place.call(range=f"bytes={SIZE}-")
        # As the official SDKs do: with a key, which is for us alone.
        key = {"authorization": "Bearer fg-key"}
        async with httpx.AsyncClient(headers=key, follow_redirects=True) as client:
            followed = await client.get(f"{place.url}/job/video")
    link = got.headers["location"]
    there = await asyncio.to_thread(call, "GET", link, {"range": "bytes=5-9"})

    assert (got.status, got.body) == (302, b"")
    assert got.headers["cache-control"] == "no-store"
    assert link.startswith(s3.endpoint)
    assert (followed.status_code, followed.content) == (200, CONTENT)
    assert (there.status, there.body) == (206, CONTENT[5:10])
    assert there.headers["content-type"] == "video/mp4"
    assert (head.status, head.headers["content-length"]) == (200, str(SIZE))
    assert (known.status, beyond.status) == (304, 416)
