"""The accounts of an engine that can run a job, and whose turn it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain, groupby, islice

from filmgate.domain.account import PASSING, Account, AccountState
from filmgate.domain.errors import EngineUnavailable, Unsupported
from filmgate.domain.job import Take


class Pool:
    """
    The accounts of one engine: those of the highest priority first, in turns.

    An account of weight two has two turns where another has one. To find whose turn it
    is takes as long with ten thousand as with ten.
    """

    def __init__(self, accounts: Sequence[Account], *, like: Pool | None = None) -> None:
        self.accounts = list(accounts)
        ranked = sorted(accounts, key=lambda one: -one.priority)
        ranks = groupby(ranked, key=lambda one: one.priority)
        self._wheels = [_wheel(list(same)) for _, same in ranks]
        # Whoever was next in an earlier one is next here, if nothing else has changed.
        same = like is not None and len(like.turns) == len(self._wheels)
        self.turns: list[int] = like.turns if like and same else [0] * len(self._wheels)

    def seats_at(self, at: datetime) -> int:
        """Of those that may be given work now, for films and for stills."""
        active = [one for one in self.accounts if one.state(at) is AccountState.ACTIVE]
        return sum(one.seats + (0 if one.per_node else one.still_seats) for one in active)

    def put(self, account: Account) -> None:
        """The same account as it is now. Its priority and weight are as they were."""
        for accounts in (self.accounts, *self._wheels):
            for place, one in enumerate(accounts):
                if one.id == account.id:
                    accounts[place] = account

    def usable(self, take: Take, at: datetime, *, here: int | None = None) -> Turn:
        """
        Those that may be given *take* now, from the one whose turn it is on.

        *here*: the seats that one whose seats are each node's own has at this one.
        """
        starts = []
        for number, wheel in enumerate(self._wheels):
            start = self.turns[number] % len(wheel)
            for step in range(len(wheel)):
                place = (start + step) % len(wheel)
                if _can(wheel[place], take, at):
                    start = place
                    self.turns[number] = (place + 1) % len(wheel)
                    break
            starts.append(start)
        return Turn(self._wheels, starts, take, at, here)

    def check(self, take: Take, at: datetime) -> bool:
        """
        Whether one of them may be given *take* now; else one will, without the operator.

        Raises `EngineUnavailable` (`no_account`) if there is none that gets work at all, and
        `Unsupported` (`no_account_for_this`) if none of them may run this.
        """
        if any(_can(one, take, at) for one in self.accounts):
            return True
        fit = [one for one in self.accounts if one.lacks(take) is None]
        if any(one.state(at) in PASSING for one in fit):
            return False
        if fit or not self.accounts:
            raise _nobody(take.engine, idle=bool(fit))
        raise _none_for(take, self.accounts)


class Turn:
    """Accounts in the order in which they are to be asked; can be gone through again."""

    def __init__(
        self,
        wheels: Sequence[list[Account]],
        starts: Sequence[int],
        take: Take,
        at: datetime,
        here: int | None,
    ) -> None:
        self._wheels = wheels
        self._starts = starts
        self._take = take
        self._at = at
        self._here = here

    def __iter__(self) -> Iterator[Account]:
        for wheel, start in zip(self._wheels, self._starts, strict=True):
            seen: set[str] = set()
            for one in chain(islice(wheel, start, None), islice(wheel, start)):
                if one.id in seen:
                    continue
                seen.add(one.id)
                if not _can(one, self._take, self._at):
                    continue
                if one.per_node and self._here is not None:
                    yield replace(one, seats=self._here)
                else:
                    yield one


def _can(account: Account, take: Take, at: datetime) -> bool:
    return account.state(at) is AccountState.ACTIVE and account.lacks(take) is None


def _wheel(accounts: list[Account]) -> list[Account]:
    """Each account as often as its weight says, spread over the whole."""
    if all(one.weight == 1 for one in accounts):
        return accounts
    places = [
        ((turn + 0.5) / one.weight, number)
        for number, one in enumerate(accounts)
        for turn in range(one.weight)
    ]
    return [accounts[number] for _, number in sorted(places)]


def _nobody(engine: str, *, idle: bool) -> EngineUnavailable:
    message = f"The engine '{engine}' has no account here. Its operator adds one: "
    hint = f"filmgate accounts add {engine}"
    if idle:
        message = f"Every account of the engine '{engine}' is disabled or has expired. "
        hint = "Its operator sees which: filmgate accounts list"
    return EngineUnavailable(message + hint, code="no_account")


def _none_for(take: Take, accounts: Sequence[Account]) -> Unsupported:
    why = list(dict.fromkeys(filter(None, (one.lacks(take) for one in accounts))))
    message = f"No account of the engine '{take.engine}' may make this. {' '.join(why[:3])}"
    return Unsupported(message, param="model", code="no_account_for_this")
