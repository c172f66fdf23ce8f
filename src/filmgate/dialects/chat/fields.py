"""
The body of a chat completion, and what it says.

Only the last message of the user counts: what came before has been filmed already, and
nobody here reads a system prompt.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

import msgspec

from filmgate.domain.errors import InvalidRequest, Unsupported
from filmgate.domain.request import Role, Size
from filmgate.gateway.submission import Given, Upload
from filmgate.web.extras import Extras, read_bool
from filmgate.web.field_types import Flag, NotHere, Seconds, SizeText, one_of, says
from filmgate.web.reading import shaped
from filmgate.web.references import url_given
from filmgate.web.sora_words import Wish, read_source, read_wish

PARTS = ("text", "image_url", "video_url")
MOST_PARTS = 40  #: of a message
CALLS = ("tools", "tool_choice", "functions", "function_call")

#: What clients send with everything, and what has no meaning for a film.
Ignored = Annotated[Any, says(description="Ignored.")]


class Link(msgspec.Struct):
    """A link, a data URL, or base64; what else a client says of it plays no part."""

    url: str


class Part(msgspec.Struct, forbid_unknown_fields=True):
    """A text, an image or a film."""

    type: Annotated[str, one_of(*PARTS)]
    text: str | None = None
    image_url: str | Link | None = None
    video_url: str | Link | None = None


class ChatMessage(msgspec.Struct):
    role: str
    content: str | list[Any] | None = None  # of the last message of a user: parts


class StreamOptions(msgspec.Struct):
    include_usage: bool = False


class ChatCreate(Extras, kw_only=True):
    """The body of a create, JSON or form alike."""

    model: str
    messages: Annotated[list[ChatMessage], says(minItems=1)]
    stream: Flag = None
    stream_options: StreamOptions | None = None
    size: SizeText = None
    seconds: Seconds = None
    image: str | None = None
    video: str | None = None
    remix_target_id: str | None = None
    temperature: Ignored = None
    top_p: Ignored = None
    presence_penalty: Ignored = None
    frequency_penalty: Ignored = None
    max_tokens: Ignored = None
    max_completion_tokens: Ignored = None
    user: Ignored = None
    tools: NotHere = None
    tool_choice: NotHere = None
    functions: NotHere = None
    function_call: NotHere = None


@dataclass(frozen=True, kw_only=True)
class Picture:
    """An image or a film in a message, or in a field; where it is, and the field's name."""

    text: str
    param: str


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a body says, before anybody knows what its model makes."""

    model: str
    text: str  #: with everything in it
    wish: Wish
    param: str  #: the field that the text stands in
    images: Sequence[Picture] = ()
    clip: Picture | None = None
    source_id: str | None = None
    source_param: str = ""
    size: Size | None = None
    seconds: float | None = None
    stream: bool = False
    usage: bool = False  #: a stream is to end on one
    opened: list[Upload] = field(default_factory=list)  #: until `close`

    def given(self, picture: Picture, role: Role) -> Given:
        """*picture* as it is handed to the gateway."""
        given = url_given(picture.text, role=role, param=picture.param)
        self.opened.extend([given.upload] if given.upload else [])
        return given

    def close(self) -> None:
        for upload in self.opened:
            upload.file.close()


def parse(body: ChatCreate) -> Asked:
    """Raises `InvalidRequest` or `Unsupported`, naming the field."""
    _check(body)
    number, content = _last(body.messages)
    param = f"messages[{number}].content"
    parts = list(_parts(content, param))
    text = "\n".join(part.text for kind, part in parts if kind == "text").strip()
    images = [part for kind, part in parts if kind == "image_url"]
    clips = [part for kind, part in parts if kind == "video_url"]
    images += [Picture(text=body.image, param="image")] if body.image else []
    clips += [Picture(text=body.video, param="video")] if body.video else []
    if len(clips) > 1:
        message = "There are two films in the message. Send one."
        raise InvalidRequest(message, param=clips[1].param)
    wish = read_wish(text, param=param)
    source_id, source_param = _source(body.remix_target_id, wish, param)
    return Asked(
        model=body.model,
        text=text,
        wish=wish,
        param=param,
        images=images,
        clip=clips[0] if clips else None,
        source_id=source_id,
        source_param=source_param,
        size=None if body.size is None else _size(body.size),
        seconds=None if body.seconds is None else _seconds(body.seconds),
        stream=body.stream is not None and read_bool(body.stream, param="stream"),
        usage=body.stream_options is not None and body.stream_options.include_usage,
    )


def extras_of(body: ChatCreate) -> Iterator[str]:
    """The names of what is asked for beyond the conversation."""
    own = {*Extras.__struct_fields__} - {"n", "metadata"} | {"size", "seconds"}
    yield from (name for name in sorted(own) if getattr(body, name) is not None)


def _check(body: ChatCreate) -> None:
    for param in CALLS:
        if getattr(body, param) not in (None, [], "none"):
            message = (
                f"'{param}' is not supported: nothing here calls functions, it makes films. "
                "Leave it out."
            )
            raise Unsupported(message, param=param)
    if body.n not in (None, 1, "1"):
        message = (
            "A chat completion has one film or still: leave 'n' out, and send the request "
            "once for each. POST /v1/videos takes an 'n' of up to 4."
        )
        raise InvalidRequest(message, param="n")


def _last(messages: Sequence[ChatMessage]) -> tuple[int, str | list[Any]]:
    for number, message in reversed(list(enumerate(messages))):
        if message.role == "user":
            if message.content is None:
                param = f"messages[{number}].content"
                raise InvalidRequest("The message has no content.", param=param)
            return number, message.content
    text = "There is no message with the role 'user'. Its text says what to film."
    raise InvalidRequest(text, param="messages")


def _parts(content: str | list[Any], param: str) -> Iterator[tuple[str, Picture]]:
    """Type, and text or link, of each part."""
    if isinstance(content, str):
        yield "text", Picture(text=content, param=param)
        return
    if len(content) > MOST_PARTS:
        message = f"The message has {len(content)} parts; the most is {MOST_PARTS}."
        raise InvalidRequest(message, param=param, code="array_above_max_length")
    for number, given in enumerate(content):
        at = f"{param}[{number}]"
        part = _part(given, at)
        value = getattr(part, part.type)
        if value is None:
            message = f"Missing required parameter: '{at}.{part.type}'."
            code = "missing_required_parameter"
            raise InvalidRequest(message, param=f"{at}.{part.type}", code=code)
        text = value if isinstance(value, str) else value.url
        yield part.type, Picture(text=text, param=f"{at}.{part.type}")


def _part(given: object, at: str) -> Part:
    kind = given.get("type") if isinstance(given, Mapping) else None
    if isinstance(kind, str) and kind not in PARTS:
        message = (
            f"A part of the type '{kind[:80]}' is not read here. Types are: {', '.join(PARTS)}."
        )
        raise Unsupported(message, param=f"{at}.type")
    return shaped(given, Part, at=at)


def _source(given: str | None, wish: Wish, param: str) -> tuple[str | None, str]:
    """The film to start from: in the text or in the field, or in both the same."""
    if not given:
        return wish.source_id, param
    name = "remix_target_id"
    rest, found = read_source(given.strip(), param=name)
    if found is None or rest:
        message = f"Invalid value: '{given[:80]}'. It is a film's id, or the link to it."
        raise InvalidRequest(message, param=name)
    if wish.source_id not in (None, found):
        message = f"The message names another film, '{wish.source_id}'. Name one."
        raise InvalidRequest(message, param=name)
    return found, name


def _size(text: str) -> Size:
    size = Size.read(text)
    if size is None:
        message = f"Invalid value: '{text[:80]}'. A size is WIDTHxHEIGHT, such as 1280x720."
        raise InvalidRequest(message, param="size")
    return size


def _seconds(value: str | float) -> float:
    if not re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,3})?", str(value)):
        message = f"Invalid value: '{str(value)[:80]}'. Seconds are a number, such as 10."
        raise InvalidRequest(message, param="seconds")
    return float(value)
