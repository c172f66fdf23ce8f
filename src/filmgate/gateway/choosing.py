"""In which of a name's ways a request is made, and what can be said for and against each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from filmgate.domain.account import Account, AccountState
from filmgate.domain.errors import FilmgateError, Forbidden
from filmgate.domain.job import Job, Plan, Take
from filmgate.domain.model import Pick
from filmgate.domain.request import GenerationRequest, Operation
from filmgate.gateway.accounts import Accounts
from filmgate.gateway.plan import take_of
from filmgate.gateway.routing import Route, Routes, Ways
from filmgate.ports import Jobs, Maker


@dataclass(frozen=True, kw_only=True)
class SeenAccount:
    """An account of a way's engine, for its operator to see."""

    account: Account
    state: AccountState
    lacks: str | None  #: what it would need, which no waiting brings

    @property
    def usable(self) -> bool:
        """It may be given this now, if it has a free seat."""
        return self.lacks is None and self.state is AccountState.ACTIVE


@dataclass(frozen=True, kw_only=True)
class Considered:
    """One of a name's ways."""

    route: Route
    number: int  #: among the name's, from 0
    take: Take | None
    waiting: int = 0  #: jobs of its engine that wait for a seat
    accounts: Sequence[SeenAccount] = ()  #: of its engine, where they are to be seen

    @property
    def price(self) -> int:
        """What the caller would be charged, in micro-dollars."""
        return self.route.promise.costs(self.take.request) if self.take else 0

    @property
    def cost(self) -> int:
        """What the engine would take, in micro-dollars, as far as is known."""
        return self.take.cost if self.take else 0


@dataclass(frozen=True, kw_only=True)
class Way(Considered):
    """One that can be gone."""

    take: Take
    now: bool  #: an account may be given it now, if it has a free seat; else after a while

    @property
    def takes(self) -> Sequence[Take]:
        """The take; after one for the account that made its source, that for any other."""
        if self.take.account_id is None:
            return (self.take,)
        return self.take, replace(self.take, account_id=None, source_ticket=None)


@dataclass(frozen=True, kw_only=True)
class Refused(Considered):
    """One that cannot be gone."""

    error: FilmgateError


OneSeen = TypeVar("OneSeen", Way, Refused)


@dataclass(frozen=True, kw_only=True)
class Choice:
    """Every way in the order in which they are tried, and then those that cannot be gone."""

    ways: Sequence[Way]
    refused: Sequence[Refused]
    pick: Pick
    error: FilmgateError | None = None  #: what the request is refused for

    def plan(self) -> Plan:
        """The plan that follows; it raises what the request is refused for."""
        if self.error is not None:
            raise self.error
        first, *others = [take for way in self.ways for take in way.takes]
        return Plan(
            takes=(first,),
            fallbacks=tuple(others),
            price=self.ways[0].price,
            deadlines=self.ways[0].route.deadlines,
        )


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a job stands in its engine's queue."""

    place: int  #: from 1
    seconds: float | None  #: until it begins, as the last films took; None: nobody knows


class Chooser:
    """Weighs a name's ways: what they can, how their accounts are, what they cost."""

    def __init__(self, *, routes: Routes, accounts: Accounts, jobs: Jobs) -> None:
        self._routes = routes
        self._accounts = accounts
        self._jobs = jobs
        self._turns: dict[str, dict[int, int]] = {}  #: by name, what is due to each way

    async def choose(
        self, request: GenerationRequest, *, number: int = 0, trial: bool = False
    ) -> Choice:
        """
        The account that made the source goes first; one that is well before one that rests.

        *number* tells several of one request apart; a *trial* leaves whose turn it is.
        Raises `NotFound` when nothing here answers to the request's model, and `Forbidden`
        for a remix of a private film.
        """
        ways = self._routes.ways(request.model)
        await self._check_source(request)
        maker = await self._maker(request)
        found = [
            await self._consider(request, place, route, maker, number)
            for place, route in enumerate(ways.routes)
        ]
        open_ = [one for one in found if isinstance(one, Way)]
        makers = [one for one in open_ if one.take.account_id is not None]
        others = [one for one in open_ if one.take.account_id is None]
        ordered: list[Way] = []
        for some in (
            makers,
            [one for one in others if one.now],
            [one for one in others if not one.now],
        ):
            turns = not trial and not ordered
            ordered += await self._ordered(some, ways, turns=turns)
        refused = [one for one in found if isinstance(one, Refused)]
        error = None if ordered else refused[0].error
        return Choice(ways=ordered, refused=refused, pick=ways.pick, error=error)

    async def seen(self, choice: Choice, *, at: datetime) -> Choice:
        """The same with what operators ask about: jobs that wait, and every account."""
        return replace(
            choice,
            ways=[await self._seen(one, at) for one in choice.ways],
            refused=[await self._seen(one, at) for one in choice.refused],
        )

    async def place(self, job: Job) -> Place | None:
        """Where a queued job stands; None if it waits no more."""
        place = await self._jobs.place(job.id)
        if place == 0:
            return None
        took = await self._jobs.lately(job.take.engine, job.take.request.media)
        seats = await self._seats(job.take)
        if took is None or seats == 0:
            return Place(place=place, seconds=None)
        return Place(place=place, seconds=took * place / seats)

    async def _check_source(self, request: GenerationRequest) -> None:
        source = request.source
        if source is None or source.job_id is None or request.operation is not Operation.REMIX:
            return
        job = await self._jobs.anybodys(source.job_id)
        if job is not None and job.request.private:
            message = (
                f"'{job.id}' is private, and no remixes are made of it. It can be edited "
                "(POST /v1/videos/edits) and extended (POST /v1/videos/extensions)."
            )
            raise Forbidden(message, param="video", code="video_private")

    async def _maker(self, request: GenerationRequest) -> Maker | None:
        """Which account made the film that the request starts from, if it is still there."""
        if request.source is None or request.source.job_id is None:
            return None
        return await self._jobs.made_by(request.source.job_id)

    async def _consider(
        self,
        request: GenerationRequest,
        place: int,
        route: Route,
        maker: Maker | None,
        number: int,
    ) -> Way | Refused:
        take = None
        try:
            take = take_of(request, route, number=number)
            if maker is not None and maker.engine == take.engine:
                sticky = replace(take, account_id=maker.account_id, source_ticket=maker.ticket)
                if await stays(self._accounts, sticky):
                    now = await self._accounts.check(sticky)
                    return Way(route=route, number=place, take=sticky, now=now)
            now = await self._accounts.check(take)
        except FilmgateError as error:
            return Refused(route=route, number=place, take=take, error=error)
        return Way(route=route, number=place, take=take, now=now)

    async def _ordered(self, some: list[Way], ways: Ways, *, turns: bool) -> Sequence[Way]:
        if len(some) < 2:
            return some
        match ways.pick:
            case Pick.CHEAPEST:
                return sorted(some, key=lambda one: one.cost)
            case Pick.WEIGHTED:
                first = self._first(some, ways.name, turns=turns)
                return [first, *(one for one in some if one is not first)]
            case Pick.LEAST_BUSY:
                shares = {one.number: await self._share(one.take) for one in some}
                return sorted(some, key=lambda one: shares[one.number])
            case Pick.FIRST:  # pragma: no branch
                return some

    def _first(self, some: Sequence[Way], name: str, *, turns: bool) -> Way:
        """Whose turn it is: each as often as its weight says, evenly spread."""
        before = self._turns.setdefault(name, {})
        due = {one.number: before.get(one.number, 0) + one.route.weight for one in some}
        first = max(some, key=lambda one: due[one.number])
        if turns:
            due[first.number] -= sum(one.route.weight for one in some)
            before.update(due)
        return first

    async def _share(self, take: Take) -> float:
        """Its engine's unfinished jobs for each seat that it may have."""
        return await self._jobs.unfinished(take.engine) / max(1, await self._seats(take))

    async def _seats(self, take: Take) -> int:
        """Of the accounts that may be given *take* now."""
        active = await self._accounts.active(take.engine)
        return sum(
            one.seats_for(take.request.media) for one in active if one.lacks(take) is None
        )

    async def _seen(self, one: OneSeen, at: datetime) -> OneSeen:
        engine, take = one.route.engine.name, one.take
        waiting = await self._jobs.waiting(engine)
        if take is None:  # its model cannot, whoever asks
            return replace(one, waiting=waiting)
        pool = await self._accounts.pool(engine)
        readable = {account.id for account in pool.accounts}
        seen = [
            SeenAccount(account=one, state=one.state(at), lacks=one.lacks(take))
            for one in pool.accounts
        ]
        for shown in await self._accounts.list():
            account = shown.account
            if account.engine == engine and account.id not in readable:
                lacks = "Its secret or its proxy cannot be read."
                seen.append(SeenAccount(account=account, state=account.state(at), lacks=lacks))
        return replace(one, waiting=waiting, accounts=seen)


async def stays(accounts: Accounts, take: Take) -> bool:
    """Whether the account that made what *take* starts from may be given it, or soon again."""
    pool = await accounts.pool(take.engine)
    if any(one.id == take.account_id and one.rejected_at for one in pool.accounts):
        return False
    try:
        await accounts.check(take)
    except FilmgateError:
        return False
    return True
