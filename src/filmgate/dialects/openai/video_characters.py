"""`/v1/videos/characters`, and the characters that a create makes or names."""

from __future__ import annotations

from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from filmgate.dialects.openai.envelope import answer
from filmgate.dialects.openai.video_fields import CharacterCreate
from filmgate.dialects.openai.video_objects import CharacterObject
from filmgate.dialects.openai.video_reader import Cast
from filmgate.domain.caller import Caller
from filmgate.domain.character import Character
from filmgate.domain.request import Dialect, Role
from filmgate.gateway.characters import Casting
from filmgate.gateway.submission import Given, Submission
from filmgate.web.auth import Door
from filmgate.web.endpoint import ID, endpoint
from filmgate.web.idempotency import claim_of
from filmgate.web.playing import playing
from filmgate.web.reading import read
from filmgate.web.references import video_given


class VideoCharacters:
    """The endpoints."""

    def __init__(self, casting: Casting, door: Door) -> None:
        self._casting = casting
        self._door = door

    def routes(self) -> list[Route]:
        return [
            Route("/v1/videos/characters", self.create_character, methods=["POST"]),
            Route("/v1/videos/characters/{id}", self.character, methods=["GET"]),
        ]

    @endpoint(
        "Create a character from a clip",
        body=CharacterCreate,
        answer=CharacterObject,
        errors=(404,),
        makes="id",
        takes={"video_id": {"video": {"id": ID}}},
    )
    async def create_character(self, request: Request) -> Response:
        caller = await self._door.caller(request)
        async with read(request, CharacterCreate) as body:
            given = video_given(body.video, param="video")
            claim = claim_of(request, caller)
            made = await self._casting.create(body.name, given, caller, claim)
        return answer(_character(made))

    @endpoint("Get a character", answer=CharacterObject)
    async def character(self, request: Request) -> Response:
        caller = await self._door.caller(request)
        return answer(_character(await self._casting.get(request.path_params["id"], caller)))


async def with_players(
    submission: Submission,
    cast: Cast | None,
    casting: Casting,
    request: Request,
    caller: Caller,
) -> Submission:
    """
    *submission* with whom its prompt names, and with who is made for it.

    The contract's prompts name nobody: its `characters` do.
    """
    asked, given = submission.request, list(submission.given)
    if asked.dialect is not Dialect.CONTRACT:
        asked, named = await playing(asked, casting, caller)
        known = {one.character_id for one in given}
        given += [one for one in named if one.character_id not in known]
    if cast is not None:
        claim = claim_of(request, caller, part="character")
        made = await casting.create(None, cast.given, caller, claim, window=cast.window)
        param = cast.given.param
        given.append(Given(role=Role.CHARACTER, param=param, character_id=made.id))
    return replace(submission, request=asked, given=given)


def _character(character: Character) -> CharacterObject:
    return CharacterObject(
        id=character.id,
        object="character",
        name=character.name,
        created_at=int(character.created_at.timestamp()),
    )
