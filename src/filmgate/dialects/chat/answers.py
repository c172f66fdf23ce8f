"""Completions and their pieces, as the clients of OpenAI's chat read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Annotated, Any

import msgspec

from filmgate.domain.character import Character
from filmgate.domain.errors import FilmgateError
from filmgate.domain.job import Job
from filmgate.domain.request import Media
from filmgate.web.answers import Refusal, Refused
from filmgate.web.field_types import const, one_of, one_of_or_null

DONE = b"data: [DONE]\n\n"
LONGEST_MESSAGE = 1000  #: characters of an error


class CharacterMade(msgspec.Struct):
    id: str
    name: str
    profile_picture_url: str | msgspec.UnsetType = msgspec.UNSET  # a data URL, if it is alone


class ChatMade(msgspec.Struct, omit_defaults=True):
    """What stands in the text, for programs."""

    object: Annotated[str, one_of("video", "image", "character", "prompt")]
    id: str | None = None  # `/v1/videos/{id}` has it too
    url: str | None = None  # once it is there
    engine: str | None = None
    model: str | None = None  # the engine's own name for it
    operation: str | None = None
    size: str | None = None
    seconds: str | None = None
    expires_at: int | None = None  # seconds since 1970
    character: CharacterMade | None = None


class ChatUsage(msgspec.Struct, frozen=True):
    """Nothing is counted in tokens here; the SDKs want the numbers all the same."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    total_tokens: int = 0


class ChatDelta(msgspec.Struct, omit_defaults=True):
    role: str | None = None
    content: str | None = None
    reasoning_content: str | None = None


class ChatChunkChoice(msgspec.Struct):
    delta: ChatDelta
    index: int = 0
    finish_reason: Annotated[str | None, one_of_or_null("stop")] = None


class ChatChunk(msgspec.Struct, kw_only=True):
    """A piece of a stream. All pieces of one have the same id."""

    id: str
    object: Annotated[str, const("chat.completion.chunk")] = "chat.completion.chunk"
    created: int  # seconds since 1970
    model: str
    choices: Sequence[ChatChunkChoice]
    filmgate: ChatMade | msgspec.UnsetType = msgspec.UNSET
    usage: ChatUsage | msgspec.UnsetType = msgspec.UNSET


class ChatReply(msgspec.Struct):
    content: str
    role: Annotated[str, const("assistant")] = "assistant"
    refusal: None = None


class ChatChoice(msgspec.Struct):
    message: ChatReply
    index: int = 0
    finish_reason: Annotated[str, const("stop")] = "stop"


class ChatCompletion(msgspec.Struct, kw_only=True):
    id: str
    object: Annotated[str, const("chat.completion")] = "chat.completion"
    created: int  # seconds since 1970
    model: str
    choices: Sequence[ChatChoice]
    usage: ChatUsage = ChatUsage()
    filmgate: ChatMade


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """What every piece of an answer has: who asked for what, when."""

    id: str
    created: int
    model: str  # as it was asked for

    def whole(self, content: str, made: ChatMade) -> ChatCompletion:
        return ChatCompletion(
            id=self.id,
            created=self.created,
            model=self.model,
            choices=[ChatChoice(ChatReply(content))],
            filmgate=made,
        )

    def begins(self, made: ChatMade) -> bytes:
        return self._piece(ChatDelta(role="assistant", content=""), filmgate=made)

    def thinks(self, line: str) -> bytes:
        return self._piece(ChatDelta(reasoning_content=f"{line}\n"))

    def says(self, content: str, made: ChatMade | msgspec.UnsetType = msgspec.UNSET) -> bytes:
        return self._piece(ChatDelta(content=content), filmgate=made)

    def stops(self, *, usage: bool) -> bytes:
        stop = self._piece(ChatDelta(), finish="stop")
        if not usage:
            return stop
        last = ChatChunk(
            id=self.id, created=self.created, model=self.model, choices=[], usage=ChatUsage()
        )
        return stop + _data(last)

    def _piece(
        self,
        delta: ChatDelta,
        *,
        finish: str | None = None,
        filmgate: ChatMade | msgspec.UnsetType = msgspec.UNSET,
    ) -> bytes:
        choices = [ChatChunkChoice(delta, finish_reason=finish)]
        chunk = ChatChunk(
            id=self.id,
            created=self.created,
            model=self.model,
            choices=choices,
            filmgate=filmgate,
        )
        return _data(chunk)


def refused(error: FilmgateError) -> bytes:
    """An error in a stream: the SDKs raise it."""
    return _data(refusal(error))


def refusal(error: FilmgateError) -> Refused:
    """An error as OpenAI's API says it."""
    kind = "server_error" if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR else None
    kind = kind or _TYPES.get(error.status, "invalid_request_error")
    message = error.message
    if len(message) > LONGEST_MESSAGE:
        message = f"{message[:LONGEST_MESSAGE]}…"
    return Refused(Refusal(message=message, type=kind, param=error.param, code=error.code))


def shown(media: Media, url: str) -> str:
    """What chat clients show as a film, or as a still."""
    if media is Media.IMAGE:
        return f"![Image]({url})"
    return f"```html\n<video src='{url}' controls></video>\n```"


def introduced(character: Character) -> str:
    """What is told of a new character."""
    return (
        f"Character **{character.name}**, `{character.id}`\n\n"
        f"Write `{character.id}` into a prompt to have it in a film."
    )


def made_of(job: Job, url: str | None = None, character: Character | None = None) -> ChatMade:
    take = job.take
    request = take.request
    still = request.media is Media.IMAGE
    return ChatMade(
        object="image" if still else "video",
        id=job.id,
        url=url,
        engine=take.engine,
        model=take.model,
        operation=request.operation,
        size=str(request.size),
        seconds=None if still else f"{round(request.total_seconds or 0, 3):g}",
        expires_at=int(job.expires_at.timestamp()) if job.expires_at else None,
        character=None if character is None else known(character),
    )


def known(character: Character) -> CharacterMade:
    return CharacterMade(character.id, character.name)


_TYPES: Mapping[int, str] = {403: "permission_error", 429: "rate_limit_error"}


def _data(content: Any) -> bytes:
    return b"data: " + msgspec.json.encode(content) + b"\n\n"
