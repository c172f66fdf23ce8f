"""The rows of accounts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol, TypedDict

from filmgate.domain.account import Account, Limit, WhenDown


class AccountChange(TypedDict, total=False):
    """What an operator gives an account. What is left out stays as it is."""

    label: str
    seats: int
    still_seats: int
    base_url: str | None
    secret: str | None
    proxy: str | None
    when_down: WhenDown
    plan: str | None
    models: tuple[str, ...]
    groups: tuple[str, ...]
    limits: tuple[Limit, ...]
    per_day: int | None
    per_month: int | None
    priority: int
    weight: int
    machine: str | None
    disabled: bool
    expires_at: datetime | None


class KeptAccounts(Protocol):
    """
    The rows of accounts.

    A secret or a proxy in a row is sealed, or it is the reference that somebody wrote.
    Labels are unique at an engine, among the accounts that are not removed.
    """

    async def add(self, account: Account, *, at: datetime) -> None:
        """Keep a new account; `Conflict` if its label is taken."""
        ...

    async def ensure(self, account: Account, *, at: datetime) -> Account:
        """The account of that engine and label, made or with its seats brought up to date."""
        ...

    async def all(self) -> Sequence[Account]:
        """Every account that is not removed, oldest first."""
        ...

    async def of(self, engine: str) -> Sequence[Account]:
        """Those of one engine."""
        ...

    async def get(self, account_id: str) -> Account | None:
        """The account, even if it is removed."""
        ...

    async def change(self, account_id: str, change: AccountChange) -> bool:
        """
        Change what is given; False if there is none, or it is removed.

        A new address, secret or proxy ends its rest and its rejection; a new time at which
        it expires is told of again. `Conflict` if the label is taken.
        """
        ...

    async def keep(
        self, given: Sequence[tuple[Account, AccountChange]], *, at: datetime
    ) -> Sequence[str]:
        """
        Make each account; if its engine has that label, change that one as is said.

        All of them, or none. Their ids, in that order. A rest ends as `change` ends it.
        """
        ...

    async def remove(self, account_id: str, *, at: datetime) -> bool:
        """It gets no new work, and its label is free again; False if there is none."""
        ...

    async def rest(
        self, account_id: str, *, at: datetime, until: datetime, reason: str
    ) -> bool:
        """
        It gets no new work before *until*, or later if its present rest lasts longer.

        False if it was at rest already.
        """
        ...

    async def reject(self, account_id: str, *, at: datetime, reason: str) -> bool:
        """It gets no new work until it is accepted again; False if it was rejected already."""
        ...

    async def check(self, account_id: str, *, at: datetime, accepted: bool) -> None:
        """It was asked about; if it was *accepted*, its rest, rejection and errors are over."""
        ...

    async def err(self, account_id: str) -> int:
        """One more attempt in a row has failed because of it; how many that makes."""
        ...

    async def work(self, account_id: str) -> None:
        """It has made something: no errors in a row any more."""
        ...

    async def warn(self, account_id: str, *, at: datetime) -> bool:
        """Its operator is told that it expires; False if that was told already."""
        ...

    async def version(self) -> int:
        """Grows with every change of any account, on whatever node."""
        ...

    async def machine(self, name: str, *, seats: int) -> None:
        """Let the accounts of that machine have *seats* between them."""
        ...

    async def machines(self) -> Mapping[str, int]:
        """The seats of every machine, by name."""
        ...
