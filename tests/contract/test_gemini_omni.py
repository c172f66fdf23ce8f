"""Gemini Omni: what it is asked, and what is made of its odd answers."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from filmgate import (
    Account,
    AccountRejected,
    ContentRejected,
    EngineMisbehaved,
    FilmgateError,
    GenerationFailed,
    InvalidRequest,
    Output,
    Progress,
    Reference,
    Role,
    Take,
    TicketLost,
    Workshop,
)
from filmgate.domain.errors import OutputExpired, StorageUnavailable
from filmgate.domain.request import GenerationRequest, Media, Operation, Size, Source
from filmgate.engines.gemini_omni import OMNI_1_2, GeminiOmni
from filmgate.outbound import Outbound
from upstreams.gemini_omni import Google, detail
from upstreams.site import Page, Site, answer

KEY = "key-of-nobody-0123456789"
FILM = b"a film"


def picture(role: Role, *, name: str | None = None, media_type: str = "image/png") -> Reference:
    return Reference(asset_id=role, role=role, media_type=media_type, name=name)


class Inputs:
    async def read(self, reference: Reference) -> bytes:
        return reference.asset_id.encode()

    async def save(self, reference: Reference, path: Path) -> None:
        raise NotImplementedError


@dataclass
class Bench:
    engine: GeminiOmni
    account: Account
    folder: Path

    async def sending(self) -> None: ...

    async def submit(self, ticket: str | None = None, **fields: Any) -> Progress:
        asked = GenerationRequest(
            model=OMNI_1_2.name, media=Media.VIDEO, prompt="a kite", **fields
        )
        OMNI_1_2.check(asked)
        take = Take(
            engine="gemini_omni",
            model=asked.model,
            request=OMNI_1_2.fill(asked),
            source_ticket=ticket,
            settings={"service_tier": "flex"},
        )
        return await self.engine.submit(
            take, self.account, attempt_id="a", inputs=Inputs(), sending=self.sending
        )

    async def poll(self, ticket: str = "v1_a") -> Progress:
        return await self.engine.poll(ticket, self.account)

    async def fetch(self, url: str) -> bytes:
        path = self.folder / "film.mp4"
        await self.engine.fetch(Output("video/mp4", url=url), self.account, path)
        return await asyncio.to_thread(path.read_bytes)


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    outbound = Outbound(private=True, submit=0.5)
    workshop = Workshop(folder=tmp_path, cores=1, outbound=outbound)
    account = Account(id="x", engine="gemini_omni", label="x", seats=1, secret=KEY)
    yield Bench(GeminiOmni(workshop), account, tmp_path)
    await outbound.close()


def at(bench: Bench, url: str) -> Bench:
    return replace(bench, account=replace(bench.account, base_url=url))


def said(http: int = 200, /, **body: Any) -> bytes:
    return answer(http, json.dumps(body).encode())


def given(role: Role, media_type: str = "image/png") -> dict[str, str]:
    content = base64.b64encode(role.encode()).decode()
    return {"type": media_type.partition("/")[0], "mime_type": media_type, "data": content}


def task(name: str) -> dict[str, Any]:
    return {"video_config": {"task": name}}


FIRST, LAST = picture(Role.FIRST_FRAME), picture(Role.LAST_FRAME)
CAT, MISTER = picture(Role.SUBJECT), picture(Role.CHARACTER, name="Mister Whiskers")
CLIP = picture(Role.SOURCE, media_type="video/mp4")
SOURCE: dict[str, Any] = {"source": Source(size=Size(1920, 1080), seconds=8)}
SOURCE |= {"size": Size(1920, 1080), "references": (CLIP,)}
TAGS = "[# Sources <FIRST_FRAME>@Image1] [# References <IMAGE_REF_0>@Image2] "
FORM = {"type": "video", "delivery": "uri"}
NEW = FORM | {"resolution": "720p", "aspect_ratio": "16:9", "duration": "8s"}
TALL = NEW | {"resolution": "4k", "aspect_ratio": "9:16", "duration": "15s"}
OLD = FORM | {"resolution": "1080p"}

#: What is wanted; what Google gets with the prompt, the prompt, the film's form, how.
BODIES: dict[str, tuple[dict[str, Any], list[dict[str, str]], str, dict[str, str], Any]] = {
    "a prompt, and a seed": (
        {"seed": 7, "size": Size(2160, 3840), "seconds": 15.0},
        *([], "a kite", TALL, task("text_to_video") | {"seed": 7}),
    ),
    "a first and a last frame": (
        {"references": (LAST, FIRST)},
        [given(Role.FIRST_FRAME), given(Role.LAST_FRAME)],
        *("a kite", NEW, task("image_to_video")),
    ),
    "somebody to be seen": (
        {"references": (CAT, MISTER)},
        [given(Role.SUBJECT), given(Role.CHARACTER)],
        *("a kite <IMAGE_REF_1> is Mister Whiskers.", NEW, task("reference_to_video")),
    ),
    "a frame, and somebody to be seen": (
        {"references": (CAT, FIRST)},
        [given(Role.FIRST_FRAME), given(Role.SUBJECT)],
        *(f"{TAGS}a kite", NEW, None),
    ),
    "its own film to change": (
        {**SOURCE, "operation": Operation.REMIX, "ticket": "v1_before"},
        *([], "a kite", OLD, None),
    ),
    "somebody's film to change": (
        {**SOURCE, "operation": Operation.EDIT},
        *([given(Role.SOURCE, "video/mp4")], "a kite", OLD, task("edit")),
    ),
    "its own film to go on with": (
        {**SOURCE, "operation": Operation.EXTEND, "ticket": "v1_before", "seconds": 4.0},
        *([], "a kite", OLD | {"duration": "4s"}, task("extend")),
    ),
}


@pytest.mark.parametrize("what", BODIES)
async def test_what_is_asked(bench: Bench, what: str) -> None:
    fields, parts, prompt, form, how = BODIES[what]
    async with Google() as google:
        made = await at(bench, google.url).submit(**fields)
    rest = {"previous_interaction_id": fields.get("ticket"), "generation_config": how}
    assert google.refused == []
    assert google.tasks[made.ticket].body == {
        "model": "gemini-omni-1.2-flash",
        "input": [*parts, {"type": "text", "text": prompt}],
        "background": True,
        "store": True,
        "response_format": form,
        "service_tier": "flex",
        **{name: value for name, value in rest.items() if value},
    }


async def test_a_last_frame_alone_is_refused_here(bench: Bench) -> None:
    async with Google() as google:
        with pytest.raises(InvalidRequest) as caught:
            await at(bench, google.url).submit(references=(LAST,))
    assert (caught.value.param, google.asked) == ("last_frame", [])


async def test_a_film_in_the_interaction_itself_is_a_file_in_the_end(bench: Bench) -> None:
    async with Google(seconds=0, inline=True) as google:
        there = at(bench, google.url)
        made = await there.poll((await there.submit()).ticket)
        (film,) = made.outputs
        assert film.url == f"{google.url}/interactions/{made.ticket}"
        assert await there.fetch(film.url) == google.film(google.tasks[made.ticket])
        google.tasks.clear()
        with pytest.raises(OutputExpired):
            await there.fetch(film.url)


async def test_a_file_that_is_being_prepared_is_waited_for(bench: Bench) -> None:
    async with Google(seconds=0, prepared=False) as google:
        there = at(bench, google.url)
        ticket = (await there.submit()).ticket
        made = await there.poll(ticket)
        assert (made.percent, made.done) == (99, False)
        google.prepared = True
        (film,) = (await there.poll(ticket)).outputs
        assert film.url == f"{google.url}/files/film1:download?alt=media"
        google.tasks.clear()
        with pytest.raises(OutputExpired):
            await there.fetch(film.url)


async def test_a_film_elsewhere_is_fetched_without_the_key(bench: Bench) -> None:
    async with Site({"/a.mp4": answer(body=FILM)}) as store:
        done = said(status="completed", steps=[output(uri=f"{store.url}/a.mp4")])
        async with Site({"/interactions/v1_a": done}) as site:
            there = at(bench, site.url)
            (film,) = (await there.poll()).outputs
            assert await there.fetch(str(film.url)) == FILM
    assert KEY not in str(store.asked)


def output(**part: Any) -> dict[str, Any]:
    return {"type": "model_output", "content": [{"type": "video", **part}]}


ENDS: list[tuple[dict[str, Any], type[FilmgateError], str]] = [
    ({"status": "budget_exceeded"}, GenerationFailed, "budget_exceeded, without a film"),
    ({"status": "completed", "steps": None}, GenerationFailed, "completed, without a film"),
    (
        {"status": "failed", "errors": [{"code": "x/IMAGE_SAFETY", "message": f"No. {KEY}"}]},
        ContentRejected,
        "No. ***",
    ),
    (
        {
            "status": "failed",
            "steps": [
                {"type": "model_output", "error": {"code": 3, "message": "Blocked by policy."}}
            ],
        },
        ContentRejected,
        "Blocked by policy.",
    ),
    ({"status": "dreaming"}, EngineMisbehaved, "'dreaming'"),
]


@pytest.mark.parametrize(("body", "kind", "message"), ENDS)
async def test_an_interaction_without_a_film(
    bench: Bench, body: dict[str, Any], kind: type[FilmgateError], message: str
) -> None:
    async with Site({"/interactions/v1_a": said(**body)}) as site:
        with pytest.raises(FilmgateError) as caught:
            await at(bench, site.url).poll()
    assert type(caught.value) is kind
    assert message in caught.value.message


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        (said(state="FAILED"), GenerationFailed),
        (said(404, error={"code": 404, "message": "Gone."}), OutputExpired),
    ],
)
async def test_a_file_that_is_not_to_be_had(
    bench: Bench, file: Page, kind: type[FilmgateError]
) -> None:
    done = said(status="completed", steps=[output(uri="https://google/files/f1:download")])
    async with Site({"/interactions/v1_a": done, "/files/f1": file}) as site:
        with pytest.raises(kind):
            await at(bench, site.url).poll()


@pytest.mark.parametrize(
    ("content", "blocked", "kind"),
    [
        ("no base64!", False, EngineMisbehaved),
        ("YSBmaWxt", True, StorageUnavailable),
        (None, False, OutputExpired),
    ],
)
async def test_a_film_in_an_interaction_that_cannot_be_kept(
    bench: Bench, content: str | None, blocked: bool, kind: type[FilmgateError]
) -> None:
    done = said(status="completed", steps=[output(data=content)])
    if blocked:
        (bench.folder / "film.mp4").mkdir()
    async with Site({"/interactions/v1_a": done}) as site:
        with pytest.raises(kind):
            await at(bench, site.url).fetch(f"{site.url}/interactions/v1_a")


INVALID = {"code": 400, "message": "No.", "status": "INVALID_ARGUMENT"}
BAD_KEY = {**INVALID, "details": [detail("ErrorInfo", reason="API_KEY_INVALID")]}
NO_BILLING = {**INVALID, "status": "FAILED_PRECONDITION"}
BLOCKED = {**INVALID, "code": "PROHIBITED_CONTENT"}
NO_NAME = {"code": "invalid_request", "message": "Invalid interaction name: x."}


@pytest.mark.parametrize(
    ("page", "kind"),
    [
        (said(400, error=BAD_KEY), AccountRejected),
        (answer(400, json.dumps([{"error": BAD_KEY}]).encode()), AccountRejected),
        (said(400, error=NO_BILLING), AccountRejected),
        (said(400, error=BLOCKED), ContentRejected),
        (said(400, error=NO_NAME), TicketLost),
        (said(404, error={**INVALID, "code": 404}), TicketLost),
        (answer(400, b"[]"), EngineMisbehaved),
        (answer(400, b"<html>"), EngineMisbehaved),
        (said(400, error={**INVALID, "message": "Unknown safety_settings."}), EngineMisbehaved),
    ],
)
async def test_what_google_refuses_with(
    bench: Bench, page: Page, kind: type[FilmgateError]
) -> None:
    async with Site({"/interactions/v1_a": page}) as site:
        with pytest.raises(FilmgateError) as caught:
            await at(bench, site.url).poll()
    assert type(caught.value) is kind


async def test_one_that_has_ended_is_cancelled_enough(bench: Bench) -> None:
    ended = said(400, error={**INVALID, "message": "Only a running one can be cancelled."})
    async with Site({"/interactions/v1_a/cancel": ended}) as site:
        there = at(bench, site.url)
        await there.engine.cancel("v1_a", there.account)


async def test_only_what_google_lists_is_there(bench: Bench) -> None:
    listed = said(models=[{"name": "models/gemini-omni-1.2-flash"}, {"name": "models/veo"}])
    async with Site({"/models": listed}) as site:
        there = at(bench, site.url)
        assert await there.engine.discover(there.account) == [OMNI_1_2]
