"""A workflow for tests of the engine comfyui: as small as one for Wan can be."""

from __future__ import annotations

import json
from typing import Any

from filmgate.domain.job import Take
from filmgate.domain.request import GenerationRequest, Media, Reference, Role, Size
from filmgate.engines.comfyui.slots import Graph
from filmgate.engines.comfyui.workflows import read


def node(kind: str, title: str = "", **inputs: Any) -> dict[str, Any]:
    return {"class_type": kind, "inputs": inputs, "_meta": {"title": title}}


#: With a preview that nobody asked for.
WAN = {
    "4": node("PrimitiveInt", "Length", value=81),
    "5": node("EmptyHunyuanLatentVideo", width=640, height=640, length=["4", 0], batch_size=1),
    "6": node("CLIPTextEncode", text="a cat", clip=["9", 0]),
    "7": node("CLIPTextEncode", text="ugly", clip=["9", 0]),
    "9": node("CLIPLoader", clip_name="umt5.safetensors"),
    "10": node("LoraLoaderModelOnly", lora_name="fast.safetensors"),
    "3": node("KSampler", seed=1, steps=20, positive=["6", 0], negative=["7", 0],
              latent_image=["5", 0], model=["10", 0]),
    "8": node("CreateVideo", images=["3", 0], fps=16),
    "11": node("SaveVideo", video=["8", 0], filename_prefix="video/x"),
    "12": node("PreviewImage", images=["3", 0]),
}  # fmt: skip
SLOTS = {
    "prompt": "6.inputs.text",
    "negative_prompt": "7.inputs.text",
    "width": "5.inputs.width",
    "height": "5.inputs.height",
    "frames": "4.inputs.value",
    "fps": "8.inputs.fps",
    "seed": "3.inputs.seed",
    "output": "11",
}
SETTINGS = {"workflow": WAN, "slots": SLOTS, "frames_rule": "4k+1"}


def take(*roles: Role, **fields: Any) -> Take:
    references = tuple(
        Reference(asset_id="x", role=one, media_type="image/png") for one in roles
    )
    asked = {"prompt": "a kite", "size": Size(832, 480), "seconds": 5.0, **fields}
    request = GenerationRequest(model="wan", media=Media.VIDEO, references=references, **asked)
    return Take(engine="comfyui", model="wan", request=request)


def graph_of(value: dict[str, Any]) -> Graph:
    return read(json.dumps(value).encode())
