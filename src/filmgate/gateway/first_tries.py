"""The same request, sent again: which job its first try made."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from filmgate.domain.caller import Caller
from filmgate.domain.claim import RETRIED
from filmgate.gateway.submission import Submission
from filmgate.ports import Claims, Clock, Jobs


class FirstTries:
    """
    Finds the job of an earlier try.

    With an Idempotency-Key its row says so. The official SDKs send none: of them a retry
    tells that it is one, and gets a job of the same request whose id nobody has used.
    A first try that is still being made is waited for within one process only: a retry
    without a key that reaches another node meanwhile is a request of its own, and of two
    with the same key the rows keep the job of one.
    """

    def __init__(self, *, jobs: Jobs, claims: Claims, clock: Clock) -> None:
        self._jobs = jobs
        self._claims = claims
        self._clock = clock
        self._under_way: dict[tuple[str, ...], set[asyncio.Event]] = {}

    async def find(self, submission: Submission, caller: Caller) -> str | None:
        """The job's id; None when this is to be made. Waits for one being made."""
        if submission.claim is None and not submission.retry:
            return None
        now = self._clock.now()
        while True:
            found = await self._found(submission, caller, now)
            making = self._under_way.get(_name(submission, caller))
            if found is not None or not making:
                return found
            await next(iter(making)).wait()

    @contextmanager
    def making(self, submission: Submission, caller: Caller) -> Iterator[None]:
        """While the block lasts, this request is being made into a job."""
        name = _name(submission, caller)
        if not name:
            yield
            return
        ended = asyncio.Event()
        making = self._under_way.setdefault(name, set())
        making.add(ended)
        try:
            yield
        finally:
            ended.set()
            making.discard(ended)
            if not making:
                self._under_way.pop(name, None)

    async def _found(self, submission: Submission, caller: Caller, now: datetime) -> str | None:
        if submission.claim is not None:
            return await self._claims.standing(submission.claim, at=now)
        if submission.fingerprint is None:
            return None
        return await self._jobs.adopt(
            submission.fingerprint,
            caller_id=caller.id,
            retry=submission.retry,
            since=now - RETRIED,
        )


def _name(submission: Submission, caller: Caller) -> tuple[str, ...]:
    """What a request and its retries have in common; empty if nothing tells."""
    if submission.claim is not None:
        return (caller.id, submission.claim.path, submission.claim.key)
    if submission.fingerprint is not None:
        return (caller.id, submission.fingerprint)
    return ()
