"""What a request refers to: looked at, and kept with the job."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from filmgate.domain.asset import Asset, Variant
from filmgate.domain.caller import Caller
from filmgate.domain.character import Window
from filmgate.domain.errors import InvalidRequest, NotFound
from filmgate.domain.imported import IMPORTED, not_here
from filmgate.domain.job import Job, Status
from filmgate.domain.model import FRAMES, Model
from filmgate.domain.request import (
    Fit,
    GenerationRequest,
    Media,
    Operation,
    Reference,
    Role,
    Size,
    Source,
    Step,
)
from filmgate.gateway.files import Files
from filmgate.gateway.submission import Given, Submission
from filmgate.ports import Blobs, Characters, Fetcher, Inspector, Jobs, Stored

MOST_BYTES = 48 << 20  #: of a file that a link names


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A reference that was looked at, and its place: a file, or a blob's key."""

    reference: Reference
    place: BinaryIO | Path | str
    source: Source | None = None  #: of a film
    fitted: Size | None = None  #: of a frame that has the film's size now, which is this


@dataclass(frozen=True, kw_only=True)
class Fitting:
    """What first and last frames are made like."""

    how: Fit
    size: Size | None  #: the film's, if it was asked for; else that of the film it is made of
    default: Size  #: when there is none


class References:
    """
    From what callers give to the inputs of a job.

    A job has copies of its own, so that nobody needs to keep anything for its sake.
    """

    def __init__(  # noqa: PLR0913 (wired in one place)
        self,
        *,
        jobs: Jobs,
        files: Files,
        characters: Characters,
        blobs: Blobs,
        inspector: Inspector,
        fetcher: Fetcher,
        folder: Path,
        new_id: Callable[[str], str],
    ) -> None:
        self._jobs = jobs
        self._files = files
        self._characters = characters
        self._blobs = blobs
        self._inspector = inspector
        self._fetcher = fetcher
        self._folder = folder
        self._new_id = new_id

    @asynccontextmanager
    async def looked_at(
        self,
        given: Sequence[Given],
        caller: Caller,
        media: Media,
        fitting: Fitting | None = None,
    ) -> AsyncIterator[list[Seen]]:
        """
        Each of *given*, recognised by its bytes; what lies about goes when the block ends.

        With a *fitting*, first and last frames have the film's size. Raises
        `InvalidRequest` or `NotFound`, naming the field.
        """
        async with AsyncExitStack() as stack:
            if fitting is None:
                yield [await self._look(one, caller, media, stack) for one in given]
                return
            seen = {
                number: await self._look(one, caller, media, stack)
                for number, one in enumerate(given)
                if one.role not in FRAMES
            }
            source = next((one.source for one in seen.values() if one.source), None)
            size = fitting.size or (source.size if source else fitting.default)
            for number, one in enumerate(given):
                if one.role in FRAMES:
                    seen[number] = await self._fitted(one, caller, size, fitting.how, stack)
            yield [seen[number] for number in range(len(given))]

    async def source(self, job_id: str, caller: Caller, *, param: str) -> tuple[Job, Source]:
        """A completed job's film, as what another starts from."""
        job = await self._made(job_id, caller, param)
        take = job.take.request
        if take.size is None or take.total_seconds is None:
            raise InvalidRequest(f"'{param}' is a still, not a film.", param=param)
        step = Step(
            operation=take.operation,
            prompt=take.prompt,
            seconds=take.seconds or 0,
            storyboard=take.storyboard,
        )
        before = take.source.history if take.source else ()
        ours = job.take.engine != IMPORTED and not take.source
        source = Source(
            size=take.size,
            seconds=take.total_seconds,
            job_id=job.id,
            # A film that we did not make, or that began with such a one, has no history.
            history=(*before, step) if before or ours else (),
            seed=take.seed,
        )
        return job, source

    def again(self, seen: Sequence[Seen]) -> list[Seen]:
        """The same for one more job."""
        return [
            replace(one, reference=replace(one.reference, asset_id=self._new_id("input_")))
            for one in seen
        ]

    async def keep(
        self, seen: Sequence[Seen], job_id: str, *, like: Sequence[Asset]
    ) -> list[Asset]:
        """The job's own copies, safe on return; taken from those *like* them, if there are."""
        kept: list[Asset] = []
        for number, one in enumerate(seen):
            reference = one.reference
            place = like[number].key if like else one.place
            key = f"{job_id}/{reference.asset_id}"
            stored = await self._store(place, key)
            asset = Asset(
                id=reference.asset_id,
                job_id=job_id,
                variant=Variant.INPUT,
                media_type=reference.media_type,
                key=key,
                size=stored.size,
                sha256=stored.sha256,
            )
            kept.append(asset)
        return kept

    async def drop(self, inputs: Sequence[Asset]) -> None:
        """Remove what was kept for jobs that were not to be."""
        await self._blobs.delete([asset.key for asset in inputs])

    async def keep_clip(
        self, given: Given, caller: Caller, window: Window | None, *, clip: str, still: str
    ) -> None:
        """Store what *window* shows of a film, and a still of it; without one, all of it."""
        async with AsyncExitStack() as stack:
            if given.job_id is not None:
                job, _ = await self.source(given.job_id, caller, param=given.param)
                made = await self._key(job, Variant.VIDEO)
                if window is None:
                    await self._blobs.copy(made, clip)
                    await self._blobs.copy(await self._key(job, Variant.THUMBNAIL), still)
                    return
                path = self._new_path(stack)
                await self._blobs.get(made, path)
                film = await self._inspector.film(path, self._folder)
            else:
                path = await self._as_path(await self._fetched(given, caller, stack), stack)
                film = await self._inspector.clip(path, self._folder, param=given.param)
            film.spritesheet.unlink(missing_ok=True)
            if window is None or window.is_all_of(film.seconds):
                await self._blobs.put(clip, path)
                await self._blobs.put(still, film.thumbnail)
                return
            film.thumbnail.unlink(missing_ok=True)
            param = window.param or given.param
            part = await self._inspector.cut(
                path, self._folder, window.start, window.end, param=param
            )
            await self._blobs.put(clip, part.path)
            await self._blobs.put(still, part.still)

    async def _store(self, place: BinaryIO | Path | str, key: str) -> Stored:
        match place:
            case str():
                return await self._blobs.copy(place, key)
            case Path():
                return await self._blobs.put(key, place)
            case file:
                file.seek(0)
                return await self._blobs.put(key, file)

    async def _look(
        self, given: Given, caller: Caller, media: Media, stack: AsyncExitStack
    ) -> Seen:
        reference = Reference(
            asset_id=self._new_id("input_"), role=given.role, media_type="image/webp"
        )
        if given.character_id is not None:
            return await self._character(reference, given, caller)
        if given.job_id is not None:
            return await self._of_job(reference, given, caller, media)
        file = await self._fetched(given, caller, stack)
        if given.role is Role.SOURCE and media is Media.VIDEO:
            return await self._clip(reference, file, given.param, stack)
        image = await self._inspector.image(file, param=given.param)
        reference = replace(reference, media_type=image.media_type, size=image.size)
        return Seen(reference=reference, place=file)

    async def _fitted(
        self, given: Given, caller: Caller, size: Size, how: Fit, stack: AsyncExitStack
    ) -> Seen:
        reference = Reference(
            asset_id=self._new_id("input_"), role=given.role, media_type="image/webp"
        )
        if given.job_id is None:
            file = await self._fetched(given, caller, stack)
        else:
            of_job = await self._of_job(reference, given, caller, Media.VIDEO)
            if of_job.reference.size == size:
                return replace(of_job, fitted=size)
            file = self._new_path(stack)
            await self._blobs.get(str(of_job.place), file)
        made = self._new_path(stack)
        image = await self._inspector.fit(file, made, size, how, param=given.param)
        place = file if image is None else made
        if image is None:
            image = await self._inspector.image(file, param=given.param)
        reference = replace(reference, media_type=image.media_type, size=image.size)
        return Seen(reference=reference, place=place, fitted=size)

    async def _character(self, reference: Reference, given: Given, caller: Caller) -> Seen:
        character_id = given.character_id or ""
        found = await self._characters.get(character_id, caller_id=caller.id)
        if found is None:
            message = f"Character with id '{character_id[:80]}' not found."
            raise NotFound(message, param=given.param, code="character_not_found")
        return Seen(reference=replace(reference, name=found.name), place=found.portrait)

    async def _of_job(
        self, reference: Reference, given: Given, caller: Caller, media: Media
    ) -> Seen:
        job_id = given.job_id or ""
        if given.role is Role.SOURCE and media is Media.VIDEO:
            job, source = await self.source(job_id, caller, param=given.param)
            reference = replace(reference, media_type="video/mp4", size=source.size)
            key = await self._key(job, Variant.VIDEO)
            return Seen(reference=reference, place=key, source=source)
        job = await self._made(job_id, caller, given.param)
        take = job.take.request
        still = take.media is Media.IMAGE
        key = await self._key(job, Variant.IMAGE if still else Variant.THUMBNAIL)
        kind = f"image/{take.format}" if still else "image/webp"
        return Seen(reference=replace(reference, media_type=kind, size=take.size), place=key)

    async def _key(self, job: Job, variant: Variant) -> str:
        return (await self._jobs.outputs(job.id))[variant].key

    async def _made(self, job_id: str, caller: Caller, param: str) -> Job:
        job = await self._jobs.get(job_id, caller_id=caller.id)
        if job is None:
            raise not_here(job_id, param=param)
        if job.status is not Status.COMPLETED or job.expired_at is not None:
            state = "has expired" if job.expired_at else f"is {job.status}"
            message = f"Video '{job_id}' {state}. Only a completed one can be used here."
            raise InvalidRequest(message, param=param, code="video_not_ready")
        return job

    async def _fetched(
        self, given: Given, caller: Caller, stack: AsyncExitStack
    ) -> BinaryIO | Path:
        """What was given as a file that can be read; whatever is new goes with *stack*."""
        if given.upload is not None:
            return given.upload.file
        path = self._new_path(stack)
        if given.url is not None:
            await self._fetcher.fetch(given.url, path, most=MOST_BYTES, param=given.param)
        else:
            file = await self._files.get(given.file_id or "", caller, param=given.param)
            await self._blobs.get(file.key, path)
        return path

    async def _clip(
        self, reference: Reference, file: BinaryIO | Path, param: str, stack: AsyncExitStack
    ) -> Seen:
        path = await self._as_path(file, stack)
        film = await self._inspector.clip(path, self._folder, param=param)
        film.thumbnail.unlink(missing_ok=True)
        film.spritesheet.unlink(missing_ok=True)
        source = Source(size=film.size, seconds=film.seconds)
        reference = replace(reference, media_type="video/mp4", size=film.size)
        return Seen(reference=reference, place=path, source=source)

    async def _as_path(self, file: BinaryIO | Path, stack: AsyncExitStack) -> Path:
        if isinstance(file, Path):
            return file
        path = self._new_path(stack)
        await self._blobs.save(_chunks(file), path)
        return path

    def _new_path(self, stack: AsyncExitStack) -> Path:
        """Of a file that goes with *stack*."""
        path = self._folder / self._new_id("given_")
        stack.callback(path.unlink, missing_ok=True)
        return path


def fitting_of(submission: Submission, promise: Model) -> Fitting | None:
    """What becomes of frames that have another size than the film; None: they are refused."""
    if submission.fit is None:
        return None
    asked = submission.request.size
    return Fitting(how=submission.fit, size=asked, default=promise.default_size)


def referring(
    request: GenerationRequest, seen: Sequence[Seen], model: Model
) -> GenerationRequest:
    """*request* with its references; what is made of a film has that film's size and length."""
    request = replace(request, references=tuple(one.reference for one in seen))
    fitted = next((one.fitted for one in seen if one.fitted), None)
    request = replace(request, size=request.size or fitted)
    if request.media is Media.IMAGE and request.size is None:
        sizes = [one.size for one in request.references if one.role is Role.SOURCE and one.size]
        return replace(request, size=next((s for s in sizes if s in model.sizes), None))
    source = next((one.source for one in seen if one.source), None)
    if source is None:
        return request
    request = replace(request, source=source, size=request.size or source.size)
    if request.operation is not Operation.EXTEND:
        request = replace(request, seconds=source.seconds)
    return request


async def _chunks(file: BinaryIO) -> AsyncIterator[bytes]:
    file.seek(0)
    while chunk := file.read(1 << 20):
        yield chunk
