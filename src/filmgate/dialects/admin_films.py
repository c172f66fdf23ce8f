"""filmgate's own endpoint for films that were made elsewhere: kept under their old ids."""

from __future__ import annotations

from typing import Annotated, cast

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from filmgate.domain.caller import Caller
from filmgate.domain.errors import InvalidRequest
from filmgate.domain.file import LARGEST_FILE
from filmgate.domain.job import Job
from filmgate.domain.model import PROMPT_LIMIT
from filmgate.gateway.importing import Importing, Old
from filmgate.gateway.submission import Upload
from filmgate.web.auth import Door
from filmgate.web.endpoint import endpoint
from filmgate.web.field_types import File, says
from filmgate.web.reading import read

PATH = "/admin/films"
FORM = 1 << 20  #: bytes of a form beside its file


class FilmImport(msgspec.Struct, forbid_unknown_fields=True):
    """A form."""

    file: File
    id: Annotated[str, says(pattern="^(s|video|gen)_[A-Za-z0-9_-]{8,80}$")]
    caller: str | None = None  # a name, or a key's id
    model: str = "sora-2"
    prompt: Annotated[str, says(maxLength=PROMPT_LIMIT)] = ""


class FilmImported(msgspec.Struct):
    id: str
    caller: str
    model: str
    size: str
    seconds: str


class AdminFilms:
    """`/admin/films`, for admin keys only. `filmgate films` speaks it."""

    def __init__(self, importing: Importing, door: Door) -> None:
        self._importing = importing
        self._door = door

    def routes(self) -> list[Route]:
        return [Route(PATH, self.import_film, methods=["POST"])]

    @endpoint(
        "Keep a film that was made elsewhere, under the id that it had there",
        body=FilmImport,
        answer=FilmImported,
        errors=(403, 404, 409),
        ours=True,
        keyed=False,
    )
    async def import_film(self, request: Request) -> Response:
        await self._door.admin(request)
        async with read(request, FilmImport, largest_file=LARGEST_FILE) as body:
            if not isinstance(body.file, Upload):
                message = "'file' must be a film. Send it as multipart/form-data."
                raise InvalidRequest(message, param="file", code="invalid_type")
            old = Old(id=body.id, caller=body.caller, model=body.model, prompt=body.prompt)
            job, caller = await self._importing.keep(body.file.file, old)
        shown = shown_film(job, caller)
        return Response(msgspec.json.encode(shown), media_type="application/json")


def shown_film(job: Job, caller: Caller) -> dict[str, str]:
    """An imported film as the answer and the command line show it."""
    request = job.take.request
    shown = FilmImported(
        id=job.id,
        caller=caller.name,
        model=job.request.model,
        size=str(request.size),
        seconds=f"{round(request.seconds or 0, 3):g}",
    )
    return cast("dict[str, str]", msgspec.to_builtins(shown))


def largest_of(path: str) -> int:
    """Bytes of the largest request at *path*; 0 for any other than ours."""
    return LARGEST_FILE + FORM if path == PATH else 0
