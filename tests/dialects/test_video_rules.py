"""Whose rules a create goes by, and what they make of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filmgate.dialects.openai.video_fields import (
    FITS,
    QUALITIES,
    RESOLUTIONS,
    SHAPES,
    VideoCreate,
)
from filmgate.dialects.openai.video_rules import PLAIN, Entrance, read_create, resolution_of
from filmgate.domain.errors import FilmgateError, NotFound
from filmgate.domain.model import Model
from filmgate.domain.request import Dialect, Fit, GenerationRequest, Size
from filmgate.engines.previs.models import PREVIS_1
from filmgate.gateway.routing import sora
from filmgate.web.sora_words import STYLES

MODELS = {
    "sora-2": sora("sora-2", PREVIS_1),
    "sora-2-pro": sora("sora-2-pro", PREVIS_1),
    "wan-fast": replace(PREVIS_1, name="wan-fast", sizes=(Size(832, 480), Size(720, 1280))),
}
SORA, GUIDE = Entrance(sora=True), Entrance(guide=True)


def model_of(name: str) -> Model:
    found = MODELS.get(name.partition("|")[0])
    if found is None:
        raise NotFound(f"The model '{name}' does not exist.", param="model")
    return found


def read(entrance: Entrance = PLAIN, **fields: Any) -> GenerationRequest:
    return read_create(VideoCreate(prompt="a kite", **fields), model_of, entrance)[0]


def said(request: GenerationRequest) -> tuple[str, str, float | None]:
    return request.model, str(request.size), request.seconds


@pytest.mark.parametrize(
    ("entrance", "fields", "dialect"),
    [
        (PLAIN, {}, Dialect.CONTRACT),
        (PLAIN, {"model": "sora-2-pro", "seconds": "8"}, Dialect.CONTRACT),
        (PLAIN, {"model": "sora-2", "style": "anime", "fps": 30}, Dialect.CONTRACT),
        (PLAIN, {"model": "sora_video2"}, Dialect.FAKEOAI),
        (PLAIN, {"model": "sora_video2-25s-pro|[pro]"}, Dialect.FAKEOAI),
        (PLAIN, {"model": "sora2-landscape-10s"}, Dialect.FAKEOAI),
        (PLAIN, {"model": "sy_8"}, Dialect.FAKEOAI),
        (PLAIN, {"model": "sora_video2", "duration": 15}, Dialect.FAKEOAI),
        (SORA, {"model": "sora-2"}, Dialect.FAKEOAI),
        (SORA, {}, Dialect.FAKEOAI),
        (PLAIN, {"duration": 10}, Dialect.GUIDE),
        (PLAIN, {"model": "sora-2", "resolution": "720p"}, Dialect.GUIDE),
        (PLAIN, {"aspect_ratio": "1:1"}, Dialect.GUIDE),
        (GUIDE, {}, Dialect.GUIDE),
    ],
)
def test_the_request_says_whose_rules_hold(
    entrance: Entrance, fields: dict[str, Any], dialect: Dialect
) -> None:
    assert read(entrance, **fields).dialect is dialect


@pytest.mark.parametrize(
    ("entrance", "fields", "expected"),
    [
        (PLAIN, {}, ("sora-2", "None", None)),
        (SORA, {}, ("sora-2", "720x1280", 10)),
        (SORA, {"model": "sora-2-pro", "hd": True}, ("sora-2-pro", "1024x1792", 10)),
        (SORA, {"model": "sy_ore|[pro]"}, ("sora-2-pro|[pro]", "720x1280", 10)),
        (SORA, {"model": "wan-fast"}, ("wan-fast", "720x1280", 10)),
        (SORA, {"model": "sora_video", "seconds": "12.5"}, ("sora-2", "720x1280", 12.5)),
        (SORA, {"size": "3000x1999"}, ("sora-2", "1280x720", 10)),
        (SORA, {"size": "1024x1024", "duration": "15"}, ("sora-2", "720x1280", 15)),
        (PLAIN, {"model": "sora_video2-25s-pro"}, ("sora-2-pro", "720x1280", 25)),
        (
            PLAIN,
            {"model": "sora_video2-pro", "size": "9x8", "seconds": 15, "hd": "true"},
            ("sora-2-pro", "1792x1024", 15),
        ),
        (PLAIN, {"duration": 20}, ("sora-2", "1920x1080", 20)),
        (GUIDE, {}, ("sora-2", "1920x1080", 10)),
        (GUIDE, {"seconds": "7", "size": "640x480"}, ("sora-2", "640x480", 7)),
        (
            PLAIN,
            {"model": "sora-2-pro", "aspect_ratio": "21:9", "quality": "hd"},
            ("sora-2-pro", "2560x1080", 10),
        ),
        (PLAIN, {"resolution": "480p", "aspect_ratio": "9:16"}, ("sora-2", "480x854", 10)),
    ],
)
def test_what_is_left_out_means_what_the_rules_say(
    entrance: Entrance, fields: dict[str, Any], expected: tuple[str, str, float | None]
) -> None:
    assert said(read(entrance, **fields)) == expected


@pytest.mark.parametrize(
    ("fields", "param", "words"),
    [
        ({"model": "sora_video2-10s-15s"}, "model", "参数 '10s' 和 '15s' 不能同时使用"),
        ({"model": "sora_video2-30s"}, "model", "参数 '30s' 不存在"),
        ({"model": "sora_video2-10s", "seconds": "15"}, "seconds", "'10s' 和 '15s'"),
        ({"model": "sora_video2-10s", "duration": 12.5}, "duration", "'10s' 和 '12.5s'"),
        ({"model": "sora_video2-portrait", "size": "2x1"}, "size", "'portrait' 和 'landscape'"),
        ({"model": "sora_video2", "hd": True}, "hd", "'hd' 需要和 'pro'"),
        ({"model": "sora_video2-25s-pro", "hd": True}, "hd", "'hd' 和 '25s'"),
        ({"model": "sora_video2", "seconds": 10, "duration": 10}, "duration", "not both"),
        ({"model": "sora_video2-pro", "quality": "hd"}, "quality", "'hd'"),
        ({"model": "sora_video2", "aspect_ratio": "1:1"}, "aspect_ratio", "'size'"),
        ({"model": "sora2-landscape-10s", "seconds": 15}, "seconds", "sora_video2"),
        ({"model": "sora_image"}, "model", "/v1/images/generations"),
        ({"model": "sora2-extension-10s"}, "model", "/v1/videos/extensions"),
        ({"model": "avatar-create"}, "model", "/v1/characters"),
        ({"model": "prompt-enhance-short-10s"}, "model", "/v1/chat/completions"),
        ({"model": "sora-2", "hd": True}, "hd", "1920x1080"),
        ({"model": "sora-2", "quality": "hd"}, "quality", "1920x1080"),
        ({"duration": 10, "hd": True}, "hd", "1920x1080"),
        ({"resolution": "4k"}, "resolution", "'480p', '720p', '1080p'"),
        ({"aspect_ratio": "4:3"}, "aspect_ratio", "'21:9'"),
        ({"resolution": "720p", "quality": "hd"}, "quality", "1080p"),
        ({"resolution": "720p", "quality": "best"}, "quality", "'standard', 'hd'"),
        ({"resolution": "720p", "size": "1280x720"}, "size", "not both"),
        ({"duration": 10, "seconds": 10}, "duration", "not both"),
        ({"duration": "long"}, "duration", "'long'"),
        ({"style": "cubist"}, "style", "'cubist'"),
        ({"reference_fit": "stretch"}, "reference_fit", "'crop', 'pad'"),
        ({"storyboard": "maybe"}, "storyboard", "true or false"),
        ({"model": "sora_video3", "duration": 10, "storyboard": True}, "model", "sora_video3"),
    ],
)
def test_what_does_not_go_together_names_the_field(
    fields: dict[str, Any], param: str, words: str
) -> None:
    with pytest.raises(FilmgateError) as refused:
        read(**fields)
    assert refused.value.param == param
    assert words in refused.value.message


@pytest.mark.parametrize(
    ("fields", "fit"),
    [
        ({}, None),
        ({"model": "sora_video2"}, Fit.CROP),
        ({"model": "sora_video2", "reference_fit": "pad"}, Fit.PAD),
        ({"reference_fit": "crop"}, Fit.CROP),
        ({"duration": 10}, None),
    ],
)
def test_references_are_fitted_where_the_rules_say_so(
    fields: dict[str, Any], fit: Fit | None
) -> None:
    assert read_create(VideoCreate(prompt="a kite", **fields), model_of)[1] is fit


def test_a_style_is_words_whatever_the_rules_are() -> None:
    said = "a kite. Anime style, drawn by hand."
    assert read(style="anime").prompt == said
    assert read(style="{Anime}", duration=10).prompt == said
    assert read(style="anime", model="sora_video2").prompt == said


@pytest.mark.parametrize("fields", [{"seconds": 8}, {"duration": 10}, {"model": "sora_video2"}])
def test_a_storyboard_is_written_of_a_prompt_that_has_none(fields: dict[str, Any]) -> None:
    request = read(storyboard=True, **fields)
    assert len(request.storyboard) > 1
    assert sum(shot.seconds for shot in request.storyboard) == pytest.approx(request.seconds)


def test_the_times_of_shots_beat_the_models_length() -> None:
    prompt = "[2s]a kite rises [1.5s]it falls"
    for fields in ({"model": "sora_video2-15s"}, {"storyboard": True}):
        request, _ = read_create(VideoCreate(prompt=prompt, **fields), model_of)
        assert request.seconds == 3.5
        assert [shot.prompt for shot in request.storyboard] == ["a kite rises", "it falls"]


def test_the_contracts_prompts_are_left_alone() -> None:
    prompt = "{anime}[2s]a kite s_68e3a06dcd888191b150971da152c1f5"
    assert read_create(VideoCreate(prompt=prompt), model_of)[0].prompt == prompt


@pytest.mark.parametrize("lines", RESOLUTIONS)
@pytest.mark.parametrize("shape", SHAPES)
def test_the_guides_sizes_are_said_as_they_were_asked_for(lines: str, shape: str) -> None:
    size = read(resolution=lines, aspect_ratio=shape).size
    assert size is not None
    assert size in PREVIS_1.sizes
    assert resolution_of(size) == (lines, shape)


def test_other_sizes_are_said_by_their_own_numbers() -> None:
    assert resolution_of(Size(640, 360)) == ("360p", "640:360")


WORDS = st.one_of(st.none(), st.text(max_size=12))
NAMES = st.sampled_from([*MODELS, "sora_video2", "sora_video2-hd", "sy_8", "sora_image", "x|["])
FLAGS = st.one_of(st.none(), st.booleans(), st.sampled_from(["true", "FALSE", "no"]))


@given(
    st.builds(
        VideoCreate,
        prompt=st.one_of(st.text(max_size=60), st.just("[3s]a [4s]b {anime}")),
        model=st.one_of(NAMES, WORDS),
        seconds=st.one_of(WORDS, st.integers(), st.sampled_from([10, "15", 25.0])),
        duration=st.one_of(st.none(), st.integers(), st.floats()),
        size=st.one_of(WORDS, st.sampled_from(["1920x1080", "1x2"])),
        resolution=st.one_of(st.sampled_from(RESOLUTIONS), WORDS),
        aspect_ratio=st.one_of(st.sampled_from(SHAPES), WORDS),
        quality=st.one_of(st.sampled_from(QUALITIES), WORDS),
        reference_fit=st.one_of(st.sampled_from(FITS), WORDS),
        style=st.one_of(st.sampled_from(sorted(STYLES)), WORDS),
        hd=FLAGS,
        storyboard=FLAGS,
    ),
    st.builds(Entrance, sora=st.booleans(), guide=st.booleans()),
)
def test_whatever_is_asked_is_read_or_refused_by_a_field(
    body: VideoCreate, entrance: Entrance
) -> None:
    param: str | None = "prompt"
    try:
        read_create(body, model_of, entrance)
    except FilmgateError as error:
        param = error.param
    assert param in VideoCreate.__struct_fields__
