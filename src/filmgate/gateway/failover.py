"""Where a job goes when the account or the engine that it was meant for is not well."""

from __future__ import annotations

import logging
from dataclasses import replace

from filmgate.domain.account import Account
from filmgate.domain.errors import AccountExhausted, Blame, FilmgateError
from filmgate.domain.job import Job, Take
from filmgate.gateway.accounts import Accounts
from filmgate.gateway.choosing import stays
from filmgate.gateway.routing import Routes
from filmgate.ports import Ownership

log = logging.getLogger(__name__)


class Failover:
    """
    Another account, or a later one of the ways that a job's plan has.

    Only asked while nothing has been paid: where a ticket is, a job stays.
    """

    def __init__(
        self,
        *,
        jobs: Ownership,
        routes: Routes,
        accounts: Accounts,
        least_busy: bool = False,
    ) -> None:
        self._jobs = jobs
        self._routes = routes
        self._accounts = accounts
        self.least_busy = least_busy  #: which of an engine's accounts is asked first

    async def healthy(self, job: Job) -> Job:
        """
        A queued job, moved to a way that is well if its own is not.

        For the account that made its source it waits, unless that would be in vain.
        """
        if not job.plan.fallbacks or await self._is_well(job.take):
            return job
        if job.take.account_id is not None and await stays(self._accounts, job.take):
            return job
        choice = await self._next(job)
        if choice is not None and await self.switch(job, choice):
            return replace(job, choice=choice)
        return job

    async def elsewhere(self, job: Job, account: Account, error: FilmgateError) -> int | None:
        """
        The way of the job's plan that may do what *account* has just refused, unpaid.

        It is the job's own if another account may. None if there is nobody else, or the
        account made the job's source and only needs a rest.
        """
        if error.blame not in (Blame.ACCOUNT, Blame.ENGINE):
            return None
        if job.take.account_id is not None and isinstance(error, AccountExhausted):
            return None
        tried = {account.id, *await self._jobs.tried(job.id)}
        for one in await self._accounts.active(job.take.engine):
            # What an engine's load has refused its other accounts need not ask for.
            apart = (one.base_url, one.proxy) != (account.base_url, account.proxy)
            asked = one.id in tried or not (apart or error.blame is Blame.ACCOUNT)
            if not asked and one.lacks(job.take) is None:
                return job.choice
        return await self._next(job)

    async def switch(self, job: Job, choice: int) -> bool:
        """Have a queued job made in that way; False if it is not queued any more."""
        if choice == job.choice:
            return True
        engine = replace(job, choice=choice).take.engine
        moved = await self._jobs.switch(job.id, choice, engine)
        if moved:
            log.info("job.moves job=%s from=%s to=%s", job.id, job.take.engine, engine)
        return moved

    async def _next(self, job: Job) -> int | None:
        for choice in range(job.choice + 1, 1 + len(job.plan.fallbacks)):
            if await self._is_well(replace(job, choice=choice).take):
                return choice
        return None

    async def _is_well(self, take: Take) -> bool:
        """Whether an account may be given *take* now, if it has a free seat."""
        if take.engine not in self._routes.engines:
            return False
        try:
            return await self._accounts.check(take)
        except FilmgateError:
            return False
