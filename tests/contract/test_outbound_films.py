"""Films on their way from an engine: they go on where they broke off, and never mix."""

from __future__ import annotations

import asyncio
import json
import os
import tracemalloc
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from ipaddress import ip_network
from pathlib import Path

import pytest

from filmgate import (
    AccountRejected,
    Answer,
    Call,
    Complaint,
    EngineMisbehaved,
    EngineUnavailable,
    FilmgateError,
    OutputExpired,
)
from filmgate.domain.errors import StorageUnavailable
from filmgate.outbound import Outbound, films
from upstreams.names import Names
from upstreams.site import Page, Site, answer, moved

SECRET = "sk-very-secret"
FILM = os.urandom(300_000)


@dataclass
class Store:
    """Serves FILM as a store does; each of *cuts* ends one answer early, once it is read."""

    site: Site
    cuts: list[int] = field(default_factory=list)
    path: Path = Path()
    ranges: bool = True
    length: bool = True

    async def __call__(self, writer: asyncio.StreamWriter) -> None:
        said = self.site.asked[-1].headers.get("range")
        first = int(said.removeprefix("bytes=").removesuffix("-")) if said else 0
        headers = [] if not self.length else [f"content-length: {len(FILM) - first}"]
        status = 200
        if said and self.ranges:
            status = 206
            headers.append(f"content-range: bytes {first}-{len(FILM) - 1}/{len(FILM)}")
        else:
            first, headers = 0, headers if not said else [f"content-length: {len(FILM)}"]
        end = self.cuts.pop(0) if self.cuts else len(FILM)
        writer.write(answer(status, headers=headers, length=False) + FILM[first:end])
        await writer.drain()
        async with asyncio.timeout(10):
            # What the library has not handed out when the line breaks is lost.
            while end < len(FILM) and size(self.path) < end - 70_000:
                await asyncio.sleep(0.01)


def size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def explain(said: Answer[bytes]) -> Complaint | None:
    try:
        return Complaint(message=json.loads(said.body)["error"]["message"])
    except (ValueError, KeyError):
        return None


def refusal(status: int) -> bytes:
    return answer(status, b'{"error": {"message": "No."}}')


def a_call(home: str, path: str = "/film") -> Call:
    return Call(
        method="GET",
        url=f"{home}{path}",
        home=home,
        credentials={"authorization": f"Bearer {SECRET}"},
    )


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with Site() as running:
        running.pages["/film"] = Store(running)
        yield running


@pytest.fixture
async def ours() -> AsyncIterator[Outbound]:
    made = Outbound()
    yield made
    await made.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "film"


async def error_of(ours: Outbound, call: Call, path: Path) -> FilmgateError:
    with pytest.raises(FilmgateError) as caught:
        await ours.download(call, path, explain=explain)
    assert SECRET not in f"{caught.value!r} {caught.value.message}"
    return caught.value


def ranges(site: Site) -> list[str | None]:
    return [asked.headers.get("range") for asked in site.asked]


async def test_a_film_arrives_whole(ours: Outbound, site: Site, path: Path) -> None:
    await ours.download(a_call(site.url), path, explain=explain)
    assert path.read_bytes() == FILM
    assert ranges(site) == [None]
    assert site.asked[0].headers["authorization"] == f"Bearer {SECRET}"


async def test_a_film_goes_on_where_it_broke_off(
    ours: Outbound, site: Site, path: Path
) -> None:
    site.pages["/film"] = Store(site, cuts=[100_000, 250_000], path=path)
    sizes = []
    for _ in range(2):
        error = await error_of(ours, a_call(site.url), path)
        assert type(error) is EngineUnavailable
        assert FILM.startswith(path.read_bytes())
        sizes.append(size(path))
    assert 0 < sizes[0] < sizes[1]
    await ours.download(a_call(site.url), path, explain=explain)
    assert path.read_bytes() == FILM
    assert ranges(site) == [None, *(f"bytes={already}-" for already in sizes)]


async def test_a_store_without_ranges_is_read_from_the_beginning(
    ours: Outbound, site: Site, path: Path
) -> None:
    path.write_bytes(FILM[:99])
    site.pages["/film"] = Store(site, ranges=False)
    await ours.download(a_call(site.url), path, explain=explain)
    assert path.read_bytes() == FILM
    assert ranges(site) == ["bytes=99-"]


def part(first: int, total: str = str(len(FILM))) -> bytes:
    said = f"content-range: bytes {first}-{len(FILM) - 1}/{total}"
    return answer(206, FILM[first:], headers=[said])


@pytest.mark.parametrize(
    "page",
    [
        answer(416),
        part(99),
        answer(206, FILM),
        answer(206, FILM, headers=["content-range: x"]),
    ],
    ids=["416", "from elsewhere", "unsaid", "odd"],
)
async def test_a_part_that_does_not_fit_starts_again_once(
    ours: Outbound, site: Site, path: Path, page: bytes
) -> None:
    async def odd(writer: asyncio.StreamWriter) -> None:
        if "range" in site.asked[-1].headers:
            writer.write(page)
        else:
            await Store(site)(writer)

    path.write_bytes(b"x" * 400_000)
    site.pages["/film"] = odd
    await ours.download(a_call(site.url), path, explain=explain)
    assert path.read_bytes() == FILM
    assert ranges(site) == ["bytes=400000-", None]
    path.write_bytes(b"x" * 400_000)
    site.pages["/film"] = page
    assert type(await error_of(ours, a_call(site.url), path)) is EngineMisbehaved
    assert len(site.asked) == 4


async def test_a_part_that_ends_early_by_its_own_count_is_not_the_film(
    ours: Outbound, site: Site, path: Path
) -> None:
    path.write_bytes(FILM[:10])
    said = f"content-range: bytes 10-19/{len(FILM)}"
    site.pages["/film"] = answer(206, FILM[10:20], headers=[said])
    error = await error_of(ours, a_call(site.url), path)
    assert (type(error), path.read_bytes()) == (EngineUnavailable, FILM[:20])
    assert error.message == "127.0.0.1 sent 20 of 300000 bytes."


async def test_a_film_of_unsaid_length_ends_with_its_line(
    ours: Outbound, site: Site, path: Path
) -> None:
    site.pages["/film"] = Store(site, length=False)
    await ours.download(a_call(site.url), path, explain=explain)
    assert path.read_bytes() == FILM


async def nothing(writer: asyncio.StreamWriter) -> None:
    """Say nothing, and hang up."""


@pytest.mark.parametrize(
    ("page", "kind"),
    [
        *((refusal(status), OutputExpired) for status in (404, 410)),
        *((answer(status, b"<html>"), EngineUnavailable) for status in (404, 410)),
        *((refusal(status), AccountRejected) for status in (401, 403)),
        *((refusal(status), EngineUnavailable) for status in (500, 502, 503)),
        *((answer(status), EngineUnavailable) for status in (500, 502, 503)),
        (refusal(400), EngineMisbehaved),
        (answer(204), EngineMisbehaved),
        (nothing, EngineUnavailable),
        (b"SSH-2.0-OpenSSH_9.6\r\n", EngineUnavailable),
        (answer(body=b"x", headers=["content-encoding: gzip"]), EngineMisbehaved),
        (moved("/film"), EngineUnavailable),
    ],
)
async def test_a_film_that_does_not_come_is_told_by_who_is_to_blame(
    ours: Outbound, site: Site, path: Path, page: Page, kind: type[FilmgateError]
) -> None:
    path.write_bytes(FILM[:7])
    site.pages["/film"] = page
    assert type(await error_of(ours, a_call(site.url), path)) is kind
    assert path.read_bytes() == FILM[:7]


@pytest.fixture
async def store(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Site]:
    """Another host, which is allowed."""
    Names({"store.example": [["127.0.0.1"]]}).install(monkeypatch)
    async with Site() as running:
        running.pages["/film"] = Store(running)
        yield running


async def test_the_secret_stays_with_the_engine(site: Site, store: Site, path: Path) -> None:
    ours = Outbound(allowed=[ip_network("127.0.0.1/32")])
    there = f"http://store.example:{store.port}/film?signed=1"
    site.pages |= {"/here": moved("/away"), "/away": moved(there)}
    await ours.download(a_call(site.url, "/here"), path, explain=explain)
    assert path.read_bytes() == FILM
    assert [asked.headers.get("authorization") for asked in site.asked] == [
        f"Bearer {SECRET}"
    ] * 2
    await ours.download(replace(a_call(site.url), url=there), path, explain=explain)
    await ours.close()
    assert [asked.headers.get("authorization") for asked in store.asked] == [None] * 2
    # A whole film is asked for what follows it.
    assert ranges(store) == [None, "bytes=300000-"]


@pytest.mark.parametrize("status", [403, 404, 410])
async def test_a_link_to_a_store_that_does_not_work_any_more_has_expired(
    store: Site, path: Path, status: int
) -> None:
    ours = Outbound(allowed=[ip_network("127.0.0.1/32")])
    store.pages["/film"] = answer(status, b"<Error>ExpiredToken</Error>")
    there = f"http://store.example:{store.port}/film?signed=1"
    error = await error_of(ours, replace(a_call("http://a.example"), url=there), path)
    await ours.close()
    assert type(error) is OutputExpired
    assert "signed" not in error.message


async def test_a_link_to_somewhere_inside_is_not_followed(
    ours: Outbound, site: Site, store: Site, path: Path
) -> None:
    site.pages["/away"] = moved(f"{store.url}/film")
    for call in (
        a_call(site.url, "/away"),
        replace(a_call(site.url), url=f"{store.url}/film"),
        replace(a_call(site.url), url=f"http://store.example:{store.port}/film"),
    ):
        error = await error_of(ours, call, path)
        assert type(error) is EngineUnavailable
        assert "is not a public address" in error.message
    assert store.asked == []


async def test_a_film_has_a_largest_size(ours: Outbound, site: Site, path: Path) -> None:
    for length in (True, False):
        site.pages["/film"] = Store(site, length=length)
        with pytest.raises(EngineMisbehaved, match="a film of more than 299999 bytes"):
            await ours.download(a_call(site.url), path, explain=explain, most=299_999)
    path.unlink()
    await ours.download(a_call(site.url), path, explain=explain, most=300_000)
    assert path.read_bytes() == FILM


async def test_a_film_that_stands_still_is_given_up(
    ours: Outbound, site: Site, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(films, "IDLE", 0.1)

    async def halting(writer: asyncio.StreamWriter) -> None:
        writer.write(answer(headers=["content-length: 9"], length=False) + FILM[:5])
        await writer.drain()
        await asyncio.Event().wait()

    site.pages["/film"] = halting
    assert type(await error_of(ours, a_call(site.url), path)) is EngineUnavailable
    assert path.read_bytes() == FILM[:5]


async def test_a_disk_of_ours_that_fails_is_told_as_ours(
    ours: Outbound, site: Site, tmp_path: Path
) -> None:
    error = await error_of(ours, a_call(site.url), tmp_path / "no" / "film")
    assert type(error) is StorageUnavailable
    assert str(tmp_path) not in error.message


async def test_a_large_film_takes_little_memory(ours: Outbound, site: Site, path: Path) -> None:
    async def large(writer: asyncio.StreamWriter) -> None:
        writer.write(answer(headers=[f"content-length: {64 << 20}"], length=False))
        for _ in range(64):
            writer.write(bytes(1 << 20))
            await writer.drain()

    site.pages["/film"] = large
    tracemalloc.start()
    try:
        await ours.download(a_call(site.url), path, explain=explain)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert path.stat().st_size == 64 << 20
    assert most < 16 << 20
