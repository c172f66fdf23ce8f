"""A reverse proxy for films: asked in place of their hosts, and told no secret."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from filmgate import Answer, Call, EngineUnavailable, FilmgateError, OutputExpired
from filmgate.outbound import DownloadProxy, Outbound
from upstreams.names import Names
from upstreams.proxies import RealProxy
from upstreams.reverse import ReverseProxy
from upstreams.site import Site, answer, moved

SECRET = "sk-very-secret"
FILM = os.urandom(200_000)
LINK = "https://videos.example/film%2Fone?sig=a%2Bb&to=%26"
PUBLIC = "93.184.216.34"  #: of nobody that a test gets to


def explain(_: Answer[bytes]) -> None:
    """No words of its own."""


def a_call(home: str, url: str = LINK) -> Call:
    credentials = {"authorization": f"Bearer {SECRET}", "cookie": SECRET}
    return Call(method="GET", url=url, home=home, credentials=credentials)


def part(site: Site) -> bytes:
    """The film, from where it is asked for."""
    said = site.asked[-1].headers.get("range")
    if said is None:
        return answer(body=FILM)
    first = int(said.removeprefix("bytes=").removesuffix("-"))
    where = f"content-range: bytes {first}-{len(FILM) - 1}/{len(FILM)}"
    return answer(206, FILM[first:], headers=[where])


@pytest.fixture
async def store() -> AsyncIterator[Site]:
    """The host of the films, under a name by which only the reverse proxy gets there."""
    async with Site() as running:

        async def film(writer: object) -> None:
            writer.write(part(running))  # type: ignore[attr-defined]

        running.pages["/film%2Fone"] = film
        yield running


@pytest.fixture
async def engine() -> AsyncIterator[Site]:
    async with Site() as running:
        yield running


@pytest.fixture(autouse=True)
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    known = {
        "videos.example": [[PUBLIC]],
        "cdn.example": [[PUBLIC]],
        "inside.example": [["10.0.0.1"]],
    }
    names = Names(known)
    names.install(monkeypatch)
    return names


@pytest.fixture(params=["prefix", "replace"])
async def proxy(request: pytest.FixtureRequest, store: Site) -> AsyncIterator[ReverseProxy]:
    hosts = {"videos.example": store.url, "cdn.example": store.url}
    one = "videos.example" if request.param == "replace" else None
    async with ReverseProxy(hosts, one) as running:
        yield running


@asynccontextmanager
async def through(proxy: ReverseProxy, forward: str | None = None) -> AsyncIterator[Outbound]:
    downloads = DownloadProxy(url=proxy.url, replaces=proxy.one is not None)
    ours = Outbound(downloads=downloads, proxy=forward)
    yield ours
    await ours.close()


async def error_of(proxy: ReverseProxy, call: Call, path: Path) -> FilmgateError:
    async with through(proxy) as ours:
        with pytest.raises(FilmgateError) as caught:
            await ours.download(call, path, explain=explain)
    said = f"{caught.value!r} {caught.value.message}"
    assert all(word not in said for word in (SECRET, "sig=", "token-in-the-path"))
    return caught.value


async def test_a_film_comes_through_it_without_a_secret(
    proxy: ReverseProxy, store: Site, tmp_path: Path
) -> None:
    async with through(proxy) as ours:
        await ours.download(a_call("http://engine.example"), tmp_path / "x", explain=explain)
    assert (tmp_path / "x").read_bytes() == FILM
    place = LINK.removeprefix("https://videos.example")
    assert proxy.asked == [place if proxy.one else f"/{LINK}"]
    assert [asked.target for asked in store.asked] == [place]
    assert SECRET not in f"{proxy.headers}"


async def test_a_film_goes_on_where_it_broke_off(
    proxy: ReverseProxy, store: Site, tmp_path: Path
) -> None:
    (tmp_path / "x").write_bytes(FILM[:70_000])
    async with through(proxy) as ours:
        await ours.download(a_call("http://engine.example"), tmp_path / "x", explain=explain)
    assert (tmp_path / "x").read_bytes() == FILM
    assert [asked.headers.get("range") for asked in store.asked] == ["bytes=70000-"]


async def test_what_the_engine_has_itself_comes_straight(
    proxy: ReverseProxy, engine: Site, tmp_path: Path
) -> None:
    engine.pages["/content"] = answer(body=FILM)
    async with through(proxy) as ours:
        call = a_call(engine.url, f"{engine.url}/content")
        await ours.download(call, tmp_path / "x", explain=explain)
    assert (tmp_path / "x").read_bytes() == FILM
    assert engine.asked[0].headers["authorization"] == f"Bearer {SECRET}"
    assert proxy.asked == []


async def test_where_the_engine_redirects_to_is_asked_for_there(
    proxy: ReverseProxy, engine: Site, tmp_path: Path
) -> None:
    engine.pages["/content"] = moved(LINK)
    async with through(proxy) as ours:
        call = a_call(engine.url, f"{engine.url}/content")
        await ours.download(call, tmp_path / "x", explain=explain)
    assert (tmp_path / "x").read_bytes() == FILM
    assert len(proxy.asked) == 1
    assert SECRET not in f"{proxy.headers}"


@pytest.mark.parametrize("relative", [False, True])
async def test_it_may_redirect_to_itself(
    proxy: ReverseProxy, tmp_path: Path, *, relative: bool
) -> None:
    place = "/film%2Fone?again" if proxy.one else "/https://cdn.example/film%2Fone?again"
    first = LINK.removeprefix("https://videos.example") if proxy.one else f"/{LINK}"
    proxy.moves[first] = place if relative else f"{proxy.url}{place}"
    async with through(proxy) as ours:
        await ours.download(a_call("http://engine.example"), tmp_path / "x", explain=explain)
    assert (tmp_path / "x").read_bytes() == FILM
    assert proxy.asked == [first, place]
    assert SECRET not in f"{proxy.headers}"


async def test_where_it_redirects_to_is_asked_as_without_it(
    proxy: ReverseProxy, store: Site, names: Names, tmp_path: Path
) -> None:
    async with Site({"/film": answer(body=FILM)}) as other:
        names.answers["other.example"] = [["127.0.0.1"]]
        store.pages["/film%2Fone"] = moved(f"http://other.example:{other.port}/film")
        call = a_call("http://engine.example")
        error = await error_of(proxy, call, tmp_path / "x")
        assert "other.example is not a public address" in error.message
        assert other.asked == []

        downloads = DownloadProxy(url=proxy.url, replaces=proxy.one is not None)
        ours = Outbound(downloads=downloads, private=True)
        await ours.download(call, tmp_path / "x", explain=explain)
        assert (tmp_path / "x").read_bytes() == FILM
        assert SECRET not in f"{other.asked[0].headers}"
        other.pages["/film"] = answer(404)
        with pytest.raises(OutputExpired, match=r"other\.example answered 404"):
            await ours.download(call, tmp_path / "y", explain=explain)
        await ours.close()
    assert len(proxy.asked) == 3


@pytest.mark.parametrize(
    "link", ["http://inside.example/x", "http://10.0.0.1/", "http://[::1]"]
)
async def test_a_link_to_somewhere_inside_is_not_asked_for(
    proxy: ReverseProxy, engine: Site, tmp_path: Path, link: str
) -> None:
    engine.pages["/content"] = moved(link)
    for url in (link, f"{engine.url}/content", f"{proxy.url}/{link}"):
        error = await error_of(proxy, a_call(engine.url, url), tmp_path / "x")
        assert "is not a public address" in error.message
    assert proxy.asked == []


async def test_nor_is_one_that_it_redirects_to(
    proxy: ReverseProxy, store: Site, tmp_path: Path
) -> None:
    for link in ("http://10.0.0.1/", f"{proxy.url}/http://inside.example/"):
        store.pages["/film%2Fone"] = moved(link)
        error = await error_of(proxy, a_call("http://engine.example"), tmp_path / "x")
        # A proxy of one host has its own paths alone.
        assert ("not a public address" in error.message) is (
            proxy.one is None or link.startswith("http://10.")
        )
    assert not any("inside" in asked for asked in proxy.asked if not proxy.one)


async def test_a_name_that_is_known_only_there_is_asked_for(
    proxy: ReverseProxy, names: Names, tmp_path: Path
) -> None:
    del names.answers["videos.example"]
    async with through(proxy) as ours:
        await ours.download(a_call("http://engine.example"), tmp_path / "x", explain=explain)
    assert (tmp_path / "x").read_bytes() == FILM


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 429, 500, 502])
async def test_what_it_refuses_is_not_lost(
    proxy: ReverseProxy, store: Site, tmp_path: Path, status: int
) -> None:
    store.pages["/film%2Fone"] = answer(status)
    error = await error_of(proxy, a_call("http://engine.example"), tmp_path / "x")
    assert type(error) is EngineUnavailable
    assert error.message == f"127.0.0.1 is the proxy for downloads, and answered {status}."


async def test_its_path_may_be_a_secret(store: Site, tmp_path: Path) -> None:
    hosts = {"videos.example": store.url}
    for one in (None, "videos.example"):
        async with ReverseProxy(hosts, one, path="/token-in-the-path") as proxy:
            assert "token-in-the-path" not in f"{DownloadProxy(url=proxy.url)}"
            async with through(proxy) as ours:
                call = a_call("http://engine.example")
                await ours.download(call, tmp_path / "x", explain=explain)
                (tmp_path / "x").unlink()
            del store.asked[:]
            store.pages["/gone"] = answer(404)
            await error_of(proxy, replace(call, url="https://videos.example/gone"), tmp_path)


async def test_the_accounts_own_proxy_leads_there_too(
    proxy: ReverseProxy, http_proxy: RealProxy, tmp_path: Path
) -> None:
    before = len(http_proxy.passed)
    call = replace(a_call("http://engine.example"), proxy=http_proxy.url)
    async with through(proxy) as ours:
        await ours.download(call, tmp_path / "x", explain=explain)
    assert (tmp_path / "x").read_bytes() == FILM
    assert await http_proxy.counted(before + 1) == [
        *http_proxy.passed[:before],
        f"127.0.0.1:{proxy.port}",
    ]
