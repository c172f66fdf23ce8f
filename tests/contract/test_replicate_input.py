"""What Replicate's models are asked for, by their own names."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from filmgate import Media, Reference, Role, Size
from filmgate.domain.errors import Unsupported
from filmgate.domain.request import GenerationRequest
from filmgate.engines.replicate import PROFILES, input_of

FIRST = (Reference(asset_id="1", role=Role.FIRST_FRAME, media_type="image/png"),)
LAST = (Reference(asset_id="2", role=Role.LAST_FRAME, media_type="image/png"),)
WIDE = {"size": Size(1280, 720), "seconds": 8.0}
TALL = {"size": Size(1080, 1920), "seconds": 6.0}
KNOBS = {"audio": False, "negative_prompt": "rain"}
NO_RAIN = {"negative_prompt": "rain", "generate_audio": False}

CASES: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    (
        "google/veo-3.1",
        WIDE | KNOBS | {"seed": 7},
        {"duration": 8, "resolution": "720p", "aspect_ratio": "16:9", "seed": 7} | NO_RAIN,
    ),
    (
        "google/veo-3.1-fast",
        {**TALL, "references": FIRST + LAST},
        {"duration": 6, "resolution": "1080p", "aspect_ratio": "9:16"},
    ),
    (
        "bytedance/seedance-2.0",
        {"audio": True},
        {
            "duration": 4,
            "resolution": "720p",
            "aspect_ratio": "9:16",
            "generate_audio": True,
        },
    ),
    (
        "kwaivgi/kling-v3-video",
        TALL | KNOBS,
        {"duration": 6, "mode": "pro", "aspect_ratio": "9:16"} | NO_RAIN,
    ),
    (
        "kwaivgi/kling-v3-omni-video",
        {**WIDE, "references": FIRST},
        {"duration": 8, "mode": "standard"},
    ),
    ("minimax/hailuo-2.3", {}, {"duration": 6, "resolution": "1080p"}),
]


def asked(model: str, **fields: Any) -> GenerationRequest:
    request = GenerationRequest(model=model, media=Media.VIDEO, prompt="a kite")
    known = {profile.name: profile.model for profile in PROFILES}[model]
    return known.fill(replace(request, **fields))


@pytest.mark.parametrize(("model", "fields", "wanted"), CASES)
def test_a_model_is_asked_in_its_own_words(
    model: str, fields: dict[str, Any], wanted: dict[str, Any]
) -> None:
    assert input_of(model, asked(model, **fields)) == {"prompt": "a kite", **wanted}


def test_a_last_frame_alone_is_refused() -> None:
    with pytest.raises(Unsupported) as caught:
        input_of("minimax/hailuo-02", asked("minimax/hailuo-02", references=LAST))
    assert caught.value.param == "last_frame"
