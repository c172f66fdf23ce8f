"""From what a dialect hands over to jobs that are kept."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import timedelta

from filmgate.domain.asset import Asset
from filmgate.domain.caller import Caller
from filmgate.domain.enhancement import wish_of
from filmgate.domain.errors import (
    Conflict,
    FilmgateError,
    ShuttingDown,
    TooManyRequests,
    Unsupported,
)
from filmgate.domain.job import Job, Plan, Status
from filmgate.domain.metadata import check_metadata
from filmgate.domain.model import Model
from filmgate.domain.request import GenerationRequest, Media
from filmgate.gateway.choosing import Choice, Chooser
from filmgate.gateway.enhancing import Enhancing
from filmgate.gateway.finding import known
from filmgate.gateway.references import References, Seen, fitting_of, referring
from filmgate.gateway.room import Room
from filmgate.gateway.routing import Routes
from filmgate.gateway.submission import Submission
from filmgate.ports import Cipher, Clock, Dispatcher, Jobs, NewJob

#: Until a client may ask again, when we are about to stop.
COME_BACK = timedelta(seconds=5)
QUEUE_FULL = timedelta(seconds=30)  #: the same, when too many wait already

_PREFIX = {Media.VIDEO: "video_", Media.IMAGE: "image_"}


class Submitting:
    """Makes jobs of submissions, and keeps nothing of what is refused."""

    def __init__(  # noqa: PLR0913 (wired in one place)
        self,
        *,
        jobs: Jobs,
        references: References,
        routes: Routes,
        chooser: Chooser,
        enhancing: Enhancing,
        most_waiting: int = 0,
        room: Room,
        dispatcher: Dispatcher,
        cipher: Cipher,
        clock: Clock,
        new_id: Callable[[str], str],
    ) -> None:
        self._jobs = jobs
        self._references = references
        self._routes = routes
        self._chooser = chooser
        self._enhancing = enhancing
        self._most_waiting = most_waiting  #: at an engine; 0: any number
        self._room = room
        self._dispatcher = dispatcher
        self._cipher = cipher
        self._clock = clock
        self._new_id = new_id
        self.closed = False

    async def make(self, submission: Submission, caller: Caller) -> Job:
        """
        The first of the new jobs; the one that stands, if somebody was faster with its key.

        What can be refused before anything is fetched, decoded or written better is
        refused before.
        """
        check_metadata(submission.metadata)
        request = submission.request
        promise = self._promise(submission)
        self._room.check()
        # Then it is chosen again, once all of it is known.
        trial = bool(submission.given) or submission.enhance
        new = await self._new_jobs(
            [request] * submission.count, submission, caller, trial=trial
        )
        if not trial:
            return await self._keep(new, submission)
        async with self._looked_at(submission, caller, promise) as seen:
            if submission.enhance:
                better = await self._better(referring(request, seen, promise))
                request = replace(request, enhanced=better)
            # Every job has copies of its own.
            copies = [seen] + [self._references.again(seen) for _ in new[1:]]
            asked = [referring(request, copy, promise) for copy in copies]
            new = await self._new_jobs(asked, submission, caller)
            return await self._keep(await self._with_inputs(new, copies), submission)

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
        async with self._looked_at(submission, caller, promise) as seen:
            asked = referring(request, seen, promise) if seen else request
            choice = await self._chooser.choose(asked, trial=True)
        try:
            self._room.check()
            await self._check_queue(choice.plan())
            if submission.enhance:
                wish_of(choice.plan().takes[0].request)
        except FilmgateError as error:
            choice = replace(choice, error=error)
        if not caller.admin:
            return choice
        return await self._chooser.seen(choice, at=self._clock.now())

    def _looked_at(
        self, submission: Submission, caller: Caller, promise: Model
    ) -> AbstractAsyncContextManager[list[Seen]]:
        given, media = submission.given, submission.request.media
        fitting = fitting_of(submission, promise)
        return self._references.looked_at(given, caller, media, fitting)

    async def _better(self, request: GenerationRequest) -> str:
        """The prompt that engines get; nobody is asked for one if *request* is refused."""
        choice = await self._chooser.choose(request, trial=True)
        return await self._enhancing.better(wish_of(choice.plan().takes[0].request))

    async def _with_inputs(
        self, new: Sequence[NewJob], copies: Sequence[Sequence[Seen]]
    ) -> Sequence[NewJob]:
        kept: Sequence[Asset] = ()
        ready = []
        for one, copy in zip(new, copies, strict=True):
            kept = await self._references.keep(copy, one.job.id, like=kept)
            ready.append(replace(one, inputs=kept))
        return ready

    async def _keep(self, new: Sequence[NewJob], submission: Submission) -> Job:
        first, inputs = new[0].job, [asset for one in new for asset in one.inputs]
        try:
            standing = await self._jobs.add(new, submission.claim)
        except Conflict:
            await self._references.drop(inputs)
            raise
        if standing != first.id:
            await self._references.drop(inputs)
            return await known(self._jobs, standing, first.caller_id)
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
            raise stopping()
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


def stopping() -> ShuttingDown:
    message = "The gateway is stopping. Try again in a moment."
    return ShuttingDown(message, retry_after=COME_BACK)
