"""
Whatever is sent to Anthropic's and Google's endpoints, they refuse it by its field; and
what one dialect is asked, another can be asked as well.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dialects.talks import Studio
from filmgate.dialects.anthropic import message_fields
from filmgate.dialects.chat import fields as chat_fields
from filmgate.dialects.chat import reader as chat_reader
from filmgate.dialects.gemini import content_fields, media, prediction_fields
from filmgate.dialects.gemini.sizes import film_size, still_size
from filmgate.dialects.openai import image_fields, video_fields, video_reader
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

    async def named(self, names: object, caller: object) -> dict[str, Any]:
        """Nobody plays."""
        del names, caller
        return {}


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


def dumped(submission: Submission) -> dict[str, Any]:
    """What it asks for, whatever its fields were called."""
    request = submission.request
    return {
        "references": [
            (one.role, one.file_id, one.url, one.upload and one.upload.file.read())
            for one in submission.given
        ],
        "enhance": submission.enhance,
        "count": submission.count,
        "metadata": submission.metadata,
        "what": (request.model, request.media, request.operation, request.prompt),
        "how": (request.size, request.seconds, request.storyboard),
        "knobs": (request.seed, request.negative_prompt, request.audio),
    }


class Wish(msgspec.Struct, omit_defaults=True):
    """A film or a still to ask for, by the names that all dialects have."""

    size: str | None = None
    seconds: str | None = None
    seed: int | None = None
    negative_prompt: str | None = None
    audio: bool | None = None
    enhance: bool | str | None = None
    metadata: dict[str, str] = {}
    references: list[dict[str, str]] = []

    def fields(self) -> dict[str, Any]:
        """Those that are said."""
        found: dict[str, Any] = msgspec.to_builtins(self)
        return found


def by_message(prompt: str, pictures: list[str], wish: Wish, model: str) -> Submission:
    blocks = [
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": one}}
        for one in pictures
    ]
    turn = {"role": "user", "content": [*blocks, {"type": "text", "text": prompt}]}
    return message({"model": model, "messages": [turn], **wish.fields()})


def by_content(prompt: str, pictures: list[str], wish: Wish, model: str) -> Submission:
    parts = [{"inlineData": {"mimeType": "image/png", "data": one}} for one in pictures]
    turn = {"parts": [*parts, {"text": prompt}]}
    return content({"contents": [turn], "generationConfig": wish.fields()}, model)


def by_prediction(prompt: str, pictures: list[str], wish: Wish, model: str) -> Submission:
    assert model == "sora"
    images = [{"bytesBase64Encoded": one, "mimeType": "image/png"} for one in pictures]
    instance = {"prompt": prompt, "image": images[0] if images else None}
    others = [{"image": one} for one in images[1:]]
    parameters = wish.fields()
    for ours, theirs in THEIRS.items():
        if ours in parameters:
            parameters[theirs] = parameters.pop(ours)
    return prediction(
        {"instances": [instance | {"referenceImages": others}], "parameters": parameters}
    )


THEIRS = {
    "seconds": "durationSeconds",
    "negative_prompt": "negativePrompt",
    "audio": "generateAudio",
}


def by_chat(prompt: str, pictures: list[str], wish: Wish, model: str) -> Submission:
    links = [f"data:image/png;base64,{one}" for one in pictures]
    parts = [{"type": "image_url", "image_url": {"url": link}} for link in links]
    turn = {"role": "user", "content": [{"type": "text", "text": prompt}, *parts]}
    body = shaped({"model": model, "messages": [turn], **wish.fields()}, chat_fields.ChatCreate)
    asked = chat_fields.parse(body)
    reading = chat_reader.Reader(SHOP, SHOP).read(asked, body, SHOP)
    with pytest.raises(StopIteration) as ended:  # nothing here waits
        reading.send(None)
    making = ended.value.value
    assert isinstance(making, chat_reader.Making)
    return making.submission


def by_videos(prompt: str, pictures: list[str], wish: Wish, model: str) -> Submission:
    links = [{"image_url": f"data:image/png;base64,{one}"} for one in pictures]
    body = {"model": model, "prompt": prompt, "input_reference": links or None}
    body |= wish.fields()
    reader = video_reader.Reader(SHOP, str)
    return reader.create(shaped(body, video_fields.VideoCreate))


def by_images(prompt: str, pictures: list[str], wish: Wish, model: str) -> Submission:
    reader = image_fields.Reader(SHOP)
    body = {"model": model, "prompt": prompt, **wish.fields()}
    if not pictures:
        return reader.generate(shaped(body, image_fields.ImageGenerate)).submission
    links = [{"image_url": f"data:image/png;base64,{one}"} for one in pictures]
    body["images"] = links
    return reader.edit(shaped(body, image_fields.ImageEdit)).submission


#: Without what has a meaning of its own in a conversation, such as {anime}.
PROMPTS = st.text("aé风筝 ,.!'", min_size=1, max_size=20).map(lambda text: f"a{text}b")
PICTURES = st.lists(st.sampled_from(["YQ==", "YmI=", "Y2Nj"]), max_size=3)
LINKS = st.builds(
    lambda role, url: {"role": role, "url": url},
    st.sampled_from(["subject", "last_frame"]),
    st.just("https://pictures.example/a.png"),
)
FLAGS = st.sampled_from([None, True, False, "true", "FALSE"])
WISHES = st.builds(
    Wish,
    size=st.sampled_from([None, "1280x720", "64x96"]),
    seconds=st.sampled_from([None, "4", "4.5", "8"]),
    seed=st.none() | st.integers(0, 2**31),
    negative_prompt=st.none() | st.just("clouds"),
    audio=st.none() | st.booleans(),
    enhance=FLAGS,
    metadata=st.dictionaries(st.sampled_from("ab"), st.text("a 风", max_size=3)),
    references=st.lists(LINKS, max_size=2),
)


@given(prompt=PROMPTS, pictures=PICTURES, wish=WISHES)
@settings(max_examples=50)
def test_a_film_can_be_asked_for_in_every_dialect(
    prompt: str, pictures: list[str], wish: Wish
) -> None:
    first, *others = [
        dumped(ask(prompt, pictures, wish, "sora"))
        for ask in (by_videos, by_message, by_content, by_prediction, by_chat)
    ]
    assert others == [first] * 4
    assert first["enhance"] is (str(wish.enhance).lower() == "true")


@given(prompt=PROMPTS, pictures=PICTURES, wish=WISHES)
@settings(max_examples=50)
def test_a_still_can_be_asked_for_in_every_dialect(
    prompt: str, pictures: list[str], wish: Wish
) -> None:
    wish = msgspec.structs.replace(wish, seconds=None)
    first, *others = [
        dumped(ask(prompt, pictures, wish, "gpt-image-2"))
        for ask in (by_images, by_message, by_content, by_chat)
    ]
    assert others == [first] * 3


@given(ratio=st.sampled_from(["16:9", "9:16"]), lines=st.sampled_from(["720p", "1080p"]))
def test_a_size_can_be_said_as_a_shape_and_its_lines(ratio: str, lines: str) -> None:
    parameters = {"aspectRatio": ratio, "resolution": lines}
    reader = prediction_fields.PredictionReader(SHOP)
    body = {"instances": [{"prompt": "a"}], "parameters": parameters}
    said = reader.read(shaped(body, prediction_fields.Prediction), "free")
    guided = {"prompt": "a", "model": "free", "aspect_ratio": ratio, "resolution": lines}
    guide = video_reader.Reader(SHOP, str).create(shaped(guided, video_fields.VideoCreate))
    assert said.request.size == guide.request.size
    sized = by_videos("a", [], Wish(size=str(guide.request.size)), "free")
    assert sized.request.size == guide.request.size


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
