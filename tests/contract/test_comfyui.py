"""ComfyUI servers, old and new: what a workflow becomes, and what is made of answers."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from filmgate import (
    Account,
    EngineMisbehaved,
    FilmgateError,
    GenerationFailed,
    InvalidRequest,
    Media,
    Progress,
    Reference,
    Role,
    Size,
    Take,
    TicketLost,
    Workshop,
)
from filmgate.domain.request import GenerationRequest
from filmgate.engines.comfyui import ComfyUI
from filmgate.engines.comfyui.card import test_card as card
from filmgate.outbound import Outbound
from upstreams.comfyui import ComfyUI as Server

REQUEST = GenerationRequest(
    model="x", media=Media.VIDEO, prompt="a kite", size=Size(640, 368), seconds=2.0
)
FRAME = Reference(asset_id="file_1", role=Role.FIRST_FRAME, media_type="image/webp")
PICTURE = b"RIFF\r\n--not a boundary\r\n\x00\xff"
BARS, FRAMED = card()["workflows"]


class Inputs:
    async def read(self, reference: Reference) -> bytes:
        assert reference == FRAME
        return PICTURE

    async def save(self, reference: Reference, path: Path) -> None:
        raise NotImplementedError


@dataclass
class Bench:
    engine: ComfyUI
    server: Server
    account: Account
    sent: int = 0

    async def sending(self) -> None:
        self.sent += 1

    async def submit(self, settings: Any = None, **fields: Any) -> Progress:
        attempt = fields.pop("attempt", "attempt_1")
        model = fields.pop("model", "test-card")
        request = replace(REQUEST, **fields)
        return await self.engine.submit(
            Take(engine="comfyui", model=model, request=request, settings=settings or {}),
            self.account,
            attempt_id=attempt,
            inputs=Inputs(),
            sending=self.sending,
        )

    async def refusal(self, settings: Any = None, **fields: Any) -> FilmgateError:
        with pytest.raises(FilmgateError) as caught:
            await self.submit(settings, **fields)
        return caught.value

    async def end(self, ticket: str) -> FilmgateError | None:
        try:
            await self.engine.poll(ticket, self.account)
        except FilmgateError as error:
            return error
        return None

    @property
    def sent_graph(self) -> dict[str, Any]:
        asked = [one for one in self.server.asked if one.path == "/api/prompt"]
        return dict(asked[-1].body["prompt"])


@pytest.fixture(params=["none", "read", "cancel"])
async def aged(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Bench]:
    outbound = Outbound(private=True, submit=0.5)
    engine = ComfyUI(Workshop(folder=tmp_path, cores=1, outbound=outbound))
    async with Server(jobs=request.param) as server:
        account = Account(
            id="account_1", engine="comfyui", label="x", seats=1,
            base_url=f"{server.url}/", secret=server.secret,
        )  # fmt: skip
        yield Bench(engine, server, account)
    await outbound.close()


@pytest.fixture
def bench(aged: Bench) -> Bench:
    if aged.server.jobs != "cancel":
        pytest.skip("the same at every age")
    return aged


async def test_a_film_is_made_at_every_age(aged: Bench, tmp_path: Path) -> None:
    aged.server.waits, aged.server.seconds = True, 60
    begun = await aged.submit()
    assert await aged.engine.poll(begun.ticket, aged.account) == begun
    aged.server.waits = False
    assert (await aged.engine.poll(begun.ticket, aged.account)).percent == 1
    (task,) = aged.server.tasks.values()
    task.ready_at = 0
    (film,) = (await aged.engine.poll(begun.ticket, aged.account)).outputs
    await aged.engine.fetch(film, aged.account, tmp_path / "film.mp4")
    assert (tmp_path / "film.mp4").read_bytes() == aged.server.film(task)
    assert (await aged.submit()).ticket == begun.ticket
    assert (aged.sent, aged.server.runs) == (1, [task.id])
    assert type(await aged.end("somebody-else@saved")) is TicketLost


@pytest.mark.parametrize("waits", [True, False])
async def test_only_our_own_task_is_stopped(aged: Bench, waits: bool) -> None:
    aged.server.seconds = 60
    other, ours = [await aged.submit(attempt=name) for name in ("attempt_1", "attempt_2")]
    aged.server.waits = waits
    for ticket in (ours.ticket, ours.ticket, "never-seen@saved"):
        await aged.engine.cancel(ticket, aged.account)
    stopped = await aged.end(ours.ticket)
    assert await aged.end(other.ticket) is None
    pending = waits and aged.server.jobs != "cancel"
    assert type(stopped) is (TicketLost if pending else GenerationFailed)
    assert aged.server.interrupts == (
        [] if waits or aged.server.jobs == "cancel" else [ours.ticket.partition("@")[0]]
    )


async def test_a_task_that_was_on_its_way_is_refused_a_second_time(bench: Bench) -> None:
    begun = await bench.submit()
    bench.server.blind = 1
    assert await bench.submit() == begun
    assert (bench.sent, len(bench.server.runs)) == (2, 1)


async def test_the_oldest_servers_make_their_own_ids(bench: Bench) -> None:
    bench.server.mints = "an-id-of-its-own"
    assert (await bench.submit()).ticket == "an-id-of-its-own@saved"


async def test_the_card_has_the_takes_wishes_in_it(bench: Bench) -> None:
    begun = await bench.submit(references=(FRAME,))
    graph, once = bench.sent_graph, begun.ticket.partition("@")[0]
    assert graph["picture"]["inputs"] == {"image": f"filmgate/{once}-1.webp"}
    assert bench.server.uploads == {f"filmgate/{once}-1.webp": PICTURE}
    assert graph["prompt"]["inputs"]["value"] == "a kite"
    assert (graph["sized"]["inputs"]["width"], graph["sized"]["inputs"]["height"]) == (640, 368)
    assert graph["frames"]["inputs"]["amount"] == 16
    assert graph["saved"]["inputs"]["filename_prefix"] == f"filmgate/{once}"
    seed = graph["grain"]["inputs"]["seed"]
    await bench.submit(references=(FRAME,), attempt="attempt_2")
    assert bench.sent_graph["grain"]["inputs"]["seed"] != seed
    await bench.submit(seed=7, attempt="attempt_3")
    assert bench.sent_graph["grain"]["inputs"]["seed"] == 7
    assert "bar 1" in bench.sent_graph
    assert bench.server.refused == []


def changed(change: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The card without an image, with other nodes, and more of its settings."""
    settings = deepcopy(BARS)
    settings["workflow"].update(change)
    return {**settings, **more}


def node(kind: str, **inputs: Any) -> dict[str, Any]:
    return {"class_type": kind, "inputs": inputs}


NO_NODE = changed({"grain": node("Nope")})
NO_MODEL = changed(
    {
        "vae": node("VAELoader", vae_name="wan_2.1_vae.safetensors"),
        "latent": node("EmptyLatentImage", width=64, height=64),
        "grain": node("VAEDecode", samples=["latent", 0], vae=["vae", 0]),
    },
    slots={slot: place for slot, place in BARS["slots"].items() if slot != "seed"},
)


@pytest.mark.parametrize(
    ("settings", "fields", "kind", "said"),
    [
        (None, {"size": Size(20000, 64)}, InvalidRequest, "ImageScale (node sized): Value"),
        (None, {"seed": -4}, InvalidRequest, "ImageAddNoise (node grain): Value smaller"),
        (NO_NODE, {}, EngineMisbehaved, "Invalid prompt Node ID '#grain'"),
        (
            changed({"grain": node("ImageAddNoise", image=["frames", 0])}),
            {},
            EngineMisbehaved,
            "Required input missing: strength.",
        ),
    ],
)
async def test_a_refused_workflow_names_the_one_to_blame(
    bench: Bench, settings: Any, fields: Any, kind: type[FilmgateError], said: str
) -> None:
    error = await bench.refusal(settings, **fields)
    assert type(error) is kind
    assert said in error.message
    assert not error.unanswered


async def test_a_model_file_that_is_not_there_is_named(bench: Bench) -> None:
    error = await bench.refusal(NO_MODEL)
    assert type(error) is EngineMisbehaved
    file = "'wan_2.1_vae.safetensors' for vae_name of VAELoader (node vae)"
    assert f"This ComfyUI has no {file}." in error.message


async def test_what_is_missing_is_known_before_the_first_film(bench: Bench) -> None:
    links = {"a": ["vae", 0], "b": ["other", 0], "c": ["image", 0]}
    graph = {
        "vae": node("VAELoader", vae_name="pixel_space"),
        "other": node("VAELoader", vae_name="pixel_space"),
        "image": node("LoadImage", image="mine.png"),
        "nope": node("Nope", file="x.safetensors", prompt="", **links),
        "saved": node("SaveVideo", video=["nope", 0], format="ogg", codec="auto"),
        "never": node("NotNeeded"),
    }
    slots = {"prompt": "nope.inputs.prompt", "lora": "vae.inputs.vae_name"}
    asked_for = {"sizes": ["640x360"], "seconds": [4]}
    said = {"slots": slots, "lora": "wan_2.1_vae.safetensors", **asked_for}
    settings = bench.engine.propose(json.dumps(graph).encode(), said).settings
    assert str(bench.engine.model_of("x", settings).default_size) == "640x360"
    assert await bench.engine.missing(settings, bench.account) == [
        "node Nope",
        "model file wan_2.1_vae.safetensors (VAELoader, node vae)",
        "choice ogg (SaveVideo, node saved)",
    ]


async def test_a_status_that_nobody_knows(bench: Bench) -> None:
    bench.server.odd, bench.server.seconds = "paused", 60
    begun = await bench.submit()
    error = await bench.end(begun.ticket)
    assert type(error) is EngineMisbehaved
    assert "'paused'" in error.message
