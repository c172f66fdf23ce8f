"""`/v1/moderations`: https://platform.openai.com/docs/api-reference/moderations."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from filmgate.dialects.openai.envelope import answer
from filmgate.domain.errors import InvalidRequest, NotFound
from filmgate.ports import Category, Moderator, Verdict
from filmgate.web.auth import Door
from filmgate.web.endpoint import endpoint
from filmgate.web.field_types import one_of
from filmgate.web.reading import read

#: Characters of all texts of one request. A verdict is reached on the event loop.
MOST_TEXT = 200_000
MOST_TEXTS = 1000
#: Names that clients send without a thought; whoever judges says its own.
KNOWN_AS = (
    "omni-moderation-latest",
    "omni-moderation-2024-09-26",
    "text-moderation-latest",
    "text-moderation-stable",
)


class ImageURL(msgspec.Struct, forbid_unknown_fields=True):
    url: str


class Part(msgspec.Struct, forbid_unknown_fields=True):
    """A text, or an image that nobody looks at."""

    type: Annotated[str, one_of("text", "image_url")]
    text: str | None = None
    image_url: ImageURL | None = None


class ModerationCreate(msgspec.Struct, forbid_unknown_fields=True):
    input: str | list[str | Part]
    model: str | None = None


class Result(msgspec.Struct):
    flagged: bool
    categories: Mapping[str, bool]
    category_scores: Mapping[str, float]
    category_applied_input_types: Mapping[str, Sequence[str]]


class Moderation(msgspec.Struct):
    id: str
    model: str
    results: Sequence[Result]


class Moderations:
    """What the policy says of a text. Nothing is kept."""

    def __init__(
        self, moderator: Moderator, door: Door, *, new_id: Callable[[str], str]
    ) -> None:
        self._moderator = moderator
        self._door = door
        self._new_id = new_id

    def routes(self) -> list[Route]:
        return [Route("/v1/moderations", self.create, methods=["POST"])]

    @endpoint(
        "Judge a text by the gateway's policy",
        body=ModerationCreate,
        answer=Moderation,
        errors=(404,),
        keyed=False,
    )
    async def create(self, request: Request) -> Response:
        await self._door.caller(request)
        async with read(request, ModerationCreate) as body:
            self._check_model(body.model)
            texts = read_texts(body.input)
        verdicts = await self._moderator.judge(texts)
        moderation = Moderation(
            id=self._new_id("modr-"),
            model=self._moderator.name,
            results=[render(verdict) for verdict in verdicts],
        )
        return answer(moderation)

    def _check_model(self, name: str | None) -> None:
        if name in (None, self._moderator.name, *KNOWN_AS):
            return
        message = (
            f"The model `{name}` does not moderate here. Leave 'model' out, or send "
            f"`{self._moderator.name}`."
        )
        raise NotFound(message, param="model", code="model_not_found")


def read_texts(given: str | list[str | Part]) -> list[str]:
    """One text for each result: parts are one input together."""
    if isinstance(given, str):
        texts = [given]
    else:
        texts = [item for item in given if isinstance(item, str)]
        parts = [item for item in given if not isinstance(item, str)]
        if parts and texts:
            message = "'input' is either a list of strings or a list of parts, not both."
            raise InvalidRequest(message, param="input")
        if parts:
            texts = ["\n".join(_text(part) for part in parts)]
    if not texts:
        raise InvalidRequest("'input' is empty: send what to judge.", param="input")
    if len(texts) > MOST_TEXTS:
        message = f"'input' has {len(texts)} texts; the most is {MOST_TEXTS}."
        raise InvalidRequest(message, param="input", code="array_above_max_length")
    if (length := sum(map(len, texts))) > MOST_TEXT:
        message = f"'input' has {length} characters; the most is {MOST_TEXT}."
        raise InvalidRequest(message, param="input", code="string_above_max_length")
    return texts


def render(verdict: Verdict) -> Result:
    return Result(
        flagged=bool(verdict.flagged),
        categories={category: category in verdict.flagged for category in Category},
        category_scores={category: verdict.scores[category] for category in Category},
        category_applied_input_types={category: ["text"] for category in Category},
    )


def _text(part: Part) -> str:
    match part:
        case Part(type="text", text=str(text), image_url=None):
            return text
        case Part(type="image_url", text=None, image_url=ImageURL()):
            return ""
    message = (
        'A part of \'input\' is either {"type": "text", "text": …} or '
        '{"type": "image_url", "image_url": {"url": …}}.'
    )
    raise InvalidRequest(message, param="input")
