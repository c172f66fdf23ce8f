"""What callers' model names mean: kept in rows, followed by every node."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from filmgate.domain.account import Account
from filmgate.domain.errors import CannotStart, InvalidRequest, NotFound
from filmgate.domain.model import Model, Pick
from filmgate.gateway.account_fields import LONGEST_WORD, MOST_WEIGHT
from filmgate.gateway.accounts import Accounts
from filmgate.gateway.routing import Routes, aliases_of, family
from filmgate.ports import Candidate, Clock, Describes, Engine, KeptNames, Named

log = logging.getLogger(__name__)

EVERY = 2.0  #: seconds after which a node looks whether names have changed
LONGEST_NAME = 200  #: characters
MOST_CANDIDATES = 20  #: of a name
MOST_PLANS = 20  #: of a candidate


class Names:
    """
    Names that operators point at models, and the models that accounts may use.

    *load* makes an engine ready to be used; `CannotStart` says why it cannot. *others*
    have accounts and make nothing.
    """

    def __init__(  # noqa: PLR0913 (wired in one place)
        self,
        rows: KeptNames,
        *,
        accounts: Accounts,
        routes: Routes,
        load: Callable[[str], Awaitable[Engine]],
        clock: Clock,
        others: Collection[str] = (),
    ) -> None:
        self._rows = rows
        self._accounts = accounts
        self._routes = routes
        self._load = load
        self._clock = clock
        self._others = others
        self._broken: set[str] = set()
        self._loading = asyncio.Lock()  #: so that there is one engine of a name

    async def open(self) -> None:
        """Before the first job: whatever an account was added for may have jobs."""
        for shown in await self._accounts.list():
            await self._make_ready(shown.account.engine)
        await self.refresh()

    async def refresh(self) -> None:
        """Let every name mean what its row says."""
        kept = await self._rows.all()
        for named in kept:
            for candidate in named.candidates:
                await self._make_ready(candidate.engine)
        aliases = [
            alias
            for named in kept
            for one in named.candidates
            for alias in aliases_of(
                named.name, one.engine, self._latest(one), one.settings,
                weight=one.weight, plans=one.plans,
            )
        ]  # fmt: skip
        picks = {name: named.pick for named in kept for name in family(named.name)}
        self._routes.point(aliases, picks)

    async def list(self) -> Sequence[Named]:
        """Every name that is pointed at something, by name."""
        return await self._rows.all()

    async def discover(self, account_id: str) -> Sequence[Model]:
        """
        Ask the account's engine, without paying, what it may use.

        What is raised says why the account is of no use now.
        """
        account = await self._accounts.get(account_id)
        engine = await self._ready(account.engine)
        return await engine.discover(account)

    async def point(  # noqa: PLR0913 (all keywords)
        self,
        name: str,
        *,
        model: str,
        engine: str | None = None,
        account_id: str | None = None,
        settings: Mapping[str, Any],
        anyway: bool = False,
        also: bool = False,
        weight: int = 1,
        plans: Sequence[str] = (),
        pick: str | None = None,
    ) -> Named:
        """
        Let *name* mean *model* at an engine, or at the account's engine.

        *also*: after what it means already, or in the place of the same. With an account
        its engine is asked what it has. `InvalidRequest` when it has no such model, or
        lacks what *settings* need, unless it is to be pointed *anyway*.
        """
        _check_name(name)
        _check_weight(weight)
        _check_plans(plans)
        picked = None if pick is None else _read_pick(pick)
        account = None if account_id is None else await self._accounts.get(account_id)
        engine = account.engine if account else engine
        if engine is None:
            raise InvalidRequest("Give an engine, or an account of one.", param="engine")
        candidate = Candidate(
            engine=engine,
            model=await self._meant(engine, model, account, settings, anyway=anyway),
            settings=settings,
            weight=weight,
            plans=tuple(plans),
        )

        def meant(before: Named | None) -> Named:
            if also:
                return _added(name, before, candidate, picked)
            return Named(name=name, candidates=(candidate,), pick=picked or Pick.FIRST)

        named = await self._rows.point(name, meant, at=self._clock.now())
        await self.refresh()
        log.info("name.points name=%s engine=%s model=%s", name, engine, model)
        return named

    async def _meant(
        self,
        engine: str,
        model: str,
        account: Account | None,
        settings: Mapping[str, Any],
        *,
        anyway: bool,
    ) -> Model:
        maker = await self._ready(engine)
        if settings and isinstance(maker, Describes):
            meant = maker.model_of(model, settings)
            if account and not anyway:
                _check_complete(await maker.missing(settings, account), account)
            return meant
        found = await maker.discover(account) if account else maker.models()
        return _one_of(found, model, engine)

    async def remove(self, name: str) -> None:
        """Let *name* mean again what the settings say; `NotFound` if it has no row."""
        if not await self._rows.remove(name):
            message = f"The name '{name[:80]}' is not pointed at anything here."
            raise NotFound(message, param="name")
        await self.refresh()

    def _latest(self, named: Candidate) -> Model:
        """As the engine has it now, if it knows without asking anybody and it is its own."""
        if named.settings and isinstance(self._routes.engines.get(named.engine), Describes):
            return named.model
        return self._routes.known(named.engine, named.model.name) or named.model

    async def _ready(self, engine: str) -> Engine:
        try:
            return self._routes.engines.get(engine) or await self._add(engine)
        except CannotStart as error:
            raise InvalidRequest(str(error), param="engine") from None

    async def _make_ready(self, engine: str) -> None:
        """One that cannot be used is said once; its names are refused."""
        if engine in self._routes.engines or engine in self._broken or engine in self._others:
            return
        try:
            await self._add(engine)
        except CannotStart as error:
            self._broken.add(engine)
            log.warning("engine.missing engine=%s: %s", engine, error)

    async def _add(self, name: str) -> Engine:
        async with self._loading:
            if (engine := self._routes.engines.get(name)) is None:
                engine = await self._load(name)
                self._routes.add(engine)
        return engine


def _check_name(name: str) -> None:
    if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        message = f"Invalid name: '{name[:80]}'. A name has 1 to {LONGEST_NAME} characters."
        raise InvalidRequest(message, param="name")


def _check_weight(weight: int) -> None:
    if not 1 <= weight <= MOST_WEIGHT:
        message = f"'weight' is {weight}. It is a whole number from 1 to {MOST_WEIGHT}."
        raise InvalidRequest(message, param="weight")


def _check_plans(plans: Sequence[str]) -> None:
    if len(plans) > MOST_PLANS:
        message = f"'plans' has {len(plans)} items; the most is {MOST_PLANS}."
        raise InvalidRequest(message, param="plans")
    for plan in plans:
        if not 1 <= len(plan) <= LONGEST_WORD or not plan.isprintable():
            message = (
                f"Invalid value: '{plan[:80]}'. A plan has 1 to {LONGEST_WORD} characters, as "
                "its accounts have it."
            )
            raise InvalidRequest(message, param="plans")


def _read_pick(pick: str) -> Pick:
    if pick not in list(Pick):
        known = ", ".join(f"'{one}'" for one in Pick)
        message = f"Invalid value: '{pick[:80]}'. Supported values are: {known}."
        raise InvalidRequest(message, param="pick")
    return Pick(pick)


def _added(name: str, before: Named | None, candidate: Candidate, pick: Pick | None) -> Named:
    """What *name* has meant before, with one more candidate, or with the same one changed."""
    if before is None:
        message = (
            f"There is nothing yet that '{name}' is pointed at and this could come after. "
            "What the settings say does not count: point the name without also first."
        )
        raise InvalidRequest(message, param="also")
    candidates = {_meaning(one): one for one in before.candidates}
    candidates[_meaning(candidate)] = candidate
    if len(candidates) > MOST_CANDIDATES:
        message = f"The name '{name}' means {MOST_CANDIDATES} models already. Point it anew."
        raise InvalidRequest(message, param="also")
    return Named(name=name, candidates=tuple(candidates.values()), pick=pick or before.pick)


def _meaning(candidate: Candidate) -> tuple[str, str, str]:
    """What it is, whatever its weight and its plans are."""
    settings = json.dumps(candidate.settings, sort_keys=True)
    return candidate.engine, candidate.model.name, settings


def _one_of(found: Iterable[Model], model: str, engine: str) -> Model:
    by_name = {one.name: one for one in found}
    if model not in by_name:
        some = ", ".join(sorted(by_name)[:20]) or "none"
        message = f"{engine} has no model '{model[:80]}' here. It has: {some}."
        raise InvalidRequest(message, param="model")
    return by_name[model]


def _check_complete(missing: Sequence[str], account: Account) -> None:
    if missing:
        lacks = "; ".join(missing)
        message = (
            f"{account.engine} at {account.label!r} lacks what this needs: {lacks}. "
            "With anyway the name is pointed all the same."
        )
        raise InvalidRequest(message, param="settings")
