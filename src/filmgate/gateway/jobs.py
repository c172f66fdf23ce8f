"""Submit, get, list, watch, cancel, delete: what every dialect calls."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from filmgate.domain.asset import Asset, Variant
from filmgate.domain.caller import Caller
from filmgate.domain.errors import (
    Conflict,
    FilmgateError,
    NotFound,
    ShuttingDown,
    TooManyRequests,
    Unsupported,
)
from filmgate.domain.events import Event
from filmgate.domain.job import Job, Plan, Status
from filmgate.domain.metadata import check_metadata
from filmgate.domain.model import Model
from filmgate.domain.request import GenerationRequest, Media
from filmgate.gateway.choosing import Choice, Chooser, Place
from filmgate.gateway.first_tries import FirstTries
from filmgate.gateway.links import Links, bad_link
from filmgate.gateway.references import References, referring
from filmgate.gateway.room import Room
from filmgate.gateway.routing import Routes
from filmgate.gateway.submission import Submission
from filmgate.gateway.watching import Watchers
from filmgate.ports import Cipher, Clock, Dispatcher, Engine, Jobs, NewJob

#: Seconds until a client may ask again, when we are about to stop.
COME_BACK = timedelta(seconds=5)
QUEUE_FULL = timedelta(seconds=30)  #: the same, when too many wait already
LOOK_AGAIN = 5.0  #: seconds after which a watcher looks without being told to

_PREFIX = {Media.VIDEO: "video_", Media.IMAGE: "image_"}


class Gateway:
    """What a caller can do. Every dialect speaks to this."""

    def __init__(  # noqa: PLR0913 (wired in one place)
        self,
        *,
        jobs: Jobs,
        first_tries: FirstTries,
        references: References,
        routes: Routes,
        chooser: Chooser,
        most_waiting: int = 0,
        room: Room,
        dispatcher: Dispatcher,
        watchers: Watchers,
        links: Links,
        cipher: Cipher,
        clock: Clock,
        new_id: Callable[[str], str],
    ) -> None:
        self._jobs = jobs
        self._first_tries = first_tries
        self._references = references
        self._routes = routes
        self._chooser = chooser
        self._most_waiting = most_waiting  #: at an engine; 0: any number
        self._room = room
        self._dispatcher = dispatcher
        self._watchers = watchers
        self._links = links
        self._cipher = cipher
        self._clock = clock
        self._new_id = new_id
        self.closed = False

    def close(self) -> None:
        """Take no more jobs, and let nobody wait for one; everything else goes on."""
        self.closed = True
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
                return await self._make(submission, caller)
        finally:
            for upload in [given.upload for given in submission.given if given.upload]:
                upload.file.close()

    async def explain(self, submission: Submission, caller: Caller) -> Choice:
        """
        In which ways the request could be made now. Nothing is kept, and nothing made.

        An admin also sees the engines' accounts, and how many jobs wait for them.
        """
        request = submission.request
        try:
            promise = self._promise(submission)
        except Unsupported:  # every way says so below
            promise = self._routes.resolve(request.model).promise
        async with self._references.looked_at(submission.given, caller, request.media) as seen:
            asked = referring(request, seen, promise) if seen else request
            choice = await self._chooser.choose(asked, trial=True)
        try:
            self._room.check()
            await self._check_queue(choice.plan())
        except FilmgateError as error:
            choice = replace(choice, error=error)
        if not caller.admin:
            return choice
        return await self._chooser.seen(choice, at=self._clock.now())

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
            while True:
                bell.clear()
                job = await self._jobs.get(job_id, caller_id=caller.id)
                for event in await self._jobs.events(job_id, after=after):
                    yield event
                    after = event.number
                if self.closed or job is None or job.status.ended:
                    return
                with suppress(TimeoutError):
                    await asyncio.wait_for(bell.wait(), LOOK_AGAIN)

    async def ended(self, job_id: str, caller: Caller) -> Job:
        """The job, once it has ended; `ShuttingDown` when we do so first."""
        async for _ in self.watch(job_id, caller):
            pass
        job = await self._known(job_id, caller.id)
        if not job.status.ended:
            raise _stopping()
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
        job = await self._jobs.get(job_id, caller_id=caller_id)
        if job is None:
            message = f"Video with id '{job_id[:80]}' not found."
            raise NotFound(message, param="video_id")
        return job

    def _changed(self, job_id: str) -> None:
        self._watchers.tell(job_id)
        self._dispatcher.poke(job_id)

    async def _make(self, submission: Submission, caller: Caller) -> Job:
        check_metadata(submission.metadata)
        request = submission.request
        # What can be refused before anything is fetched or decoded is refused now.
        promise = self._promise(submission)
        self._room.check()
        given = bool(submission.given)  # then it is chosen again, once they are looked at
        new = await self._new_jobs(
            [request] * submission.count, submission, caller, trial=given
        )
        if not given:
            return await self._keep(new, submission)
        async with self._references.looked_at(submission.given, caller, request.media) as seen:
            # Every job has copies of its own.
            copies = [seen] + [self._references.again(seen) for _ in new[1:]]
            asked = [referring(request, copy, promise) for copy in copies]
            new = await self._new_jobs(asked, submission, caller)
            kept: Sequence[Asset] = ()
            ready = []
            for one, copy in zip(new, copies, strict=True):
                kept = await self._references.keep(copy, one.job.id, like=kept)
                ready.append(replace(one, inputs=kept))
            return await self._keep(ready, submission)

    async def _keep(self, new: Sequence[NewJob], submission: Submission) -> Job:
        first, inputs = new[0].job, [asset for one in new for asset in one.inputs]
        try:
            standing = await self._jobs.add(new, submission.claim)
        except Conflict:
            await self._references.drop(inputs)
            raise
        if standing != first.id:
            await self._references.drop(inputs)
            return await self._known(standing, first.caller_id)
        for one in new:
            self._dispatcher.poke(one.job.id)
        return first

    def _promise(self, submission: Submission) -> Model:
        """What the first of the model's ways promises that takes such references."""
        roles = [given.role for given in submission.given]
        refusals = []
        for route in self._routes.ways(submission.request.model).routes:
            try:
                route.promise.check_roles(roles)
            except Unsupported as error:
                refusals.append(error)
            else:
                return route.promise
        raise refusals[0]

    async def _check_queue(self, plan: Plan) -> None:
        engine = plan.takes[0].engine
        if self._most_waiting and await self._jobs.waiting(engine) >= self._most_waiting:
            message = (
                f"{self._most_waiting} jobs are waiting for the engine '{engine}', which is "
                "the limit here. Try again later."
            )
            raise TooManyRequests(message, code="queue_full", retry_after=QUEUE_FULL)

    async def _new_jobs(
        self,
        requests: Sequence[GenerationRequest],
        submission: Submission,
        caller: Caller,
        *,
        trial: bool = False,
    ) -> Sequence[NewJob]:
        if self.closed:
            raise _stopping()
        plans = [
            (await self._chooser.choose(request, number=number, trial=trial)).plan()
            for number, request in enumerate(requests)
        ]
        await self._check_queue(plans[0])
        ids = [self._new_id(_PREFIX[request.media]) for request in requests]
        at = self._clock.now()
        jobs = [
            Job(
                id=job_id,
                caller_id=caller.id,
                status=Status.QUEUED,
                request=request,
                plan=plans[number],
                percent=0,
                created_at=at,
                metadata=submission.metadata,
                variants=() if number else tuple(ids[1:]),
            )
            for number, (job_id, request) in enumerate(zip(ids, requests, strict=True))
        ]
        return [
            NewJob(
                job=job,
                priority=submission.priority,
                # Only the first is what a retry looks for; the others come with it.
                fingerprint=None if number else submission.fingerprint,
                webhook=self._sealed(submission),
            )
            for number, job in enumerate(jobs)
        ]

    def _sealed(self, submission: Submission) -> str | None:
        if submission.webhook is None:
            return None
        target = {"url": submission.webhook.url, "secret": submission.webhook.secret}
        return self._cipher.seal(json.dumps(target))


def _stopping() -> ShuttingDown:
    message = "The gateway is stopping. Try again in a moment."
    return ShuttingDown(message, retry_after=COME_BACK)


_ENDS = {Status.FAILED: "failed", Status.CANCELLED: "was cancelled"}
