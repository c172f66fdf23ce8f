"""Stills of the OpenAI Images API: answered at once, and held until they are stored."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from openai import AsyncOpenAI

from filmgate import Account, AfterLoss, Media, Progress, Reference, Role, Take, Workshop
from filmgate.domain import errors
from filmgate.domain.model import Model
from filmgate.domain.request import GenerationRequest, Operation
from filmgate.engines import load
from filmgate.engines.openai_images import GPT_IMAGE_2, OpenAIImages
from filmgate.outbound import Outbound
from films import image
from upstreams.openai_images_site import OpenAIImages as StandIn
from upstreams.site import Site, answer

WHYS: dict[str, type[errors.FilmgateError]] = {
    "rejected": errors.AccountRejected,
    "broke": errors.AccountExhausted,
    "busy": errors.AccountExhausted,
    "overloaded": errors.EngineUnavailable,
    "moderated": errors.ContentRejected,
    "invalid": errors.InvalidRequest,
}
CUT = ("refuse_cut", "accept_cut", "accept_half", "accept_504", "accept_silent")
LINES: dict[str, type[errors.FilmgateError]] = {
    **dict.fromkeys(CUT, errors.EngineUnavailable),
    "accept_garbage": errors.EngineMisbehaved,
}
HTML = base64.b64encode(b"<html>").decode()
PICTURES = {
    Role.SOURCE: image((64, 32), "PNG"),
    Role.SUBJECT: image((32, 32), "WEBP"),
    Role.MASK: image((64, 32), "PNG") + b"\r\n--",
}


@dataclass
class Bench:
    engine: OpenAIImages
    account: Account
    folder: Path
    outbound: Outbound
    sent: int = 0

    async def read(self, reference: Reference) -> bytes:
        return PICTURES[reference.role]

    async def save(self, reference: Reference, path: Path) -> None:
        raise NotImplementedError

    async def sending(self) -> None:
        self.sent += 1

    async def made(
        self, model: Model = GPT_IMAGE_2, settings: Any = None, **fields: Any
    ) -> Progress:
        asked = GenerationRequest(model=model.name, media=Media.IMAGE, prompt="a kite, 风筝")
        request = model.fill(replace(asked, **fields))
        model.check(request)
        engine = self.engine.name
        take = Take(engine=engine, model=model.name, request=request, settings=settings or {})
        return await self.engine.submit(
            take, self.account, attempt_id="attempt_1", inputs=self, sending=self.sending
        )

    async def polled(self) -> Progress:
        return await self.engine.poll("attempt_1", self.account)

    async def fetched(self, progress: Progress) -> bytes:
        [output] = progress.outputs
        await self.engine.fetch(output, self.account, self.folder / "part")
        return (self.folder / "part").read_bytes()


async def raised(doing: Any) -> errors.FilmgateError:
    with pytest.raises(errors.FilmgateError) as caught:
        await doing
    return caught.value


@pytest.fixture
async def standin() -> AsyncIterator[StandIn]:
    async with StandIn() as standin:
        yield standin


@pytest.fixture
async def bench(
    tmp_path: Path, standin: StandIn, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Bench]:
    monkeypatch.setattr("filmgate.engines.openai_images.LONGEST", 0.5)
    outbound = Outbound(private=True)
    engine = load("openai_images")(Workshop(folder=tmp_path, cores=1, outbound=outbound))
    assert isinstance(engine, OpenAIImages)
    account = Account(
        id="account_1", engine=engine.name, label="x", seats=1, secret=standin.secret,
        base_url=standin.url,
    )  # fmt: skip
    yield Bench(engine, account, tmp_path, outbound)
    await outbound.close()


def references(*roles: Role) -> dict[str, Any]:
    kinds = {Role.SUBJECT: "image/webp"}
    given = [
        Reference(asset_id=role, role=role, media_type=kinds.get(role, "image/png"))
        for role in roles
    ]
    return {"operation": Operation.EDIT, "references": tuple(given)}


async def test_a_still_comes_with_its_ticket(bench: Bench, standin: StandIn) -> None:
    made = await bench.made()
    [output], [task] = made.outputs, standin.tasks.values()
    assert bench.engine.after_loss is AfterLoss.NEVER
    assert (made.ticket, made.percent, bench.sent) == ("attempt_1", 100, 1)
    assert (output.media_type, output.path) == ("image/png", bench.folder / "attempt_1.png")
    assert output.path is not None
    assert output.path.read_bytes() == standin.film(task)
    [asked] = standin.asked
    assert asked.path == "/v1/images/generations"
    assert asked.body == {
        "model": "gpt-image-2", "prompt": "a kite, 风筝", "size": "1024x1024",
    }  # fmt: skip


async def test_what_it_declares_it_takes(bench: Bench, standin: StandIn) -> None:
    for model in bench.engine.models():
        assert isinstance(model.sizes, tuple)
        asked: chain[dict[str, Any]] = chain(
            ({"size": size} for size in model.sizes),
            ({"format": kind} for kind in model.formats),
            ({"engine_options": {"output_compression": 50}, "format": "webp"},),
            (
                {"engine_options": {name: choice}}
                for name, option in model.options.items()
                for choice in option.choices
            ),
        )
        for fields in asked:
            [output] = (await bench.made(model, **fields)).outputs
            assert output.media_type == f"image/{fields.get('format', 'png')}"
            await bench.engine.cancel("attempt_1", bench.account)
    assert standin.refused == []


@pytest.mark.parametrize(
    ("roles", "names"),
    [
        ([Role.SOURCE], ["image"]),
        ([Role.SOURCE, Role.MASK], ["image", "mask"]),
        ([Role.SOURCE, Role.SUBJECT, Role.MASK], ["image[]", "image[]", "mask"]),
    ],
)
async def test_what_is_edited_leaves_as_a_form(
    bench: Bench, standin: StandIn, roles: list[Role], names: list[str]
) -> None:
    made = await bench.made(
        settings={"input_fidelity": "low", "user": "me", "n": 1}, **references(*roles)
    )
    [task] = standin.tasks.values()
    assert standin.forms[-len(names) :] == names
    pictures = [PICTURES[role] for role in roles if role is not Role.MASK]
    assert standin.pictures_of(task.body) == pictures
    assert task.body.get("mask") == (PICTURES[Role.MASK] if Role.MASK in roles else None)
    assert (task.body["input_fidelity"], standin.refused) == ("low", [])
    assert made.done


async def test_it_is_held_until_it_is_stored_and_no_longer(bench: Bench) -> None:
    made = await bench.made()
    assert await bench.polled() == made
    [output] = made.outputs
    assert output.path is not None
    output.path.unlink()  # as storing it does
    assert type(await raised(bench.polled())) is errors.TicketLost


async def test_another_process_has_nothing_and_asks_nobody(
    bench: Bench, standin: StandIn, tmp_path: Path
) -> None:
    await bench.made()
    folder = tmp_path / "of another process"
    folder.mkdir()
    other = OpenAIImages(Workshop(folder=folder, cores=1, outbound=bench.outbound))
    assert type(await raised(other.poll("attempt_1", bench.account))) is errors.TicketLost
    assert len(standin.asked) == 1


async def test_a_full_disk_is_waited_out(bench: Bench, standin: StandIn) -> None:
    folder = bench.folder / "no such folder"
    bench.engine = OpenAIImages(Workshop(folder=folder, cores=1, outbound=bench.outbound))
    made = await bench.made()
    assert (made.ticket, made.outputs) == ("attempt_1", ())
    assert type(await raised(bench.polled())) is errors.StorageUnavailable
    folder.mkdir()
    assert (await bench.polled()).done
    assert len(standin.asked) == 1


async def test_a_link_is_fetched_without_the_secret(bench: Bench, standin: StandIn) -> None:
    standin.linked = True
    made = await bench.made(format="webp")
    assert await bench.polled() == made
    [output], [task] = made.outputs, standin.tasks.values()
    assert output.media_type == "image/webp"
    assert await bench.fetched(made) == standin.film(task)
    assert type(await raised(bench.polled())) is errors.TicketLost


async def test_what_a_link_leads_to_must_be_the_still(bench: Bench, standin: StandIn) -> None:
    standin.linked, standin.made_as = True, "jpeg"
    made = await bench.made()
    assert type(await raised(bench.fetched(made))) is errors.EngineMisbehaved
    assert not (bench.folder / "part").exists()
    standin.made_as = "png"
    assert await bench.fetched(await bench.polled())


async def test_a_link_that_has_expired(bench: Bench, standin: StandIn) -> None:
    standin.linked = True
    made = await bench.made()
    standin.tasks.clear()
    assert type(await raised(bench.fetched(made))) is errors.OutputExpired


@pytest.mark.parametrize("linked", [False, True])
async def test_a_cancelled_one_is_dropped(bench: Bench, standin: StandIn, linked: bool) -> None:
    standin.linked = linked
    await bench.made()
    for _ in range(2):
        await bench.engine.cancel("attempt_1", bench.account)
    assert type(await raised(bench.polled())) is errors.TicketLost
    assert list(bench.folder.iterdir()) == []


@pytest.mark.parametrize("fault", [*WHYS, *LINES])
async def test_a_refusal_is_told_from_a_lost_answer(
    bench: Bench, standin: StandIn, fault: str
) -> None:
    standin.faults.script = {"create": [fault]}
    error = await raised(bench.made())
    assert type(error) is {**WHYS, **LINES}[fault]
    assert (error.unanswered, bench.sent) == (fault in LINES, 1)
    assert standin.secret not in f"{error!r} {error.message}"


@pytest.mark.parametrize(
    "data", [[], [{}], [{"b64_json": "not base64!"}], [{"b64_json": HTML, "url": "http://a/b"}]]
)
async def test_an_answer_without_a_still_may_be_paid_for(bench: Bench, data: Any) -> None:
    said = answer(body=json.dumps({"created": 1, "data": data}).encode())
    async with Site({"/images/generations": said}) as site:
        bench.account = replace(bench.account, base_url=f"{site.url}/", secret=None)
        error = await raised(bench.made())
        other = await raised(bench.engine.discover(bench.account))  # a path that is not there
    assert (type(error), error.unanswered) == (errors.EngineMisbehaved, True)
    assert type(other) is errors.EngineUnavailable
    assert "authorization" not in site.asked[0].headers


async def test_a_jpeg_is_told_by_its_bytes(bench: Bench, standin: StandIn) -> None:
    standin.made_as = "jpeg"
    [output] = (await bench.made()).outputs
    assert output.media_type == "image/jpeg"


async def test_an_account_is_tried_without_paying(bench: Bench, standin: StandIn) -> None:
    found = await bench.engine.discover(bench.account)
    assert [model.name for model in found] == [model.name for model in bench.engine.models()]
    standin.models = ("flux", "sdxl")
    found = await bench.engine.discover(bench.account)
    assert [model.name for model in found] == ["flux", "sdxl"]
    bench.account = replace(bench.account, secret="of-a-stranger")
    error = await raised(bench.engine.discover(bench.account))
    assert type(error) is errors.AccountRejected
    assert not standin.tasks


async def test_the_vendors_sdk_believes_the_stand_in(standin: StandIn) -> None:
    async with AsyncOpenAI(base_url=standin.url, api_key=standin.secret) as client:
        made = await client.images.generate(model="gpt-image-2", prompt="a kite", n=1)
        first = ("a.png", PICTURES[Role.SOURCE], "image/png")
        edited = await client.images.edit(
            model="gpt-image-2", prompt="a storm", image=[first, first], mask=first,
            size="1536x864", quality="low",
        )  # fmt: skip
    stills = [
        base64.b64decode(one.data[0].b64_json or "") for one in (made, edited) if one.data
    ]
    assert stills == [standin.film(task) for task in standin.tasks.values()]
    assert standin.refused == []
