"""What films cost at each engine: those that cost more than others by the vendor's list."""

from __future__ import annotations

from pathlib import Path

import pytest

from filmgate import Media, Model, Operation, Role, Size, Workshop
from filmgate.domain.request import GenerationRequest, Reference, Source
from filmgate.engines import load
from filmgate.outbound import Outbound

SMALL, HD, LARGE, UHD = Size(854, 480), Size(1280, 720), Size(1920, 1080), Size(3840, 2160)
HEARD, SILENT = True, False


def model_of(engine: str, name: str) -> Model:
    workshop = Workshop(folder=Path(), cores=1, outbound=Outbound())
    return next(model for model in load(engine)(workshop).models() if model.name == name)


@pytest.mark.parametrize(
    ("engine", "model", "size", "audio", "seconds", "cents"),
    [
        ("ark", "dreamina-seedance-2-5-260628", HD, None, 5, 115.56),
        ("ark", "dreamina-seedance-2-5-260628", LARGE, None, 5, 284.31),
        ("ark", "dreamina-seedance-2-0-260128", UHD, HEARD, 10, 777.6),
        ("ark", "seedance-1-0-pro-250528", Size(864, 480), None, 5, 12.15),
        ("dashscope", "wan3.0-video", Size(832, 480), None, 4, 20),
        ("dashscope", "wan3.0-video", LARGE, SILENT, 4, 80),
        ("dashscope", "wan2.6", LARGE, None, 5, 75),
        ("fal", "fal-ai/veo3.1", LARGE, None, 4, 160),
        ("fal", "fal-ai/veo3.1", UHD, HEARD, 4, 240),
        ("fal", "fal-ai/veo3.1", UHD, SILENT, 4, 160),
        ("fal", "bytedance/seedance-2.0", LARGE, SILENT, 5, 340.2),
        ("fal", "fal-ai/ltx-2.3", Size(1440, 2560), None, 6, 96),
        ("fal", "fal-ai/kling-video/v3/turbo/pro", LARGE, None, 5, 70),
        ("gemini_omni", "gemini-omni-1.2-flash", Size(640, 360), None, 3, 7),
        ("gemini_omni", "gemini-omni-1.1-flash", UHD, HEARD, 8, 240),
        ("kling", "kling-3.0", HD, None, 5, 42),
        ("kling", "kling-3.0", HD, HEARD, 5, 63),
        ("kling", "kling-3.0", LARGE, HEARD, 5, 84),
        ("kling", "kling-3.0-turbo", LARGE, HEARD, 5, 70),
        ("minimax", "MiniMax-H3", HD, None, 5, 40),
        ("minimax", "MiniMax-H3", LARGE, None, 5, 65),
        ("minimax", "MiniMax-H3-Max", HD, None, 5, 0),
        ("openrouter", "google/veo-3.1", HD, SILENT, 4, 80),
        ("openrouter", "bytedance/seedance-2.0", LARGE, HEARD, 5, 187.11),
        ("replicate", "google/veo-3.1", LARGE, None, 8, 320),
        ("replicate", "google/veo-3.1", LARGE, SILENT, 8, 160),
        ("runway", "veo3.1_fast", LARGE, SILENT, 4, 40),
        ("runway", "seedance2", UHD, None, 5, 750),
        ("runway", "wan3_prime", Size(480, 832), None, 5, 34),
        ("xai", "grok-imagine-video", SMALL, None, 4, 20),
        ("xai", "grok-imagine-video-1.5", LARGE, None, 4, 100),
        ("xai", "grok-imagine-video-1.5-lite", HD, None, 4, 12),
    ],
)
def test_a_film_costs_what_its_size_and_sound_cost(
    *, engine: str, model: str, size: Size, audio: bool | None, seconds: float, cents: float
) -> None:
    known = model_of(engine, model)
    asked = GenerationRequest(
        model=model,
        media=Media.VIDEO,
        prompt="a kite",
        size=size,
        seconds=seconds,
        audio=audio,
    )
    known.check(asked)
    assert known.costs(asked) == pytest.approx(cents * 10_000, abs=5)


@pytest.mark.parametrize(
    ("model", "size", "cents"),
    [
        ("gen4.5", HD, 224),
        ("seedance2_5", LARGE, 664),
        ("seedance2_5", Size(1000, 600), 360),  # none of its own
        ("gemini_omni_flash_1.1", LARGE, 120),
    ],
)
def test_runway_is_paid_for_edits_in_another_way(model: str, size: Size, cents: int) -> None:
    known = model_of("runway", model)
    asked = GenerationRequest(
        model=model,
        media=Media.VIDEO,
        prompt="a red kite",
        operation=Operation.EDIT,
        size=size,
        seconds=8.0,
        references=(Reference(asset_id="f", role=Role.SOURCE, media_type="video/mp4"),),
        source=Source(size=size, seconds=8.0),
    )
    known.check(asked)
    assert known.costs(asked) == cents * 10_000
