"""The node classes of the ComfyUI stand-in, and what its server refuses of a workflow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Graph = dict[str, dict[str, Any]]


def whole(least: int, most: int) -> list[Any]:
    return ["INT", {"min": least, "max": most}]


SIDE = whole(1, 16384)
NUMBER = ["FLOAT", {"min": 0.0, "max": 120.0}]
TEXT = ["STRING", {"multiline": True}]
#: By class: what it takes, what it gives, and whether it saves something.
CLASSES: dict[str, tuple[dict[str, list[Any]], list[str], bool]] = {
    "LoadImage": (
        {"image": [["example.png"], {"image_upload": True}]},
        ["IMAGE", "MASK"],
        False,
    ),
    "EmptyImage": (
        {"width": SIDE, "height": SIDE, "batch_size": whole(1, 4096), "color": whole(0, 2**24)},
        ["IMAGE"],
        False,
    ),
    "ImageStitch": (
        {
            "image1": ["IMAGE"],
            "image2": ["IMAGE"],
            "direction": [["right", "down", "left", "up"], {}],
            "match_image_size": ["BOOLEAN", {}],
            "spacing_width": whole(0, 1024),
            "spacing_color": [["white", "black", "red", "green", "blue"]],
        },
        ["IMAGE"],
        False,
    ),
    "ImageScale": (
        {
            "image": ["IMAGE"],
            "upscale_method": [["nearest-exact", "bilinear", "area", "bicubic", "lanczos"]],
            "width": SIDE,
            "height": SIDE,
            "crop": [["disabled", "center"]],
        },
        ["IMAGE"],
        False,
    ),
    "RepeatImageBatch": ({"image": ["IMAGE"], "amount": whole(1, 4096)}, ["IMAGE"], False),
    "ImageAddNoise": (
        {"image": ["IMAGE"], "seed": whole(0, 2**64 - 1), "strength": NUMBER},
        ["IMAGE"],
        False,
    ),
    "PrimitiveStringMultiline": ({"value": TEXT}, ["STRING"], False),
    "PrimitiveInt": ({"value": whole(-(2**63), 2**63)}, ["INT"], False),
    "StringLength": ({"string": TEXT}, ["INT"], False),
    "EmptyLatentImage": ({"width": SIDE, "height": SIDE}, ["LATENT"], False),
    "VAEDecode": ({"samples": ["LATENT"], "vae": ["VAE"]}, ["IMAGE"], False),
    "VAELoader": ({"vae_name": [["pixel_space"]]}, ["VAE"], False),
    "CreateVideo": ({"images": ["IMAGE"], "fps": NUMBER}, ["VIDEO"], False),
    "SaveVideo": (
        {
            "video": ["VIDEO"],
            "filename_prefix": ["STRING", {}],
            "format": ["COMBO", {"options": ["auto", "mp4"]}],
            "codec": ["COMBO", {"options": ["auto", "h264"]}],
        },
        [],
        True,
    ),
}


def refused(
    kind: str, class_type: str = "", node: str = "", name: str = "", value: Any = None
) -> dict[str, Any]:
    """A refusal; of one node's input, or of all if no class is named."""
    message = kind.replace("_", " ").capitalize()
    if not class_type:
        error = {"type": kind, "message": message, "details": node, "extra_info": {}}
        return {"error": error, "node_errors": {}}
    extra = {"input_name": name, "received_value": value}
    found = {"type": kind, "message": message, "details": name, "extra_info": extra}
    bad = {"errors": [found], "dependent_outputs": ["saved"], "class_type": class_type}
    error = {
        "type": "prompt_outputs_failed_validation",
        "message": "Prompt outputs failed validation",
        "details": f"{message}: {name}",
        "extra_info": {},
    }
    return {"error": error, "node_errors": {node: bad}}


def mistakes(body: Any, uploads: dict[str, bytes]) -> dict[str, Any]:
    """What is wrong with a create; empty if nothing is."""
    graph = body.get("prompt")
    if not isinstance(graph, dict):
        return refused("no_prompt")
    for node, one in graph.items():
        if one.get("class_type") not in CLASSES:
            return refused("invalid_prompt", node=f"Node ID '#{node}'")
    if not any(CLASSES[one["class_type"]][2] for one in graph.values()):
        return refused("prompt_no_outputs")
    for node, one in graph.items():
        for kind, name, value in input_mistakes(graph, one, uploads):
            return refused(kind, one["class_type"], node, name, value)
    return {}


def input_mistakes(
    graph: Graph, one: dict[str, Any], uploads: dict[str, bytes]
) -> Iterator[tuple[str, str, Any]]:
    """The mistakes in one node: their kind, and the input's name and value."""
    for name, (kind, *more) in CLASSES[one["class_type"]][0].items():
        if name not in one["inputs"]:
            yield "required_input_missing", name, None
            continue
        value, extra = one["inputs"][name], more[0] if more else {}
        if isinstance(value, list):
            origin = graph.get(value[0])
            gives = CLASSES[origin["class_type"]][1] if origin else []
            found = None if kind in gives[value[1] : value[1] + 1] else "return_type_mismatch"
        elif extra.get("image_upload"):
            found = None if value in uploads else "custom_validation_failed"
        else:
            found = value_mistake(kind, extra, value)
        if found:
            yield found, name, value


def value_mistake(kind: Any, extra: dict[str, Any], value: Any) -> str | None:
    choices = kind if isinstance(kind, list) else extra.get("options")
    if choices is not None:
        return None if value in choices else "value_not_in_list"
    if kind in ("INT", "FLOAT") and not isinstance(value, int | float):
        return "invalid_input_type"
    if "min" in extra and value < extra["min"]:
        return "value_smaller_than_min"
    return "value_bigger_than_max" if "max" in extra and value > extra["max"] else None
