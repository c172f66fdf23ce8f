"""An account's own proxy: real ones carry exactly what is theirs, and never pay twice."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from ipaddress import ip_network
from pathlib import Path

import aiohttp.connector
import pytest

from filmgate import Answer, Call, EngineUnavailable
from filmgate.domain.errors import InvalidRequest
from filmgate.outbound import Outbound, wire
from upstreams.certificates import loopback
from upstreams.names import Names
from upstreams.proxies import PASSWORD, USER, HttpsProxy, RealProxy
from upstreams.site import Site, answer
from upstreams.wiretap import Wiretap

FILM = os.urandom(200_000)
SECRET = "sk-very-secret"


@dataclass
class Counted:
    """A `sending` that notes what *site* had heard until then."""

    site: Site | None = None
    times: int = 0
    heard: int = 0

    async def __call__(self) -> None:
        await asyncio.sleep(0.05)  # whatever had been written would be here by now
        self.times += 1
        self.heard += len(self.site.asked) if self.site else 0


def explain(_: Answer[bytes]) -> None:
    """No words of its own."""


def a_call(home: str, proxy: str | None, method: str = "POST", path: str = "/things") -> Call:
    return Call(
        method=method,
        url=f"{home}{path}",
        home=home,
        credentials={"authorization": f"Bearer {SECRET}"},
        body=b"a body" if method == "POST" else None,
        proxy=proxy,
    )


@pytest.fixture
async def ours() -> AsyncIterator[Outbound]:
    made = Outbound(submit=5)
    yield made
    await made.close()


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    pages = {"/things": answer(body=b'{"id": "thing_1"}'), "/film": answer(body=FILM)}
    async with Site(dict(pages)) as running:
        yield running


@pytest.fixture
async def secure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Site]:
    """The same behind TLS, which is trusted."""
    server, client, _ = loopback(tmp_path)
    monkeypatch.setattr(aiohttp.connector, "_SSL_CONTEXT_VERIFIED", client)
    async with Site({"/things": answer(body=b'{"id": "thing_1"}')}, tls=server) as running:
        yield running


@pytest.fixture(params=["http_proxy", "socks_proxy"])
def proxy(request: pytest.FixtureRequest) -> RealProxy:
    found: RealProxy = request.getfixturevalue(request.param)
    return found


async def lost(ours: Outbound, call: Call, sending: Counted) -> EngineUnavailable:
    with pytest.raises(EngineUnavailable) as caught:
        await ours.ask(call, bytes, explain=explain, sending=sending)
    said = f"{caught.value!r} {caught.value.message}"
    assert all(secret not in said for secret in (SECRET, PASSWORD, USER))
    assert caught.value.__cause__ is None
    return caught.value


async def test_each_account_goes_through_its_own_and_no_other(
    ours: Outbound,
    site: Site,
    http_proxy: RealProxy,
    socks_proxy: RealProxy,
    tmp_path: Path,
) -> None:
    before = len(http_proxy.passed), len(socks_proxy.passed)
    accounts = {"a": (http_proxy.url, 3), "b": (socks_proxy.url, 5), "c": (None, 7)}

    async def works(account: str, proxy: str | None, polls: int) -> None:
        call = a_call(site.url, proxy)
        call = replace(call, credentials={"authorization": f"Bearer {account}"})
        await ours.ask(call, bytes, explain=explain, sending=Counted())
        poll = replace(call, method="GET", body=None)
        for _ in range(polls):
            await ours.ask(poll, bytes, explain=explain)
        path = tmp_path / account
        await ours.download(replace(poll, url=f"{site.url}/film"), path, explain=explain)
        assert path.read_bytes() == FILM

    await asyncio.gather(*(works(account, *of) for account, of in accounts.items()))

    came = [asked.headers["authorization"].removeprefix("Bearer ") for asked in site.asked]
    assert {one: came.count(one) for one in accounts} == {"a": 5, "b": 7, "c": 9}
    at = f"127.0.0.1:{site.port}"
    assert (await http_proxy.counted(before[0] + 5))[before[0] :] == [at] * 5
    assert (await socks_proxy.counted(before[1] + 7))[before[1] :] == [at] * 7


async def test_lines_are_kept_by_account(
    ours: Outbound, http_proxy: RealProxy, socks_proxy: RealProxy
) -> None:
    async with Wiretap() as tap:
        for proxy in (http_proxy.url, socks_proxy.url, None) * 3:
            await ours.ask(a_call(tap.url, proxy, "GET"), bytes, explain=explain)
        assert tap.connections == 3


async def test_an_accounts_own_proxy_wins_and_none_goes_straight_on(
    site: Site, http_proxy: RealProxy, socks_proxy: RealProxy
) -> None:
    before = len(http_proxy.passed), len(socks_proxy.passed)
    ours = Outbound(proxy=socks_proxy.url)
    for proxy in (None, None, http_proxy.url, "none"):
        await ours.ask(a_call(site.url, proxy), bytes, explain=explain, sending=Counted())
    await ours.close()
    assert len(site.asked) == 4
    assert len(await socks_proxy.counted(before[1] + 2)) == before[1] + 2
    assert len(await http_proxy.counted(before[0] + 1)) == before[0] + 1


async def test_sending_comes_once_before_a_byte_has_left(
    ours: Outbound, site: Site, secure: Site, proxy: RealProxy
) -> None:
    for engine in (site, secure):
        sending = Counted(engine)
        call = a_call(engine.url, proxy.url)
        got = await ours.ask(call, bytes, explain=explain, sending=sending)
        assert (got.body, sending.times, sending.heard) == (b'{"id": "thing_1"}', 1, 0)
        assert len(engine.asked) == 1
        assert engine.asked[0].body == b"a body"
        assert "proxy-authorization" not in engine.asked[0].headers


async def test_sending_comes_when_the_line_through_socks_stands(
    ours: Outbound, socks_proxy: RealProxy
) -> None:
    async with Wiretap() as tap:
        seen = []

        async def look() -> None:
            await asyncio.sleep(0.05)
            seen.append((tap.connections, bytes(tap.heard)))

        call = a_call(tap.url, socks_proxy.url)
        await ours.ask(call, bytes, explain=explain, sending=look)
        assert seen == [(1, b"")]


async def test_a_proxy_is_spoken_to_through_tls(
    ours: Outbound, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, client, (key, certificate) = loopback(tmp_path)
    monkeypatch.setattr(aiohttp.connector, "_SSL_CONTEXT_VERIFIED", client)
    async with Site(site.pages, tls=server) as secure:
        with HttpsProxy(tmp_path, key=key, certificate=certificate) as proxy:
            for engine in (site, secure):
                sending = Counted(engine)
                call = a_call(engine.url, proxy.url)
                await ours.ask(call, bytes, explain=explain, sending=sending)
                assert (sending.times, sending.heard) == (1, 0)
            assert await proxy.counted(2) == [
                f"127.0.0.1:{engine.port}" for engine in (site, secure)
            ]


async def test_what_is_cut_after_it_left_is_unanswered(
    ours: Outbound, proxy: RealProxy
) -> None:
    async with Wiretap(page=b"", hang_up=True) as tap:
        sending = Counted()
        error = await lost(ours, a_call(tap.url, proxy.url), sending)
        assert (error.unanswered, sending.times, tap.connections) == (True, 1, 1)
        assert tap.heard.count(b"POST ") == 1


async def test_a_certificate_behind_a_proxy_must_be_trusted(
    ours: Outbound, proxy: RealProxy, tmp_path: Path
) -> None:
    server, _, _ = loopback(tmp_path)
    async with Site(tls=server) as strange:
        sending = Counted()
        error = await lost(ours, a_call(strange.url, proxy.url), sending)
        assert error.message == "127.0.0.1 has a certificate that is not trusted."
        assert (error.unanswered, sending.times) == (False, 0)


async def test_a_proxy_that_lets_nobody_through_has_sent_nothing(
    ours: Outbound, site: Site, secure: Site, proxy: RealProxy
) -> None:
    stranger = proxy.url.replace(PASSWORD, "wrong")
    for url in (stranger, proxy.shown):
        sending = Counted()
        error = await lost(ours, a_call(secure.url, url), sending)
        assert error.message == "127.0.0.1 could not be asked: the proxy refuses to."
        assert (error.unanswered, sending.times) == (False, 0)
        # A plain request goes to an HTTP proxy whole, which sends it back.
        assert not (await lost(ours, a_call(site.url, url), Counted())).unanswered
    assert not secure.asked + site.asked


async def test_an_engine_that_a_proxy_cannot_reach_was_sent_nothing(
    ours: Outbound, http_proxy: RealProxy, socks_proxy: RealProxy
) -> None:
    refuses, fails = "could not be asked: the proxy refuses to", "connected to by the proxy"
    for proxy, url, why in (
        (http_proxy.url, "https://127.0.0.1:1", refuses),
        (socks_proxy.url, "https://127.0.0.1:1", fails),
        (socks_proxy.url, "http://127.0.0.1:1", fails),
        (socks_proxy.url.replace("socks5", "socks5h"), "http://nowhere.example", fails),
        (socks_proxy.url, "http://nowhere.example", "is not a name that can be found"),
        (
            socks_proxy.url.replace("socks5", "socks5h"),
            f"http://{'a' * 64}.example",
            "is not a name that can be found",
        ),
    ):
        sending = Counted()
        error = await lost(ours, a_call(url, proxy), sending)
        assert why in error.message
        assert (error.unanswered, sending.times) == (False, 0)


async def test_a_proxy_that_is_none_has_sent_nothing(
    ours: Outbound, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "CONNECT", 0.3)
    Names().install(monkeypatch)
    async with Site() as gone:
        nobody = gone.port

    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()  # until somebody gives up
        writer.close()

    async with await asyncio.start_server(mute, "127.0.0.1", 0) as silent:
        port = silent.sockets[0].getsockname()[1]
        for scheme in ("http", "socks5", "socks5h"):
            for at, why in (
                (f"127.0.0.1:{nobody}", "could not be asked: the proxy does not answer"),
                ("lost.example:1", "could not be asked: the proxy is not found"),
                (f"127.0.0.1:{port}", "could not be connected to within 0.3 s"),
            ):
                sending = Counted()
                call = a_call("https://127.0.0.1:1", f"{scheme}://{USER}:{PASSWORD}@{at}")
                error = await lost(ours, call, sending)
                assert error.message == f"127.0.0.1 {why}."
                assert (error.unanswered, sending.times) == (False, 0)
    for odd in ("ftp://someone:hush-hush-0123@x", f"socks5://{USER}@x"):
        assert not (await lost(ours, a_call(site.url, odd), Counted())).unanswered
    assert not site.asked


@pytest.mark.parametrize("says", [b"HTTP/1.1 400 Bad\r\n\r\n", b"\x05\xff", b"\x05\x09", b""])
async def test_what_does_not_speak_socks_has_sent_nothing(
    ours: Outbound, site: Site, says: bytes
) -> None:
    async def other(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(3)
        writer.write(says)
        writer.close()

    async with await asyncio.start_server(other, "127.0.0.1", 0) as server:
        url = f"socks5://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        sending = Counted()
        error = await lost(ours, a_call(site.url, url), sending)
        assert error.message == "127.0.0.1 could not be asked: the proxy refuses to."
        assert (error.unanswered, sending.times, site.asked) == (False, 0, [])


async def test_the_other_addresses_of_a_name_are_tried(
    ours: Outbound, site: Site, socks_proxy: RealProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    Names(
        {"engine.example": [["127.0.0.9", "127.0.0.1"]], "p.example": [["::1", "127.0.0.1"]]}
    ).install(monkeypatch)
    proxy = socks_proxy.url.replace("127.0.0.1", "p.example")
    home = f"http://engine.example:{site.port}"
    await ours.ask(a_call(home, proxy), bytes, explain=explain, sending=Counted())
    assert site.asked[0].headers["host"] == f"engine.example:{site.port}"


async def test_links_of_callers_stay_guarded_behind_socks(
    site: Site, socks_proxy: RealProxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = Names({"inside.example": [["10.0.0.1"]], "site.example": [["127.0.0.1"]]})
    names.install(monkeypatch)
    before = socks_proxy.passed
    for scheme in ("socks5", "socks5h"):
        url = socks_proxy.url.replace("socks5", scheme)
        guarded = Outbound(proxy=url, allowed=[ip_network("127.0.0.1/32")])
        for host in ("inside.example", "10.0.0.1", "[::1]"):
            with pytest.raises(InvalidRequest, match="is not a public address") as refused:
                await guarded.fetch(f"http://{host}/", tmp_path / "x", most=9, param="url")
            assert refused.value.code == "refused_url"
        await guarded.close()
    assert socks_proxy.passed == before

    ours = Outbound(proxy=socks_proxy.url, allowed=[ip_network("127.0.0.1/32")])
    there = f"http://site.example:{site.port}/film"
    await ours.fetch(there, tmp_path / "film", most=1 << 20, param="url")
    await ours.close()
    assert (tmp_path / "film").read_bytes() == FILM
    assert len(await socks_proxy.counted(len(before) + 1)) == len(before) + 1


async def test_a_film_elsewhere_comes_through_the_proxy_too(
    site: Site, socks_proxy: RealProxy, tmp_path: Path
) -> None:
    before = len(socks_proxy.passed)
    ours = Outbound(private=True)
    call = replace(a_call("http://127.0.0.1:1", socks_proxy.url, "GET"), url=f"{site.url}/film")
    await ours.download(call, tmp_path / "film", explain=explain)
    await ours.close()
    assert "authorization" not in site.asked[0].headers
    assert len(await socks_proxy.counted(before + 1)) == before + 1
