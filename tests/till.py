"""A job with a price, its ends, and its ledger."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta

from fakes import A_KITE, KITE
from filmgate.domain.job import Failure, Job, Owned, Plan, Status, Take
from filmgate.ports import NewJob
from filmgate.storage.database.ledger import LedgerRows
from house import House

PRICE, COST = 400_000, 300_000  #: micro-dollars
FAILURE = Failure(code="generation_failed", message="smoke")
LATE = timedelta(days=9)  #: then a job has waited for too long


class Till:
    """A house, one job, and its ledger."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.rows = house.rows
        self.ledger = LedgerRows(house.database)
        self.numbers = itertools.count(1)

    @property
    def now(self) -> datetime:
        return self.house.clock.now()

    async def add(self, *, price: int = PRICE, cost: int = COST, name: str = "priced") -> Job:
        take = Take(engine="scripted", model=KITE.name, request=KITE.fill(A_KITE), cost=cost)
        self.job = Job(
            id=f"video_{name}",
            caller_id=self.house.caller.id,
            status=Status.QUEUED,
            request=A_KITE,
            plan=Plan(takes=(take,), price=price),
            percent=0,
            created_at=self.now,
        )
        await self.house.jobs.add([NewJob(job=self.job)], None)
        return self.job

    async def own(self, *, ticket: bool = False) -> None:
        owned = await self.rows.own(
            self.job.id,
            worker="w1",
            accounts=[self.house.account],
            attempt_id=f"attempt_{next(self.numbers)}",
            at=self.now,
        )
        assert isinstance(owned, Owned)
        self.owned = owned
        if ticket:
            await self.rows.keep_ticket(owned.attempt.id, "t1")

    async def cancel(self) -> None:
        await self.house.jobs.cancel(self.job.id, caller_id=self.job.caller_id, at=self.now)

    async def delete(self) -> None:
        await self.house.jobs.delete(self.job.id, caller_id=self.job.caller_id, at=self.now)

    async def complete(self) -> None:
        await self.rows.complete(self.owned, [], at=self.now, expires=self.now)

    async def fail(self) -> None:
        await self.rows.fail(self.owned, FAILURE, at=self.now)

    async def retry(self) -> None:
        await self.rows.retry(self.owned, FAILURE, at=self.now, due=self.now, counts=True)

    async def give_up(self) -> None:
        assert await self.house.unattended.give_up(self.job.id, FAILURE, at=self.now + LATE)

    async def stop(self) -> None:
        """The engine has done what was asked for."""
        await self.rows.cancelled(self.owned, at=self.now)

    async def charged(self) -> dict[str, int]:
        """By kind, as the job has it in the ledger."""
        sql = "SELECT kind, amount FROM charges WHERE job_id = :id"
        return dict(await self.house.database.rows(sql, id=self.job.id))

    async def cost(self) -> tuple[int | None, list[tuple[int | None, bool]]]:
        """Of the job, and of each attempt with whether that is an estimate."""
        attempts = await self.house.jobs.attempts(self.job.id)
        each = [(one.cost, one.cost_estimated) for one in attempts]
        return (await self.house.now(self.job)).cost, each
