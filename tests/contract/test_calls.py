"""Asking engines: who is to blame for each way in which it fails, and whether it left us."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from ipaddress import ip_network

import msgspec
import pytest

from filmgate import (
    AccountExhausted,
    AccountRejected,
    Answer,
    Call,
    Complaint,
    ContentRejected,
    EngineMisbehaved,
    EngineUnavailable,
    EngineUnreachable,
    FilmgateError,
    InvalidRequest,
    Upstreams,
    quoted,
)
from filmgate.outbound import Outbound, calls, wire
from upstreams.names import Names
from upstreams.site import Page, Site, answer, moved

SECRET = "sk-very-secret"
LOOPBACK = [ip_network("127.0.0.1/32")]
HTML = b"<html>Bad gateway</html>"


class Thing(msgspec.Struct):
    id: str


@dataclass
class Counted:
    """A `sending` that is counted."""

    times: int = 0

    async def __call__(self) -> None:
        self.times += 1


def explain(said: Answer[bytes]) -> Complaint | None:
    try:
        error = json.loads(said.body)["error"]
    except (ValueError, KeyError, TypeError):
        return None
    kind = ContentRejected if error.get("code") == "moderation_blocked" else None
    return Complaint(message=error["message"], kind=kind)


def refusal(status: int, message: str = "No.", *headers: str, code: str = "x") -> bytes:
    body = json.dumps({"error": {"message": message, "code": code}}).encode()
    return answer(status, body, headers=headers)


def a_call(home: str, method: str = "POST", path: str = "/v1/things") -> Call:
    return Call(
        method=method,
        url=f"{home}{path}",
        home=home,
        headers={"x-plain": "1"},
        credentials={"authorization": f"Bearer {SECRET}"},
        body=b"a body" if method == "POST" else None,
    )


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with Site({"/v1/things": answer(body=b'{"id": "thing_1"}')}) as running:
        yield running


@pytest.fixture
async def ours() -> AsyncIterator[Outbound]:
    """Guarded: to loopback it goes because the engine's account says so."""
    made = Outbound(submit=5)
    yield made
    await made.close()


async def error_of(
    ours: Outbound, call: Call, sending: Counted | None = None, *, within: float | None = None
) -> FilmgateError:
    with pytest.raises(FilmgateError) as caught:
        await ours.ask(call, Thing, explain=explain, sending=sending, within=within)
    assert SECRET not in f"{caught.value!r} {caught.value.message}"
    assert caught.value.__cause__ is None
    return caught.value


async def test_an_answer_comes_back_read(ours: Outbound, site: Site) -> None:
    upstreams: Upstreams = ours
    got = await upstreams.ask(a_call(site.url), Thing, explain=explain)
    assert (got.status, got.body.id) == (200, "thing_1")
    [asked] = site.asked
    assert (asked.method, asked.body) == ("POST", b"a body")
    assert asked.headers["authorization"] == f"Bearer {SECRET}"
    assert asked.headers["x-plain"] == "1"


async def test_bytes_are_left_as_they_are(ours: Outbound, site: Site) -> None:
    site.pages["/v1/things"] = answer(204)
    got = await ours.ask(a_call(site.url, "DELETE"), bytes, explain=explain)
    assert (got.status, got.body) == (204, b"")


OWN, FOREIGN = "own", "foreign"


@pytest.mark.parametrize(
    "case",
    [
        *((status, OWN, "POST", AccountRejected, False) for status in (401, 403)),
        *((status, OWN, "POST", AccountExhausted, False) for status in (402, 429)),
        *((s, OWN, "POST", InvalidRequest, False) for s in (400, 404, 409, 413, 415, 422)),
        *((status, OWN, "POST", EngineUnavailable, False) for status in (500, 503, 425)),
        *((status, FOREIGN, "POST", AccountRejected, False) for status in (401, 403)),
        *((status, FOREIGN, "POST", AccountExhausted, False) for status in (402, 429)),
        *((status, FOREIGN, "POST", InvalidRequest, False) for status in (400, 413, 422)),
        *((status, FOREIGN, "POST", EngineMisbehaved, False) for status in (404, 405)),
        *((status, FOREIGN, "POST", EngineUnavailable, True) for status in (500, 503)),
        # What stands between us and the engine, in whatever words.
        *(
            (status, words, "POST", EngineUnavailable, True)
            for status in (408, 499, 502, 504, 520, 521, 522, 523, 524)
            for words in (OWN, FOREIGN)
        ),
        (407, FOREIGN, "POST", EngineUnavailable, False),
        # Nothing in these is a caller's.
        *((status, OWN, "GET", EngineMisbehaved, False) for status in (400, 404, 422)),
        *((status, FOREIGN, "GET", EngineMisbehaved, False) for status in (400, 422)),
        *((status, FOREIGN, "GET", EngineUnavailable, False) for status in (404, 405, 410)),
        *((status, OWN, "DELETE", EngineMisbehaved, False) for status in (400, 409)),
        # Neither yes nor no.
        *((status, FOREIGN, "POST", EngineMisbehaved, True) for status in (300, 303, 304)),
        *((s, FOREIGN, "POST", EngineMisbehaved, False) for s in (301, 302, 307, 308)),
    ],
)  # fmt: skip
async def test_a_refusal_names_the_one_to_blame(
    ours: Outbound, site: Site, case: tuple[int, str, str, type[FilmgateError], bool]
) -> None:
    status, words, method, kind, unanswered = case
    said = refusal(status, f"Bad key {SECRET}.") if words is OWN else answer(status, HTML)
    site.pages["/v1/things"] = answer(304) if status == 304 else said
    error = await error_of(ours, a_call(site.url, method))
    assert (type(error), error.unanswered) == (kind, unanswered)
    assert len(site.asked) == 1


async def test_an_engine_may_say_more_than_its_status(ours: Outbound, site: Site) -> None:
    site.pages["/v1/things"] = refusal(400, "Not that.", code="moderation_blocked")
    error = await error_of(ours, a_call(site.url))
    assert (type(error), error.message) == (ContentRejected, "Not that.")


async def test_a_callers_error_is_told_in_the_engines_words(ours: Outbound, site: Site) -> None:
    site.pages["/v1/things"] = refusal(400, f"Bad\nsize {SECRET}.")
    assert (await error_of(ours, a_call(site.url))).message == "Bad size ***."
    site.pages["/v1/things"] = refusal(500, "Oh.")
    assert (await error_of(ours, a_call(site.url))).message == "127.0.0.1 answered 500: Oh."
    site.pages["/v1/things"] = refusal(422, "x" * 9999)
    assert len((await error_of(ours, a_call(site.url))).message) == 500


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        (["retry-after: 7"], 7),
        (["retry-after: 0.5"], 0.5),
        (["retry-after: 999999999"], 86400),
        (
            [
                "date: Sat, 21 Nov 2026 10:00:00 GMT",
                "retry-after: Sat, 21 Nov 2026 10:01:00 GMT",
            ],
            60,
        ),
        *(
            ([f"retry-after: {odd}"], None)
            for odd in ("soon", "-1", "inf", "nan", "", "Sat, 21 Nov 2026 10:01:00 GMT")
        ),
    ],
)
async def test_how_long_it_wants_to_be_left_alone_is_kept(
    ours: Outbound, site: Site, headers: list[str], seconds: float | None
) -> None:
    site.pages["/v1/things"] = refusal(429, "Slow down.", *headers)
    error = await error_of(ours, a_call(site.url))
    assert error.retry_after == (None if seconds is None else timedelta(seconds=seconds))


def raw(body: bytes, *headers: str) -> bytes:
    return answer(body=body, headers=headers, length=False)


async def nothing(writer: asyncio.StreamWriter) -> None:
    """Say nothing, and hang up."""


async def reset(writer: asyncio.StreamWriter) -> None:
    line = writer.get_extra_info("socket")
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def forever(writer: asyncio.StreamWriter) -> None:
    await writer.drain()
    await asyncio.Event().wait()


async def halting(writer: asyncio.StreamWriter) -> None:
    writer.write(raw(b'{"id"', "content-length: 17"))
    await forever(writer)


@pytest.mark.parametrize(
    ("page", "kind"),
    [
        (nothing, EngineUnavailable),
        (reset, EngineUnavailable),
        (forever, EngineUnavailable),
        (halting, EngineUnavailable),
        (b"HTTP/1.1 20", EngineUnavailable),
        (b"HTTP/1.1 200 OK\r\ncontent-le", EngineUnavailable),
        (b"SSH-2.0-OpenSSH_9.6\r\n", EngineUnavailable),
        (raw(b'{"id"', "content-length: 17"), EngineUnavailable),
        (raw(b'5\r\n{"id"', "transfer-encoding: chunked"), EngineUnavailable),
        (raw(b"no gzip", "content-encoding: gzip", "content-length: 7"), EngineUnavailable),
        (refusal(429)[:-3], EngineUnavailable),
        (answer(200, HTML), EngineMisbehaved),
        (answer(200), EngineMisbehaved),
        (answer(200, b'{"id": 7}'), EngineMisbehaved),
        (answer(201, b'{"task": "x"}'), EngineMisbehaved),
        (answer(200, b'{"id": "\xff"}'), EngineMisbehaved),
        (answer(200, b"[" * 100_000), EngineMisbehaved),
    ],
)
async def test_what_left_without_a_trustworthy_answer_is_known_as_that(
    ours: Outbound, site: Site, page: Page, kind: type[FilmgateError]
) -> None:
    site.pages["/v1/things"] = page
    sending = Counted()
    error = await error_of(ours, a_call(site.url), sending, within=0.3)
    assert (type(error), error.unanswered, sending.times) == (kind, True, 1)
    assert len(site.asked) == 1


async def test_an_endless_answer_is_given_up(
    ours: Outbound, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calls, "MOST_ANSWERED", 1 << 16)
    site.pages["/v1/things"] = raw(b"x" * (1 << 20))
    error = await error_of(ours, a_call(site.url))
    assert (type(error), error.unanswered) == (EngineMisbehaved, True)


async def test_what_never_left_is_known_as_that(
    ours: Outbound, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "CONNECT", 0.2)
    Names().install(monkeypatch)
    async with Site() as gone:
        refused = gone.url
    with socket.create_server(("127.0.0.1", 0)) as mute:  # nobody answers the TLS greeting
        silent = f"https://127.0.0.1:{mute.getsockname()[1]}"
        for home in (refused, silent, "http://lost.example", "no-url", "file:///x", "http://1"):
            sending = Counted()
            error = await error_of(ours, a_call(home), sending)
            assert (type(error), error.unanswered) == (EngineUnreachable, False), home
            assert sending.times == 0


async def test_nothing_leaves_by_a_proxy_that_does_not_serve_us() -> None:
    async with Site() as proxy:
        ours = Outbound(proxy=proxy.url)
        sending = Counted()
        error = await error_of(ours, a_call("https://engine.example"), sending)  # CONNECT: 404
        assert (type(error), error.unanswered) == (EngineUnreachable, False)
    error = await error_of(ours, a_call("http://engine.example"), sending)
    assert (type(error), error.unanswered, sending.times) == (EngineUnreachable, False, 0)
    await ours.close()


async def test_a_redirect_of_a_call_is_refused_with_a_way_out(
    ours: Outbound, site: Site
) -> None:
    site.pages["/v1/things"] = moved("http://127.0.0.2/elsewhere?signed", 307)
    error = await error_of(ours, a_call(site.url))
    assert "give it the address that this leads to" in error.message
    assert "signed" not in error.message
    assert len(site.asked) == 1


async def test_only_the_engines_own_address_is_exempt_and_gets_the_secret(
    ours: Outbound, site: Site
) -> None:
    call = replace(a_call("http://127.0.0.1:1"), url=f"{site.url}/v1/things")
    error = await error_of(ours, call)
    assert (type(error), error.unanswered) == (EngineUnreachable, False)
    assert "is not a public address" in error.message
    assert site.asked == []
    allowed = Outbound(allowed=LOOPBACK)
    await allowed.ask(call, Thing, explain=explain)
    await allowed.close()
    assert "authorization" not in site.asked[0].headers
    assert site.asked[0].headers["x-plain"] == "1"


async def test_a_private_engine_is_found_by_its_name(
    ours: Outbound, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = Names({"gpu-box.example": [["127.0.0.1"]]})
    names.install(monkeypatch)
    got = await ours.ask(a_call(f"http://gpu-box.example:{site.port}"), Thing, explain=explain)
    assert got.body.id == "thing_1"


def test_what_is_shown_of_a_call_is_no_secret() -> None:
    call = replace(a_call("http://a.example"), url="http://a.example/?signature=abc")
    assert SECRET not in repr(call)
    assert "signature" not in repr(call)


def test_a_quote_is_short_and_plain() -> None:
    assert quoted(" a\n\tb\x00c ") == "a bc"
    assert quoted("key sk-1, key sk-1", "sk-1", None, "") == "key ***, key ***"
