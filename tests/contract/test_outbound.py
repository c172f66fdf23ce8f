"""Requests that leave us: what they carry, where they may go, and what is said if they fail."""

from __future__ import annotations

import asyncio
import gzip
import shutil
import socket
import ssl
import struct
import subprocess
import sys
from collections.abc import AsyncIterator
from ipaddress import ip_network
from pathlib import Path

import pytest

from filmgate import __version__
from filmgate.domain.errors import InvalidRequest, TooLarge
from filmgate.outbound import NotReached, Outbound, links, wire
from filmgate.ports import Fetcher
from upstreams.names import Names
from upstreams.site import Page, Site, answer, moved

PARAM = "input_reference.image_url"
LOOPBACK = [ip_network("127.0.0.1/32")]
FILE = bytes(range(256)) * 1000


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with Site({"/file": answer(body=FILE)}) as running:
        yield running


@pytest.fixture
async def ours() -> AsyncIterator[Outbound]:
    """May go to 127.0.0.1, and to no other address that is not public."""
    made = Outbound(allowed=LOOPBACK)
    yield made
    await made.close()


async def got(ours: Outbound, url: str, path: Path, *, most: int = 1 << 20) -> bytes:
    fetcher: Fetcher = ours
    await fetcher.fetch(url, path, most=most, param=PARAM)
    return path.read_bytes()


async def refusal(ours: Outbound, url: str, folder: Path, *, most: int = 1 << 20) -> str:
    """The code and the sentence; nothing is left of the file."""
    path = folder / "half"
    with pytest.raises(InvalidRequest) as caught:
        await ours.fetch(url, path, most=most, param=PARAM)
    assert caught.value.param == PARAM
    assert not path.exists()
    return f"{caught.value.code} {caught.value.message}"


def failed(what: str) -> str:
    return f"unreachable_url '{PARAM}': {what}. Send the file itself."


async def test_a_file_arrives_whole(ours: Outbound, site: Site, tmp_path: Path) -> None:
    assert await got(ours, f"{site.url}/file?signed=a%2Bb", tmp_path / "file") == FILE
    [asked] = site.asked
    assert (asked.method, asked.target) == ("GET", "/file?signed=a%2Bb")
    assert asked.headers == {
        "host": f"127.0.0.1:{site.port}",
        "user-agent": f"filmgate/{__version__}",
        "accept-encoding": "identity",
        "accept": "*/*",
        "connection": "close",
    }


async def test_two_first_requests_at_once_share_their_session(
    ours: Outbound, site: Site, tmp_path: Path
) -> None:
    files = await asyncio.gather(
        *(got(ours, f"{site.url}/file", tmp_path / str(number)) for number in range(5))
    )
    assert files == [FILE] * 5


async def test_what_one_site_asks_us_to_remember_is_forgotten(
    ours: Outbound, site: Site, tmp_path: Path
) -> None:
    site.pages["/cookie"] = answer(headers=["set-cookie: who=you"])
    site.pages["/to-cookie"] = moved("/cookie")
    await got(ours, f"{site.url}/cookie", tmp_path / "file")
    await got(ours, f"{site.url}/to-cookie", tmp_path / "file")
    assert [asked.headers.get("cookie") for asked in site.asked] == [None] * 3


async def test_a_proxy_in_the_environment_is_no_setting_of_ours(
    ours: Outbound, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert await got(ours, f"{site.url}/file", tmp_path / "file") == FILE


async def test_five_redirects_are_followed_and_no_more(
    ours: Outbound, site: Site, tmp_path: Path
) -> None:
    for number, status in enumerate((301, 302, 303, 307, 308, 302)):
        to = f"/{number + 1}" if number % 2 else f"{site.url}/{number + 1}"
        site.pages[f"/{number}"] = moved(to, status)
    site.pages["/6"] = site.pages["/file"]
    assert await got(ours, f"{site.url}/1", tmp_path / "file") == FILE
    assert len(site.asked) == 6
    assert await refusal(ours, f"{site.url}/0", tmp_path) == failed(
        "127.0.0.1 redirects more than 5 times"
    )


@pytest.mark.parametrize("status", [204, 206, 304, 401, 404, 500])
async def test_an_answer_without_the_file_is_told_by_its_status(
    ours: Outbound, site: Site, tmp_path: Path, status: int
) -> None:
    site.pages["/not-there"] = answer(status)
    url = f"{site.url}/not-there?X-Signature=secret#secret"
    assert await refusal(ours, url, tmp_path) == failed(f"127.0.0.1 answered {status}")


async def nothing(writer: asyncio.StreamWriter) -> None:
    """Say nothing, and hang up."""


async def forever(writer: asyncio.StreamWriter) -> None:
    """Say nothing more, and stay."""
    await writer.drain()
    await asyncio.Event().wait()


def raw(body: str, *headers: str) -> bytes:
    return answer(body=body.encode(), headers=headers, length=False)


def of_nobody(folder: Path) -> ssl.SSLContext:
    """A certificate for 127.0.0.1 that nobody has signed but itself."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("needs openssl to make a certificate")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        [
            *(openssl, "req", "-x509", "-nodes", "-newkey", "rsa:2048", "-days", "2"),
            *("-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"),
            *("-keyout", str(key), "-out", str(certificate)),
        ],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


EARLY = "stopped before the end of its answer"


@pytest.mark.parametrize(
    ("page", "what"),
    [
        (raw("half", "content-length: 10"), EARLY),
        (raw("a\r\nhalf", "transfer-encoding: chunked"), EARLY),
        (raw("no gzip", "content-encoding: gzip", "content-length: 7"), EARLY),
        (nothing, "closed the connection without an answer"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "gave an answer that is not HTTP"),
        (answer(302), "redirects without saying where to"),
    ],
)
async def test_a_broken_answer_is_an_error(
    ours: Outbound, site: Site, tmp_path: Path, page: Page, what: str
) -> None:
    site.pages["/broken"] = page
    assert await refusal(ours, f"{site.url}/broken", tmp_path) == failed(f"127.0.0.1 {what}")


async def test_a_connection_that_breaks_is_an_error(
    ours: Outbound, site: Site, tmp_path: Path
) -> None:
    async def reset(writer: asyncio.StreamWriter) -> None:
        connection = writer.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    site.pages["/reset"] = reset
    assert await refusal(ours, f"{site.url}/reset", tmp_path) == failed(
        "127.0.0.1 broke the connection"
    )


async def test_nobody_there_is_an_error(
    ours: Outbound, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Names().install(monkeypatch)
    async with Site() as site:
        url = site.url
    assert await refusal(ours, url, tmp_path) == failed("127.0.0.1 could not be connected to")
    assert await refusal(ours, "http://unknown.example/", tmp_path) == failed(
        "unknown.example is not a name that can be found"
    )
    label = "a" * 64  # one letter more than DNS takes
    assert await refusal(ours, f"http://{label}.localhost/", tmp_path) == failed(
        f"{label}.localhost is not a name that can be found"
    )


async def test_https_means_tls_that_can_be_trusted(ours: Outbound, tmp_path: Path) -> None:
    async def plain(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer(400))
        writer.close()

    async with await asyncio.start_server(plain, "127.0.0.1", 0) as server:
        url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        assert await refusal(ours, url, tmp_path) == failed("127.0.0.1 could not agree on TLS")
    async with Site({"/file": answer(body=FILE)}, tls=of_nobody(tmp_path)) as untrusted:
        assert await refusal(ours, f"{untrusted.url}/file", tmp_path) == failed(
            "127.0.0.1 has a certificate that is not trusted"
        )
        assert untrusted.asked == []


async def test_who_takes_too_long_is_given_up(
    ours: Outbound, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(links, "TOTAL", 0.1)

    async def halting(writer: asyncio.StreamWriter) -> None:
        writer.write(raw("half", "content-length: 10"))
        await forever(writer)

    site.pages |= {"/silent": forever, "/halting": halting}
    for path in ("/silent", "/halting"):
        assert await refusal(ours, site.url + path, tmp_path) == failed(
            "127.0.0.1 takes more than 0.1 s"
        )


async def test_who_takes_too_long_to_connect_is_given_up(
    ours: Outbound, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "CONNECT", 0.1)
    backlog = socket.create_server(("127.0.0.1", 0))  # nobody answers the TLS greeting
    with backlog:
        url = f"https://127.0.0.1:{backlog.getsockname()[1]}/"
        assert await refusal(ours, url, tmp_path) == failed(
            "127.0.0.1 could not be connected to within 0.1 s"
        )


async def test_a_file_of_just_the_largest_size_passes(
    ours: Outbound, site: Site, tmp_path: Path
) -> None:
    most = len(FILE)
    assert await got(ours, f"{site.url}/file", tmp_path / "file", most=most) == FILE
    site.pages["/gzip"] = answer(body=gzip.compress(FILE), headers=["content-encoding: gzip"])
    assert await got(ours, f"{site.url}/gzip", tmp_path / "file", most=most) == FILE


@pytest.mark.parametrize(
    "page",
    [
        raw("", f"content-length: {(2 << 20) + 1}"),  # said, and never sent
        raw("x" * ((2 << 20) + 1)),
        answer(body=gzip.compress(bytes(200 << 20)), headers=["content-encoding: gzip"]),
    ],
    ids=["announced", "unannounced", "compressed"],
)
async def test_a_file_that_is_too_large_is_refused(
    ours: Outbound, site: Site, tmp_path: Path, page: bytes
) -> None:
    async def large(writer: asyncio.StreamWriter) -> None:
        writer.write(page)
        await forever(writer)

    site.pages["/large"] = large
    with pytest.raises(TooLarge) as caught:
        await got(ours, f"{site.url}/large", tmp_path / "file", most=2 << 20)
    assert caught.value.param == PARAM
    assert caught.value.message == (
        f"'{PARAM}': 127.0.0.1 sends more than 2 MB. Send a smaller file."
    )
    assert list(tmp_path.iterdir()) == []


async def test_a_small_limit_is_told_in_bytes(
    ours: Outbound, site: Site, tmp_path: Path
) -> None:
    with pytest.raises(TooLarge, match=r"sends more than 255999 bytes\."):
        await got(ours, f"{site.url}/file", tmp_path / "file", most=len(FILE) - 1)


async def test_who_stops_waiting_leaves_no_half_file(
    ours: Outbound, site: Site, tmp_path: Path
) -> None:
    arrived = asyncio.Event()

    async def slow(writer: asyncio.StreamWriter) -> None:
        writer.write(raw("half", "content-length: 10"))
        arrived.set()
        await forever(writer)

    site.pages["/slow"] = slow
    path = tmp_path / "file"
    loading = asyncio.create_task(got(ours, f"{site.url}/slow", path))
    await arrived.wait()
    while not path.exists():
        await asyncio.sleep(0.001)
    loading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await loading
    assert not path.exists()


async def test_a_disk_of_ours_that_fails_is_not_the_links_fault(
    ours: Outbound, site: Site, tmp_path: Path
) -> None:
    with pytest.raises(FileNotFoundError):
        await ours.fetch(f"{site.url}/file", tmp_path / "no" / "file", most=1 << 20, param="x")


async def test_a_post_arrives_whole_and_its_status_comes_back(
    ours: Outbound, site: Site
) -> None:
    site.pages["/hook"] = answer(418, b"short and stout")
    status = await ours.post(f"{site.url}/hook", b'{"a":1}', {"content-type": "x/y"}, 5)
    [asked] = site.asked
    assert (status, asked.method, asked.body) == (418, "POST", b'{"a":1}')
    assert asked.headers["content-type"] == "x/y"
    assert asked.headers["user-agent"] == f"filmgate/{__version__}"


async def test_a_redirect_is_the_answer_to_a_post(ours: Outbound, site: Site) -> None:
    site.pages["/hook"] = moved("/file", 307)
    assert await ours.post(f"{site.url}/hook", b"{}", {}, 5) == 307
    assert len(site.asked) == 1


@pytest.mark.parametrize(
    "page",
    [
        raw("x" * (8 << 20), "content-length: 999999999"),
        raw("half", "content-length: 10"),
        raw("no gzip", "content-encoding: gzip"),
        raw("", "content-encoding: br"),
    ],
    ids=["huge", "slow", "false", "unreadable"],
)
async def test_what_a_post_is_answered_holds_up_nobody(
    ours: Outbound, site: Site, monkeypatch: pytest.MonkeyPatch, page: bytes
) -> None:
    monkeypatch.setattr(links, "DRAIN", 0.05)

    async def talkative(writer: asyncio.StreamWriter) -> None:
        writer.write(page)
        await forever(writer)

    site.pages["/hook"] = talkative
    async with asyncio.timeout(2):
        assert await ours.post(f"{site.url}/hook", b"{}", {}, 5) == 200


async def test_a_receiver_may_finish_its_answer(ours: Outbound, site: Site) -> None:
    finished = []

    async def halting(writer: asyncio.StreamWriter) -> None:
        writer.write(raw("in ", "content-length: 11"))
        await asyncio.sleep(0.05)
        finished.append(not writer.is_closing())
        writer.write(b"two parts")

    site.pages["/hook"] = halting
    assert await ours.post(f"{site.url}/hook", b"{}", {}, 5) == 200
    assert finished == [True]


async def test_a_post_without_an_answer_says_why(ours: Outbound, site: Site) -> None:
    site.pages |= {"/silent": forever, "/gone": nothing}
    with pytest.raises(NotReached, match=r"^127\.0\.0\.1 takes more than 0\.1 s\.$"):
        await ours.post(f"{site.url}/silent?secret", b"{}", {}, 0.1)
    with pytest.raises(NotReached, match=r"^127\.0\.0\.1 closed the connection"):
        await ours.post(f"{site.url}/gone?secret", b"{}", {}, 5)


async def test_the_library_is_loaded_by_the_first_request_only() -> None:
    look = "import sys, filmgate.notify.webhook; print('aiohttp' in sys.modules)"
    found = await asyncio.to_thread(subprocess.check_output, [sys.executable, "-c", look])
    assert found.strip() == b"False"


async def test_what_was_never_used_can_be_closed() -> None:
    await Outbound().close()
