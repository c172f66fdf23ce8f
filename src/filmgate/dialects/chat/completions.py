"""
`POST /v1/chat/completions`: how the gateways before us were asked for films.

Wire format: https://platform.openai.com/docs/api-reference/chat, with the reasoning that
chat clients show in `reasoning_content`. `filmgate`, beside the choices, is ours. A client
that leaves stops no job.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, closing
from dataclasses import replace
from hashlib import sha256

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from filmgate.dialects.chat.answers import (
    ChatChunk,
    ChatCompletion,
    ChatMade,
    Head,
    introduced,
    known,
    made_of,
    refusal,
    shown,
)
from filmgate.dialects.chat.fields import Asked, ChatCreate, parse
from filmgate.dialects.chat.reader import Cast, Making, Reader, chat_params
from filmgate.dialects.chat.stream import Told, film, text
from filmgate.domain.caller import Caller
from filmgate.domain.character import Character
from filmgate.domain.claim import Claim
from filmgate.domain.enhancement import Enhancement
from filmgate.domain.errors import FilmgateError
from filmgate.domain.request import Role
from filmgate.gateway.characters import Casting
from filmgate.gateway.enhancing import Enhancing
from filmgate.gateway.jobs import Gateway
from filmgate.gateway.submission import Given
from filmgate.ports import Clock
from filmgate.web.answers import Refused
from filmgate.web.auth import Door
from filmgate.web.endpoint import endpoint
from filmgate.web.failures import link_to
from filmgate.web.idempotency import claim_of, identified
from filmgate.web.reading import read
from filmgate.web.streaming import EventStream
from filmgate.web.waiting import PATIENCE, ended

BEGINNING = 65536  #: bytes of a film that its character's name is made of
#: Says who made it: no engine passes for another.
ENGINE = "x-filmgate-engine"


class Chat:
    """The endpoint: a parse, a call of the gateway, and a wait or a stream."""

    def __init__(  # noqa: PLR0913 (wired in one place)
        self,
        gateway: Gateway,
        casting: Casting,
        enhancing: Enhancing,
        door: Door,
        *,
        clock: Clock,
        new_id: Callable[[str], str],
        patience: float = PATIENCE,
    ) -> None:
        self._gateway = gateway
        self._casting = casting
        self._enhancing = enhancing
        self._door = door
        self._clock = clock
        self._new_id = new_id
        self._patience = patience
        self._reader = Reader(gateway, casting)

    def routes(self) -> list[Route]:
        return [Route("/v1/chat/completions", self.create, methods=["POST"])]

    @endpoint(
        "Make a film, a still, a character or a better prompt in a conversation",
        body=ChatCreate,
        answer=ChatCompletion,
        streams=(ChatChunk, Refused),
        named=False,
        last="[DONE]",
        errors=(404, 502, 503),
    )
    async def create(self, request: Request) -> Response:
        caller = await self._door.caller(request)
        async with read(request, ChatCreate) as body:
            with closing(parse(body)) as asked:
                answer = await self._answer(asked, body, request, caller)
        return await answer

    async def _answer(
        self, asked: Asked, body: ChatCreate, request: Request, caller: Caller
    ) -> Awaitable[Response]:
        """What is left to wait for once all that was sent has been kept."""
        wanted = await self._reader.read(asked, body, caller)
        with chat_params(asked):
            match wanted:
                case Enhancement():
                    return self._prompt(wanted, asked)
                case Cast():
                    claim = claim_of(request, caller)
                    return self._introduce(await self._cast(wanted, caller, claim), asked)
                case Making():  # pragma: no branch
                    told = await self._submit(wanted, asked, request, caller)
                    return self._film(told, asked, caller)

    async def _submit(
        self, making: Making, asked: Asked, request: Request, caller: Caller
    ) -> Told:
        submission, character = making.submission, None
        if making.cast is not None:
            claim = claim_of(request, caller)
            if claim is not None:  # the film has the key's own
                claim = replace(claim, path=f"{claim.path}#character")
            character = await self._cast(making.cast, caller, claim)
            param = making.cast.given.param
            given = Given(role=Role.CHARACTER, param=param, character_id=character.id)
            submission = replace(submission, given=(*submission.given, given))
        job = await self._gateway.submit(identified(request, submission, caller), caller)
        head = Head(
            id=f"chatcmpl-{job.id.partition('_')[2]}",
            created=int(job.created_at.timestamp()),
            model=asked.model,
        )
        return Told(head=head, job=job, notes=making.notes, character=character)

    async def _film(self, told: Told, asked: Asked, caller: Caller) -> Response:
        headers = {ENGINE: told.job.take.engine}
        if asked.stream:
            events = film(self._gateway, told, caller, usage=asked.usage)
            return EventStream(events, headers=headers)
        ids = [told.job.id]
        [job] = await ended(self._gateway, ids, caller, patience=self._patience)
        try:
            url = link_to(self._gateway, job)
        except FilmgateError as error:
            # An engine's failure has been retried where that helps. The SDKs would take it
            # for an outage and have the same film made again.
            headers["x-should-retry"] = "false"
            return _json(refusal(error), status=error.status, headers=headers)
        made = made_of(job, url, told.character)
        return _json(told.head.whole(shown(job.request.media, url), made), headers=headers)

    async def _prompt(self, wish: Enhancement, asked: Asked) -> Response:
        head = self._head(self._new_id("chatcmpl-"), asked)
        return await self._text(
            head, self._enhancing.enhance(wish), ChatMade(object="prompt"), asked
        )

    async def _introduce(self, character: Character, asked: Asked) -> Response:
        head = self._head(f"chatcmpl-{character.id.partition('_')[2]}", asked)
        picture = b64encode(await self._casting.portrait(character)).decode()
        introduction = known(character)
        introduction.profile_picture_url = f"data:image/webp;base64,{picture}"
        made = ChatMade(object="character", id=character.id, character=introduction)
        return await self._text(head, _once(introduced(character)), made, asked)

    async def _text(
        self, head: Head, pieces: AsyncGenerator[str], made: ChatMade, asked: Asked
    ) -> Response:
        if asked.stream:
            return EventStream(text(head, pieces, made, usage=asked.usage))
        async with aclosing(pieces):
            return _json(head.whole("".join([piece async for piece in pieces]), made))

    def _head(self, given_id: str, asked: Asked) -> Head:
        created = int(self._clock.now().timestamp())
        return Head(id=given_id, created=created, model=asked.model)

    async def _cast(self, cast: Cast, caller: Caller, claim: Claim | None) -> Character:
        """The character, which an earlier try may have made."""
        name = cast.name or f"character-{_sign(cast.given)}"
        return await self._casting.create(name, cast.given, caller, claim)


def _sign(given: Given) -> str:
    """Four letters, the same for the same film."""
    if given.upload is None:
        return sha256((given.url or given.job_id or "").encode()).hexdigest()[:4]
    sign = sha256(given.upload.file.read(BEGINNING)).hexdigest()[:4]
    given.upload.file.seek(0)
    return sign


async def _once(piece: str) -> AsyncGenerator[str]:
    yield piece


def _json(
    content: object, *, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    body = msgspec.json.encode(content)
    return Response(body, status, headers, media_type="application/json")
