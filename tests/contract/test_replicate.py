"""What is Replicate's own: inputs by model, uploads, the ends of a prediction, its errors."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
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
    FilmgateError,
    GenerationFailed,
    InvalidRequest,
    Media,
    Output,
    Progress,
    Reference,
    Role,
    Take,
    TicketLost,
    Workshop,
)
from filmgate.domain.errors import OutputExpired
from filmgate.domain.request import GenerationRequest
from filmgate.engines import load
from filmgate.engines.replicate import INLINE
from filmgate.outbound import Outbound
from upstreams.replicate import ReplicateAPI
from upstreams.site import Page, Site, answer

KEY = "r8_of-nobody-0123456789"
FRAMES = {Role.FIRST_FRAME: b"\x89PNG\x01", Role.LAST_FRAME: b"\x89PNG\x02"}
LINKS = [f"data:image/png;base64,{b64encode(frame).decode()}" for frame in FRAMES.values()]
BOTH = (Role.FIRST_FRAME, Role.LAST_FRAME)


@dataclass
class Inputs:
    frames: dict[Role, bytes]

    async def read(self, reference: Reference) -> bytes:
        return self.frames[reference.role]

    async def save(self, reference: Reference, path: Path) -> None:
        raise NotImplementedError


@dataclass
class Bench:
    engine: Engine
    account: Account

    def at(self, url: str) -> Bench:
        return Bench(self.engine, replace(self.account, base_url=f"{url}/v1"))

    async def submit(
        self,
        model: str = "google/veo-3.1",
        *roles: Role,
        frames: dict[Role, bytes] = FRAMES,
        **settings: Any,
    ) -> Progress:
        given = [Reference(asset_id="f", role=one, media_type="image/png") for one in roles]
        asked = GenerationRequest(model=model, media=Media.VIDEO, prompt="a kite")
        known = {one.name: one for one in self.engine.models()}[model]
        request = known.fill(replace(asked, references=tuple(given)))
        take = Take(engine="replicate", model=model, request=request, settings=settings)
        return await self.engine.submit(
            take, self.account, attempt_id="a", inputs=Inputs(frames), sending=_nothing
        )

    async def raised(self, doing: Any) -> FilmgateError:
        with pytest.raises(FilmgateError) as caught:
            await doing
        assert KEY not in f"{caught.value!r} {caught.value.message}"
        return caught.value


async def _nothing() -> None:
    pass


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    outbound = Outbound(submit=0.5)
    engine = load("replicate")(Workshop(folder=tmp_path, cores=1, outbound=outbound))
    account = Account(id="account_1", engine="replicate", label="x", seats=1, secret=KEY)
    yield Bench(engine, account)
    await outbound.close()


def said(body: Any, status: int = 200) -> Page:
    return answer(status, json.dumps(body).encode())


async def test_frames_are_sent_as_data_urls_and_nobody_waits(bench: Bench) -> None:
    where = "/v1/models/google/veo-3.1/predictions"
    async with Site({where: said({"id": "p1", "status": "what?", "output": 7}, 201)}) as site:
        made = await bench.at(site.url).submit("google/veo-3.1", *BOTH)
    [asked] = site.asked
    assert (asked.method, asked.target) == ("POST", where)
    assert asked.headers["authorization"] == f"Bearer {KEY}"
    assert "prefer" not in asked.headers
    body = {"prompt": "a kite", "duration": 4, "resolution": "720p", "aspect_ratio": "9:16"}
    frames = {"image": LINKS[0], "last_frame": LINKS[1]}
    assert json.loads(asked.body) == {"input": body | frames}
    assert (made.ticket, made.done) == ("p1", False)


async def test_a_large_frame_is_uploaded(bench: Bench) -> None:
    large = b"\x89PNG\r\n--" + bytes(INLINE)
    async with ReplicateAPI(secret=KEY) as vendor:
        there = bench.at(f"http://127.0.0.1:{vendor.port}")
        made = await there.submit("google/veo-3.1", *BOTH[:1], frames={Role.FIRST_FRAME: large})
        assert vendor.pictures_of(vendor.tasks[made.ticket].body) == [large]
        assert vendor.refused == []


async def test_an_upload_that_is_lost_was_not_paid_for(bench: Bench) -> None:
    large = {Role.FIRST_FRAME: bytes(INLINE + 1)}
    async with Site({"/v1/files": answer(504, b"<html>")}) as site:
        doing = bench.at(site.url).submit("google/veo-3.1", Role.FIRST_FRAME, frames=large)
        error = await bench.raised(doing)
    assert (type(error), error.unanswered) == (EngineUnavailable, False)


async def test_an_operators_settings_are_sent_and_never_win(bench: Bench) -> None:
    where = "/v1/models/minimax/hailuo-2.3/predictions"
    async with Site({where: said({"id": "p1"})}) as site:
        await bench.at(site.url).submit(
            "minimax/hailuo-2.3", prompt_optimizer=False, duration=10
        )
    body = json.loads(site.asked[0].body)["input"]
    assert (body["prompt_optimizer"], body["duration"]) == (False, 6)


HERE = "127.0.0.1 answered"
CREATES: list[tuple[Page, type[FilmgateError], str]] = [
    (said({"detail": f"Who is {KEY}?"}, 401), AccountRejected, f"{HERE} 401: Who is ***?"),
    (said({"title": "No money"}, 402), AccountExhausted, f"{HERE} 402: No money"),
    (said({"title": "T", "detail": "- input: no\n"}, 422), InvalidRequest, "- input: no"),
    (said({"detail": "not found"}, 404), InvalidRequest, "not found"),
    (said({}, 404), EngineMisbehaved, f"{HERE} 404."),
]


@pytest.mark.parametrize(("page", "kind", "message"), CREATES)
async def test_a_refusal_is_told_in_its_words(
    bench: Bench, page: Page, kind: type[FilmgateError], message: str
) -> None:
    async with Site({"/v1/models/google/veo-3.1/predictions": page}) as site:
        error = await bench.raised(bench.at(site.url).submit())
    assert (type(error), error.message, error.unanswered) == (kind, message, False)


async def test_how_long_it_wants_to_be_left_alone_may_stand_in_the_body(bench: Bench) -> None:
    page = said({"detail": "Request was throttled.", "retry_after": 5}, 429)
    async with Site({"/v1/models/google/veo-3.1/predictions": page}) as site:
        error = await bench.raised(bench.at(site.url).submit())
    assert (type(error), error.retry_after) == (AccountExhausted, timedelta(seconds=5))


GONE = "Replicate has deleted the film: it keeps one for an hour."
ENDED = "Replicate ended the prediction as"
ENDS: list[tuple[Page, type[FilmgateError], str]] = [
    (
        said({"status": "failed", "error": f"No. (E005) {KEY}"}),
        ContentRejected,
        "No. (E005) ***",
    ),
    (said({"status": "failed", "error": "Broke. (E004)"}), GenerationFailed, "Broke. (E004)"),
    (said({"status": "failed"}), GenerationFailed, "Replicate gives no reason."),
    (
        said({"status": "canceled"}),
        GenerationFailed,
        "Replicate ended the prediction as canceled.",
    ),
    (
        said({"status": "aborted"}),
        GenerationFailed,
        "Replicate ended the prediction as aborted.",
    ),
    (said({"status": "succeeded", "output": None}), OutputExpired, GONE),
    (said({"status": "succeeded", "output": []}), OutputExpired, GONE),
    (said({"status": "ZZ"}), EngineMisbehaved, "A prediction has the unknown status 'ZZ'."),
    (said({"detail": "not found"}, 404), TicketLost, f"{HERE} 404: not found"),
    (answer(404, b"<html>"), EngineUnavailable, f"{HERE} 404."),
]


@pytest.mark.parametrize(("page", "kind", "message"), ENDS)
async def test_an_end_without_a_film_names_the_one_to_blame(
    bench: Bench, page: Page, kind: type[FilmgateError], message: str
) -> None:
    async with Site({"/v1/predictions/p1": page}) as site:
        error = await bench.raised(bench.engine.poll("p1", bench.at(site.url).account))
    assert (type(error), error.message) == (kind, message)


@pytest.mark.parametrize("output", ["https://x.example/1.mp4", ["https://x.example/1.mp4"]])
async def test_a_film_is_a_link_or_the_first_of_a_list(bench: Bench, output: object) -> None:
    page = said({"status": "succeeded", "output": output, "metrics": {"predict_time": 9.5}})
    async with Site({"/v1/predictions/p1": page}) as site:
        made = await bench.engine.poll("p1", bench.at(site.url).account)
    assert made.outputs == (Output("video/mp4", url="https://x.example/1.mp4"),)


async def test_an_account_is_asked_who_it_is(bench: Bench) -> None:
    async with Site({"/v1/account": said({"username": "acme"})}) as site:
        there = bench.at(site.url)
        assert await there.engine.discover(there.account) == list(bench.engine.models())


async def test_a_cancel_that_is_too_late_is_as_good_and_one_that_fails_is_told(
    bench: Bench,
) -> None:
    async with Site({"/v1/predictions/p1/cancel": said({"title": "Over"}, 409)}) as site:
        there = bench.at(site.url)
        await there.engine.cancel("p1", there.account)
        site.pages["/v1/predictions/p1/cancel"] = said({"title": "No"}, 401)
        error = await there.raised(there.engine.cancel("p1", there.account))
    assert type(error) is AccountRejected
