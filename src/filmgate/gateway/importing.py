"""Films that were made elsewhere, kept under the ids that they had there."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from filmgate.domain.asset import Asset, Variant
from filmgate.domain.caller import ApiKey, Caller
from filmgate.domain.errors import Conflict, InvalidRequest, NotFound, Unsupported
from filmgate.domain.imported import IMPORTED, check_old_id
from filmgate.domain.job import Job, Plan, Status, Take
from filmgate.domain.model import PROMPT_LIMIT
from filmgate.domain.request import GenerationRequest, Media
from filmgate.gateway.keys import Keys
from filmgate.gateway.room import Room
from filmgate.gateway.routing import Routes
from filmgate.ports import Blobs, Clock, Film, Inspector, Jobs, KeptImports

log = logging.getLogger(__name__)

CHUNK = 1 << 20  #: bytes read at once
MOST_NAMED = 10  #: callers that an error names

_KINDS = {
    Variant.THUMBNAIL: "image/webp",
    Variant.SPRITESHEET: "image/jpeg",
    Variant.VIDEO: "video/mp4",
}


@dataclass(frozen=True, kw_only=True)
class Old:
    """A film from elsewhere: what it was called, and whose it is to be."""

    id: str
    caller: str | None = None  #: a caller's name, or a key's id; None: the only caller
    model: str = "sora-2"  #: that remakes of it are asked of
    prompt: str = ""  #: what it was made of, if anybody knows


class Importing:
    """
    Keeps a film as a job that was completed at once.

    Nobody made it here: there is no attempt, no charge and no webhook. It stays until it is
    deleted.
    """

    def __init__(  # noqa: PLR0913 (wired in one place)
        self,
        *,
        imports: KeptImports,
        jobs: Jobs,
        keys: Keys,
        routes: Routes,
        blobs: Blobs,
        inspector: Inspector,
        room: Room,
        folder: Path,
        clock: Clock,
        new_id: Callable[[str], str],
    ) -> None:
        self._imports = imports
        self._jobs = jobs
        self._keys = keys
        self._routes = routes
        self._blobs = blobs
        self._inspector = inspector
        self._room = room
        self._folder = folder
        self._clock = clock
        self._new_id = new_id

    async def keep(self, file: BinaryIO, old: Old) -> tuple[Job, Caller]:
        """
        The job that the film in *file* is from now on, and whose it is.

        The same bytes under the same id by the same caller give the job that stands;
        `Conflict` for anything else under an id that is taken.
        """
        check_old_id(old.id, param="id")
        self._check(old)
        caller = owner(await self._keys.list(), old.caller)
        async with AsyncExitStack() as stack:
            path = self._folder / self._new_id("import_")
            stack.callback(path.unlink, missing_ok=True)
            digest = sha256()
            await self._blobs.save(_chunks(file, digest.update), path)
            if standing := await self._standing(old.id, caller, digest.hexdigest()):
                return standing, caller
            self._room.check()
            film = await self._inspector.clip(path, self._folder, param="file")
            for still in (film.thumbnail, film.spritesheet):
                stack.callback(still.unlink, missing_ok=True)
            job = self._job(old, caller, film)
            outputs = await self._stored(job.id, film, path)
            if not await self._imports.add(job, outputs):  # another was faster
                await self._blobs.delete([asset.key for asset in outputs])
                if standing := await self._standing(old.id, caller, digest.hexdigest()):
                    return standing, caller
                raise _going(old.id)
        log.info("film.imported job=%s caller=%s", job.id, caller.id)
        return job, caller

    def _check(self, old: Old) -> None:
        if self._routes.resolve(old.model).promise.media is not Media.VIDEO:
            message = f"'{old.model[:80]}' makes stills. Name a model that makes films."
            raise Unsupported(message, param="model")
        if len(old.prompt) > PROMPT_LIMIT or "\0" in old.prompt:
            message = f"A prompt has at most {PROMPT_LIMIT} characters, and no NUL among them."
            raise InvalidRequest(message, param="prompt")

    async def _standing(self, job_id: str, caller: Caller, digest: str) -> Job | None:
        """The job of that id if it is this very film's; None if there is none."""
        job = await self._imports.find(job_id)
        if job is None:
            return None
        if job.deleted_at is not None:
            raise _going(job_id)
        if job.caller_id == caller.id and job.take.engine == IMPORTED:
            outputs = await self._jobs.outputs(job_id)
            if Variant.VIDEO in outputs and outputs[Variant.VIDEO].sha256 == digest:
                return job
        whose = "" if job.caller_id == caller.id else " of another caller"
        message = (
            f"There is a film '{job_id}' already{whose}, and it is another one. Delete that "
            "first, or name another id."
        )
        raise Conflict(message, param="id")

    def _job(self, old: Old, caller: Caller, film: Film) -> Job:
        now = self._clock.now()
        request = GenerationRequest(
            model=old.model,
            media=Media.VIDEO,
            prompt=old.prompt,
            size=film.size,
            seconds=film.seconds,
        )
        take = Take(engine=IMPORTED, model=old.model, request=request)
        return Job(
            id=old.id,
            caller_id=caller.id,
            status=Status.COMPLETED,
            request=request,
            plan=Plan(takes=(take,)),
            percent=100,
            created_at=now,
            finished_at=now,
            used=True,
        )

    async def _stored(self, job_id: str, film: Film, path: Path) -> Sequence[Asset]:
        # A folder of its own: what is dropped must not be another's.
        folder = f"{job_id}/{self._new_id('import_')}"
        files: Mapping[Variant, Path] = {
            Variant.THUMBNAIL: film.thumbnail,
            Variant.SPRITESHEET: film.spritesheet,
            Variant.VIDEO: path,
        }
        outputs = []
        for variant, file in files.items():
            key, kind = f"{folder}/{variant}", _KINDS[variant]
            stored = await self._blobs.put(key, file, media_type=kind)
            asset = Asset(
                id=self._new_id("asset_"),
                job_id=job_id,
                variant=variant,
                media_type=kind,
                key=key,
                size=stored.size,
                sha256=stored.sha256,
            )
            outputs.append(asset)
        return outputs


def owner(keys: Iterable[ApiKey], named: str | None) -> Caller:
    """
    The caller of that name or of the key of that id; the only one if none is named.

    Raises `InvalidRequest` or `NotFound`, naming `caller`. Revoked keys do not count.
    """
    active = [key for key in keys if key.revoked_at is None]
    meant = [key for key in active if named in (None, key.id, key.caller.name)]
    found = {key.caller.id: key.caller for key in meant}
    if len(found) == 1:
        return next(iter(found.values()))
    if not active:
        message = (
            "Nobody has a key yet, so it would be nobody's film: filmgate keys create NAME"
        )
        raise InvalidRequest(message, param="caller")
    if named is not None and not found:
        message = (
            f"There is no caller '{named[:80]}' with a key. `filmgate keys list` shows who has."
        )
        raise NotFound(message, param="caller")
    names = sorted({key.caller.name for key in meant})
    listed = ", ".join(f"'{name}'" for name in names[:MOST_NAMED])
    more = ", …" if len(names) > MOST_NAMED else ""
    message = f"Whose film is it? These callers have keys: {listed}{more}. Name one of them."
    raise InvalidRequest(message, param="caller")


def _going(job_id: str) -> Conflict:
    message = f"The film '{job_id}' was deleted, and is being removed. Try again in a minute."
    return Conflict(message, param="id")


async def _chunks(file: BinaryIO, tell: Callable[[bytes], None]) -> AsyncIterator[bytes]:
    file.seek(0)
    while chunk := file.read(CHUNK):
        tell(chunk)
        yield chunk
