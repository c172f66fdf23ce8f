"""Where requests that leave us may not go, however it is spelled, and what a proxy changes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest

from filmgate.domain.errors import CannotStart, InvalidRequest
from filmgate.outbound import NotReached, Outbound, is_public
from upstreams.names import Names
from upstreams.site import Site, answer, moved

PARAM = "video.url"
LOOPBACK = [ip_network("127.0.0.1/32")]
FILE = b"a film"
GUARDED = (
    "is not a public address, and this gateway does not go to others unless it runs with "
    "FILMGATE_PRIVATE_ADDRESSES=allow"
)


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with Site({"/": answer(body=FILE)}) as running:
        yield running


@pytest.fixture
async def guarded() -> AsyncIterator[Outbound]:
    made = Outbound()
    yield made
    await made.close()


@pytest.fixture
async def ours() -> AsyncIterator[Outbound]:
    """May go to 127.0.0.1, and to no other address that is not public."""
    made = Outbound(allowed=LOOPBACK)
    yield made
    await made.close()


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    made = Names()
    made.install(monkeypatch)
    return made


async def refusal(outbound: Outbound, url: str, folder: Path) -> str:
    with pytest.raises(InvalidRequest) as caught:
        await outbound.fetch(url, folder / "half", most=1 << 20, param=PARAM)
    assert list(folder.iterdir()) == []
    return f"{caught.value.code} {caught.value.message}"


def refused(what: str) -> str:
    return f"refused_url '{PARAM}': {what}. Send the file itself."


@pytest.mark.parametrize(
    "address",
    [
        *("0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.100.100.200"),
        *("127.0.0.1", "127.255.255.254", "168.63.129.16", "169.254.169.254", "172.16.0.1"),
        *("172.31.255.255", "192.0.0.1", "192.0.0.192", "192.0.2.1", "192.88.99.1"),
        *("192.168.0.1", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1"),
        *("224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255"),
        *("::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:8.8.8.8"),
        *("64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::1", "100::1", "2001::1"),
        *("2001:0:7f00:1::", "2001:db8::1", "2002:7f00:1::", "2002:a00:1::", "3fff::1"),
        *("5f00::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "fec0::1"),
        *("ff02::1", "ff0e::1"),
    ],
)
def test_an_address_that_is_not_for_all_is_not_public(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        *("1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.1", "100.63.255.255", "100.128.0.1"),
        *("126.255.255.255", "128.0.0.1", "169.253.0.1", "172.15.0.1", "172.32.0.1"),
        *("192.0.1.1", "192.167.0.1", "192.169.0.1", "198.17.0.1", "198.20.0.1"),
        *("223.255.255.255", "2001:200::1", "2001:4860:4860::8888", "2606:4700::1111"),
        "2a00:1450:4001::1",
    ],
)
def test_an_address_for_all_is_public(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    ("host", "what"),
    [
        *(
            (host, f"{host.strip('[]')} {GUARDED}")
            for host in (
                *("127.0.0.1", "10.0.0.1", "169.254.169.254", "100.100.100.200", "0.0.0.0"),
                *("localhost", "[::1]", "[::]", "[fd00:ec2::254]", "[fe80::1]"),
                *("[::ffff:7f00:1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[::7f00:1]"),
            )
        ),
        # Spelled with letters and dots of other scripts, which mean the plain ones.
        *(
            (host, f"127.0.0.1 {GUARDED}")
            for host in ("①②⑦.⓪.⓪.①", "１２７.0.0.1", "127。0。0。1")
        ),
        ("ⓛⓞⓒⓐⓛⓗⓞⓢⓣ", f"localhost {GUARDED}"),
        ("[fe80::1%25eth0]", f"fe80::1%25eth0 {GUARDED}"),
        # Numbers that some read as 127.0.0.1 and others as something else.
        *(
            (host, "The URL has an odd address for a host")
            for host in (
                *("2130706433", "0x7f000001", "0x7f.1", "127.1", "127.0.1", "0177.0.0.1"),
                *("017700000001", "127.0.0.01", "127.0.0.1.", "0x7f.0.0.0x1", "127.0.0.0x1"),
                *("127.0.0.0X1", "1.2.3.4.5", "999.1.1.1", "0x", "%31%32%37.0.0.1"),
            )
        ),
        *(
            (host, "The URL has a host that is no name")
            for host in (
                *("127%2e0%2e0%2e1", "127.0.0.1%00.site.example", "ex ample.com"),
                *("a,b.example", "x" * 254),
            )
        ),
    ],
)
async def test_no_spelling_of_a_guarded_host_passes(
    guarded: Outbound, site: Site, tmp_path: Path, host: str, what: str
) -> None:
    assert await refusal(guarded, f"http://{host}:{site.port}/?secret", tmp_path) == refused(
        what
    )
    assert site.asked == []


@pytest.mark.parametrize(
    ("url", "what"),
    [
        *(
            (url, "The URL must begin with http:// or https:// and a host")
            for url in (
                *("file:///etc/passwd", "ftp://site.example/", "gopher://site.example/"),
                *("data:image/png;base64,AAAA", "site.example/a.png", "//site.example/"),
                *("", "http:///a.png", "unix:/run/docker.sock"),
            )
        ),
        *(
            (url, "The URL cannot be read")
            for url in (
                *("http://[::1", "http://site.example:99999/", "http://user@/"),
                *("http://127.0.0.1\\@site.example/", f"http://{'ü' * 80}.example/"),
            )
        ),
        *(
            (f"http://{user}@a.example/", "a.example is given a user or a password in the URL")
            for user in ("name", "name:secret", ":secret", ":")
        ),
    ],
)  # fmt: skip
async def test_a_url_of_another_kind_is_refused(
    guarded: Outbound, tmp_path: Path, url: str, what: str
) -> None:
    assert await refusal(guarded, url, tmp_path) == refused(what)


async def test_a_name_is_refused_for_any_of_its_addresses(
    ours: Outbound, site: Site, tmp_path: Path, names: Names
) -> None:
    names.answers = {
        "inside.example": [["10.0.0.1"]],
        "mixed.example": [["127.0.0.1", "127.0.0.2"]],
        "six.example": [["::1"]],
        "mapped.example": [["::ffff:127.0.0.1"]],
        "dotted.example.": [["127.0.0.2"]],
    }
    for name in names.answers:
        url = f"http://{name}:{site.port}/"
        assert await refusal(ours, url, tmp_path) == refused(f"{name} {GUARDED}")
    assert site.asked == []
    site.pages["/away"] = moved("http://inside.example/")
    said = await refusal(ours, f"{site.url}/away", tmp_path)
    assert said == refused(f"inside.example {GUARDED}")


async def test_a_name_is_looked_up_once_so_it_cannot_change_its_mind(
    ours: Outbound, site: Site, tmp_path: Path, names: Names
) -> None:
    names.answers = {"moody.example": [["127.0.0.1"], ["127.0.0.2"]]}
    url = f"http://moody.example:{site.port}/"
    await ours.fetch(url, tmp_path / "file", most=10, param=PARAM)
    assert names.asked == ["moody.example"]
    assert site.asked[0].headers["host"] == f"moody.example:{site.port}"
    (tmp_path / "file").unlink()
    # Nor is an earlier answer good for the next request.
    assert await refusal(ours, url, tmp_path) == refused(f"moody.example {GUARDED}")
    assert len(site.asked) == 1


@pytest.mark.parametrize(
    ("to", "what"),
    [
        ("http://127.0.0.2/", f"127.0.0.2 {GUARDED}"),
        ("//127.0.0.2/", f"127.0.0.2 {GUARDED}"),
        ("http://2130706433/", "The URL has an odd address for a host"),
        ("http://a:b@127.0.0.1/", "127.0.0.1 is given a user or a password in the URL"),
        ("file:///etc/passwd", "The URL must begin with http:// or https:// and a host"),
        ("http://[::1", "The URL cannot be read"),
    ],
)
async def test_a_redirect_is_checked_like_a_first_request(
    ours: Outbound, site: Site, tmp_path: Path, to: str, what: str
) -> None:
    site.pages |= {"/first": moved("/second"), "/second": moved(to)}
    assert await refusal(ours, f"{site.url}/first", tmp_path) == refused(what)
    assert len(site.asked) == 2


async def test_a_post_is_guarded_too(guarded: Outbound, site: Site) -> None:
    for url in (site.url, site.url.replace("127.0.0.1", "localhost"), "file:///", "http://1/"):
        with pytest.raises(NotReached) as caught:
            await guarded.post(url, b"{}", {}, 5)
        assert caught.value.refused
    assert site.asked == []


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_private_addresses_can_be_allowed(tmp_path: Path, host: str) -> None:
    outbound = Outbound(private=True)
    async with Site({"/": answer(body=FILE)}, host=host) as site:
        await outbound.fetch(f"{site.url}/", tmp_path / "file", most=10, param=PARAM)
    await outbound.close()
    assert (tmp_path / "file").read_bytes() == FILE


async def test_a_proxy_is_asked_and_may_lie_inside(tmp_path: Path, names: Names) -> None:
    names.answers = {"known.example": [["93.184.215.14"]], "proxy.example": [["127.0.0.1"]]}
    async with Site() as proxy:
        url = proxy.url.replace("127.0.0.1", "name:password@proxy.example")
        outbound = Outbound(proxy=url)
        # One that resolves here, and one that only the proxy may know.
        for name in ("known.example", "unknown.example"):
            proxy.pages[f"http://{name}/file"] = answer(body=name.encode())
            await outbound.fetch(f"http://{name}/file", tmp_path / "file", most=99, param=PARAM)
            assert (tmp_path / "file").read_text() == name
        assert await outbound.post("http://known.example/file", b"{}", {}, 5) == 200
        await outbound.close()
    assert [asked.method for asked in proxy.asked] == ["GET", "GET", "POST"]
    assert {asked.headers["proxy-authorization"] for asked in proxy.asked} == {
        "Basic bmFtZTpwYXNzd29yZA=="
    }


async def test_a_proxy_is_not_sent_inside(site: Site, tmp_path: Path, names: Names) -> None:
    names.answers = {"inside.example": [["10.0.0.1"]]}
    outbound = Outbound(proxy=site.url)
    for host in ("127.0.0.1", "[::1]", "localhost", "inside.example"):
        assert await refusal(outbound, f"http://{host}/", tmp_path) == refused(
            f"{host.strip('[]')} {GUARDED}"
        )
    for host in ("2130706433", "0x7f.1", "0177.0.0.1"):
        assert await refusal(outbound, f"http://{host}/", tmp_path) == refused(
            "The URL has an odd address for a host"
        )
    await outbound.close()
    assert site.asked == []


async def test_a_proxy_that_does_not_serve_us_is_told_without_its_password(
    tmp_path: Path, names: Names
) -> None:
    async with Site() as proxy:
        url = proxy.url.replace("//", "//name:password@")
        outbound = Outbound(proxy=url)
        said = await refusal(outbound, "https://site.example/", tmp_path)
        assert said.endswith(
            "site.example could not be asked: the proxy refuses to. Send the file itself."
        )
        assert proxy.asked[0].method == "CONNECT"
    said = await refusal(outbound, "https://site.example/", tmp_path)
    assert said.endswith(
        "site.example could not be asked: the proxy does not answer. Send the file itself."
    )
    await outbound.close()
    lost = Outbound(proxy="http://name:password@lost.example:1")
    said = await refusal(lost, "https://site.example/", tmp_path)
    assert said.endswith(
        "site.example could not be asked: the proxy is not found. Send the file itself."
    )
    await lost.close()
    assert names.asked.count("lost.example") == 1


def test_a_proxy_of_a_kind_that_is_not_spoken_is_no_start() -> None:
    with pytest.raises(CannotStart) as caught:
        Outbound(proxy="socks4://name:password@127.0.0.1:1080")
    assert "password" not in str(caught.value)
