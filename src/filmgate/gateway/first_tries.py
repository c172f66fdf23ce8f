"""The same request, sent again: which job its first try made."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

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
    without a key that reaches another node meanwhile is a request of its own.
    """

    def __init__(self, *, jobs: Jobs, claims: Claims, clock: Clock) -> None:
        self._jobs = jobs
        self._claims = claims
        self._clock = clock
        self._under_way: dict[tuple[str, str], set[asyncio.Event]] = {}

    async def find(self, submission: Submission, caller: Caller) -> str | None:
        """The job's id; None when this is to be made. Waits for one being made."""
        now = self._clock.now()
        if submission.claim is not None:
            return await self._claims.standing(submission.claim, at=now)
        fingerprint = submission.fingerprint
        if not submission.retry or fingerprint is None:
            return None
        while True:
            found = await self._jobs.adopt(
                fingerprint, caller_id=caller.id, retry=submission.retry, since=now - RETRIED
            )
            making = self._under_way.get((caller.id, fingerprint))
            if found is not None or not making:
                return found
            await next(iter(making)).wait()

    @contextmanager
    def making(self, submission: Submission, caller: Caller) -> Iterator[None]:
        """While the block lasts, this request is being made into a job."""
        if submission.fingerprint is None:
            yield
            return
        key = (caller.id, submission.fingerprint)
        ended = asyncio.Event()
        making = self._under_way.setdefault(key, set())
        making.add(ended)
        try:
            yield
        finally:
            ended.set()
            making.discard(ended)
            if not making:
                self._under_way.pop(key, None)
