"""The body of `generateContent`, and how it becomes a submission."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any

import msgspec

from filmgate.dialects.gemini.media import Blob, FileData, blob_given, named, uri_given
from filmgate.dialects.gemini.sizes import IMAGE_SIZES, read_ratio, read_word, size
from filmgate.domain.errors import InvalidRequest, Unsupported
from filmgate.domain.model import Model
from filmgate.domain.request import GenerationRequest, Media, Operation, Role, Size
from filmgate.gateway.jobs import Gateway
from filmgate.gateway.submission import Given, Submission
from filmgate.web.extras import (
    MOST_VARIANTS,
    Extras,
    read_count,
    read_int,
    read_seconds,
    read_size,
    with_extras,
)
from filmgate.web.field_types import NotHere, Seconds, SizeText, says, whole
from filmgate.web.reading import shaped
from filmgate.web.sora_requests import Called, called

MOST_PARTS = 100  #: of one turn
DEPTH = 8  #: of a body, below which nothing is Google's own

#: What only means something to whoever writes text: read, and passed over.
PassedOver = Annotated[Any, says(description="Passed over.")]

#: What errors of the core call these fields.
_PARAMS = {
    "prompt": "contents",
    "size": "generationConfig.imageConfig.aspectRatio",
    "n": "generationConfig.candidateCount",
    "input_reference": "contents",
    "references": "contents",
    "video": "contents",
}
_REFUSED = ("tools", "toolConfig", "cachedContent")


class ContentPart(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    """One of the first three."""

    text: str | None = None
    inline_data: Blob | None = None
    file_data: FileData | None = None
    thought: PassedOver = None
    thought_signature: PassedOver = None
    media_resolution: PassedOver = None


class ContentTurn(msgspec.Struct, forbid_unknown_fields=True):
    """What somebody has said."""

    parts: list[Any]
    role: str | None = None


class ImageConfig(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    aspect_ratio: str | None = None
    image_size: str | None = None


def _theirs(name: str) -> Any:
    """A field that is spelled as Google has it, among those that are spelled as ours."""
    return msgspec.field(default=None, name=name)


class GenerationConfig(Extras, kw_only=True):
    """What the SDK sends, and beside it what every create takes."""

    size: SizeText = None
    seconds: Seconds = None
    image_config: ImageConfig | None = _theirs("imageConfig")
    candidate_count: Annotated[int | str | None, whole(1, MOST_VARIANTS)] = _theirs(
        "candidateCount"
    )
    temperature: PassedOver = None
    top_p: PassedOver = _theirs("topP")
    top_k: PassedOver = _theirs("topK")
    max_output_tokens: PassedOver = _theirs("maxOutputTokens")
    stop_sequences: PassedOver = _theirs("stopSequences")
    presence_penalty: PassedOver = _theirs("presencePenalty")
    frequency_penalty: PassedOver = _theirs("frequencyPenalty")
    response_modalities: PassedOver = _theirs("responseModalities")
    thinking_config: PassedOver = _theirs("thinkingConfig")
    media_resolution: PassedOver = _theirs("mediaResolution")


class ContentCreate(msgspec.Struct, forbid_unknown_fields=True, rename="camel", kw_only=True):
    contents: list[ContentTurn]
    generation_config: GenerationConfig | None = None
    system_instruction: PassedOver = None
    safety_settings: PassedOver = None
    tools: NotHere = None
    tool_config: NotHere = None
    cached_content: NotHere = None


#: The other way that Google's parsers take these names.
_SPELLED = {
    field.name: field.encode_name
    for kind in (Blob, FileData, ContentPart, ImageConfig, GenerationConfig, ContentCreate)
    for field in msgspec.structs.fields(kind)
    if field.name != field.encode_name
}


class ContentReader:
    """Turns bodies into submissions. Raises `InvalidRequest` or `Unsupported`."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def read(self, mapping: Mapping[str, Any], name: str) -> Submission:
        """*mapping* is the body, of a request for the model *name*."""
        body = shaped(_spelled(mapping), ContentCreate)
        for param in _REFUSED:
            value = getattr(body, _NAMES[param])
            if value not in (None, [], {}):
                message = f"'{param}' is not supported: films are made of the words alone."
                raise Unsupported(f"{message} Leave it out.", param=param)
        meant = called(name, lambda name: self._gateway.model(name)[0])
        prompt, given = _said(body.contents, meant.promise.media)
        config = body.generation_config or GenerationConfig()
        with named(_PARAMS, "generationConfig"):
            return _submission(config, meant, prompt, given)


def naming() -> Any:
    """Errors of what happens to a submission, in Google's words."""
    return named(_PARAMS, "generationConfig")


def _submission(
    config: GenerationConfig, meant: Called, prompt: str, given: Sequence[Given]
) -> Submission:
    model = meant.promise
    still = model.media is Media.IMAGE
    request = GenerationRequest(
        model=meant.name,
        media=model.media,
        prompt=prompt,
        operation=Operation.EDIT if still and given else Operation.CREATE,
        size=_size(config, model),
        seconds=None if config.seconds is None else read_seconds(config.seconds),
    )
    request = meant.told(request)
    submission = Submission(request=request, given=given, fit=meant.fit)
    submission = with_extras(submission, config, model)
    if config.candidate_count is None:
        return submission
    param = "generationConfig.candidateCount"
    count = read_int(config.candidate_count, param=param, least=1, most=MOST_VARIANTS)
    if config.n is not None and read_count(config.n, most=MOST_VARIANTS) != count:
        raise InvalidRequest(f"Send '{param}' or 'n', not both.", param=param)
    return replace(submission, count=count)


def _size(config: GenerationConfig, model: Model) -> Size | None:
    at = "generationConfig.imageConfig"
    asked = config.image_config or ImageConfig()
    if config.size is not None:
        if asked != ImageConfig():
            raise InvalidRequest(f"Send 'size' or '{at}', not both.", param=at)
        return read_size(config.size)
    ratio, side = None, None
    if asked.aspect_ratio is not None:
        ratio = read_ratio(asked.aspect_ratio, param=f"{at}.aspectRatio")
    if asked.image_size is not None:
        if model.media is Media.VIDEO:
            message = f"'{at}.imageSize' is for stills. Send generationConfig.size."
            raise Unsupported(message, param=f"{at}.imageSize")
        side = read_word(asked.image_size, IMAGE_SIZES, param=f"{at}.imageSize")
    return size(ratio, side, model)


def _said(turns: Sequence[ContentTurn], media: Media) -> tuple[str, list[Given]]:
    """The words and the pictures of whoever asked last."""
    asked = [at for at, turn in enumerate(turns) if turn.role in (None, "user")]
    if not asked:
        message = "'contents' has no turn of the user: say there what to film."
        raise InvalidRequest(message, param="contents")
    at = f"contents[{asked[-1]}].parts"
    parts = turns[asked[-1]].parts
    if len(parts) > MOST_PARTS:
        message = f"'{at}' has {len(parts)} parts; the most is {MOST_PARTS}."
        raise InvalidRequest(message, param=at, code="array_above_max_length")
    words: list[str] = []
    given: list[Given] = []
    first = Role.SOURCE if media is Media.IMAGE else Role.FIRST_FRAME
    for number, part in enumerate(parts):
        here = f"{at}[{number}]"
        role = Role.SUBJECT if given else first
        match shaped(part, ContentPart, at=here):
            case ContentPart(text=str(text), inline_data=None, file_data=None):
                words.append(text)
            case ContentPart(text=None, inline_data=Blob() as blob, file_data=None):
                _check_picture(blob.mime_type, f"{here}.inlineData")
                given.append(blob_given(blob, role=role, param=f"{here}.inlineData"))
            case ContentPart(text=None, inline_data=None, file_data=FileData() as file):
                _check_picture(file.mime_type, f"{here}.fileData")
                param = f"{here}.fileData.fileUri"
                given.append(uri_given(file.file_uri, role=role, param=param))
            case _:
                message = f"'{here}' needs exactly one of text, inlineData and fileData."
                raise InvalidRequest(message, param=here)
    return "\n".join(words), given


def _check_picture(kind: str | None, at: str) -> None:
    if kind is not None and not kind.lower().startswith("image/"):
        message = (
            f"'{at}' is of the type '{kind[:80]}'; only images are read here. A film is "
            "extended by :predictLongRunning, and changed by /v1/videos/edits."
        )
        raise Unsupported(message, param=f"{at}.mimeType")


def _spelled(value: Any, depth: int = DEPTH) -> Any:
    """*value* with Google's names in the one spelling that the structs have."""
    if not depth:
        return value
    if isinstance(value, list):
        return [_spelled(item, depth - 1) for item in value]
    if not isinstance(value, dict):
        return value
    spelled: dict[str, Any] = {}
    for name, item in value.items():
        right = _SPELLED.get(str(name), str(name))
        if right in spelled:
            raise InvalidRequest(f"'{right}' is given more than once.", param=right)
        free = right in ("metadata", "engine_options")
        spelled[right] = item if free else _spelled(item, depth - 1)
    return spelled


_NAMES = {field.encode_name: field.name for field in msgspec.structs.fields(ContentCreate)}
