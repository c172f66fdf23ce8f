"""Accounts at engines: which of them may be asked now, and what operators do with them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Generic, TypeVar

from filmgate.domain.account import Account
from filmgate.domain.errors import (
    AccountExhausted,
    AccountRejected,
    CannotStart,
    EngineUnavailable,
    FilmgateError,
    InvalidRequest,
    NotFound,
)
from filmgate.domain.proxy import NO_PROXY, read_proxy
from filmgate.gateway.account_fields import DEFAULT_LABEL, check_proxy, checked, is_reference
from filmgate.ports import AccountChange, Cipher, Clock, KeptAccounts

log = logging.getLogger(__name__)

T = TypeVar("T")

KEPT = timedelta(seconds=2)  #: how old a copy of the rows may be
UNSEALED = 50_000  #: secrets that are not unsealed again each time: that takes 84 µs
REST_EXHAUSTED = timedelta(minutes=1)  #: where the engine does not say how long
REST_REJECTED = timedelta(minutes=5)
LONGEST_REST = timedelta(hours=1)  #: whatever the engine says: its owner may have paid
SHORTEST_REST = timedelta(seconds=1)


@dataclass(frozen=True, kw_only=True)
class ShownAccount:
    """An account for people to see."""

    account: Account  #: without its secret and its proxy
    secret_set: bool
    reference: str | None  #: where the secret is read, if it lies elsewhere
    proxy: str | None  #: without its user and password, or where it is read


class Accounts:
    """
    The accounts at every engine. Nobody else reads their secrets and proxies.

    *engines* are the installed ones; those that are *embedded* need no account of an
    operator's. *recall* reads the secret that a reference
    (`env:NAME`, `file:PATH`) leads to; `LookupError` says why it cannot.
    """

    def __init__(  # noqa: PLR0913 (wired in one place)
        self,
        rows: KeptAccounts,
        *,
        engines: Collection[str],
        embedded: Collection[str],
        cipher: Cipher,
        recall: Callable[[str], str],
        clock: Clock,
        new_id: Callable[[str], str],
    ) -> None:
        self._rows = rows
        self._engines = engines
        self._embedded = embedded
        self._cipher = cipher
        self._unseal = lru_cache(maxsize=UNSEALED)(cipher.unseal)
        self._recall = recall
        self._clock = clock
        self._new_id = new_id
        self._of = _Copies[Sequence[Account]](clock)
        self._by_id = _Copies[Account](clock)
        self._unreadable: set[str] = set()

    async def candidates(self, engine: str, at: datetime) -> Sequence[Account]:
        """
        Those that may get new work, oldest first, with their secrets.

        Changes by this process are seen at once, others' within `KEPT`.
        """
        found = await self._all(engine)
        return [one for one in found if one.rests_until is None or one.rests_until <= at]

    async def check(self, engine: str) -> None:
        """Raise `EngineUnavailable` (`no_account`) for an engine that nobody can use."""
        if not await self._all(engine):
            message = (
                f"The engine '{engine}' has no account here. Its operator adds one: "
                f"filmgate accounts add {engine}"
            )
            raise EngineUnavailable(message, code="no_account")

    async def _all(self, engine: str) -> Sequence[Account]:
        async def read() -> Sequence[Account]:
            return [
                opened for row in await self._rows.of(engine) if (opened := self._usable(row))
            ]

        return await self._of.get(engine, read)

    async def get(self, account_id: str) -> Account:
        """
        The account with its secret, even if it rests or is removed.

        `AccountRejected` when the secret cannot be read now.
        """

        async def read() -> Account:
            return self._opened(await self._row(account_id))

        return await self._by_id.get(account_id, read)

    async def rest(self, account: Account, error: FilmgateError) -> None:
        """No new work for *account* for a while, if *error* says that it is to blame."""
        match error:
            case AccountExhausted():
                asked = error.retry_after or REST_EXHAUSTED
                span = min(max(asked, SHORTEST_REST), LONGEST_REST)
            case AccountRejected():
                span = REST_REJECTED
            case _:
                return
        now = self._clock.now()
        began = await self._rows.rest(account.id, at=now, until=now + span, reason=error.code)
        self._forget()
        if began:
            log.warning(
                "account.rests account=%s engine=%s label=%r code=%s seconds=%.0f",
                account.id, account.engine, account.label, error.code, span.total_seconds(),
            )  # fmt: skip

    async def add(self, engine: str, fields: AccountChange) -> ShownAccount:
        """A new account at *engine*, of one seat unless *fields* say more."""
        await self.check_engine(engine)
        given: AccountChange = {"label": DEFAULT_LABEL, "seats": 1, **self._checked(fields)}
        account = Account(id=self._new_id("account_"), engine=engine, **given)
        await self._rows.add(account, at=self._clock.now())
        self._forget()
        return self._shown(account)

    async def check_engine(self, engine: str) -> None:
        """Raise `InvalidRequest` for an engine that operators can add no account at."""
        if engine not in self._engines:
            known = ", ".join(sorted(self._engines))
            message = f"No engine '{engine[:80]}' is installed. There is: {known}."
            raise InvalidRequest(message, param="engine")
        if engine in self._embedded or any(one.per_node for one in await self._rows.of(engine)):
            raise _embedded(engine)

    def check_fields(self, fields: AccountChange) -> None:
        """Raise `InvalidRequest` for what no account can be given."""
        self._checked(fields)

    async def keep(
        self, given: Sequence[tuple[str, AccountChange]]
    ) -> tuple[Sequence[ShownAccount], int]:
        """
        The account of each engine and label, made or changed, and how many were made.

        All of them, or none. One that has all that is given goes on resting if it rests.
        """
        rows: dict[tuple[str, str], Account] = {}
        for engine in {engine for engine, _ in given}:
            await self.check_engine(engine)
            rows |= {(engine, one.label): one for one in await self._rows.of(engine)}
        entries = [self._entry(engine, fields, rows) for engine, fields in given]
        ids = await self._rows.keep(entries, at=self._clock.now())
        self._forget()
        made = {account.id for account, _ in entries} & set(ids)
        return [self._shown(await self._row(one)) for one in ids], len(made)

    def _entry(
        self, engine: str, fields: AccountChange, rows: Mapping[tuple[str, str], Account]
    ) -> tuple[Account, AccountChange]:
        """The account as it is made, and what changes if it is there."""
        kept = self._checked(fields)
        given: AccountChange = {"label": DEFAULT_LABEL, "seats": 1, **kept}
        made = Account(id=self._new_id("account_"), engine=engine, **given)
        row, news = rows.get((engine, made.label)), kept.copy()
        if row is not None:
            if "base_url" in kept and kept["base_url"] == row.base_url:
                del news["base_url"]
            if "secret" in kept and self._same(row.secret, kept["secret"]):
                del news["secret"]
            if "proxy" in kept and self._same(row.proxy, kept["proxy"]):
                del news["proxy"]
        return made, news

    def _same(self, kept: str | None, given: str | None) -> bool:
        """Whether a row's secret or proxy is what it would get."""
        if kept is None or given is None or not (_is_sealed(kept) and _is_sealed(given)):
            return kept == given
        return self._unseal(kept) == self._unseal(given)

    async def since(self, engine: str) -> Sequence[tuple[ShownAccount, datetime | None]]:
        """
        The accounts of *engine*, oldest first, and since when each has its secret.

        None if it has none, or if it lies elsewhere.
        """
        return [(self._shown(row), self._since(row)) for row in await self._rows.of(engine)]

    def _since(self, row: Account) -> datetime | None:
        if row.secret is None or is_reference(row.secret):
            return None
        return self._cipher.sealed_at(row.secret)

    async def list(self) -> Sequence[ShownAccount]:
        """Every account that is not removed, oldest first."""
        return [self._shown(one) for one in await self._rows.all()]

    async def change(self, account_id: str, fields: AccountChange) -> ShownAccount:
        """The account with *fields* changed; what it is doing goes on."""
        row = await self._row(account_id)
        if row.per_node:
            raise _embedded(row.engine)
        if not await self._rows.change(account_id, self._checked(fields)):
            raise _unknown(account_id)
        self._forget()
        return self._shown(await self._row(account_id))

    async def remove(self, account_id: str) -> None:
        """It gets no new work; what it has begun it finishes."""
        row = await self._row(account_id)
        if row.per_node:
            raise _embedded(row.engine)
        if not await self._rows.remove(account_id, at=self._clock.now()):
            raise _unknown(account_id)
        self._forget()

    async def _row(self, account_id: str) -> Account:
        row = await self._rows.get(account_id)
        if row is None:
            raise _unknown(account_id)
        return row

    def _checked(self, fields: AccountChange) -> AccountChange:
        """*fields* as rows keep them."""
        change = checked(fields)
        if (secret := change.get("secret")) is not None:
            change["secret"] = self._kept(secret, param="secret")
        if (proxy := change.get("proxy")) is not None:
            change["proxy"] = self._kept(proxy, param="proxy")
        return change

    def _kept(self, given: str, *, param: str) -> str:
        """What a row keeps of a secret or a proxy."""
        if given == NO_PROXY and param == "proxy":
            return given
        if not is_reference(given):
            return self._cipher.seal(given)
        try:
            found = self._recall(given)
        except LookupError as error:
            message = f"'{param}' cannot be read: {error}"
            raise InvalidRequest(message, param=param) from None
        if param == "proxy":
            check_proxy(found)
        return given

    def _usable(self, row: Account) -> Account | None:
        """The account with its secret; None, logged once, when that cannot be read."""
        try:
            opened = self._opened(row)
        except AccountRejected as error:
            if row.id not in self._unreadable:
                self._unreadable.add(row.id)
                log.warning("account.unreadable account=%s: %s", row.id, error.message)
            return None
        self._unreadable.discard(row.id)
        return opened

    def _opened(self, row: Account) -> Account:
        return replace(
            row,
            secret=self._found(row.secret, "secret", row),
            proxy=self._found(row.proxy, "proxy", row),
        )

    def _found(self, kept: str | None, what: str, row: Account) -> str | None:
        """The secret or the proxy that a row has *kept*."""
        if kept is None or (kept == NO_PROXY and what == "proxy"):
            return kept
        try:
            found = self._recall(kept) if is_reference(kept) else self._unseal(kept)
            if what == "proxy":
                check_proxy(found)
        except (LookupError, CannotStart, InvalidRequest) as error:
            message = f"The {what} of the account '{row.label}' cannot be read: {error}"
            raise AccountRejected(message) from None
        return found

    def _shown(self, row: Account) -> ShownAccount:
        secret, proxy = row.secret, row.proxy
        if proxy is not None and proxy != NO_PROXY and not is_reference(proxy):
            proxy = read_proxy(self._unseal(proxy)).shown
        return ShownAccount(
            account=replace(row, secret=None, proxy=None),
            secret_set=secret is not None,
            reference=secret if secret and is_reference(secret) else None,
            proxy=proxy,
        )

    def _forget(self) -> None:
        self._of.forget()
        self._by_id.forget()


class _Copies(Generic[T]):
    """What was read lately, so that thousands of jobs do not each ask the rows."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._reading = asyncio.Lock()
        self._changes = 0
        self._kept: dict[str, tuple[datetime, T]] = {}

    async def get(self, key: str, read: Callable[[], Awaitable[T]]) -> T:
        """The copy of *key*, or what *read* finds: it is called once for all who wait."""
        if (kept := self._fresh(key)) is not None:
            return kept
        async with self._reading:
            if (kept := self._fresh(key)) is not None:
                return kept
            before, at = self._changes, self._clock.now()
            found = await read()
            if before == self._changes:  # else it may be older than the change
                self._kept[key] = (at, found)
            return found

    def _fresh(self, key: str) -> T | None:
        at, found = self._kept.get(key, (None, None))
        fresh = at is not None and timedelta() <= self._clock.now() - at < KEPT
        return found if fresh else None

    def forget(self) -> None:
        self._changes += 1
        self._kept.clear()


def _is_sealed(kept: str) -> bool:
    return kept != NO_PROXY and not is_reference(kept)


def _embedded(engine: str) -> InvalidRequest:
    message = (
        f"The engine '{engine}' runs inside filmgate and has the one account that it needs. "
        "FILMGATE_SEATS sets its seats."
    )
    return InvalidRequest(message, param="engine")


def _unknown(account_id: str) -> NotFound:
    return NotFound(f"There is no account '{account_id[:80]}'.", param="account_id")
