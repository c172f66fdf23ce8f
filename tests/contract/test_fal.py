"""What is fal's own: endpoints by frames, places to ask at, and its errors."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
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
from filmgate.outbound import Outbound
from upstreams.site import Page, Site, answer

KEY = "id-of-nobody:secret-0123456789"
PICTURE = b"\x89PNG\x00\xff"
LINK = f"data:image/png;base64,{b64encode(PICTURE).decode()}"
TICKET = "/a/b/requests/1/status /a/b/requests/1 /a/b/requests/1/cancel"


class Inputs:
    async def read(self, reference: Reference) -> bytes:
        assert reference.media_type == "image/png"
        return PICTURE

    async def save(self, reference: Reference, path: Path) -> None:
        raise NotImplementedError


@dataclass
class Bench:
    engine: Engine
    account: Account

    def at(self, url: str) -> Bench:
        return Bench(self.engine, replace(self.account, base_url=url))

    async def submit(self, model: str, *roles: Role, **settings: Any) -> Progress:
        given = tuple(
            Reference(asset_id="f", role=one, media_type="image/png") for one in roles
        )
        asked = GenerationRequest(
            model=model, media=Media.VIDEO, prompt="a kite", references=given
        )
        known = {one.name: one for one in self.engine.models()}[model]
        take = Take(engine="fal", model=model, request=known.fill(asked), settings=settings)
        return await self.engine.submit(
            take, self.account, attempt_id="attempt_1", inputs=Inputs(), sending=_nothing
        )

    async def poll(self) -> Progress:
        return await self.engine.poll(TICKET, self.account)

    async def raised(self, doing: Any) -> FilmgateError:
        with pytest.raises(FilmgateError) as caught:
            await doing
        assert KEY not in f"{caught.value!r} {caught.value.message}"
        return caught.value


async def _nothing() -> None: ...


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    outbound = Outbound(submit=0.5)
    engine = load("fal")(Workshop(folder=tmp_path, cores=1, outbound=outbound))
    account = Account(id="account_1", engine="fal", label="x", seats=1, secret=KEY)
    yield Bench(engine, account)
    await outbound.close()


def said(body: Any, status: int = 200, *headers: str) -> Page:
    return answer(status, json.dumps(body).encode(), headers=headers)


def taken(at: str) -> Page:
    place = f"{at}/a/b/requests/1"
    urls = {"status_url": f"{place}/status", "cancel_url": f"{place}/cancel"}
    return said({"request_id": "1", "response_url": place, "status": "what?", **urls})


async def test_frames_are_sent_as_data_urls_to_their_own_endpoint(bench: Bench) -> None:
    endpoint = "/fal-ai/kling-video/v3/pro/image-to-video"
    async with Site({endpoint: taken("https://queue.fal.run")}) as site:
        there, roles = bench.at(f"{site.url}/"), (Role.FIRST_FRAME, Role.LAST_FRAME)
        made = await there.submit("fal-ai/kling-video/v3/pro", *roles)
    [asked] = site.asked
    assert (asked.method, asked.target) == ("POST", endpoint)
    assert asked.headers["authorization"] == f"Key {KEY}"
    frames = {"start_image_url": LINK, "end_image_url": LINK}
    assert json.loads(asked.body) == {"prompt": "a kite", "duration": "4", **frames}
    assert (made.ticket, made.done) == (TICKET, False)


async def test_an_operators_settings_are_sent_and_never_win(bench: Bench) -> None:
    async with Site({"/fal-ai/ltx-2.3/text-to-video": taken("https://x.example")}) as site:
        await bench.at(site.url).submit("fal-ai/ltx-2.3", fps=50, duration=10)
    body = json.loads(site.asked[0].body)
    assert (body["fps"], body["duration"]) == (50, 6)


async def test_a_request_is_asked_about_at_the_accounts_own_host(bench: Bench) -> None:
    """Behind a prefix too, whether the answer names that or not."""
    async with Site() as site, Site() as other:
        for at in (other.url, f"{site.url}/fal"):
            site.pages["/fal/fal-ai/veo3.1"] = taken(at)
            there = bench.at(f"{site.url}/fal")
            assert (await there.submit("fal-ai/veo3.1")).ticket == TICKET
        site.pages["/fal/a/b/requests/1/status"] = said({"status": "IN_QUEUE"}, 202)
        assert (await there.poll()).percent == 0
    assert other.asked == []


@pytest.mark.parametrize("url", ["", "http://[", "https://x.example/a b", "https://x.example"])
async def test_an_answer_that_leads_nowhere_may_have_been_paid(bench: Bench, url: str) -> None:
    urls = dict.fromkeys(("status_url", "response_url", "cancel_url"), url)
    async with Site({"/fal-ai/veo3.1": said(urls)}) as site:
        error = await bench.raised(bench.at(site.url).submit("fal-ai/veo3.1"))
    assert (type(error), error.unanswered) == (EngineMisbehaved, True)


LOCKED = {"detail": f"User is locked. Key {KEY}"}
POLICY = {"loc": ["body"], "msg": "Flagged.", "type": "content_policy_violation"}
SMALL = {"loc": ["body", "image_url"], "msg": "Too small.", "type": "image_too_small"}

FLAGGED = "content_policy_violation"

CREATES: list[tuple[Page, type[FilmgateError], str]] = [
    (said(LOCKED, 403), AccountRejected, "127.0.0.1 answered 403: User is locked. ***"),
    (said({"detail": [SMALL]}, 422), InvalidRequest, "Too small."),
    (said({"detail": [SMALL, POLICY]}, 422), ContentRejected, "Too small. Flagged."),
    (said({"detail": "No.", "error_type": FLAGGED}, 400), ContentRejected, "No."),
    (said({"detail": "No."}, 400, f"x-fal-error-type: {FLAGGED}"), ContentRejected, "No."),
    (said({"detail": "No /x", "status": 404}, 404), InvalidRequest, "No /x"),
    (said({"error": "No."}, 400), InvalidRequest, "No."),
]


@pytest.mark.parametrize(("page", "kind", "message"), CREATES)
async def test_a_refusal_is_told_in_fals_words(
    bench: Bench, page: Page, kind: type[FilmgateError], message: str
) -> None:
    async with Site({"/fal-ai/veo3.1": page}) as site:
        error = await bench.raised(bench.at(site.url).submit("fal-ai/veo3.1"))
    assert (type(error), error.message, error.unanswered) == (kind, message, False)


DONE = said({"status": "COMPLETED", "logs": None})
BROKEN = said({"status": "COMPLETED", "error": f"It broke. {KEY}", "error_type": "x_error"})

HERE = "127.0.0.1 answered"

ENDS: list[tuple[Page, Page, type[FilmgateError], str]] = [
    (DONE, said({"detail": [POLICY]}, 422), ContentRejected, "Flagged."),
    (DONE, said({"detail": [SMALL]}, 422), InvalidRequest, "Too small."),
    (
        DONE,
        said({"detail": [{"msg": "None.", "type": "no_media_generated"}]}, 422),
        GenerationFailed,
        f"{HERE} 422: None.",
    ),
    (DONE, said({"detail": "slow"}, 400), GenerationFailed, f"{HERE} 400: slow"),
    (DONE, said({"detail": "gone"}, 404), OutputExpired, "gone"),
    (DONE, said({"detail": "no"}, 429), AccountExhausted, f"{HERE} 429: no"),
    (DONE, said({"detail": "later"}, 500), EngineUnavailable, f"{HERE} 500: later"),
    (BROKEN, said({"detail": "late"}, 504), GenerationFailed, "It broke. *** (x_error)"),
    (said({"status": "COMPLETED", "error": "Oh."}), said({}, 500), GenerationFailed, "Oh."),
    (said({"detail": "not found"}, 404), b"", TicketLost, f"{HERE} 404: not found"),
    (answer(404, b"<html>"), b"", EngineUnavailable, f"{HERE} 404."),
    (said({"status": "ZZ"}), b"", EngineMisbehaved, "A request has the unknown status 'ZZ'."),
]


@pytest.mark.parametrize(("status", "result", "kind", "message"), ENDS)
async def test_an_end_without_a_film_names_the_one_to_blame(
    bench: Bench, status: Page, result: Page, kind: type[FilmgateError], message: str
) -> None:
    pages = {"/a/b/requests/1/status": status, "/a/b/requests/1": result}
    async with Site(pages) as site:
        error = await bench.raised(bench.at(site.url).poll())
    assert (type(error), error.message) == (kind, message)


@pytest.mark.parametrize(
    ("content_type", "media_type"),
    [("video/webm", "video/webm"), ("application/octet-stream", "video/mp4")],
)
async def test_a_film_is_what_fal_says_it_is(
    bench: Bench, content_type: str, media_type: str
) -> None:
    made = said({"video": {"url": "https://x.example/1.mp4", "content_type": content_type}})
    async with Site({"/a/b/requests/1/status": DONE, "/a/b/requests/1": made}) as site:
        progress = await bench.at(site.url).poll()
    assert progress.outputs == (Output(media_type, url="https://x.example/1.mp4"),)
    assert (progress.percent, progress.cost) == (100, None)


async def test_a_cancel_that_is_too_late_is_as_good_and_one_that_fails_is_told(
    bench: Bench,
) -> None:
    late, lost = {"status": "ALREADY_COMPLETED"}, {"status": "NOT_FOUND"}
    async with Site() as site:
        there, where = bench.at(site.url), "/a/b/requests/1/cancel"
        for page in (said(late, 400), said(lost, 404)):
            site.pages[where] = page
            await there.engine.cancel(TICKET, there.account)
        site.pages[where] = answer(503, b"<html>")
        error = await there.raised(there.engine.cancel(TICKET, there.account))
    assert (type(error), {asked.method for asked in site.asked}) == (EngineUnavailable, {"PUT"})


PRICED = said({"prices": [{"endpoint_id": "fal-ai/veo3.1"}]})
GONE = said({"error": {"type": "not_found", "message": "Endpoint not found."}}, 404)


@pytest.mark.parametrize(("page", "names"), [(PRICED, {"fal-ai/veo3.1"}), (GONE, None)])
async def test_what_has_a_price_may_be_used(
    bench: Bench, page: Page, names: set[str] | None
) -> None:
    async with Site({"/v1/models/pricing": page}) as site:
        there = bench.at(site.url)
        found = await there.engine.discover(there.account)
    assert {one.name for one in found} == (names or {one.name for one in bench.engine.models()})
    assert "endpoint_id=fal-ai/ltx-2.3/text-to-video/fast" in site.asked[0].target
