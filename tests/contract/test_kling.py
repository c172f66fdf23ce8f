"""Kling: what it is asked in both of its designs, signatures, codes and costs."""

from __future__ import annotations

import base64
import json
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
    EngineMisbehaved,
    EngineUnavailable,
    FilmgateError,
    GenerationFailed,
    InvalidRequest,
    Progress,
    Reference,
    Role,
    Take,
    TicketLost,
    Workshop,
)
from filmgate.domain.errors import Unsupported
from filmgate.domain.model import Model
from filmgate.domain.request import GenerationRequest, Media, Size
from filmgate.engines.kling import KLING_2_6, KLING_3_0, KLING_3_0_TURBO, Kling
from filmgate.outbound import Outbound
from upstreams.kling import Kling as StandIn
from upstreams.site import Page, Site, answer

KEY, PAIR = "key-of-nobody-0123456789", "access-of-nobody:secret-of-nobody"


class Inputs:
    async def read(self, reference: Reference) -> bytes:
        return reference.role.encode()

    async def save(self, reference: Reference, path: Path) -> None:
        raise NotImplementedError


@dataclass
class Bench:
    engine: Kling
    account: Account
    sent: int = 0

    async def sending(self) -> None:
        self.sent += 1

    async def submit(self, model: Model = KLING_3_0, **fields: Any) -> Progress:
        settings = fields.pop("settings", {})
        asked = GenerationRequest(
            model=model.name, media=Media.VIDEO, prompt="a kite", **fields
        )
        model.check(asked)
        take = Take(
            engine="kling", model=model.name, request=model.fill(asked), settings=settings
        )
        return await self.engine.submit(
            take, self.account, attempt_id="attempt_1", inputs=Inputs(), sending=self.sending
        )

    async def poll(self, ticket: str = "1") -> Progress:
        return await self.engine.poll(ticket, self.account)

    async def refusal(self, asking: Any) -> FilmgateError:
        with pytest.raises(FilmgateError) as caught:
            await asking
        said = f"{caught.value!r} {caught.value.message}"
        assert all(part not in said for part in (KEY, *PAIR.split(":")))
        return caught.value


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    outbound = Outbound(private=True, submit=0.5)
    engine = Kling(Workshop(folder=tmp_path, cores=1, outbound=outbound))
    account = Account(id="x", engine="kling", label="x", seats=1)
    yield Bench(engine, account)
    await outbound.close()


def at(bench: Bench, url: str, secret: str | None = KEY) -> Bench:
    return replace(bench, account=replace(bench.account, base_url=url, secret=secret))


def said(code: int = 0, message: str = "SUCCEED", *, http: int = 200, **body: Any) -> bytes:
    told = {"code": code, "message": message, **body}
    return answer(http, json.dumps(told).encode())


def frame(role: Role) -> Reference:
    return Reference(asset_id="f", role=role, media_type="image/png", size=Size(1280, 720))


def given(role: Role) -> str:
    return base64.b64encode(role.encode()).decode()


FIRST, LAST = frame(Role.FIRST_FRAME), frame(Role.LAST_FRAME)
TALL = {"size": Size(2160, 3840), "seconds": 15.0, "audio": True}
TURBO = {"model": KLING_3_0_TURBO, "settings": {"multi_shot": False}}
OURS = {"external_task_id": "attempt_1"}
PLAIN = {"resolution": "720p", "duration": 5}

#: What is wanted; where to, with an API key and with the two keys; what is sent then.
BODIES: dict[str, tuple[dict[str, Any], str, dict[str, Any], str, dict[str, Any]]] = {
    "a prompt": (
        TALL,
        "/text-to-video/kling-3.0",
        {
            "prompt": "a kite",
            "settings": {"resolution": "4k", "duration": 15, "audio": "native"}
            | {"aspect_ratio": "9:16"},
        },
        "/v1/videos/text2video",
        {"model_name": "kling-v3", "mode": "4k", "duration": "15", "sound": "on"}
        | {"aspect_ratio": "9:16"},
    ),
    "two frames": (
        {"references": (LAST, FIRST)},
        "/image-to-video/kling-3.0",
        {
            "contents": [
                {"type": "prompt", "text": "a kite"},
                {"type": "first_frame", "url": given(Role.FIRST_FRAME)},
                {"type": "last_frame", "url": given(Role.LAST_FRAME)},
            ],
            "settings": {**PLAIN, "audio": "off"},
        },
        "/v1/videos/image2video",
        {"model_name": "kling-v3", "mode": "std", "duration": "5", "sound": "off"}
        | {"image": given(Role.FIRST_FRAME), "image_tail": given(Role.LAST_FRAME)},
    ),
    "turbo, and a setting": (
        TURBO,
        "/text-to-video/kling-3.0-turbo",
        {
            "prompt": "a kite",
            "settings": {**PLAIN, "aspect_ratio": "16:9", "multi_shot": False},
        },
        "",
        {},
    ),
}


@pytest.mark.parametrize("what", BODIES)
async def test_what_is_asked(bench: Bench, what: str) -> None:
    fields, path, body, older_path, older = BODIES[what]
    async with StandIn() as kling:
        made = await at(bench, kling.url).submit(**fields)
        look, create = kling.asked
        assert (look.path, create.path) == ("/tasks?external_task_ids=attempt_1", path)
        assert create.body == {**body, "options": OURS}
        assert "/" not in made.ticket
    async with StandIn() as kling:
        there = at(bench, kling.url, PAIR)
        if not older:
            assert type(await there.refusal(there.submit(**fields))) is Unsupported
            return
        made = await there.submit(**fields)
        look, create = kling.asked
        assert (look.path, create.path) == (f"{older_path}/attempt_1", older_path)
        assert create.body == {"prompt": "a kite", **older, **OURS}
        again = await there.submit(**fields)
        assert (again.ticket, len(kling.tasks), there.sent) == (made.ticket, 1, 1)


async def test_two_keys_make_a_film_as_well_and_have_fewer_models(bench: Bench) -> None:
    async with StandIn(seconds=0) as kling:
        there = at(bench, kling.url, PAIR)
        assert await there.engine.discover(there.account) == [KLING_3_0, KLING_2_6]
        made = await there.poll((await there.submit(KLING_2_6)).ticket)
        assert (made.done, made.cost) == (True, None)
        lost = await there.refusal(there.poll("text2video/2"))
        assert type(lost) is TicketLost
        rejected = at(bench, kling.url, "access-of-nobody:another")
        error = await rejected.refusal(rejected.submit())
        assert (type(error), error.unanswered) == (AccountRejected, False)


async def test_a_last_frame_alone_is_refused_here(bench: Bench) -> None:
    error = await bench.refusal(bench.submit(references=(LAST,)))
    assert (type(error), error.param) == (InvalidRequest, "last_frame")


async def test_a_url_without_a_key_gets_none(bench: Bench) -> None:
    async with Site({"/tasks": said(data=[{"id": "1"}])}) as site:
        assert (await at(bench, site.url, None).submit()).ticket == "1"
    assert "authorization" not in site.asked[0].headers


CREATES: list[tuple[Page, type[FilmgateError], bool]] = [
    (said(1301, f"No. {KEY}"), ContentRejected, False),
    (said(1101), AccountExhausted, False),
    (said(5001), EngineUnavailable, False),
    (said(4711), EngineMisbehaved, False),
    (said(), EngineMisbehaved, True),
    (said(data={"task_id": ""}), EngineMisbehaved, True),
    (said(1103, http=403), AccountRejected, False),
    (said(1304, http=429), AccountRejected, False),
    (said(1203, http=404), InvalidRequest, False),
    (answer(500, b"<html>"), EngineUnavailable, True),
]


@pytest.mark.parametrize(("page", "kind", "unanswered"), CREATES)
async def test_what_a_code_means(
    bench: Bench, page: Page, kind: type[FilmgateError], unanswered: bool
) -> None:
    pages = {"/tasks": said(data={}), "/text-to-video/kling-3.0": page}
    async with Site(pages) as site:
        there = at(bench, site.url)
        error = await there.refusal(there.submit())
    assert (type(error), error.unanswered) == (kind, unanswered)


async def test_an_account_is_refused_with_status_200_too(bench: Bench) -> None:
    async with Site({"/account/costs": said(1002, ""), "/tasks": said(1002)}) as site:
        there = at(bench, site.url)
        error = await there.refusal(there.engine.discover(there.account))
        assert (type(error), error.message) == (
            AccountRejected,
            "Kling gives no reason. (1002)",
        )
        assert type(await there.refusal(there.poll())) is AccountRejected


FILM = {"id": "1", "status": "succeeded", "outputs": [{"type": "video", "url": "http://x/a"}]}
COSTS: list[tuple[Any, int | None]] = [
    ([{"currency": "USD", "amount": "0.42"}, {"currency": "USD", "amount": "0.084"}], 504_000),
    ([{"currency": "CNY", "amount": "3"}], None),
    ([{"package_type": "video", "amount": "3"}], None),
    ([{"currency": "USD", "amount": "much"}], None),
    ([{"currency": "USD"}], None),
    (None, None),
]


@pytest.mark.parametrize(("bills", "cost"), COSTS)
async def test_what_a_film_took(bench: Bench, bills: Any, cost: int | None) -> None:
    async with Site({"/tasks": said(data=[{**FILM, "billing": bills}])}) as site:
        assert (await at(bench, site.url).poll()).cost == cost


ENDS: list[tuple[dict[str, Any], type[FilmgateError], str]] = [
    (
        {"data": [{"id": "1", "status": "failed", "message": f"Bad. {KEY}"}]},
        GenerationFailed,
        "Bad. ***",
    ),
    (
        {"data": {"task_id": "1", "task_status": "failed"}},
        GenerationFailed,
        "Kling gives no reason.",
    ),
    (
        {"data": [{"id": "1", "status": "failed", "message": "触发风控"}]},
        ContentRejected,
        "触发风控",
    ),
    ({"data": [{**FILM, "outputs": []}]}, EngineMisbehaved, "'succeeded', and has no film"),
    ({"data": [{"id": "1", "status": KEY}]}, EngineMisbehaved, "'***'"),
    ({"code": 1201}, TicketLost, "does not have this task"),
]


@pytest.mark.parametrize(("body", "kind", "message"), ENDS)
async def test_a_task_without_a_film(
    bench: Bench, body: dict[str, Any], kind: type[FilmgateError], message: str
) -> None:
    async with Site({"/tasks": said(**body)}) as site:
        there = at(bench, site.url)
        error = await there.refusal(there.poll())
    assert type(error) is kind
    assert message in error.message
