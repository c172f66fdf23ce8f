"""The bodies of `/v1/images`, and how they become submissions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated

import msgspec

from filmgate.domain.errors import InvalidRequest, Unsupported
from filmgate.domain.model import Model
from filmgate.domain.request import (
    Dialect,
    GenerationRequest,
    Media,
    Operation,
    Role,
    Size,
)
from filmgate.gateway.jobs import Gateway
from filmgate.gateway.submission import Given, Submission
from filmgate.web.extras import Extras, read_bool, read_count, read_int, with_extras
from filmgate.web.field_types import (
    Flag,
    Image,
    Images,
    NotHere,
    Prompt,
    one_of_or_null,
    says,
    whole,
)
from filmgate.web.references import image_given
from filmgate.web.sora_models import MODELS, Makes, meaning, target_of

DEFAULT_MODEL = "gpt-image-2"
DEFAULT_VARIATION_MODEL = "dall-e-2"
LINKED = "dall-e-"  #: names of which a link is the usual answer; else the still itself
FAKEOAI_MODEL = "sora_image"  #: whose rules are FakeOAI's: a size says a shape, `n` is 1 to 4
MOST_STILLS = 10  #: of one request
MOST_OF_FAKEOAI = 4
MOST_IMAGES = 16  #: to edit at once
MOST_PARTIAL = 3
VARIATION = "variation"  #: the prompt of one: its endpoint takes none

#: What only means something to other engines is checked and passed over.
_WORDS = {
    "background": ("auto", "opaque", "transparent"),
    "complexity": ("low", "medium", "high"),
    "input_fidelity": ("low", "high"),
    "moderation": ("auto", "low"),
    "quality": ("auto", "low", "medium", "high", "xhigh", "max", "standard", "hd"),
    "response_format": ("url", "b64_json"),
    "style": ("vivid", "natural"),
}
#: What would change the picture is refused by name.
_REFUSED = ("frame_count", "frame_duration_ms", "markup", "svg")
_QUALITIES = ("low", "medium", "high", "xhigh", "max")  #: that answers may have


def _word(param: str) -> msgspec.Meta:
    return one_of_or_null(*_WORDS[param])


class ImageVariation(Extras, kw_only=True):
    """What every endpoint takes. A form says numbers and booleans as text."""

    n: Annotated[int | str | None, whole(1, MOST_STILLS)] = None
    image: Images = None  # one, or in an edit several
    model: str | None = None
    size: Annotated[str | None, says(pattern="^(auto|[0-9]{1,5}x[0-9]{1,5})$")] = None
    response_format: Annotated[str | None, _word("response_format")] = None
    user: str | None = None
    safety_identifier: str | None = None
    background: Annotated[str | None, _word("background")] = None
    complexity: Annotated[str | None, _word("complexity")] = None
    input_fidelity: Annotated[str | None, _word("input_fidelity")] = None
    moderation: Annotated[str | None, _word("moderation")] = None
    quality: Annotated[str | None, _word("quality")] = None
    style: Annotated[str | None, _word("style")] = None
    output_format: str | None = None
    output_compression: Annotated[int | str | None, whole(0, 100)] = None
    stream: Flag = None
    partial_images: Annotated[int | str | None, whole(0, MOST_PARTIAL)] = None
    frame_count: NotHere = None
    frame_duration_ms: NotHere = None
    markup: NotHere = None
    svg: NotHere = None


class ImageGenerate(ImageVariation, kw_only=True):
    prompt: Prompt


class ImageEdit(ImageVariation, kw_only=True):
    prompt: Prompt
    images: Annotated[list[Image] | None, says(maxItems=MOST_IMAGES)] = None
    mask: Image = None


@dataclass(frozen=True, kw_only=True)
class Entrance:
    """How a request came in."""

    sora: bool = False  #: below FakeOAI's prefix: its rules hold, whatever the model
    later: bool = False  #: it waits for no still


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A request for stills, and how its answer is to look."""

    submission: Submission
    kind: str  #: how the names of a stream's events begin
    quality: str
    linked: bool  #: links instead of the stills themselves
    stream: bool
    later: bool  #: the answer only says how far they are
    partial: int  #: looks at a still on its way, at most

    def close(self) -> None:
        """Let go of the files: those out of data URLs are nobody else's."""
        for given in self.submission.given:
            if given.upload is not None:
                given.upload.file.close()


class Reader:
    """Turns bodies into what is wanted. Raises `InvalidRequest` naming the field."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def generate(self, body: ImageGenerate, entrance: Entrance = Entrance()) -> Wanted:
        if body.image is not None:
            message = "'image' is not for this endpoint: send it to /v1/images/edits."
            raise Unsupported(message, param="image")
        return self._wanted(body, body.prompt, (), entrance)

    def edit(self, body: ImageEdit, entrance: Entrance = Entrance()) -> Wanted:
        given = _pictures(body)
        if body.mask is not None:
            given.append(image_given(body.mask, role=Role.MASK, param="mask"))
        return self._wanted(body, body.prompt, given, entrance, kind="image_edit")

    def vary(self, body: ImageVariation, entrance: Entrance = Entrance()) -> Wanted:
        if _streams(body):
            message = "A variation is not streamed: leave 'stream' out."
            raise Unsupported(message, param="stream")
        if body.image is None:
            raise _missing("image")
        given = [image_given(body.image, role=Role.SOURCE, param="image")]
        model = DEFAULT_VARIATION_MODEL
        return self._wanted(body, VARIATION, given, entrance, model=model)

    def _wanted(  # noqa: PLR0913 (what an endpoint adds)
        self,
        body: ImageVariation,
        prompt: str,
        given: Sequence[Given],
        entrance: Entrance,
        *,
        kind: str = "image_generation",
        model: str = DEFAULT_MODEL,
    ) -> Wanted:
        _check_words(body)
        asked = body.model or (FAKEOAI_MODEL if entrance.sora else model)
        fakeoai = entrance.sora or asked.partition("|")[0] == FAKEOAI_MODEL
        count = read_count(body.n, most=MOST_OF_FAKEOAI if fakeoai else MOST_STILLS)
        stream = _streams(body)
        if stream and entrance.later:
            message = "'async' and 'stream' do not go together. Send one of the two."
            raise Unsupported(message, param="stream")
        if stream and count > 1:
            message = (
                f"A stream has one still, not {count}. Set 'n' to 1, or 'stream' to false."
            )
            raise InvalidRequest(message, param="n")
        target, sizes = self._target(asked)
        promise, _ = self._gateway.model(target)
        usual = "url" if target.startswith(LINKED) and not fakeoai else "b64_json"
        request = GenerationRequest(
            model=target,
            media=Media.IMAGE,
            prompt=prompt,
            operation=Operation.EDIT if given else Operation.CREATE,
            size=_sized(asked, _size(body.size), sizes, promise, shape_alone=fakeoai),
            format=body.output_format,
            dialect=Dialect.FAKEOAI if fakeoai else Dialect.CONTRACT,
            called=None if asked == target else asked,
            linked=(body.response_format or usual) == "url",
        )
        submission = with_extras(
            Submission(request=request, given=given),
            msgspec.structs.replace(body, n=None),  # of stills there may be more
            promise,
        )
        return Wanted(
            submission=replace(submission, count=count),
            kind=kind,
            quality=body.quality if body.quality in _QUALITIES else "high",
            linked=request.linked,
            stream=stream,
            later=entrance.later,
            partial=_number(body.partial_images, MOST_PARTIAL, param="partial_images"),
        )

    def _target(self, asked: str) -> tuple[str, Sequence[Size]]:
        """The name that *asked* leads to, and the sizes that it says by itself."""
        known = meaning(asked.partition("|")[0])
        if known is None:
            return asked, ()
        known = target_of(known, asked, self._gateway.model)
        still = known.makes is Makes.STILL
        if known.routes_to is None or not (still or known.routes_to == asked):
            message = f"'{asked}' makes no stills. '{FAKEOAI_MODEL}' does."
            raise Unsupported(message, param="model")
        return known.routes_to, known.sizes if still else ()


def _streams(body: ImageVariation) -> bool:
    return body.stream is not None and read_bool(body.stream, param="stream")


def _check_words(body: ImageVariation) -> None:
    for param, words in _WORDS.items():
        value = getattr(body, param)
        if value is not None and value not in words:
            known = ", ".join(f"'{word}'" for word in words)
            message = f"Invalid value: '{value[:80]}'. Supported values are: {known}."
            raise InvalidRequest(message, param=param)
    for param in _REFUSED:
        if getattr(body, param) is not None:
            message = f"'{param}' is not supported: stills are png, webp or jpeg. Leave it out."
            raise Unsupported(message, param=param)
    if body.background == "transparent":
        message = "Stills have no transparent background here. Send 'opaque' or 'auto'."
        raise Unsupported(message, param="background")
    _number(body.output_compression, 100, param="output_compression")


def _pictures(body: ImageEdit) -> list[Given]:
    """The first is what is changed; the others are what is to be seen in it."""
    if body.image is not None and body.images is not None:
        raise InvalidRequest("Send 'image' or 'images', not both.", param="images")
    param = "image" if body.images is None else "images"
    pictures = body.image if body.images is None else body.images
    if pictures is None or pictures == []:
        raise _missing(param)
    if not isinstance(pictures, list):
        return [image_given(pictures, role=Role.SOURCE, param=param)]
    if len(pictures) > MOST_IMAGES:
        message = f"'{param}' has {len(pictures)} images; the most is {MOST_IMAGES}."
        raise InvalidRequest(message, param=param, code="array_above_max_length")
    return [
        image_given(
            picture, role=Role.SUBJECT if number else Role.SOURCE, param=f"{param}[{number}]"
        )
        for number, picture in enumerate(pictures)
    ]


def _size(text: str | None) -> Size | None:
    if text is None or text == "auto":
        return None
    size = Size.read(text)
    if size is None:
        message = (
            f"Invalid value: '{text[:80]}'. A size is 'auto' or WIDTHxHEIGHT, such as "
            "1024x1024."
        )
        raise InvalidRequest(message, param="size")
    return size


def _sized(
    asked: str,
    size: Size | None,
    sizes: Sequence[Size],
    promise: Model,
    *,
    shape_alone: bool,
) -> Size | None:
    """*size*, or the first of its shape, or of the name's *sizes*, that the model has."""
    if size is not None and asked.partition("|")[0].endswith(("-landscape", "-portrait")):
        message = f"The name '{asked}' says the size already. Leave 'size' out."
        raise InvalidRequest(message, param="size")
    if size is not None:
        sizes = _of_shape(size) if shape_alone else (size,)
    # If the model has none of them, it says which it has.
    return next((one for one in sizes if one in promise.sizes), sizes[0] if sizes else None)


def _of_shape(size: Size) -> Sequence[Size]:
    """The sizes of stills that are 1:1, 3:2 or 2:3, as *size* says."""
    if size.width == size.height:
        return MODELS["gpt-image"].sizes
    shape = "landscape" if size.width > size.height else "portrait"
    return MODELS[f"gpt-image-{shape}"].sizes


def _number(value: int | str | None, most: int, *, param: str) -> int:
    return 0 if value is None else read_int(value, param=param, least=0, most=most)


def _missing(param: str) -> InvalidRequest:
    message = f"Missing required parameter: '{param}'."
    return InvalidRequest(message, param=param, code="missing_required_parameter")
