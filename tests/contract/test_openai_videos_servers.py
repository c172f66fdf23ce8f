"""Creates for servers of one's own, to the letter."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from filmgate import Account, AfterLoss, Media, Reference, Role, Size, Take, Workshop
from filmgate.domain.errors import Unsupported
from filmgate.domain.request import GenerationRequest
from filmgate.engines.openai_videos import OpenAIVideos, SGLang, VLLMOmni
from filmgate.outbound import Outbound
from upstreams.openai_videos import OpenAIVideos as StandIn
from upstreams.sglang import SGLang as SGLangStandIn
from upstreams.site import Site, answer
from upstreams.vllm_omni import VLLMOmni as VLLMOmniStandIn

WAN, SMALL_WAN = "Wan-AI/Wan2.2-T2V-A14B-Diffusers", "Wan-AI/Wan2.2-TI2V-5B-Diffusers"
LTX_2, H3 = "Lightricks/LTX-2", "MiniMaxAI/MiniMax-H3"
FIRST, LAST = Role.FIRST_FRAME, Role.LAST_FRAME
URLS = {
    role: f"data:image/png;base64,{base64.b64encode(role.encode()).decode()}"
    for role in (FIRST, LAST)
}


class Inputs:
    async def read(self, reference: Reference) -> bytes:
        return reference.role.encode()

    async def save(self, reference: Reference, path: Path) -> None:
        raise NotImplementedError


@dataclass
class Server:
    engine: OpenAIVideos
    standin: StandIn
    account: Account
    sent: list[str] = field(default_factory=list)

    async def body(self, model: str, *roles: Role, **asked: Any) -> dict[str, Any]:
        """What it got; a file is its bytes."""
        settings = asked.pop("settings", {})
        (known,) = (one for one in self.engine.models() if one.name == model)
        request = known.fill(
            GenerationRequest(
                model=model,
                media=Media.VIDEO,
                prompt="a kite, 风筝",
                references=tuple(
                    Reference(asset_id=role, role=role, media_type="image/png")
                    for role in roles
                ),
                **asked,
            )
        )
        known.check(request)

        async def sending() -> None:
            self.sent.append(model)

        progress = await self.engine.submit(
            Take(engine=self.engine.name, model=model, request=request, settings=settings),
            self.account,
            attempt_id="attempt_1",
            inputs=Inputs(),
            sending=sending,
        )
        assert self.standin.refused == []
        body: dict[str, Any] = self.standin.tasks[progress.ticket].body
        assert body.pop("prompt") == "a kite, 风筝"
        return body


@pytest.fixture
async def servers(tmp_path: Path) -> AsyncIterator[dict[str, Server]]:
    outbound = Outbound(submit=5)
    workshop = Workshop(folder=tmp_path, cores=1, outbound=outbound)
    async with SGLangStandIn() as sglang, VLLMOmniStandIn() as vllm:
        made: dict[str, Server] = {}
        for engine, standin in ((SGLang(workshop), sglang), (VLLMOmni(workshop), vllm)):
            account = Account(
                id="account_1",
                engine=engine.name,
                label="x",
                seats=1,
                base_url=standin.url,
                secret=standin.secret,
            )
            made[engine.name] = Server(engine, standin, account)
        yield made
    await outbound.close()


#: What is asked for, and what SGLang gets of it. vLLM-Omni gets the same as text.
ALIKE: list[tuple[str, tuple[Role, ...], dict[str, Any], dict[str, Any]]] = [
    (
        WAN,
        (),
        {"seed": 7, "negative_prompt": "rain"},
        {"seconds": "5", "size": "1280x720", "fps": 16, "num_frames": 81}
        | {"seed": 7, "negative_prompt": "rain"},
    ),
    (
        SMALL_WAN,
        (FIRST,),
        {"size": Size(720, 1280), "seconds": 4.0},
        {"seconds": "4", "size": "704x1280", "fps": 24, "num_frames": 97}
        | {"input_reference": b"first_frame"},
    ),
    (
        LTX_2,
        (),
        {"size": Size(1920, 1080), "seconds": 12.0, "audio": True},
        {"seconds": "12", "size": "1920x1088", "fps": 24, "num_frames": 289},
    ),
    (
        LTX_2,
        (),
        {"engine_options": {"num_inference_steps": 8, "guidance_scale": 1.5}},
        {"seconds": "5", "size": "1280x704", "fps": 24, "num_frames": 121}
        | {"num_inference_steps": 8, "guidance_scale": 1.5},
    ),
    ("served", (), {"size": Size(640, 640)}, {"seconds": "5", "size": "640x640"}),
]


@pytest.mark.parametrize(("model", "roles", "asked", "wanted"), ALIKE)
async def test_a_film_has_the_frames_that_its_model_was_trained_on(
    servers: dict[str, Server],
    model: str,
    roles: tuple[Role, ...],
    asked: dict[str, Any],
    wanted: dict[str, Any],
) -> None:
    named = {} if model == "served" else {"model": model}
    got = await servers["sglang"].body(model, *roles, **asked)
    assert {name: _number(value) for name, value in got.items()} == {
        name: _number(value) for name, value in {**named, **wanted}.items()
    }
    as_text = {
        name: value if isinstance(value, bytes) else str(value)
        for name, value in {**named, **wanted}.items()
    }
    assert await servers["vllm_omni"].body(model, *roles, **asked) == as_text


def _number(value: object) -> object:
    """A form has text only."""
    return str(value) if isinstance(value, int | float) else value


@pytest.mark.parametrize(
    ("roles", "at"), [((), ()), ((FIRST,), (0,)), ((LAST,), (-1,)), ((LAST, FIRST), (0, -1))]
)
async def test_sglang_is_asked_for_h3_by_its_target(
    servers: dict[str, Server], roles: tuple[Role, ...], at: tuple[int, ...]
) -> None:
    body = await servers["sglang"].body(H3, *roles, seconds=8.0, size=Size(720, 1280))
    keyframes = [
        {"type": "image", "role": "keyframe", "frame_index": place, "uri": URLS[role]}
        for place, role in ((0, FIRST), (-1, LAST))
        if place in at
    ]
    wanted: dict[str, Any] = {
        "model": H3,
        "task": "fl2va" if roles else "t2va",
        "target": {"short_edge": 768, "aspect_ratio": "9:16", "duration_seconds": 8.0},
    }
    assert body == wanted | ({"conditions": keyframes} if keyframes else {})


async def test_vllm_omni_is_asked_for_h3_by_its_ratio(servers: dict[str, Server]) -> None:
    server = servers["vllm_omni"]
    wanted = {"model": H3, "seconds": "5", "short_edge": "768", "aspect_ratio": "16:9"}
    assert await server.body(H3) == wanted
    assert await server.body(H3, FIRST) == {**wanted, "input_reference": b"first_frame"}
    both = await server.body(H3, LAST, FIRST)
    images = [{"image_url": URLS[FIRST]}, {"image_url": URLS[LAST]}]
    assert json.loads(both.pop("image_reference")) == images
    assert both == wanted
    with pytest.raises(Unsupported) as caught:
        await server.body(H3, LAST)
    assert caught.value.param == "last_frame"
    assert len(server.sent) == 3


async def test_settings_go_along_as_json_in_a_form(servers: dict[str, Server]) -> None:
    lora = {"name": "ink", "path": "/loras/ink", "scale": 0.8}
    body = await servers["vllm_omni"].body("served", settings={"lora": lora, "seed": None})
    assert json.loads(body["lora"]) == lora
    assert "seed" not in body


async def test_only_what_makes_films_is_found(servers: dict[str, Server]) -> None:
    for server in servers.values():
        (found,) = await server.engine.discover(server.account)
        assert found.name == H3
        assert found.roles == {FIRST: 1, LAST: 1}
    cards = [
        {"id": "black-forest-labs/FLUX.2-dev", "task_type": "T2I"},
        {"id": "/models/ours", "task_type": "I2V"},
    ]
    page = answer(body=json.dumps({"data": cards}).encode())
    async with Site({"/v1/models": page}) as site:
        account = Account(
            id="account_1", engine="x", label="x", seats=1, base_url=f"{site.url}/v1"
        )
        (other,) = await servers["sglang"].engine.discover(account)
    assert (other.name, other.negative_prompts) == ("/models/ours", True)
    assert not other.audio


@pytest.mark.parametrize("engine", [SGLang, VLLMOmni])
def test_a_server_is_looked_for_on_this_machine_and_never_asked_twice(
    engine: type[OpenAIVideos],
) -> None:
    assert engine.quirks.base.startswith("http://127.0.0.1:")
    assert engine.after_loss is AfterLoss.NEVER
