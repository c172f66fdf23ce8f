"""The body of `/v1/messages`, and how it becomes a submission."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import msgspec

from filmgate.domain.errors import InvalidRequest, Unsupported
from filmgate.domain.request import GenerationRequest, Media, Operation, Role
from filmgate.gateway.jobs import Gateway
from filmgate.gateway.submission import Given, Submission
from filmgate.web.extras import (
    Extras,
    read_bool,
    read_count,
    read_seconds,
    read_size,
    with_extras,
)
from filmgate.web.field_types import Flag, NotHere, Seconds, SizeText, says
from filmgate.web.reading import shaped
from filmgate.web.references import url_given
from filmgate.web.sora_requests import called

MOST_BLOCKS = 100  #: of one turn
#: What would have to be done with it, were it taken.
_REFUSED = ("tools", "tool_choice", "mcp_servers", "container")

#: What only means something to whoever writes text: read, and passed over.
PassedOver = Annotated[Any, says(description="Passed over.")]


class MessageTurn(msgspec.Struct, forbid_unknown_fields=True):
    """What somebody has said: a text, or blocks."""

    role: Literal["user", "assistant", "system"]
    content: str | list[Any]


class TextBlock(msgspec.Struct, forbid_unknown_fields=True):
    text: str
    type: str = "text"
    cache_control: PassedOver = None
    citations: PassedOver = None


class ImageSource(msgspec.Struct, forbid_unknown_fields=True):
    """Which of the fields there must be depends on the type."""

    type: Literal["base64", "url", "file"]
    media_type: str | None = None
    data: str | None = None
    url: str | None = None
    file_id: str | None = None


class ImageBlock(msgspec.Struct, forbid_unknown_fields=True):
    source: ImageSource
    type: str = "image"
    cache_control: PassedOver = None


class MessageCreate(Extras, kw_only=True):
    """What the SDKs send, and beside it what every create takes."""

    model: str
    messages: list[MessageTurn]
    size: SizeText = None
    seconds: Seconds = None
    stream: Flag = None
    max_tokens: int | None = None
    system: PassedOver = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    stop_sequences: list[str] | None = None
    thinking: PassedOver = None
    service_tier: PassedOver = None
    cache_control: PassedOver = None
    tools: NotHere = None
    tool_choice: NotHere = None
    mcp_servers: NotHere = None
    container: NotHere = None


class Reader:
    """Turns bodies into submissions. Raises `InvalidRequest` or `Unsupported`."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def read(self, body: MessageCreate) -> Submission:
        _check(body)
        meant = called(body.model, lambda name: self._gateway.model(name)[0])
        model = meant.promise
        prompt, pictures = _said(body.messages)
        given = _given(pictures, model.media)
        still = model.media is Media.IMAGE
        request = GenerationRequest(
            model=body.model,
            media=model.media,
            prompt=prompt,
            operation=Operation.EDIT if still and given else Operation.CREATE,
            size=None if body.size is None else read_size(body.size),
            seconds=None if body.seconds is None else read_seconds(body.seconds),
        )
        request = meant.told(request)
        return with_extras(Submission(request=request, given=given, fit=meant.fit), body, model)


def streams(body: MessageCreate) -> bool:
    return body.stream is not None and read_bool(body.stream, param="stream")


def _check(body: MessageCreate) -> None:
    for param in _REFUSED:
        if getattr(body, param) not in (None, []):
            message = f"'{param}' is not supported: films are made of the words alone."
            raise Unsupported(f"{message} Leave it out.", param=param)
    if read_count(body.n, most=1 << 16) > 1:
        message = "'n' is 1 here: a message has one film. POST /v1/videos makes several."
        raise Unsupported(message, param="n")
    streams(body)


Picture = tuple[str, ImageSource]  # the field that it came in, and where it is


def _said(turns: Sequence[MessageTurn]) -> tuple[str, list[Picture]]:
    """The words and the pictures of whoever asked last."""
    asked = [number for number, turn in enumerate(turns) if turn.role == "user"]
    if not asked:
        message = "'messages' has no turn of the user: say there what to film."
        raise InvalidRequest(message, param="messages")
    at = f"messages[{asked[-1]}].content"
    content = turns[asked[-1]].content
    if isinstance(content, str):
        return content, []
    if len(content) > MOST_BLOCKS:
        message = f"'{at}' has {len(content)} blocks; the most is {MOST_BLOCKS}."
        raise InvalidRequest(message, param=at, code="array_above_max_length")
    words, pictures = [], []
    for number, block in enumerate(content):
        read = _block(block, f"{at}[{number}]")
        if isinstance(read, TextBlock):
            words.append(read.text)
        else:
            pictures.append((f"{at}[{number}].source", read.source))
    return "\n".join(words), pictures


def _block(block: object, at: str) -> TextBlock | ImageBlock:
    kind = block.get("type") if isinstance(block, Mapping) else None
    match kind:
        case "text":
            return shaped(block, TextBlock, at=at)
        case "image":
            return shaped(block, ImageBlock, at=at)
        case _:
            message = f"'{at}' is neither a text block nor an image block. No others are read."
            raise Unsupported(message, param=f"{at}.type")


def _given(pictures: Sequence[Picture], media: Media) -> list[Given]:
    """The first is where a film begins, or what is changed; the others are to be seen."""
    first = Role.SOURCE if media is Media.IMAGE else Role.FIRST_FRAME
    return [
        _picture(source, role=Role.SUBJECT if number else first, at=at)
        for number, (at, source) in enumerate(pictures)
    ]


def _picture(source: ImageSource, *, role: Role, at: str) -> Given:
    match source:
        case ImageSource(type="base64", data=str(data), url=None, file_id=None):
            link = f"data:{source.media_type or 'image/png'};base64,{data}"
            return url_given(link, role=role, param=f"{at}.data")
        case ImageSource(type="url", data=None, url=str(url), file_id=None):
            return url_given(url, role=role, param=f"{at}.url")
        case ImageSource(type="file", data=None, url=None, file_id=str(file_id)):
            return Given(role=role, param=f"{at}.file_id", file_id=file_id)
        case _:
            message = f"'{at}' needs data, url or file_id: the one that its type says."
            raise InvalidRequest(message, param=at)
