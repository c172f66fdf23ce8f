"""
`POST /v1/characters`: a character made of some seconds of a film.

Wire format: FakeOAI's, with the answer that the gateways in front of it give. `name` and
`username` are ours.
"""

from __future__ import annotations

import re
from base64 import b64encode
from typing import Annotated

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from filmgate.domain.caller import Caller
from filmgate.domain.character import LONGEST_NAME, Character, Window
from filmgate.domain.errors import InvalidRequest, Unsupported
from filmgate.domain.request import Role
from filmgate.gateway.characters import Casting
from filmgate.gateway.links import Links
from filmgate.gateway.submission import Given
from filmgate.web.auth import Door
from filmgate.web.endpoint import ID, endpoint
from filmgate.web.field_types import NotHere, const, says
from filmgate.web.idempotency import claim_of
from filmgate.web.reading import read
from filmgate.web.references import url_given
from filmgate.web.sora_words import read_window

_USERNAME = re.compile(r"[a-z0-9_](?:[a-z0-9._-]{0,78}[a-z0-9_])?")
_OTHERS = re.compile(r"[^a-z0-9._-]+")


class NewCharacter(msgspec.Struct, forbid_unknown_fields=True):
    """Exactly one of the first two."""

    url: str | None = None  # a link, a data URL, or base64
    from_task: str | None = None  # the id of a finished film
    timestamps: str | None = None
    name: Annotated[str | None, says(maxLength=LONGEST_NAME)] = None
    username: Annotated[str | None, says(maxLength=LONGEST_NAME)] = None
    model: NotHere = None


class CharacterProfile(msgspec.Struct, kw_only=True):
    """
    What is told of a character.

    The picture is a data URL, because it is to be seen as long as there is the character,
    and links end. The permalink is where its caller's key finds the character.
    """

    id: str
    username: str  # after an `@`, in prompts
    permalink: Annotated[str, says(format="uri")]
    profile_picture_url: Annotated[str, says(format="uri")]
    object: Annotated[str, const("character")] = "character"
    created_at: int  # seconds since 1970


class Characters:
    """The endpoint: a parse, a call of the gateway, and a render."""

    def __init__(self, casting: Casting, door: Door, links: Links) -> None:
        self._casting = casting
        self._door = door
        self._links = links

    def routes(self) -> list[Route]:
        return [Route("/v1/characters", self.create, methods=["POST"])]

    @endpoint(
        "Create a character from a film, or from some seconds of it",
        body=NewCharacter,
        answer=CharacterProfile,
        errors=(404,),
        makes="id",
        takes={"video_id": {"from_task": ID}},
    )
    async def create(self, request: Request) -> Response:
        caller = await self._door.caller(request)
        async with read(request, NewCharacter) as body:
            made = await self._made(body, request, caller)
        profile = await self._profile(made)
        return Response(msgspec.json.encode(profile), media_type="application/json")

    async def _made(self, body: NewCharacter, request: Request, caller: Caller) -> Character:
        if body.model is not None:
            message = "A character is made of a film, and by no 'model'. Leave it out."
            raise Unsupported(message, param="model")
        username, said_in = _username(body)
        window = Window()
        if body.timestamps is not None:
            window = read_window(body.timestamps, param="timestamps")
        given = _given(body)
        try:
            return await self._casting.create(
                username, given, caller, claim_of(request, caller), window=window, alone=said_in
            )
        finally:
            if given.upload is not None:
                given.upload.file.close()

    async def _profile(self, character: Character) -> CharacterProfile:
        picture = b64encode(await self._casting.portrait(character)).decode()
        return CharacterProfile(
            id=character.id,
            username=character.name,
            permalink=f"{self._links.base}/v1/videos/characters/{character.id}",
            profile_picture_url=f"data:image/webp;base64,{picture}",
            created_at=int(character.created_at.timestamp()),
        )


def _given(body: NewCharacter) -> Given:
    if (body.url is None) == (body.from_task is None):
        message = (
            "A character is made of one film: send its 'url' (a link, a data URL or base64), "
            "or the id of one of yours as 'from_task'."
        )
        raise InvalidRequest(message, param="from_task" if body.from_task else "url")
    if body.url is not None:
        return url_given(body.url, role=Role.SOURCE, param="url")
    return Given(role=Role.SOURCE, param="from_task", job_id=body.from_task)


def _username(body: NewCharacter) -> tuple[str | None, str]:
    """What is to be written after an `@`, if anybody says so; and the field that does."""
    if body.name is not None and body.username is not None:
        message = "Send 'name' or 'username', not both: a character has one."
        raise InvalidRequest(message, param="name")
    if body.name is not None:
        said, param = body.name, "name"
        username = _OTHERS.sub("-", said.lower()).strip(".-")
    elif body.username is not None:
        said, param = body.username, "username"
        username = said.lower()
    else:
        return None, "username"
    if not _USERNAME.fullmatch(username):
        message = (
            f"Invalid value: '{said[:80]}'. After an @ in prompts stand 1 to {LONGEST_NAME} of "
            "a-z, 0-9, '.', '_' and '-', with no dot or dash at the ends. Send such a "
            "'username', or none."
        )
        raise InvalidRequest(message, param=param)
    return username, param
