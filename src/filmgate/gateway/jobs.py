"""Submit, get, list, delete: what every dialect calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import BinaryIO

from filmgate.domain.asset import Asset, Variant
from filmgate.domain.caller import Caller
from filmgate.domain.errors import NotFound, ShuttingDown
from filmgate.domain.job import Job, Status
from filmgate.domain.model import Model
from filmgate.domain.request import GenerationRequest, Reference, Role
from filmgate.gateway.plan import plan
from filmgate.gateway.routing import Routes
from filmgate.ports import Blobs, Clock, Dispatcher, Engine, Inspector, Jobs

#: Seconds until a client may ask again, when we are about to stop.
COME_BACK = timedelta(seconds=5)


@dataclass(frozen=True, kw_only=True)
class Upload:
    """A file that a caller sent, not kept yet. *param* is the field it came in."""

    param: str
    file: BinaryIO


class Gateway:
    """What a caller can do. Every dialect speaks to this."""

    def __init__(  # noqa: PLR0913 (wired in one place)
        self,
        *,
        jobs: Jobs,
        blobs: Blobs,
        inspector: Inspector,
        routes: Routes,
        dispatcher: Dispatcher,
        clock: Clock,
        new_id: Callable[[str], str],
    ) -> None:
        self._jobs = jobs
        self._blobs = blobs
        self._inspector = inspector
        self._routes = routes
        self._dispatcher = dispatcher
        self._clock = clock
        self._new_id = new_id
        self.closed = False

    def close(self) -> None:
        """Take no more jobs; everything else goes on."""
        self.closed = True

    def models(self) -> Sequence[tuple[Model, Engine]]:
        return list(self._routes.models())

    def model(self, name: str) -> tuple[Model, Engine]:
        """Raise `NotFound` when nothing here answers to *name*."""
        route = self._routes.resolve(name)
        return route.promise, route.engine

    async def submit(self, request: GenerationRequest, caller: Caller) -> Job:
        """Keep a new job and return at once; it survives whatever comes."""
        job = self._new_job(request, caller)
        return await self._add(job, [])

    async def submit_with(
        self,
        request: GenerationRequest,
        caller: Caller,
        uploads: Mapping[Role, Upload],
    ) -> Job:
        """The same with files, each in its role. Of what is refused nothing is kept."""
        self._new_job(request, caller)  # refuse what can be refused before any decoding
        references = {
            await self._look_at(upload, role): upload for role, upload in uploads.items()
        }
        request = replace(request, references=tuple(references))
        job = self._new_job(request, caller)
        inputs = [
            await self._keep_input(job, reference, upload)
            for reference, upload in references.items()
        ]
        return await self._add(job, inputs)

    async def get(self, job_id: str, caller: Caller) -> Job:
        """Raise `NotFound` for another caller's job as for none."""
        job = await self._jobs.get(job_id, caller_id=caller.id)
        if job is None:
            raise NotFound(f"Video with id '{job_id}' not found.", param="video_id")
        return job

    async def list(
        self, caller: Caller, *, after: str | None, limit: int, newest_first: bool
    ) -> tuple[Sequence[Job], bool]:
        """A page of the caller's jobs, and whether more follow."""
        return await self._jobs.list(
            caller_id=caller.id, after=after, limit=limit, newest_first=newest_first
        )

    async def delete(self, job_id: str, caller: Caller) -> None:
        """Hide a job at once, stop it if it runs, and remove its files."""
        await self.get(job_id, caller)
        await self._jobs.delete(job_id, caller_id=caller.id, at=self._clock.now())
        self._dispatcher.poke(job_id)

    async def output(self, job_id: str, variant: Variant, caller: Caller) -> tuple[Job, Asset]:
        """A finished file and its job; `NotFound`, with a code, while there is none."""
        job = await self.get(job_id, caller)
        if job.status in (Status.FAILED, Status.CANCELLED):
            message = f"Video '{job_id}' has no content: it {job.status}."
            raise NotFound(message, param="video_id", code="video_failed")
        if job.status is not Status.COMPLETED:
            message = (
                f"Video '{job_id}' is not ready: it is {job.status} "
                f"({job.percent}%). Ask again once its status is completed."
            )
            # Not 409: the SDKs would retry that within a second, and give up.
            raise NotFound(message, param="video_id", code="video_not_ready")
        asset = (await self._jobs.outputs(job_id)).get(variant)
        if asset is None:
            message = f"Video '{job_id}' has no {variant}."
            raise NotFound(message, param="variant")
        return job, asset

    def _new_job(self, request: GenerationRequest, caller: Caller) -> Job:
        if self.closed:
            message = "The gateway is stopping. Try again in a moment."
            raise ShuttingDown(message, retry_after=COME_BACK)
        return Job(
            id=self._new_id("video_"),
            caller_id=caller.id,
            status=Status.QUEUED,
            request=request,
            plan=plan(request, self._routes.resolve(request.model)),
            percent=0,
            created_at=self._clock.now(),
        )

    async def _add(self, job: Job, inputs: Sequence[Asset]) -> Job:
        await self._jobs.add(job, inputs)
        self._dispatcher.poke(job.id)
        return job

    async def _look_at(self, upload: Upload, role: Role) -> Reference:
        image = await self._inspector.image(upload.file, param=upload.param)
        return Reference(
            asset_id=self._new_id("file_"),
            role=role,
            media_type=image.media_type,
            size=image.size,
        )

    async def _keep_input(self, job: Job, reference: Reference, upload: Upload) -> Asset:
        key = f"{job.id}/{reference.asset_id}"
        upload.file.seek(0)
        stored = await self._blobs.put(key, upload.file)
        return Asset(
            id=reference.asset_id,
            job_id=job.id,
            variant=Variant.INPUT,
            media_type=reference.media_type,
            key=key,
            size=stored.size,
            sha256=stored.sha256,
        )
