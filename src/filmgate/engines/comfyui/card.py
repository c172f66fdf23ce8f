"""A workflow that needs no model: colour bars, or the first frame, with a film's grain."""

from __future__ import annotations

from typing import Any

from filmgate.domain.model import Model, SecondsRange, SizeRange
from filmgate.domain.request import Media, Role, Size

TEST_CARD = Model(
    name="test-card",
    media=Media.VIDEO,
    sizes=SizeRange(least=64, most=1920),
    default_size=Size(1280, 720),
    seconds=SecondsRange(least=1.0, most=20.0),
    default_seconds=4.0,
    roles={Role.FIRST_FRAME: 1},
    seeds=True,
)

_BARS = (0xBFBFBF, 0xBFBF00, 0x00BFBF, 0x00BF00, 0xBF00BF, 0xBF0000, 0x0000BF)
_FPS = 8


def test_card() -> dict[str, Any]:
    """What an operator would have said of `TEST_CARD`."""
    return {
        "workflows": [
            {"workflow": _card(_bars()), "slots": {**_CARD_SLOTS}},
            {
                "workflow": _card({"picture": _node("LoadImage", image="")}),
                "slots": {**_CARD_SLOTS, "first_frame": "picture.inputs.image"},
            },
        ]
    }


def _node(class_type: str, **inputs: Any) -> dict[str, Any]:
    return {"class_type": class_type, "inputs": inputs}


def _bars() -> dict[str, Any]:
    bars = {
        f"bar {n}": _node("EmptyImage", width=32, height=126, batch_size=1, color=color)
        for n, color in enumerate(_BARS, 1)
    }
    last = len(_BARS)
    joined = {
        "picture" if n == last else f"bars to {n}": _stitch(
            "bar 1" if n == 2 else f"bars to {n - 1}", f"bar {n}", "right"
        )
        for n in range(2, last + 1)
    }
    return {**bars, **joined}


def _card(pictured: dict[str, Any]) -> dict[str, Any]:
    """A film of the node `picture`; the strip below it is as blue as the prompt is long."""
    return {
        **pictured,
        "prompt": _node("PrimitiveStringMultiline", value=""),
        "length": _node("StringLength", string=["prompt", 0]),
        "strip": _node("EmptyImage", width=224, height=6, batch_size=1, color=["length", 0]),
        "card": _stitch("picture", "strip", "down"),
        "sized": _node(
            "ImageScale", image=["card", 0], upscale_method="bilinear", width=0, height=0,
            crop="disabled",
        ),
        "frames": _node("RepeatImageBatch", image=["sized", 0], amount=1),
        "grain": _node("ImageAddNoise", image=["frames", 0], seed=0, strength=0.04),
        "film": _node("CreateVideo", images=["grain", 0], fps=_FPS),
        "saved": _node(
            "SaveVideo", video=["film", 0], filename_prefix="", format="mp4", codec="h264"
        ),
    }  # fmt: skip


def _stitch(one: str, other: str, direction: str) -> dict[str, Any]:
    return _node(
        "ImageStitch", image1=[one, 0], image2=[other, 0], direction=direction,
        match_image_size=True, spacing_width=0, spacing_color="white",
    )  # fmt: skip


_CARD_SLOTS = {
    "prompt": "prompt.inputs.value",
    "width": "sized.inputs.width",
    "height": "sized.inputs.height",
    "frames": "frames.inputs.amount",
    "fps": "film.inputs.fps",
    "seed": "grain.inputs.seed",
    "output": "saved",
}
