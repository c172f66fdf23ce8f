"""One attempt, from wherever it stopped."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from filmgate.domain.account import Account
from filmgate.domain.errors import EngineUnavailable
from filmgate.domain.job import Take
from filmgate.domain.progress import Progress
from filmgate.ports import Engine, Inputs

#: Seconds between polls that failed: a ticket is asked for again, never bought again.
PATIENCE = 5.0


async def run(  # noqa: PLR0913 (one call site, all keywords)
    engine: Engine,
    account: Account,
    take: Take,
    *,
    attempt_id: str,
    ticket: str | None,
    inputs: Inputs,
    save: Callable[[Progress], Awaitable[None]],
    sleep: Callable[[float], Awaitable[None]],
) -> Progress:
    """
    Drive an engine until it is done.

    With a ticket this resumes a task that an earlier process started. Every
    step is saved before the next, so a crash costs at most one poll.
    """
    if ticket is None:
        progress = await engine.submit(take, account, attempt_id=attempt_id, inputs=inputs)
        await save(progress)
        if progress.done:
            return progress
        ticket = progress.ticket
        await sleep(progress.poll_after.total_seconds())
    while True:
        try:
            progress = await engine.poll(ticket, account)
        except EngineUnavailable as error:
            wait = error.retry_after.total_seconds() if error.retry_after else PATIENCE
            await sleep(wait)
            continue
        await save(progress)
        if progress.done:
            return progress
        await sleep(progress.poll_after.total_seconds())
