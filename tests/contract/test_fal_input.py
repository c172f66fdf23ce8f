"""What fal's models are asked for: an endpoint by frames, and fields by its own names."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from filmgate import Media, Role, Size
from filmgate.domain.errors import Unsupported
from filmgate.domain.request import GenerationRequest
from filmgate.engines.fal.families import BY_NAME, input_of

FIRST = {Role.FIRST_FRAME: "1st"}
LAST = {Role.LAST_FRAME: "2nd"}
WIDE = {"size": Size(1280, 720), "seconds": 8.0}
TALL = {"size": Size(1080, 1920), "seconds": 6.0}
UHD = {"size": Size(2160, 3840), "seconds": 4.0, "audio": True}
KNOBS = {"audio": False, "seed": 7, "negative_prompt": "rain"}

CASES: list[tuple[str, dict[Role, str], dict[str, Any], str]] = [
    (
        "fal-ai/veo3.1",
        {},
        WIDE | KNOBS,
        """fal-ai/veo3.1 {"negative_prompt": "rain", "seed": 7, "duration": "8s",
        "resolution": "720p", "aspect_ratio": "16:9", "generate_audio": false}""",
    ),
    (
        "fal-ai/veo3.1",
        FIRST,
        UHD,
        """fal-ai/veo3.1/image-to-video {"image_url": "1st", "duration": "4s",
        "resolution": "4k", "aspect_ratio": "9:16", "generate_audio": true}""",
    ),
    (
        "fal-ai/veo3.1/fast",
        FIRST | LAST,
        WIDE,
        """fal-ai/veo3.1/fast/first-last-frame-to-video {"first_frame_url": "1st",
        "last_frame_url": "2nd", "duration": "8s", "resolution": "720p",
        "aspect_ratio": "16:9"}""",
    ),
    (
        "fal-ai/kling-video/v3/pro",
        FIRST | LAST,
        TALL,
        """fal-ai/kling-video/v3/pro/image-to-video {"start_image_url": "1st",
        "end_image_url": "2nd", "duration": "6"}""",
    ),
    (
        "fal-ai/ltx-2.3/fast",
        FIRST,
        TALL,
        """fal-ai/ltx-2.3/image-to-video/fast {"image_url": "1st", "duration": 6,
        "resolution": "1080p", "aspect_ratio": "9:16"}""",
    ),
    (
        "fal-ai/pixverse/v6",
        FIRST | LAST,
        TALL | KNOBS,
        """fal-ai/pixverse/v6/transition {"first_image_url": "1st", "end_image_url": "2nd",
        "negative_prompt": "rain", "seed": 7, "duration": 6, "resolution": "1080p",
        "aspect_ratio": "9:16", "generate_audio_switch": false}""",
    ),
    (
        "google/gemini-omni-flash",
        {},
        {"audio": True},
        """google/gemini-omni-flash {"duration": 4, "aspect_ratio": "9:16"}""",
    ),
    (
        "minimax/h3",
        FIRST,
        {},
        """minimax/h3/image-to-video {"image_url": "1st", "duration": 5,
        "resolution": "2K"}""",
    ),
]


def asked(model: str, fields: dict[str, Any]) -> GenerationRequest:
    request = GenerationRequest(model=model, media=Media.VIDEO, prompt="a kite")
    return BY_NAME[model].model.fill(replace(request, **fields))


@pytest.mark.parametrize(("model", "frames", "fields", "wanted"), CASES)
def test_a_model_is_asked_in_its_own_words(
    model: str, frames: dict[Role, str], fields: dict[str, Any], wanted: str
) -> None:
    endpoint, body = wanted.split(maxsplit=1)
    said = input_of(model, asked(model, fields), frames)
    assert said == (endpoint, {"prompt": "a kite", **json.loads(body)})


def test_a_last_frame_alone_is_refused() -> None:
    with pytest.raises(Unsupported) as caught:
        input_of("fal-ai/vidu/q3", asked("fal-ai/vidu/q3", {}), LAST)
    assert caught.value.param == "last_frame"
