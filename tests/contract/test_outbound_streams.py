"""Answers that come little by little: what they are cut into, and when they are given up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest

from filmgate import (
    AccountExhausted,
    Answer,
    Call,
    Complaint,
    EngineMisbehaved,
    EngineUnavailable,
    FilmgateError,
    InvalidRequest,
)
from filmgate.domain.errors import EngineUnreachable
from filmgate.outbound import Outbound, streams
from filmgate.ports import Streams
from upstreams.proxies import RealProxy
from upstreams.site import Page, Site, answer, moved

SECRET = "sk-very-secret"
EVENTS = b"data: one\n\ndata: two\n\n"
HEAD = "content-type: text/event-stream; charset=utf-8"


def explain(said: Answer[bytes]) -> Complaint | None:
    own = said.body.startswith(b"No: ")
    return Complaint(message=said.body.decode()) if own else None


@pytest.fixture
async def ours() -> AsyncIterator[Outbound]:
    """Guarded: to loopback it goes because the engine's account says so."""
    made = Outbound(submit=0.5)
    yield made
    await made.close()


def a_call(home: str, *, url: str | None = None, proxy: str | None = None) -> Call:
    return Call(
        method="POST",
        url=url or f"{home}/v1/chat",
        home=home,
        credentials={"authorization": f"Bearer {SECRET}"},
        body=b"{}",
        proxy=proxy,
    )


async def heard(ours: Streams, call: Call) -> list[str]:
    async with aclosing(ours.events(call, explain=explain)) as events:
        return [data async for data in events]


async def refusal(ours: Streams, call: Call) -> FilmgateError:
    with pytest.raises(FilmgateError) as caught:
        await heard(ours, call)
    assert SECRET not in caught.value.message
    return caught.value


@pytest.mark.parametrize(
    ("pieces", "said"),
    [
        ([b"data: a\n\n", b"data:b\r\n\r\n", b"data: c\r", b"\r", b"\n"], ["a", "b", "c"]),
        ([b"data: a\ndata: b\n\n"], ["a\nb"]),
        ([b"\xef\xbb\xbfid: 7\n: no\ndata: \xe9\xa3", b"\x8e\n", b"\n"], ["风"]),
        ([b"event: ping\n\nretry: 5\n\ndata\n\n", b"data: unfinished\n"], [""]),
    ],
)
def test_a_stream_is_cut_into_events(pieces: list[bytes], said: list[str]) -> None:
    reader = streams.Reader("vendor.example")
    assert [data for piece in pieces for data in reader.feed(piece)] == said


@pytest.mark.parametrize("limit", ["LARGEST", "MOST_ANSWERED"])
def test_more_than_anybody_reads(monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    monkeypatch.setattr(streams, limit, 20)
    reader = streams.Reader("vendor.example")
    assert list(reader.feed(b"data: 1\ndata: 2")) == []
    with pytest.raises(EngineMisbehaved, match=r"^vendor\.example answered") as caught:
        list(reader.feed(b"3456789012345678901234567890"))
    assert caught.value.unanswered


async def test_the_secret_goes_home(ours: Outbound) -> None:
    async with Site({"/v1/chat": answer(body=EVENTS, headers=[HEAD])}) as site:
        assert await heard(ours, a_call(site.url)) == ["one", "two"]
    [asked] = site.asked
    assert (asked.method, asked.body) == ("POST", b"{}")
    assert asked.headers["authorization"] == f"Bearer {SECRET}"


async def test_nobody_else_gets_it(ours: Outbound) -> None:
    async with Site({"/v1/chat": answer(body=EVENTS, headers=[HEAD])}) as site:
        error = await refusal(ours, a_call("https://vendor.example", url=f"{site.url}/v1/chat"))
    assert (type(error), site.asked) == (EngineUnreachable, [])
    assert "is not a public address" in error.message


async def test_it_goes_through_the_accounts_proxy(
    ours: Outbound, http_proxy: RealProxy
) -> None:
    async with Site({"/v1/chat": answer(body=EVENTS, headers=[HEAD])}) as site:
        through = a_call(site.url, proxy=http_proxy.url)
        assert await heard(ours, through) == ["one", "two"]


@pytest.mark.parametrize(
    ("page", "kind", "unanswered", "message"),
    [
        (moved("/elsewhere", 307), EngineMisbehaved, False, "127.0.0.1 answered 307"),
        (answer(429, b"No: slow down.", headers=["retry-after: 5"]), AccountExhausted, False,
         "127.0.0.1 answered 429: No: slow down."),
        (answer(400, b"No: too long."), InvalidRequest, False, "No: too long."),
        (answer(500, b"<html>"), EngineUnavailable, True, "127.0.0.1 answered 500."),
        (answer(200, b"<html>"), EngineMisbehaved, True, "127.0.0.1 answered 200 with what is"),
        (answer(204, headers=[HEAD]), EngineMisbehaved, True, "127.0.0.1 answered 204 with"),
        (b"", EngineUnavailable, True, "127.0.0.1 closed the connection without an answer."),
    ],
)  # fmt: skip
async def test_what_is_no_stream_is_an_error(
    ours: Outbound, page: Page, kind: type[FilmgateError], unanswered: bool, message: str
) -> None:
    async with Site({"/v1/chat": page}) as site:
        error = await refusal(ours, a_call(site.url))
    assert (type(error), error.unanswered) == (kind, unanswered)
    assert error.message.startswith(message)
    assert bool(error.retry_after) is (kind is AccountExhausted)


async def test_a_stream_that_breaks_off(ours: Outbound) -> None:
    page = answer(headers=[HEAD, "content-length: 1000"], length=False) + EVENTS
    async with (
        Site({"/v1/chat": page}) as site,
        aclosing(ours.events(a_call(site.url), explain=explain)) as events,
    ):
        assert [await anext(events), await anext(events)] == ["one", "two"]
        with pytest.raises(EngineUnavailable, match="stopped before the end") as caught:
            await anext(events)
    assert caught.value.unanswered


@pytest.mark.parametrize(
    ("limit", "head", "message"),
    [
        (None, b"", "127.0.0.1 did not answer within 0.5 s."),
        ("IDLE", b"x", "127.0.0.1 has sent nothing for 0.3 s."),
        ("LONGEST", b"x", "127.0.0.1 has not come to an end within 0.3 s."),
    ],
)
async def test_silence_is_given_up(
    ours: Outbound,
    monkeypatch: pytest.MonkeyPatch,
    limit: str | None,
    head: bytes,
    message: str,
) -> None:
    if limit:
        monkeypatch.setattr(streams, limit, 0.3)

    async def page(writer: asyncio.StreamWriter) -> None:
        if head:
            writer.write(answer(headers=[HEAD, "content-length: 1000"], length=False))
            await writer.drain()
        await asyncio.sleep(60)

    async with Site({"/v1/chat": page}) as site:
        error = await refusal(ours, a_call(site.url))
    assert (type(error), error.unanswered, error.message) == (EngineUnavailable, True, message)
