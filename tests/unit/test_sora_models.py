"""The model names of the gateways that spoke Sora before."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filmgate import InvalidRequest, Size
from filmgate.web.sora_models import MODELS, PARAMETERS, Makes, SoraModel, meaning

TALL, WIDE = Size(720, 1280), Size(1280, 720)


def meant(name: str) -> SoraModel:
    found = meaning(name)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("name", "routes_to", "size", "seconds"),
    [
        ("sora_video", "sora-2", TALL, 10),
        ("sora_video2", "sora-2", TALL, 10),
        ("sora_video2-15s", "sora-2", TALL, 15),
        ("sora_video2-25s-pro", "sora-2-pro", TALL, 25),
        ("sora_video2-landscape", "sora-2", WIDE, 10),
        ("sora_video2-pro-landscape-hd", "sora-2-pro", Size(1792, 1024), 10),
        ("sora_video2-hd-pro-15s", "sora-2-pro", Size(1024, 1792), 15),
    ],
)
def test_parameters_say_who_how_large_and_how_long(
    name: str, routes_to: str, size: Size, seconds: float
) -> None:
    found = meant(name)
    assert (found.makes, found.routes_to, found.seconds) == (Makes.FILM, routes_to, seconds)
    assert (found.sizes[0], found.split) == (size, False)


def test_their_order_does_not_matter() -> None:
    words = ("pro", "hd", "landscape", "15s", "storyboard")
    found = {
        (one.routes_to, one.sizes, one.seconds, one.split)
        for order in permutations(words)
        for one in [meant("-".join(("sora_video2", *order)))]
    }
    assert len(found) == 1
    assert found.pop()[-1] is True


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("sora_video2-10s-15s", "参数 '10s' 和 '15s' 不能同时使用"),
        ("sora_video2-10s-10s", "参数 '10s' 和 '10s' 不能同时使用"),
        ("sora_video2-portrait-landscape", "参数 'portrait' 和 'landscape' 不能同时使用"),
        ("sora_video2-30s", "参数 '30s' 不存在"),
        ("sora_video2-", "参数 '' 不存在"),
        ("sora_video2-25s-pro-hd", "参数 'hd' 和 '25s' 不能同时使用"),
        ("sora_video2-hd", "参数 'hd' 需要和 'pro' 同时使用"),
        ("sora_video-15s", "参数 '15s' 不存在"),
        ("sora_image-hd", "参数 'hd' 不存在"),
    ],
)
def test_what_does_not_go_together_is_told(name: str, message: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        meaning(name)
    assert (refused.value.message, refused.value.param) == (message, "model")


def test_stills_have_no_parameters() -> None:
    assert (meant("sora_image").makes, meant("sora_image").routes_to) == (
        Makes.STILL,
        "gpt-image-2",
    )


def test_other_names_are_as_they_were() -> None:
    assert all(meaning(name) is model for name, model in MODELS.items())
    assert [meaning(name) for name in ("sora-2", "", "kling", "sora_video3-10s")] == [None] * 4


@given(st.lists(st.sampled_from([*PARAMETERS, "", "30s", "HD"]), max_size=6))
def test_a_name_means_something_or_says_what_is_wrong(words: list[str]) -> None:
    name = "-".join(("sora_video2", *words))
    kinds = [PARAMETERS.get(word) for word in words]
    apart = len(set(kinds)) == len(kinds) and None not in kinds
    if apart and ("hd" not in words or ("pro" in words and "25s" not in words)):
        assert meant(name).split is ("storyboard" in words)
    else:
        with pytest.raises(InvalidRequest):
            meaning(name)
