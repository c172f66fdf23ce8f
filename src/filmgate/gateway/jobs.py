"""Submit, get, list, watch, cancel, delete: what every dialect calls."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress

from filmgate.domain.asset import Asset, Variant
from filmgate.domain.caller import Caller
from filmgate.domain.errors import NotFound
from filmgate.domain.events import Event
from filmgate.domain.job import Job, Status
from filmgate.domain.model import Model
from filmgate.domain.request import Media
from filmgate.gateway.choosing import Choice, Chooser, Place
from filmgate.gateway.finding import known
from filmgate.gateway.first_tries import FirstTries
from filmgate.gateway.links import Links, bad_link
from filmgate.gateway.routing import Routes
from filmgate.gateway.submission import Submission
from filmgate.gateway.submitting import Submitting, stopping
from filmgate.gateway.watching import Watchers
from filmgate.ports import Clock, Dispatcher, Engine, Jobs

LOOK_AGAIN = 5.0  #: seconds after which a watcher looks without being told to
LOOK_SELDOM = 30.0  #: the same, of one that has found nothing for a while


class Gateway:
    """What a caller can do. Every dialect speaks to this."""

    def __init__(  # noqa: PLR0913 (wired in one place)
        self,
        *,
        jobs: Jobs,
        first_tries: FirstTries,
        submitting: Submitting,
        routes: Routes,
        chooser: Chooser,
        dispatcher: Dispatcher,
        watchers: Watchers,
        links: Links,
        clock: Clock,
    ) -> None:
        self._jobs = jobs
        self._first_tries = first_tries
        self._submitting = submitting
        self._routes = routes
        self._chooser = chooser
        self._dispatcher = dispatcher
        self._watchers = watchers
        self._links = links
        self._clock = clock

    @property
    def closed(self) -> bool:
        """Whether no more jobs are taken."""
        return self._submitting.closed

    def close(self) -> None:
        """Take no more jobs, and let nobody wait for one; everything else goes on."""
        self._submitting.closed = True
        self._watchers.tell_all()

    def models(self) -> Sequence[tuple[Model, Engine]]:
        return list(self._routes.models())

    def model(self, name: str) -> tuple[Model, Engine]:
        """Raise `NotFound` when nothing here answers to *name*."""
        route = self._routes.resolve(name)
        return route.promise, route.engine

    async def submit(self, submission: Submission, caller: Caller) -> Job:
        """
        Keep a new job, or several, and return the first at once; they survive whatever comes.

        Of what is refused nothing is kept. The same request, sent again, gives its first job.
        """
        try:
            if found := await self._first_tries.find(submission, caller):
                return await self._known(found, caller.id)
            with self._first_tries.making(submission, caller):
                return await self._submitting.make(submission, caller)
        finally:
            for upload in [given.upload for given in submission.given if given.upload]:
                upload.file.close()

    async def explain(self, submission: Submission, caller: Caller) -> Choice:
        """
        In which ways the request could be made now. Nothing is kept, and nothing made.

        An admin also sees the engines' accounts, and how many jobs wait for them.
        """
        return await self._submitting.explain(submission, caller)

    async def queue(self, job: Job) -> Place | None:
        """Where a queued job stands, and how long that may take; None for any other."""
        if job.shown is not Status.QUEUED:
            return None
        return await self._chooser.place(job)

    async def get(self, job_id: str, caller: Caller) -> Job:
        """Raise `NotFound` for another caller's job as for none."""
        job = await self._known(job_id, caller.id)
        if not job.used:
            await self._jobs.use(job_id, at=self._clock.now())
        return job

    async def list(  # noqa: PLR0913 (the query)
        self,
        caller: Caller,
        *,
        media: Media = Media.VIDEO,
        metadata: Mapping[str, str],
        after: str | None,
        limit: int,
        newest_first: bool,
    ) -> tuple[Sequence[Job], bool]:
        """A page of the caller's jobs that have all these pairs, and whether more follow."""
        return await self._jobs.list(
            caller_id=caller.id,
            media=media,
            metadata=metadata,
            after=after,
            limit=limit,
            newest_first=newest_first,
        )

    async def cancel(self, job_id: str, caller: Caller) -> Job:
        """Stop a job; one that has ended stays as it is."""
        await self.get(job_id, caller)
        await self._jobs.cancel(job_id, caller_id=caller.id, at=self._clock.now())
        self._changed(job_id)
        return await self._known(job_id, caller.id)

    async def delete(self, job_id: str, caller: Caller) -> None:
        """Hide a job at once, stop it if it runs, and remove its files."""
        await self.get(job_id, caller)
        await self._jobs.delete(job_id, caller_id=caller.id, at=self._clock.now())
        self._changed(job_id)

    async def revoke_links(self, job_id: str, caller: Caller) -> Job:
        """Make every link to the job's files invalid; the job as it is then has a new one."""
        await self.get(job_id, caller)
        await self._jobs.revoke_links(job_id, caller_id=caller.id)
        return await self._known(job_id, caller.id)

    def link(self, job: Job, variant: Variant | None = None) -> str | None:
        """Where a browser finds what the job made, without a key; None if there is nothing."""
        return self._links.of(job, variant)

    async def watch(
        self, job_id: str, caller: Caller, *, after: int = 0
    ) -> AsyncIterator[Event]:
        """What happens to a job, from the event after number *after* until it has ended."""
        with self._watchers.on(job_id) as bell:
            await self._known(job_id, caller.id)
            known = await self._jobs.events(job_id)
            if known and after > known[-1].number:
                after = 0  # it was lost in a power cut, or is not of this job: from the start
            patience = LOOK_AGAIN
            while True:
                bell.clear()
                job = await self._jobs.get(job_id, caller_id=caller.id)
                for event in await self._jobs.events(job_id, after=after):
                    yield event
                    after, patience = event.number, LOOK_AGAIN
                if self.closed or job is None or job.status.ended:
                    return
                with suppress(TimeoutError):
                    async with asyncio.timeout(patience):
                        await bell.wait()
                patience = min(2 * patience, LOOK_SELDOM)

    async def ended(self, job_id: str, caller: Caller) -> Job:
        """The job, once it has ended; `ShuttingDown` when we do so first."""
        async for _ in self.watch(job_id, caller):
            pass
        job = await self._known(job_id, caller.id)
        if not job.status.ended:
            raise stopping()
        return job

    async def outputs(self, job_id: str) -> Mapping[Variant, Asset]:
        """What a completed job made."""
        return await self._jobs.outputs(job_id)

    async def previews(self, job_id: str) -> Sequence[Asset]:
        """What a still looked like on the way, oldest first."""
        return await self._jobs.previews(job_id)

    async def output(self, job_id: str, variant: Variant, caller: Caller) -> tuple[Job, Asset]:
        """A finished file and its job; `NotFound`, with a code, while there is none."""
        job = await self.get(job_id, caller)
        return job, await self._output(job, variant)

    async def linked(
        self, job_id: str, variant: Variant, *, expires: str, signature: str
    ) -> tuple[Job, Asset]:
        """The same for whoever has a link; `Forbidden` if it does not hold."""
        job = await self._jobs.anybodys(job_id)
        if job is None:
            raise bad_link()
        self._links.check(job, variant, expires=expires, signature=signature)
        return job, await self._output(job, variant)

    async def _output(self, job: Job, variant: Variant) -> Asset:
        if job.shown in (Status.FAILED, Status.CANCELLED):
            message = f"Video '{job.id}' has no content: it {_ENDS[job.shown]}."
            raise NotFound(message, param="video_id", code="video_failed")
        if job.status is not Status.COMPLETED:
            message = (
                f"Video '{job.id}' is not ready: it is {job.status} "
                f"({job.percent}%). Ask again once its status is completed."
            )
            # Not 409: the SDKs would retry that within a second, and give up.
            raise NotFound(message, param="video_id", code="video_not_ready")
        if job.expired_at or (job.expires_at and job.expires_at <= self._clock.now()):
            message = f"Video '{job.id}' has expired: its files are gone. Make it again."
            raise NotFound(message, param="video_id", code="video_expired")
        asset = (await self._jobs.outputs(job.id)).get(variant)
        if asset is None:
            message = f"Video '{job.id}' has no {variant}."
            raise NotFound(message, param="variant")
        return asset

    async def _known(self, job_id: str, caller_id: str) -> Job:
        return await known(self._jobs, job_id, caller_id)

    def _changed(self, job_id: str) -> None:
        self._watchers.tell(job_id)
        self._dispatcher.poke(job_id)


_ENDS = {Status.FAILED: "failed", Status.CANCELLED: "was cancelled"}
