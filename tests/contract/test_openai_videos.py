"""Engines that speak the OpenAI Videos API: what they send, and make of what comes back."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from email import message_from_bytes
from email.policy import HTTP
from pathlib import Path
from typing import Any

import pytest

from filmgate import (
    Account,
    AccountExhausted,
    AccountRejected,
    ContentRejected,
    Engine,
    EngineMisbehaved,
    EngineUnavailable,
    EngineUnreachable,
    FilmgateError,
    GenerationFailed,
    InvalidRequest,
    Media,
    Output,
    Progress,
    Reference,
    Role,
    Size,
    Take,
    TicketLost,
    Workshop,
)
from filmgate.domain.request import GenerationRequest
from filmgate.engines import load
from filmgate.outbound import Outbound
from upstreams.site import Page, Site, answer
from upstreams.videos import KEY, Upstream

TAKE = Take(
    engine="x",
    model="sora-2",
    request=GenerationRequest(
        model="sora-2",
        media=Media.VIDEO,
        prompt="a kite, 风筝",
        size=Size(1280, 720),
        seconds=8.0,
    ),
)
FRAME = Reference(
    asset_id="file_1", role=Role.FIRST_FRAME, media_type="image/webp", size=Size(1280, 720)
)
PICTURE = b"RIFF\r\n--not a boundary\r\n\x00\xff"


class Inputs:
    async def read(self, reference: Reference) -> bytes:
        assert reference == FRAME
        return PICTURE

    async def save(self, reference: Reference, path: Path) -> None:
        raise NotImplementedError


@dataclass
class Bench:
    """An engine, and how often it was about to send something that may cost."""

    engine: Engine
    account: Account
    sent: int = 0

    async def sending(self) -> None:
        self.sent += 1

    async def submit(self, **fields: Any) -> Progress:
        take = replace(TAKE, request=replace(TAKE.request, **fields))
        return await self.engine.submit(
            take, self.account, attempt_id="attempt_1", inputs=Inputs(), sending=self.sending
        )

    def at(self, base_url: str, secret: str | None = KEY) -> Bench:
        return Bench(self.engine, replace(self.account, base_url=base_url, secret=secret))

    async def refusal(self, ticket: str | None = None, **fields: Any) -> FilmgateError:
        asking = self.engine.poll(ticket, self.account) if ticket else self.submit(**fields)
        with pytest.raises(FilmgateError) as caught:
            await asking
        said = f"{caught.value!r} {caught.value.message} {self.account!r}"
        assert str(self.account.secret) not in said
        return caught.value


@pytest.fixture(params=["openai_videos", "filmgate"])
async def bench(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Bench]:
    outbound = Outbound(submit=0.5)
    engine = load(request.param)(Workshop(folder=tmp_path, cores=1, outbound=outbound))
    account = Account(id="account_1", engine=engine.name, label="x", seats=1, secret=KEY)
    yield Bench(engine, account)
    await outbound.close()


def video(status: str = "queued", **fields: object) -> bytes:
    return answer(body=json.dumps({"id": "video_1", "status": status, **fields}).encode())


def refused(status: int, message: str, code: str | None = None) -> bytes:
    error = {"message": message, "type": "x", "param": None, "code": code}
    return answer(status, json.dumps({"error": error}).encode())


async def test_a_prompt_leaves_as_json(bench: Bench) -> None:
    async with Site({"/v1/videos": video()}) as site:
        made = await bench.at(f"{site.url}/v1/").submit()
    [asked] = site.asked
    assert (made.ticket, made.percent, made.done) == ("video_1", 0, False)
    assert (asked.method, asked.target) == ("POST", "/v1/videos")
    assert asked.headers["content-type"] == "application/json"
    assert asked.headers["authorization"] == f"Bearer {KEY}"
    assert asked.headers["idempotency-key"] == "attempt_1"
    assert json.loads(asked.body) == {
        "model": "sora-2",
        "prompt": "a kite, 风筝",
        "seconds": "8",
        "size": "1280x720",
    }


async def test_a_first_frame_leaves_as_a_form_with_the_same_bytes_each_time(
    bench: Bench,
) -> None:
    async with Site({"/v1/videos": video()}) as site:
        there = bench.at(f"{site.url}/v1")
        for _ in range(2):
            await there.submit(references=(FRAME,))
    first, again = site.asked
    assert first == again
    head = f"content-type: {first.headers['content-type']}\r\n\r\n".encode()
    parts = {
        part.get_param("name", header="content-disposition"): part
        for part in message_from_bytes(head + first.body, policy=HTTP).iter_parts()
    }
    fields = {name: part.get_payload(decode=True) for name, part in parts.items()}
    assert fields == {
        "model": b"sora-2",
        "prompt": "a kite, 风筝".encode(),
        "seconds": b"8",
        "size": b"1280x720",
        "input_reference": PICTURE,
    }
    assert parts["input_reference"].get_content_type() == "image/webp"
    assert parts["input_reference"].get_filename() == "first_frame.webp"


async def test_an_upstream_without_a_key_gets_none(bench: Bench) -> None:
    async with Site({"/v1/videos": video()}) as site:
        await bench.at(f"{site.url}/v1", secret=None).submit()
    assert "authorization" not in site.asked[0].headers


@pytest.mark.parametrize("status", ["queued", "completed", "failed", "what?"])
async def test_a_create_that_is_answered_has_a_ticket_whatever_else_it_says(
    bench: Bench, status: str
) -> None:
    said = video(status, progress="odd", error="odd", seconds=None)
    async with Site({"/v1/videos": said}) as site:
        made = await bench.at(f"{site.url}/v1").submit()
    assert (made.ticket, made.outputs) == ("video_1", ())


SUBMITS: list[tuple[str, type[FilmgateError], bool]] = [
    ("401", AccountRejected, False),
    ("402", AccountExhausted, False),
    ("403", AccountRejected, False),
    ("400", InvalidRequest, False),
    ("500", EngineUnavailable, False),
    ("refuse_429", AccountExhausted, False),
    ("refuse_503", EngineUnavailable, False),
    ("refuse_cut", EngineUnavailable, True),
    ("accept_cut", EngineUnavailable, True),
    ("accept_half", EngineUnavailable, True),
    ("accept_504", EngineUnavailable, True),
    ("accept_silent", EngineUnavailable, True),
    ("accept_garbage", EngineMisbehaved, True),
]


@pytest.mark.parametrize(("fault", "kind", "unanswered"), SUBMITS)
async def test_a_create_that_fails_names_the_one_to_blame(
    bench: Bench, fault: str, kind: type[FilmgateError], unanswered: bool
) -> None:
    async with Upstream() as upstream:
        upstream.faults.script = {"create": [fault]}
        there = bench.at(upstream.url)
        error = await there.refusal()
        assert (type(error), error.unanswered) == (kind, unanswered)
        assert (there.sent, len(upstream.ledger.creates)) == (1, 1)
        if fault == "refuse_429":
            assert error.retry_after == timedelta(seconds=1)


async def test_a_create_that_never_left_is_known_as_that(bench: Bench) -> None:
    async with Upstream() as upstream:
        pass
    there = bench.at(upstream.url)
    error = await there.refusal()
    assert (type(error), error.unanswered, there.sent) == (EngineUnreachable, False, 0)


@pytest.mark.parametrize("code", ["moderation_blocked", "content_policy_violation"])
async def test_a_prompt_that_is_refused_is_the_callers(bench: Bench, code: str) -> None:
    async with Site({"/v1/videos": refused(400, "Blocked.", code)}) as site:
        error = await bench.at(f"{site.url}/v1").refusal()
    assert (type(error), error.message) == (ContentRejected, "Blocked.")


async def test_a_key_that_the_upstream_repeats_is_not_repeated_by_us(bench: Bench) -> None:
    async with Upstream() as upstream:
        wrong = bench.at(upstream.url, secret="sk-wrong")
        assert type(await wrong.refusal()) is AccountRejected
        assert type(await wrong.refusal("video_1")) is AccountRejected
    parrot = refused(400, f"Bearer {KEY} may not.")
    async with Site({"/v1/videos": parrot, "/v1/videos/video_1": parrot}) as site:
        there = bench.at(f"{site.url}/v1")
        assert (await there.refusal()).message == "*** may not."
        await there.refusal("video_1")


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("401", AccountRejected),
        ("402", AccountExhausted),
        ("429", AccountExhausted),
        ("500", EngineUnavailable),
        ("502", EngineUnavailable),
        ("garbage", EngineMisbehaved),
        ("404", TicketLost),
        ("410", TicketLost),
        ("400", EngineMisbehaved),
    ],
)
async def test_a_poll_that_fails_names_the_one_to_blame(
    bench: Bench, fault: str, kind: type[FilmgateError]
) -> None:
    async with Upstream(seconds=5) as upstream:
        there = bench.at(upstream.url)
        ticket = (await there.submit()).ticket
        upstream.faults.script = {"poll": [fault]}
        assert type(await there.refusal(ticket)) is kind
        assert not (await there.engine.poll(ticket, there.account)).done


async def test_a_poll_that_is_cut_is_asked_once_more_at_once(bench: Bench) -> None:
    async with Upstream(seconds=5) as upstream:
        there = bench.at(upstream.url)
        ticket = (await there.submit()).ticket
        upstream.faults.script = {"poll": ["cut"]}
        await there.engine.poll(ticket, there.account)
        upstream.faults.script = {"poll": ["cut", "cut"]}
        assert type(await there.refusal(ticket)) is EngineUnavailable


async def test_a_404_that_is_not_in_its_own_words_is_no_lost_task(bench: Bench) -> None:
    async with Site({"/v1/videos/video_1": answer(404, b"<html>")}) as site:
        there = bench.at(f"{site.url}/v1")
        assert type(await there.refusal("video_1")) is EngineUnavailable
        with pytest.raises(EngineUnavailable):
            await there.engine.cancel("video_1", there.account)


@pytest.mark.parametrize(
    ("said", "kind", "message"),
    [
        (
            {"code": "moderation_blocked", "message": "Blocked by us."},
            ContentRejected,
            "Blocked by us.",
        ),
        (
            {"code": "processing_error", "message": f"It broke. {KEY}"},
            GenerationFailed,
            "It broke. *** (processing_error)",
        ),
        ({"message": "It broke."}, GenerationFailed, "It broke."),
        (None, GenerationFailed, "The upstream gives no reason."),
    ],
)
async def test_a_failed_task_tells_why(
    bench: Bench, said: object, kind: type[FilmgateError], message: str
) -> None:
    async with Site({"/v1/videos/video_1": video("failed", error=said)}) as site:
        error = await bench.at(f"{site.url}/v1").refusal("video_1")
    assert (type(error), error.message) == (kind, message)


@pytest.mark.parametrize(
    ("page", "kind"),
    [
        (video("what?"), EngineMisbehaved),
        (answer(body=b'{"id": "video_1"}'), EngineMisbehaved),
        (answer(body=b'["video_1"]'), EngineMisbehaved),
    ],
)
async def test_an_answer_that_breaks_the_contract_is_named(
    bench: Bench, page: Page, kind: type[FilmgateError]
) -> None:
    async with Site({"/v1/videos/video_1": page}) as site:
        assert type(await bench.at(f"{site.url}/v1").refusal("video_1")) is kind


@pytest.mark.parametrize(
    ("headers", "after"),
    [
        (["openai-poll-after-ms: 1500"], 1.5),
        (["openai-poll-after-ms: 1500", "retry-after: 9"], 1.5),
        (["retry-after: 9"], 9),
        (["openai-poll-after-ms: 99999999"], 300),
        (["retry-after: 99999"], 300),
        (["openai-poll-after-ms: soon"], None),
        ([], None),
    ],
)
async def test_a_hint_when_to_ask_again_is_kept(
    bench: Bench, headers: list[str], after: float | None
) -> None:
    body = b'{"id": "video_1", "status": "in_progress", "progress": 42.7}'
    page = answer(body=body, headers=headers)
    async with Site({"/v1/videos/video_1": page, "/v1/videos": page}) as site:
        there = bench.at(f"{site.url}/v1")
        polled = await there.engine.poll("video_1", there.account)
        begun = await there.submit()
    assert polled.percent == 42
    wanted = None if after is None else timedelta(seconds=after)
    assert (polled.poll_after, begun.poll_after) == (wanted, wanted)


async def test_a_film_is_fetched_past_a_cut(bench: Bench, tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    async with Upstream(seconds=0, padding=500_000, fetch_delay=0.1) as upstream:
        there = bench.at(upstream.url)
        ticket = (await there.submit()).ticket
        progress = await there.engine.poll(ticket, there.account)
        assert progress.outputs == (
            Output("video/mp4", url=f"{upstream.url}/videos/{ticket}/content"),
        )
        upstream.faults.script = {"content": ["cut"]}
        with pytest.raises(EngineUnavailable):
            await there.engine.fetch(progress.outputs[0], there.account, path)
        await there.engine.fetch(progress.outputs[0], there.account, path)
        first, second = upstream.ledger.contents
        assert first.first == 0 < second.first
        whole = await asyncio.to_thread(path.read_bytes)
        assert len(whole) == second.first + second.sent


async def test_a_cancel_that_fails_is_told_and_one_too_late_is_not(bench: Bench) -> None:
    async with Upstream(seconds=5) as upstream:
        there = bench.at(upstream.url)
        ticket = (await there.submit()).ticket
        upstream.faults.script = {"delete": ["500"]}
        with pytest.raises(EngineUnavailable):
            await there.engine.cancel(ticket, there.account)
        for _ in range(2):
            await there.engine.cancel(ticket, there.account)
        assert upstream.ledger.tasks[ticket].deleted_at


async def test_an_odd_ticket_stays_in_its_place(bench: Bench) -> None:
    async with Site() as site:
        there = bench.at(f"{site.url}/v1")
        await there.refusal("../a?b#c/d")
    assert [asked.target for asked in site.asked] == ["/v1/videos/..%2Fa%3Fb%23c%2Fd"]
