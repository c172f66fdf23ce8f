"""What is xAI's own: three ways to begin a film, empty answers, its words for a wrong key."""

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
from filmgate.domain.request import GenerationRequest, Media, Operation, Source
from filmgate.engines import load
from filmgate.outbound import Outbound
from upstreams.site import Site, answer
from upstreams.xai import XAI

KEY = "xai-of-nobody-0123456789"
CONTENT = b"\x89PNG\x00\xff"
IMAGE, VIDEO = (
    {"url": f"data:{kind};base64,{b64encode(CONTENT).decode()}"}
    for kind in ("image/png", "video/mp4")
)
OLD, NEW = "grok-imagine-video", "grok-imagine-video-1.5"
WIDE = {"duration": 8, "resolution": "720p", "aspect_ratio": "16:9"}
VOICES = {"reference_audios": [{"voice_id": "ara"}]}
ASKED = GenerationRequest(
    model="x", media=Media.VIDEO, prompt="a kite", size=Size(1280, 720), seconds=8.0
)
SOURCE = Source(size=Size(1280, 720), seconds=8.0)


class Inputs:
    async def read(self, reference: Reference) -> bytes:
        assert reference.asset_id == "file_1"
        return CONTENT

    async def save(self, reference: Reference, path: Path) -> None: ...


def given(*roles: Role) -> dict[str, Any]:
    kinds = [(role, "video/mp4" if role is Role.SOURCE else "image/png") for role in roles]
    found = (Reference(asset_id="file_1", role=role, media_type=kind) for role, kind in kinds)
    return {"references": tuple(found)}


def of(operation: Operation, **source: Any) -> dict[str, Any]:
    film = replace(SOURCE, **source)
    return {"operation": operation, "source": film, **given(Role.SOURCE)}


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[Engine]:
    outbound = Outbound(submit=0.5)
    yield load("xai")(Workshop(folder=tmp_path, cores=1, outbound=outbound))
    await outbound.close()


@pytest.fixture
async def vendor() -> AsyncIterator[XAI]:
    async with XAI(seconds=0, secret=KEY) as vendor:
        yield vendor


def at(url: str) -> Account:
    return Account(id="account_1", engine="xai", label="x", seats=1, base_url=url, secret=KEY)


async def begun(engine: Engine, url: str, model: str = NEW, **fields: Any) -> Progress:
    async def sending() -> None:
        return None

    settings = fields.pop("settings", {})
    request = replace(ASKED, **fields)
    take = Take(engine="xai", model=model, request=request, settings=settings)
    return await engine.submit(
        take, at(url), attempt_id="attempt_1", inputs=Inputs(), sending=sending
    )


async def raised(doing: Any) -> errors.FilmgateError:
    with pytest.raises(errors.FilmgateError) as caught:
        await doing
    assert KEY not in f"{caught.value!r} {caught.value.message}"
    return caught.value


@pytest.mark.parametrize(
    ("fields", "path", "more"),
    [
        ({}, "generations", WIDE),
        ({"audio": False}, "generations", {**WIDE, "generate_audio": False}),
        (
            {"size": Size(1080, 1920), **given(Role.FIRST_FRAME, Role.LAST_FRAME)},
            "generations",
            {"duration": 8, "resolution": "1080p", "aspect_ratio": "9:16"}
            | {"image": IMAGE, "last_frame": IMAGE},
        ),
        (
            given(Role.SUBJECT, Role.CHARACTER),
            "generations",
            {**WIDE, "reference_images": [IMAGE, IMAGE]},
        ),
        ({"settings": {**VOICES, "prompt": "no"}}, "generations", {**WIDE, **VOICES}),
        (of(Operation.EDIT), "edits", {"video": VIDEO}),
        (of(Operation.REMIX), "edits", {"video": VIDEO}),
        (of(Operation.EXTEND), "extensions", {"duration": 8, "video": VIDEO}),
    ],
)
async def test_a_request_leaves_in_its_words(
    engine: Engine, vendor: XAI, fields: Any, path: str, more: Any
) -> None:
    model = NEW if path == "generations" else OLD
    made = await begun(engine, vendor.url, model, **fields)
    assert made == Progress(ticket="task-1", poll_after=timedelta(seconds=5))
    [asked] = vendor.asked
    assert (asked.method, asked.path) == ("POST", f"/v1/videos/{path}")
    assert asked.body == {"model": model, "prompt": "a kite", **more}
    assert (asked.headers["authorization"], vendor.refused) == (f"Bearer {KEY}", [])


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        (given(Role.FIRST_FRAME, Role.SUBJECT), "references"),
        ({"seconds": 11.0, **given(Role.SUBJECT)}, "seconds"),
        ({"size": Size(1920, 1080), **given(Role.SUBJECT)}, "size"),
        (of(Operation.EDIT, seconds=9.0), "video"),
        (of(Operation.EXTEND, seconds=1.0), "video"),
        (of(Operation.EXTEND, seconds=16.0), "video"),
        (of(Operation.EDIT, size=Size(1920, 1080)), "video"),
        ({**of(Operation.EDIT), **given(Role.SOURCE, Role.SUBJECT)}, "references"),
        ({"audio": True, **of(Operation.EDIT)}, "audio"),
        ({"seconds": 1.0, **of(Operation.EXTEND)}, "seconds"),
        ({"seconds": 11.0, **of(Operation.EXTEND)}, "seconds"),
    ],
)
async def test_what_it_would_not_make_is_refused_here(
    engine: Engine, vendor: XAI, fields: Any, param: str
) -> None:
    error = await raised(begun(engine, vendor.url, OLD, **fields))
    assert (type(error), error.param, vendor.asked) == (errors.Unsupported, param, [])


async def test_an_account_has_the_models_that_it_is_told(engine: Engine, vendor: XAI) -> None:
    """By an alias too; one that is not known here is left out."""
    found = await engine.discover(at(vendor.url))
    assert [model.name for model in found] == [OLD, NEW]


DENIED = "The caller does not have permission to execute the specified operation"
SAFETY = "Content violates usage guidelines. Failed check: SAFETY_CHECK_TYPE_CSAM"


@pytest.mark.parametrize(
    ("status", "said", "kind"),
    [
        (400, {"code": "x", "error": "Incorrect API key provided: xa***89."},
         errors.AccountRejected),
        (401, {"code": "unauthenticated", "error": "No credentials."}, errors.AccountRejected),
        (403, {"code": DENIED, "error": "Your team has used all credits."},
         errors.AccountExhausted),
        (403, {"code": DENIED, "error": "Not for this team."}, errors.AccountRejected),
        (403, {"code": DENIED, "error": SAFETY}, errors.ContentRejected),
        (400, {"error": {"message": "Rejected by content moderation.", "type": "x"}},
         errors.ContentRejected),
        (404, {"code": "x", "error": "The model does not exist."}, errors.InvalidRequest),
        (500, {"code": "x", "error": "Internal error."}, errors.EngineUnavailable),
        (404, {"detail": "another's words"}, errors.EngineMisbehaved),
    ],
)  # fmt: skip
async def test_a_refusal_names_the_one_to_blame(
    engine: Engine, status: int, said: Any, kind: type[errors.FilmgateError]
) -> None:
    page = answer(status, json.dumps(said).encode())
    async with Site({"/videos/generations": page}) as site:
        refusal = await raised(begun(engine, site.url))
    assert (type(refusal), refusal.unanswered) == (kind, False)


def progress(percent: int) -> Progress:
    return Progress(ticket="task", percent=percent, poll_after=timedelta(seconds=5))


def done(cost: int | None) -> Progress:
    film = Output("video/mp4", url="https://vidgen.example/film.mp4")
    return Progress(ticket="task", percent=100, outputs=(film,), cost=cost)


FILM = {"url": "https://vidgen.example/film.mp4", "duration": 8, "respect_moderation": True}


@pytest.mark.parametrize(
    ("status", "said", "told"),
    [
        (202, None, progress(0)),
        (202, {"status": "pending", "progress": 42}, progress(42)),
        (202, {"progress": 100}, progress(99)),
        (200, {"status": "done", "video": FILM}, done(None)),
        (200, {"status": "done", "video": FILM, "usage": {}}, done(None)),
        (200, {"status": "done", "video": FILM, "usage": {"cost_in_usd_ticks": 5_000_000_000}},
         done(500_000)),
    ],
)  # fmt: skip
async def test_a_film_tells_how_it_is_doing(
    engine: Engine, status: int, said: Any, told: Progress
) -> None:
    page = answer(status, json.dumps(said).encode() if said else b"")
    async with Site({"/videos/task": page}) as site:
        assert await engine.poll("task", at(site.url)) == told


HELD = "xAI made the film, and its policy keeps it back."
NO_REASON = "xAI gives no reason; the film is expired."


@pytest.mark.parametrize(
    ("status", "said", "kind", "message"),
    [
        (200, {"status": "done"}, errors.ContentRejected, HELD),
        (200, {"status": "done", "video": {**FILM, "respect_moderation": False}},
         errors.ContentRejected, HELD),
        (200, {"status": "failed", "error": {"code": "internal", "message": f"No {KEY}."}},
         errors.GenerationFailed, "No ***. (internal)"),
        (200, {"status": "failed", "error": {"message": "Stopped by moderation."}},
         errors.ContentRejected, "Stopped by moderation."),
        (200, {"status": "expired"}, errors.GenerationFailed, NO_REASON),
        (200, {"status": "new"}, errors.EngineMisbehaved,
         "A film has the unknown status 'new'."),
        (200, {"progress": "7%"}, errors.EngineMisbehaved,
         "xAI answered 200 with what cannot be read."),
        (410, {"code": "x", "error": "Gone."}, errors.TicketLost,
         "127.0.0.1 answered 410: Gone."),
    ],
)  # fmt: skip
async def test_a_film_that_is_not_made_says_why(
    engine: Engine, status: int, said: Any, kind: type[errors.FilmgateError], message: str
) -> None:
    page = answer(status, json.dumps(said).encode())
    async with Site({"/videos/task": page}) as site:
        error = await raised(engine.poll("task", at(site.url)))
    assert (type(error), error.message) == (kind, message)
