"""Whatever is sent to Anthropic's and Google's endpoints, they refuse it by its field."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dialects.talks import Studio
from filmgate.dialects.anthropic import message_fields
from filmgate.dialects.gemini import content_fields, media, prediction_fields
from filmgate.dialects.gemini.sizes import film_size, still_size
from filmgate.domain.errors import FilmgateError, InvalidRequest, NotFound, Unsupported
from filmgate.domain.model import Model
from filmgate.gateway.submission import Submission
from filmgate.web.reading import shaped

MODELS = {model.name: model for model in Studio().models()}
Read = Callable[[Any], Submission]


class Shop:
    """All that a reader wants of a gateway."""

    def model(self, name: str) -> tuple[Model, None]:
        if name not in MODELS:
            raise NotFound(f"There is no {name}.", param="model")
        return MODELS[name], None


SHOP: Any = Shop()


def message(body: Any) -> Submission:
    reader = message_fields.Reader(SHOP)
    return reader.read(shaped(body, message_fields.MessageCreate))


def content(body: Any, name: str = "sora") -> Submission:
    return content_fields.ContentReader(SHOP).read(shaped(body, dict[str, Any]), name)


def still(body: Any) -> Submission:
    return content(body, "gpt-image-2")


def prediction(body: Any) -> Submission:
    reader = prediction_fields.PredictionReader(SHOP)
    return reader.read(shaped(body, prediction_fields.Prediction), "sora")


SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8)
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
WORDS = st.sampled_from(
    ["16:9", "1080p", "a", "1280x720", "8", "user", "base64", "MTI4", "asset"]
)


def fields(*kinds: type[msgspec.Struct]) -> list[str]:
    """The names that these have, in either spelling."""
    found = [field for kind in kinds for field in msgspec.structs.fields(kind)]
    return sorted({name for one in found for name in (one.name, one.encode_name)})


def objects(*kinds: type[msgspec.Struct]) -> st.SearchStrategy[Mapping[str, Any]]:
    """Objects that have some of the fields, with anything in them."""
    values = JSON | WORDS | st.fixed_dictionaries({"data": WORDS, "mimeType": WORDS})
    return st.dictionaries(st.sampled_from(fields(*kinds)), values, max_size=4)


BLOCKS = st.lists(
    st.builds(
        lambda kind, rest: {**rest, "type": kind},
        st.sampled_from(["text", "image"]),
        objects(message_fields.TextBlock, message_fields.ImageBlock),
    )
    | st.builds(
        lambda source: {"type": "image", "source": source}, objects(message_fields.ImageSource)
    ),
    max_size=3,
)
MESSAGES = st.builds(
    lambda rest, said: {
        "model": "sora", "messages": [{"role": "user", "content": said}], **rest,
    },
    objects(message_fields.MessageCreate),
    BLOCKS | st.text(max_size=8),
)  # fmt: skip
PARTS = st.lists(
    objects(content_fields.ContentPart)
    | st.builds(lambda blob: {"inlineData": blob}, objects(media.Blob)),
    max_size=3,
)
CONTENTS = st.builds(
    lambda rest, parts, config: {
        "contents": [{"parts": parts}], "generationConfig": config, **rest,
    },
    objects(content_fields.ContentCreate),
    PARTS,
    objects(content_fields.GenerationConfig),
)  # fmt: skip
PREDICTIONS = st.builds(
    lambda instance, image, parameters: {
        "instances": [{**instance, "image": image}], "parameters": parameters,
    },
    objects(prediction_fields.Instance),
    objects(media.MediaObject),
    objects(prediction_fields.Parameters),
)  # fmt: skip


def check(read: Read, body: Any) -> None:
    refused: FilmgateError | None = None
    try:
        submission = read(body)
    except (InvalidRequest, Unsupported, NotFound) as error:
        refused = error
    if refused is None:
        assert all(one.param for one in submission.given)
        return
    assert refused.message
    assert refused.param is not None or not isinstance(body, dict)
    assert refused.param == "model" or not isinstance(refused, NotFound)


@pytest.mark.parametrize("read", [message, content, still, prediction])
@given(body=JSON)
def test_anything_is_refused_by_its_field(read: Read, body: Any) -> None:
    check(read, body)


@given(body=MESSAGES)
@settings(max_examples=200)
def test_anything_like_a_message_is_read_or_refused(body: Any) -> None:
    check(message, body)


@pytest.mark.parametrize("read", [content, still])
@given(body=CONTENTS)
@settings(max_examples=200)
def test_anything_like_contents_is_read_or_refused(read: Read, body: Any) -> None:
    check(read, body)


@given(body=PREDICTIONS)
@settings(max_examples=200)
def test_anything_like_a_prediction_is_read_or_refused(body: Any) -> None:
    check(prediction, body)


@given(
    prompt=st.text(min_size=1, max_size=20),
    seconds=st.sampled_from(["4", "4.5", "8"]),
    seed=st.integers(0, 2**31),
)
def test_what_one_dialect_is_asked_another_can_be_asked_as_well(
    prompt: str, seconds: str, seed: int
) -> None:
    extras = {"size": "1280x720", "seed": seed, "metadata": {"a": "b"}}
    said = message(
        {"model": "sora", "messages": [{"role": "user", "content": prompt}], "seconds": seconds}
        | extras
    )
    parts = [{"text": prompt}]
    config = extras | {"seconds": seconds}
    assert said == content({"contents": [{"parts": parts}], "generationConfig": config})
    parameters = {"durationSeconds": seconds, "aspectRatio": "16:9", "resolution": "720p"}
    rest = {"seed": seed, "metadata": {"a": "b"}}
    assert said == prediction(
        {"instances": [{"prompt": prompt}], "parameters": parameters | rest}
    )


RATIOS = st.tuples(st.integers(1, 999), st.integers(1, 999))


@given(ratio=RATIOS | st.none(), much=st.sampled_from([None, 480, 1024]))
@example(ratio=None, much=480)
@example(ratio=(1, 1), much=None)
def test_a_shape_is_a_size_of_even_sides(ratio: Any, much: int | None) -> None:
    for sized in (film_size, still_size):
        for model in MODELS.values():
            size = sized(ratio, much, model)
            assert (size is None) == (ratio is None and much is None)
            assert size is None or (size.width > 1 and size.height > 1)
            assert size is None or (size.width % 2, size.height % 2) == (0, 0)
