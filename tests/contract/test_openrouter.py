"""What is OpenRouter's own: names for sizes, capabilities that are asked for, its errors."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from filmgate import Account, Engine, Output, Progress, Reference, Role, Size, Take, Workshop
from filmgate.domain import errors
from filmgate.domain.request import GenerationRequest, Media, Operation
from filmgate.engines import load
from filmgate.outbound import Outbound
from upstreams.openrouter import OpenRouter
from upstreams.site import Site, answer

KEY = "sk-or-of-nobody-0123456789"
PICTURE = b"\x89PNG\x00\xff"
URL = f"data:image/png;base64,{b64encode(PICTURE).decode()}"
IMAGE = {"type": "image_url", "image_url": {"url": URL}}
FIRST, LAST = ({**IMAGE, "frame_type": f"{which}_frame"} for which in ("first", "last"))
VEO, SEEDANCE = ({"model": name} for name in ("google/veo-3.1", "bytedance/seedance-2.5"))
OPTIONS: dict[str, Any] = {"provider": {"options": {"google-vertex": {"parameters": {}}}}}
KITE = {"prompt": "a kite", "duration": 8}
WIDE = {**KITE, "resolution": "720p", "aspect_ratio": "16:9"}
ASKED = GenerationRequest(
    model="x", media=Media.VIDEO, prompt="a kite", size=Size(1280, 720), seconds=8.0
)


class Inputs:
    async def read(self, reference: Reference) -> bytes:
        assert reference.media_type == "image/png"
        return PICTURE

    async def save(self, reference: Reference, path: Path) -> None: ...


def given(*roles: Role) -> dict[str, Any]:
    found = (Reference(asset_id="f", role=role, media_type="image/png") for role in roles)
    return {"references": tuple(found)}


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[Engine]:
    outbound = Outbound(submit=0.5)
    yield load("openrouter")(Workshop(folder=tmp_path, cores=1, outbound=outbound))
    await outbound.close()


@pytest.fixture
async def vendor() -> AsyncIterator[OpenRouter]:
    async with OpenRouter(seconds=0, secret=KEY) as vendor:
        yield vendor


def at(url: str) -> Account:
    return Account(
        id="account_1", engine="openrouter", label="x", seats=1, base_url=url, secret=KEY
    )


async def begun(
    engine: Engine, url: str, take: dict[str, Any] = VEO, **fields: Any
) -> Progress:
    async def sending() -> None:
        return None

    whole = Take(engine="openrouter", request=replace(ASKED, **fields), **take)
    return await engine.submit(
        whole, at(url), attempt_id="attempt_1", inputs=Inputs(), sending=sending
    )


async def raised(doing: Any) -> errors.FilmgateError:
    with pytest.raises(errors.FilmgateError) as caught:
        await doing
    assert KEY not in f"{caught.value!r} {caught.value.message}"
    return caught.value


@pytest.mark.parametrize(
    ("take", "fields", "body"),
    [
        (VEO, {"seed": 7}, {**VEO, **WIDE, "seed": 7}),
        (VEO, {"audio": False}, {**VEO, **WIDE, "generate_audio": False}),
        (
            VEO,
            given(Role.FIRST_FRAME, Role.LAST_FRAME),
            {**VEO, **WIDE, "frame_images": [FIRST, LAST]},
        ),
        (
            SEEDANCE,
            {"size": Size(752, 560), **given(Role.SUBJECT, Role.CHARACTER)},
            {**SEEDANCE, **KITE, "size": "752x560", "input_references": [IMAGE, IMAGE]},
        ),
        ({**VEO, "settings": {**OPTIONS, "prompt": "no"}}, {}, {**OPTIONS, **VEO, **WIDE}),
    ],
)
async def test_a_request_leaves_in_its_words(
    engine: Engine, vendor: OpenRouter, take: Any, fields: Any, body: Any
) -> None:
    made = await begun(engine, vendor.url, take, **fields)
    assert made == Progress(ticket=next(iter(vendor.tasks)), poll_after=timedelta(seconds=30))
    assert [task.body for task in vendor.tasks.values()] == [body]
    assert vendor.asked[-1].headers["authorization"] == f"Bearer {KEY}"


async def test_references_that_it_would_overlook_are_refused_here(
    engine: Engine, vendor: OpenRouter
) -> None:
    both = given(Role.FIRST_FRAME, Role.SUBJECT)
    error = await raised(begun(engine, vendor.url, **both))
    assert (type(error), error.param, vendor.asked) == (errors.Unsupported, "references", [])


async def test_what_models_can_do_is_read_from_the_list(
    engine: Engine, vendor: OpenRouter
) -> None:
    """Each of their sizes, lengths and switches is one that the list has."""
    found = {model.name: model for model in await engine.discover(at(vendor.url))}
    assert {name.partition("/")[2]: model.price for name, model in found.items()} == {
        "seedance-2.5": 231_120,  # by its tokens
        "seedance-2.0": 151_200,
        "veo-3.1": 600_000,  # told of 4K alone
        "kling-v3.0-pro": 168_000,  # with sound
        "wan-3.0": 200_000,  # of 720p nothing is told
        "grok-imagine-video-1.5": 140_000,
        "flux-3-video": 170_000,
        "hailuo-2.3": 0,
    }
    for name, model in found.items():
        assert isinstance(model.sizes, tuple)
        assert isinstance(model.seconds, tuple)
        asked: list[dict[str, Any]] = [{"size": size} for size in model.sizes]
        asked += [{"seconds": length} for length in model.seconds]
        asked += [{"audio": sound} for sound in model.audio] + [{"seed": 7}] * model.seeds
        usual = {"size": model.default_size, "seconds": model.default_seconds}
        for fields in asked:
            await begun(engine, vendor.url, {"model": name}, **usual | fields)
    assert vendor.refused == []
    hailuo, wan = found["minimax/hailuo-2.3"], found["alibaba/wan-3.0"]
    assert (hailuo.sizes, hailuo.default_seconds) == ((Size(1920, 1080),), 6)
    assert wan.roles == {Role.FIRST_FRAME: 1}
    assert all(model.operations == {Operation.CREATE} for model in found.values())


@pytest.mark.parametrize(
    ("name", "size", "audio", "rate"),
    [
        ("bytedance/seedance-2.5", Size(1112, 834), None, 232_577),  # takes most of 720p
        ("bytedance/seedance-2.0", Size(1920, 1080), None, 374_220),
        ("bytedance/seedance-2.0", Size(3840, 2160), None, 777_600),  # its tokens are cheaper
        ("google/veo-3.1", Size(3840, 2160), True, 600_000),
        ("kwaivgi/kling-v3.0-pro", Size(1280, 720), False, 112_000),
        ("alibaba/wan-3.0", Size(854, 480), None, 50_000),
        ("x-ai/grok-imagine-video-1.5", Size(1920, 1080), None, 250_000),
        ("black-forest-labs/flux-3-video", Size(1920, 1080), True, 290_000),
    ],
)
async def test_prices_are_read_from_the_list(
    *, engine: Engine, vendor: OpenRouter, name: str, size: Size, audio: bool | None, rate: int
) -> None:
    found = {model.name: model for model in await engine.discover(at(vendor.url))}
    assert found[name].rate(size, audio=audio) == rate


async def test_what_is_known_without_asking_is_true(engine: Engine, vendor: OpenRouter) -> None:
    found = {model.name: model for model in await engine.discover(at(vendor.url))}
    for model in engine.models():
        listed = found[model.name]
        assert isinstance(model.sizes, tuple)
        assert all(size in listed.sizes for size in model.sizes)
        assert 0 < model.price <= listed.price
        same = replace(model, sizes=listed.sizes, price=listed.price, prices=listed.prices)
        assert replace(same, roles=listed.roles) == listed


async def test_a_key_that_is_spent_is_exhausted(engine: Engine, vendor: OpenRouter) -> None:
    vendor.limit_remaining = 0.5
    assert await engine.discover(at(vendor.url))
    vendor.limit_remaining = 0
    assert type(await raised(engine.discover(at(vendor.url)))) is errors.AccountExhausted


@pytest.mark.parametrize(
    ("path", "status", "metadata", "kind"),
    [
        ("", 403, {"reasons": ["hate"]}, errors.ContentRejected),
        ("", 400, {"error_type": "content_policy_violation"}, errors.ContentRejected),
        ("", 403, {"patterns": ["x"]}, errors.AccountRejected),
        ("", 404, None, errors.InvalidRequest),
        ("", 409, None, errors.InvalidRequest),
        ("", 413, None, errors.InvalidRequest),
        ("", 529, None, errors.EngineUnavailable),
        ("", 404, "not an error of its own", errors.EngineMisbehaved),
        ("/task", 410, None, errors.TicketLost),
        ("/task", 500, None, errors.EngineUnavailable),
    ],
)
async def test_a_refusal_names_the_one_to_blame(
    engine: Engine, path: str, status: int, metadata: Any, kind: type[errors.FilmgateError]
) -> None:
    said = {"error": {"code": status, "message": "No.", "metadata": metadata}}
    async with Site({f"/videos{path}": answer(status, json.dumps(said).encode())}) as site:
        asking = engine.poll("task", at(site.url)) if path else begun(engine, site.url)
        refusal = await raised(asking)
    assert (type(refusal), refusal.unanswered) == (kind, False)


NO_REASON = "OpenRouter gives no reason; the task is"


@pytest.mark.parametrize(
    ("said", "kind", "message"),
    [
        ({"status": "failed", "error": f"No. {KEY}"}, errors.GenerationFailed, "No. ***"),
        ({"status": "failed", "error": "Flagged."}, errors.ContentRejected, "Flagged."),
        ({"status": "expired"}, errors.GenerationFailed, f"{NO_REASON} expired."),
        (
            {"status": "cancelled", "error": ""},
            errors.GenerationFailed,
            f"{NO_REASON} cancelled.",
        ),
        ({"status": "new"}, errors.EngineMisbehaved, "A task has the unknown status 'new'."),
    ],
)
async def test_a_task_that_ends_without_a_film_says_why(
    engine: Engine, said: Any, kind: type[errors.FilmgateError], message: str
) -> None:
    async with Site({"/videos/task": answer(body=json.dumps(said).encode())}) as site:
        error = await raised(engine.poll("task", at(site.url)))
    assert (type(error), error.message) == (kind, message)


@pytest.mark.parametrize(
    ("usage", "cost"),
    [(None, None), ({}, None), ({"cost": None}, None), ({"cost": 0.08}, 80_000)],
)
async def test_a_film_is_fetched_from_its_own_place(
    engine: Engine, usage: Any, cost: int | None
) -> None:
    page = answer(body=json.dumps({"status": "completed", "usage": usage}).encode())
    async with Site({"/videos/task": page}) as site:
        progress = await engine.poll("task", at(site.url))
    film = Output("video/mp4", url=f"{site.url}/videos/task/content?index=0")
    assert progress == Progress(ticket="task", percent=100, outputs=(film,), cost=cost)
