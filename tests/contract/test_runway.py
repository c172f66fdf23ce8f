"""Runway: what it is sent, and what is made of its statuses and errors."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from filmgate import Account, Media, Progress, Reference, Role, Size, Take, Workshop
from filmgate.domain import errors
from filmgate.domain.request import GenerationRequest, Operation, Source
from filmgate.engines.runway import Runway
from filmgate.outbound import Outbound
from upstreams.runway import STAND_IN
from upstreams.site import Site, answer

SMALL, LARGE = b"a small file", b"\r\n--" * 40 + b"!"
DATA = "data:image/png;base64,YSBzbWFsbCBmaWxl"
FILM = "data:video/mp4;base64,YSBzbWFsbCBmaWxl"
HD = Size(1280, 720)


def given(*roles: Role, size: Size = HD) -> tuple[Reference, ...]:
    return tuple(
        Reference(
            asset_id=f"file_{number}",
            role=role,
            media_type="video/mp4" if role is Role.SOURCE else "image/png",
            size=size,
        )
        for number, role in enumerate(roles)
    )


FRAME, FRAMES = given(Role.FIRST_FRAME), given(Role.FIRST_FRAME, Role.LAST_FRAME)
MADE = Source(size=Size(854, 480), seconds=9.5)
EDIT = {"operation": Operation.EDIT, "source": MADE, "seconds": 9.5}
EDIT |= {"references": given(Role.SOURCE)}


@dataclass
class Bench:
    engine: Runway
    account: Account
    file: bytes = SMALL
    sent: int = 0
    settings: dict[str, Any] = field(default_factory=dict)

    async def read(self, _: Reference) -> bytes:
        return self.file

    async def save(self, reference: Reference, path: Path) -> None:
        raise NotImplementedError

    async def sending(self) -> None:
        self.sent += 1

    async def submit(self, model: str = "gen4.5", **fields: Any) -> Progress:
        [known] = [one for one in self.engine.models() if one.name == model]
        asked = {"model": model, "media": Media.VIDEO, "prompt": "a kite", "seconds": 8.0}
        request = known.fill(GenerationRequest(**{**asked, **fields}))
        known.check(request)
        take = Take(engine="runway", model=model, request=request, settings=self.settings)
        return await self.engine.submit(
            take, self.account, attempt_id="attempt_1", inputs=self, sending=self.sending
        )

    async def error(self, doing: Any) -> errors.FilmgateError:
        with pytest.raises(errors.FilmgateError) as caught:
            await doing
        return caught.value


@pytest.fixture
async def standin() -> AsyncIterator[STAND_IN]:
    async with STAND_IN() as standin:
        yield standin


@pytest.fixture
async def bench(tmp_path: Path, standin: STAND_IN) -> AsyncIterator[Bench]:
    outbound = Outbound(private=True, submit=0.5)
    account = Account(
        id="account_1", engine="runway", label="x", seats=1, secret=standin.secret,
        base_url=f"{standin.url}/",
    )  # fmt: skip
    yield Bench(Runway(Workshop(folder=tmp_path, cores=1, outbound=outbound)), account)
    await outbound.close()


TEXT, IMAGE, VIDEO = "text_to_video", "image_to_video", "video_to_video"
FIRST = {"uri": DATA, "position": "first"}
LAST = {"uri": DATA, "position": "last"}
SENT: list[tuple[str, dict[str, Any], str, dict[str, Any]]] = [
    ("gen4.5", {"seed": 7}, TEXT, {"duration": 8, "ratio": "1280:720", "seed": 7}),
    ("gen4.5", {"references": FRAME}, IMAGE,
     {"duration": 8, "ratio": "1280:720", "promptImage": [FIRST]}),
    ("veo3.1", {"audio": False, "negative_prompt": "rain", "size": Size(1080, 1920)}, TEXT,
     {"duration": 8, "ratio": "1080:1920", "audio": False, "negativePrompt": "rain"}),
    ("veo3.1_fast", {"references": FRAMES, "audio": True}, IMAGE,
     {"duration": 8, "ratio": "1280:720", "audio": True, "promptImage": [FIRST, LAST]}),
    ("seedance2", {"references": given(Role.SUBJECT, Role.SUBJECT)}, TEXT,
     {"duration": 8, "ratio": "1280:720", "references": [{"uri": DATA}, {"uri": DATA}]}),
    ("wan3", {"size": Size(720, 544)}, TEXT, {"duration": 8, "ratio": "720:544"}),
    ("wan3", {"references": FRAME}, IMAGE,
     {"duration": 8, "ratio": "auto_720p", "promptImage": [FIRST]}),
    ("wan3_prime", {"references": given(Role.FIRST_FRAME, size=Size(1248, 1648)),
                    "size": Size(1248, 1648)}, IMAGE,
     {"duration": 8, "ratio": "auto_1080p", "promptImage": [FIRST]}),
    ("gen4.5", {**EDIT, "seed": 3}, VIDEO, {"model": "aleph2", "videoUri": FILM, "seed": 3}),
    ("gemini_omni_flash_1.1", {**EDIT, "operation": Operation.REMIX}, VIDEO,
     {"mode": "edit", "videoUri": FILM}),
    ("seedance2_5", {**EDIT, "references": given(Role.SOURCE, Role.SUBJECT)}, VIDEO,
     {"mode": "edit", "duration": "auto", "promptVideo": FILM, "references": [{"uri": DATA}]}),
]  # fmt: skip


@pytest.mark.parametrize("sent", SENT)
async def test_what_it_is_sent(
    bench: Bench, standin: STAND_IN, sent: tuple[str, dict[str, Any], str, dict[str, Any]]
) -> None:
    model, fields, path, body = sent
    made = await bench.submit(model, **fields)
    [asked] = standin.asked
    assert asked.path == f"/v1/{path}"
    assert asked.body == {"model": model, "promptText": "a kite", **body}
    assert standin.refused == []
    assert (made.ticket, made.poll_after) == ("task-1", timedelta(seconds=5))


async def test_the_operators_settings_come_along(bench: Bench, standin: STAND_IN) -> None:
    moderation = {"contentModeration": {"publicFigureThreshold": "low"}}
    bench.settings = {**moderation, "promptText": "not this"}
    await bench.submit()
    [task] = standin.tasks.values()
    assert task.body["contentModeration"] == moderation["contentModeration"]
    assert task.body["promptText"] == "a kite"


@pytest.mark.parametrize(
    ("fields", "kind", "param"),
    [
        ({"seed": 2**32}, errors.InvalidRequest, "seed"),
        ({"references": given(Role.LAST_FRAME)}, errors.Unsupported, "last_frame"),
        ({"references": (*FRAME, *given(Role.SUBJECT))}, errors.Unsupported, "references"),
    ],
)
async def test_what_it_cannot_take_never_leaves(
    bench: Bench, standin: STAND_IN, fields: dict[str, Any], kind: type[Exception], param: str
) -> None:
    model = "seedance2" if "references" in fields else "gen4.5"
    error = await bench.error(bench.submit(model, **fields))
    assert (type(error), error.param, bench.sent, standin.asked) == (kind, param, 0, [])


async def test_a_prompt_may_be_as_long_as_documented(bench: Bench, standin: STAND_IN) -> None:
    await bench.submit(prompt="🪁" * 500)
    assert standin.refused == []
    too_long = "The prompt has 1002 UTF-16 code units; the most is 1000."
    with pytest.raises(errors.InvalidRequest, match=too_long):
        await bench.submit(prompt="🪁" * 501)


@pytest.fixture
def large(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("filmgate.engines.runway.INLINE", 100)
    bench.file = LARGE


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize("fields", [{"references": FRAME}, EDIT])
async def test_a_large_file_is_uploaded_first(
    bench: Bench, standin: STAND_IN, fields: dict[str, Any]
) -> None:
    await bench.submit(**fields)
    [task] = standin.tasks.values()
    assert standin.pictures_of(task.body) == [LARGE]
    assert (standin.refused, bench.sent) == ([], 1)


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize("status", [403, 503, 504])
async def test_an_upload_that_fails_costs_nothing(
    bench: Bench, standin: STAND_IN, status: int
) -> None:
    standin.store_status = status
    error = await bench.error(bench.submit(references=FRAME))
    assert type(error) is errors.EngineUnavailable
    assert (error.unanswered, bench.sent, standin.tasks) == (False, 0, {})


def told(status: str, **fields: Any) -> bytes:
    return answer(body=json.dumps({"id": "t", "status": status, **fields}).encode())


def refused(status: int, error: Any, **fields: Any) -> bytes:
    return answer(status, json.dumps({"error": error, **fields}).encode())


async def polled(bench: Bench, page: bytes) -> Progress:
    async with Site({"/v1/tasks/t%2F1": page}) as site:
        account = replace(bench.account, base_url=f"{site.url}/v1")
        return await bench.engine.poll("t/1", account)


@pytest.mark.parametrize(
    ("page", "percent"),
    [
        (told("PENDING", createdAt="2026-11-21T12:00:00Z"), 0),
        (told("THROTTLED", output=None), 0),
        (told("RUNNING", progress=0.429), 42),
        (told("RUNNING", progress=1.7), 100),
    ],
)
async def test_a_task_on_its_way(bench: Bench, page: bytes, percent: int) -> None:
    progress = await polled(bench, page)
    assert (progress.done, progress.percent) == (False, percent)
    assert progress.poll_after == timedelta(seconds=5)


@pytest.mark.parametrize(("cost", "micros"), [({"credits": 60}, 600_000), (None, None)])
async def test_a_task_that_is_done_says_what_it_took(
    bench: Bench, cost: Any, micros: int | None
) -> None:
    output = ["https://a/film", "https://a/more"]
    progress = await polled(bench, told("SUCCEEDED", output=output, cost=cost))
    assert progress.cost == micros
    assert [output.url for output in progress.outputs] == ["https://a/film"]


SAFETY, ASSET = "SAFETY.OUTPUT.VIDEO", "ASSET.INVALID"
ENDED = [
    (
        told("FAILED", failure="No.", failureCode=SAFETY),
        errors.ContentRejected,
        f"No. ({SAFETY})",
    ),
    (told("FAILED", failureCode="INPUT_PREPROCESSING.SAFETY.TEXT"), errors.ContentRejected, ""),
    (told("FAILED", failure="Bad.", failureCode=ASSET), errors.GenerationFailed, "(ASSET.INV"),
    (told("FAILED"), errors.GenerationFailed, "Runway gives no reason. (FAILED)"),
    (told("CANCELLED", cost={"credits": 0}), errors.GenerationFailed, "(CANCELLED)"),
    (told("SUCCEEDED", output=[]), errors.EngineMisbehaved, "'SUCCEEDED', and without a film"),
    (told("DREAMING"), errors.EngineMisbehaved, "'DREAMING'"),
    (refused(404, "Not found."), errors.TicketLost, "Not found."),
    (refused(400, "Bad version."), errors.EngineMisbehaved, "Bad version."),
    (answer(404, b"<html>"), errors.EngineUnavailable, "404"),
]


@pytest.mark.parametrize(("page", "kind", "said"), ENDED)
async def test_a_task_that_ends_without_its_film(
    bench: Bench, page: bytes, kind: type[Exception], said: str
) -> None:
    error = await bench.error(polled(bench, page))
    assert type(error) is kind
    assert said in error.message


ISSUES = [
    {"code": "too_big", "message": "At most 30 s", "path": ["refs", 0]},
    {"code": "invalid_union"},
]
REFUSED = [
    (refused(400, "No.", issues=ISSUES), errors.InvalidRequest, "No. At most 30 s (refs.0)"),
    (refused(400, "You do not have enough credits."), errors.AccountExhausted, "credits"),
    (refused(404, "No such path."), errors.InvalidRequest, "No such path."),
    (refused(404, {"message": "not its format"}), errors.EngineMisbehaved, "404"),
]


@pytest.mark.parametrize(("page", "kind", "said"), REFUSED)
async def test_a_create_that_is_refused(
    bench: Bench, page: bytes, kind: type[Exception], said: str
) -> None:
    async with Site({"/v1/text_to_video": page}) as site:
        bench.account = replace(bench.account, base_url=f"{site.url}/v1")
        error = await bench.error(bench.submit())
    assert (type(error), error.unanswered) == (kind, False)
    assert said in error.message


async def test_an_account_has_the_models_of_its_tier(bench: Bench) -> None:
    found = await bench.engine.discover(bench.account)
    assert [model.name for model in found] == ["gen4.5", "veo3.1"]
